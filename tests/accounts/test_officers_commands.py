"""Officers are appointed by two of different offices, and the last of each stays; on both databases."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
import time_machine
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from portal.access.models import Appointment
from portal.access.roles import OFFICERS, Role
from portal.accounts import queries
from portal.accounts.commands import officers, users
from portal.accounts.commands.officers import Act, Outcome
from portal.accounts.models import User
from portal.core import clock
from portal.core.context import COMMAND_LINE, Actor, Context
from portal.core.database import Database, commit, platform_session
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from portal.core.ids import UserId
from tests.world import building
from tests.world.threads import at_once

Result = TypeVar("Result")


@pytest.fixture
def offices(database: Database) -> dict[Role, Actor]:
    """One officer of each kind."""
    building.add_provinces()
    found = {}
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR):
        issued = do(lambda ctx, role=role: users.add_staff(ctx, f"first-{role}", role, role))  # type: ignore[misc]
        found[role] = building.actor(role, issued.user_id)
    return found


def do(act: Callable[[Context], Result], who: Actor = COMMAND_LINE) -> Result:
    with platform_session(writes=True) as session:
        result = act(Context(session, who))
        commit(session)
    return result


def propose(who: Actor, role: Role = Role.AUDITOR, name: str = "newcomer") -> str:
    return do(lambda ctx: officers.propose_officer(ctx, name, "新人", role, "轮岗").id, who)


def confirm(who: Actor, appointment: str) -> users.Issued | None:
    return do(lambda ctx: officers.confirm(ctx, appointment), who)


def find(name: str) -> User | None:
    with platform_session() as session:
        return queries.find_user(session, name)


def enabled(role: Role) -> int:
    with platform_session() as session:
        wanted = select(func.count(User.id)).where(User.staff_role == role, User.disabled_at.is_(None))
        return session.scalar(wanted) or 0


@pytest.mark.parametrize("role", sorted(OFFICERS))
@pytest.mark.parametrize(
    ("first", "second"), [(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN), (Role.SECURITY_ADMIN, Role.SYSTEM_ADMIN)]
)
def test_two_offices_appoint_any_officer(offices: dict[Role, Actor], role: Role, first: Role, second: Role) -> None:
    appointment = propose(offices[first], role)
    assert find("newcomer") is None

    issued = confirm(offices[second], appointment)

    assert issued is not None
    made = find("newcomer")
    assert made is not None
    assert (made.staff_role, made.display_name) == (role, "新人")


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN])
def test_whoever_asked_cannot_confirm_nor_can_another_of_the_same_office(
    offices: dict[Role, Actor], role: Role
) -> None:
    appointment = propose(offices[role])
    colleague = building.actor(role, building.build_user("colleague"))

    for who in (offices[role], colleague):
        with pytest.raises(Refused) as refused:
            confirm(who, appointment)
        assert refused.value.code == "same_office"
    assert find("newcomer") is None


def test_same_person_in_another_office_cannot_confirm(offices: dict[Role, Actor]) -> None:
    appointment = propose(offices[Role.SYSTEM_ADMIN])
    promoted = building.actor(Role.SECURITY_ADMIN, UserId(str(offices[Role.SYSTEM_ADMIN].user_id)))

    with pytest.raises(Refused) as refused:
        confirm(promoted, appointment)

    assert refused.value.code == "same_office"


def test_database_refuses_one_office_that_confirms_its_own_request(offices: dict[Role, Actor]) -> None:
    appointment = propose(offices[Role.SYSTEM_ADMIN])
    security = str(offices[Role.SECURITY_ADMIN].user_id)
    decided = {
        "decided_by": security,
        "decided_as": Role.SYSTEM_ADMIN,
        "outcome": "confirmed",
        "decided_at": clock.now(),
    }

    with platform_session(writes=True) as session, pytest.raises(IntegrityError):
        session.execute(update(Appointment).where(Appointment.id == appointment).values(decided))


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.SYSTEM, Role.CLI}))
def test_nobody_else_asks_or_answers(offices: dict[Role, Actor], role: Role) -> None:
    appointment = propose(offices[Role.SYSTEM_ADMIN])
    auditor = str(offices[Role.AUDITOR].user_id)
    other = building.actor(role, building.build_user("other"))

    for act in (
        lambda ctx: officers.propose_officer(ctx, "mine", "我", Role.AUDITOR, "x"),
        lambda ctx: officers.propose_again(ctx, auditor, "x"),
        lambda ctx: officers.confirm(ctx, appointment),
        lambda ctx: officers.refuse(ctx, appointment),
    ):
        with pytest.raises(Forbidden):
            do(act, other)


@pytest.mark.parametrize("role", [Role.CENTER_OPERATOR, Role.TENANT_ADMIN, None])
def test_only_offices_are_asked_for(offices: dict[Role, Actor], role: Role | None) -> None:
    with pytest.raises(Invalid) as refused:
        do(lambda ctx: officers.propose_officer(ctx, "x-y", "新", role, ""), offices[Role.SYSTEM_ADMIN])

    assert set(refused.value.errors) == {"role", "reason"}


def test_request_runs_out(offices: dict[Role, Actor]) -> None:
    appointment = propose(offices[Role.SYSTEM_ADMIN])

    with time_machine.travel(clock.now() + officers.VALID_FOR + timedelta(seconds=1)), pytest.raises(Conflict):
        confirm(offices[Role.SECURITY_ADMIN], appointment)

    assert find("newcomer") is None


def test_answered_request_is_not_answered_again(offices: dict[Role, Actor]) -> None:
    security = offices[Role.SECURITY_ADMIN]
    declined = propose(offices[Role.SYSTEM_ADMIN])
    assert do(lambda ctx: officers.refuse(ctx, declined), security) is Outcome.DECLINED
    withdrawn = propose(offices[Role.SYSTEM_ADMIN], name="another")
    assert do(lambda ctx: officers.refuse(ctx, withdrawn), offices[Role.SYSTEM_ADMIN]) is Outcome.WITHDRAWN

    for appointment in (declined, withdrawn):
        with pytest.raises(Conflict):
            confirm(security, appointment)


def test_two_confirmations_at_once_make_one_account(offices: dict[Role, Actor]) -> None:
    appointment = propose(offices[Role.SYSTEM_ADMIN])
    security = offices[Role.SECURITY_ADMIN]

    ended = at_once(*[lambda: confirm(security, appointment)] * 2)

    assert sorted(type(error).__name__ for error in ended) == ["Conflict", "NoneType"]


def test_same_name_is_asked_for_once(offices: dict[Role, Actor]) -> None:
    propose(offices[Role.SYSTEM_ADMIN])

    with pytest.raises(Invalid) as refused:
        propose(offices[Role.SECURITY_ADMIN], name="Newcomer")

    assert set(refused.value.errors) == {"username"}


def test_link_of_an_officer_takes_two(offices: dict[Role, Actor]) -> None:
    auditor = str(offices[Role.AUDITOR].user_id)
    security = offices[Role.SECURITY_ADMIN]
    with pytest.raises(Refused) as alone:
        do(lambda ctx: users.issue_staff_link(ctx, auditor), security)

    appointment = do(lambda ctx: officers.propose_again(ctx, auditor, "换了手机").id, security)
    issued = confirm(offices[Role.SYSTEM_ADMIN], appointment)

    assert alone.value.code == "two_officers"
    assert issued is not None
    assert issued.user_id == auditor


def test_officer_answers_no_request_about_the_own_account(offices: dict[Role, Actor]) -> None:
    system = offices[Role.SYSTEM_ADMIN]
    with pytest.raises(Refused) as asked:
        do(lambda ctx: officers.propose_again(ctx, str(system.user_id), "x"), system)
    appointment = do(lambda ctx: officers.propose_again(ctx, str(system.user_id), "x").id, offices[Role.SECURITY_ADMIN])

    with pytest.raises(Refused) as confirmed:
        confirm(system, appointment)

    assert (asked.value.code, confirmed.value.code) == ("own_link", "own_link")


def test_disabled_officer_comes_back_by_two(offices: dict[Role, Actor]) -> None:
    security = offices[Role.SECURITY_ADMIN]
    confirm(security, propose(offices[Role.SYSTEM_ADMIN]))
    second = find("newcomer")
    assert second is not None
    do(lambda ctx: users.disable_user(ctx, second.id), security)
    with pytest.raises(Refused) as alone:
        do(lambda ctx: users.enable_user(ctx, second.id), security)

    appointment = do(lambda ctx: officers.propose_again(ctx, second.id, "回来").id, security)
    issued = confirm(offices[Role.SYSTEM_ADMIN], appointment)

    assert (alone.value.code, issued, enabled(Role.AUDITOR)) == ("two_officers", None, 2)


def test_accounts_that_are_no_officers_are_not_found(offices: dict[Role, Actor]) -> None:
    support = do(lambda ctx: users.add_staff(ctx, "support", "客服", Role.CENTER_SUPPORT))

    with pytest.raises(NotFound):
        do(lambda ctx: officers.propose_again(ctx, support.user_id, "x", Act.RELINK), offices[Role.SYSTEM_ADMIN])


@pytest.mark.parametrize("kind", sorted(OFFICERS))
def test_two_who_disable_the_last_two_at_once_leave_one(offices: dict[Role, Actor], kind: Role) -> None:
    confirm(offices[Role.SECURITY_ADMIN], propose(offices[Role.SYSTEM_ADMIN], kind))
    second = find("newcomer")
    assert second is not None
    other = building.actor(Role.SECURITY_ADMIN, building.build_user("other"))
    first = str(offices[kind].user_id)

    ended = at_once(
        lambda: do(lambda ctx: users.disable_user(ctx, first), other),
        lambda: do(lambda ctx: users.disable_user(ctx, second.id), other),
    )

    assert enabled(kind) == 1
    assert [type(error) for error in ended].count(Refused) == 1
