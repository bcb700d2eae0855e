"""The only holder of an office who lost every factor is recovered on the machine, and only where two officers cannot."""

import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.accounts import certificate_files, queries
from portal.accounts.commands.last_officers import recover_last_officer
from portal.accounts.commands.users import Issued
from portal.accounts.models import User
from portal.audit.models import AuditRecord
from portal.core import unit_of_work
from portal.core.context import COMMAND_LINE, Actor, Context
from portal.core.database import Database, commit, platform_session, system_session
from portal.core.errors import Forbidden, Invalid, NotFound, Refused
from portal.notify.models import Notice
from tests.world import building
from tests.world.authenticator import give_certificate, give_passkey
from tests.world.cast import Person, staff_member


@pytest.fixture
def security(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """The only security administrator, who has a passkey and a certificate, beside the other two officers."""
    certificate_files.configure(tmp_path_factory.mktemp("certificates"))
    building.add_provinces()
    for role in (Role.SYSTEM_ADMIN, Role.AUDITOR):
        staff_member(role, role)
    person = staff_member("security", Role.SECURITY_ADMIN)
    give_passkey(person)
    give_certificate(person)
    return person


def recover(username: str = "security", reason: str = "钥匙丢了", actor: Actor = COMMAND_LINE) -> Issued:
    with platform_session(writes=True) as session:
        issued = recover_last_officer(Context(session, actor), username, reason)
        commit(session)
    return issued


def test_nothing_is_left_and_a_first_link_is_issued(security: Person) -> None:
    issued = recover()

    with platform_session() as session:
        user = session.get_one(User, security.id)
        link = queries.open_link(session, issued.token)
        assert (user.password_hash, queries.second_factors(session, user).any) == (None, False)
        assert (link.user_id, link.purpose) == (security.id, "first")


def test_it_is_recorded_as_done_on_the_machine_and_every_officer_is_told(security: Person) -> None:
    recover()

    with system_session(reason="test") as session:
        wanted = AuditRecord.event == "account.officer_recovered"
        row = session.scalars(select(AuditRecord).where(wanted)).one()
        told = session.scalars(select(Notice.role)).all()
    assert (row.actor_username, row.details["reason"]) == ("cli", "钥匙丢了")
    assert sorted(filter(None, told)) == ["auditor", "security_admin", "system_admin"]


def test_it_is_refused_where_two_officers_can(security: Person) -> None:
    second = staff_member("second", Role.CENTER_REVIEWER)
    with platform_session(writes=True) as session:
        session.get_one(User, second.id).staff_role = Role.SECURITY_ADMIN
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()

    for username in ("security", "auditor"):
        with pytest.raises(Refused) as refused:
            recover(username)
        assert refused.value.code == "others_can"


@pytest.mark.parametrize("username", ["nobody", "reviewer"])
def test_only_officers_are_found(security: Person, username: str) -> None:
    staff_member("reviewer", Role.CENTER_REVIEWER)

    with pytest.raises(NotFound):
        recover(username)


def test_a_reason_is_needed(security: Person) -> None:
    with pytest.raises(Invalid):
        recover(reason=" ")


def test_no_officer_does_it_from_a_page(security: Person) -> None:
    with pytest.raises(Forbidden):
        recover(actor=building.actor(Role.SECURITY_ADMIN, security.id))
