"""Staff accounts: roles, the three officers, disabling; on both databases."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from sqlalchemy import select

from portal.access.roles import OFFICERS, Role
from portal.accounts import queries
from portal.accounts.commands import users
from portal.accounts.commands.users import Issued
from portal.accounts.models import User
from portal.audit.models import AuditRecord
from portal.core.context import COMMAND_LINE, Actor, Context
from portal.core.database import Database, commit, platform_session, system_session
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from portal.core.ids import UserId
from tests.world import building

Result = TypeVar("Result")


@pytest.fixture
def officer(database: Database) -> Actor:
    """The security administrator, the second of two."""
    building.add_provinces()
    add("security", Role.SECURITY_ADMIN)
    issued = add("security2", Role.SECURITY_ADMIN)
    return building.actor(Role.SECURITY_ADMIN, issued.user_id)


def do(act: Callable[[Context], Result], who: Actor = COMMAND_LINE) -> Result:
    with platform_session(writes=True) as session:
        result = act(Context(session, who))
        commit(session)
    return result


def add(name: str, role: Role, province: str | None = None, who: Actor = COMMAND_LINE) -> Issued:
    return do(lambda ctx: users.add_staff(ctx, name, name, role, province), who)


def user(user_id: UserId) -> User:
    with platform_session() as session:
        return queries.get_user(session, user_id)


def last_record() -> tuple[str, dict[str, object]]:
    with system_session(reason="test") as session:
        row = session.scalars(select(AuditRecord).order_by(AuditRecord.seq.desc()).limit(1)).one()
    return row.event, row.details


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PROVINCE, Role.SYSTEM, Role.CLI}))
def test_only_staff_roles_are_given(officer: Actor, role: Role) -> None:
    def give() -> Issued:
        return add("somebody", role, who=officer)

    if role in {Role.TENANT_ADMIN, Role.TENANT_EDITOR, Role.GROUP_EDITOR} | OFFICERS:
        with pytest.raises(Invalid) as refused:
            give()
        assert set(refused.value.errors) == {"role"}
    else:
        assert user(give().user_id).staff_role == role


def test_province_user_belongs_to_a_province(officer: Actor) -> None:
    issued = add("zhejiang", Role.PROVINCE, "33", officer)

    assert user(issued.user_id).province_code == "33"


@pytest.mark.parametrize(
    ("role", "province"), [(Role.PROVINCE, None), (Role.PROVINCE, "99"), (Role.CENTER_SUPPORT, "33")]
)
def test_wrong_province_is_refused(officer: Actor, role: Role, province: str | None) -> None:
    with pytest.raises(Invalid) as refused:
        add("somebody", role, province, officer)

    assert set(refused.value.errors) == {"province_code"}


def test_taken_user_name_is_refused(officer: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        add("ＳＥＣＵＲＩＴＹ", Role.CENTER_SUPPORT, who=officer)

    assert set(refused.value.errors) == {"username"}


def test_command_line_makes_officers_until_all_three_are_there(officer: Actor) -> None:
    add("sysadmin", Role.SYSTEM_ADMIN)
    add("auditor", Role.AUDITOR)

    for role in OFFICERS:
        with pytest.raises(Forbidden):
            add("one-more", role)
    assert user(add("reviewer", Role.CENTER_REVIEWER).user_id).staff_role == Role.CENTER_REVIEWER


def test_changed_role_is_recorded_with_its_fields(officer: Actor) -> None:
    issued = add("reviewer", Role.CENTER_REVIEWER)
    version = user(issued.user_id).version

    do(
        lambda ctx: users.change_staff(ctx, issued.user_id, "新名", Role.PROVINCE, "33", version=version),
        officer,
    )

    changed = user(issued.user_id)
    assert (changed.display_name, changed.staff_role, changed.province_code) == ("新名", "province", "33")
    assert last_record() == ("account.user_changed", {"fields": ["display_name", "province_code", "staff_role"]})


def test_old_version_is_a_conflict(officer: Actor) -> None:
    issued = add("reviewer", Role.CENTER_REVIEWER)

    with pytest.raises(Conflict):
        do(lambda ctx: users.change_staff(ctx, issued.user_id, "x", Role.AUDITOR, None, version=99), officer)


def test_own_role_stays_and_own_name_may_change(officer: Actor) -> None:
    me = str(officer.user_id)
    version = user(UserId(me)).version

    with pytest.raises(Refused) as role:
        do(lambda ctx: users.change_staff(ctx, me, "x", Role.AUDITOR, None, version=version), officer)
    with pytest.raises(Refused) as disabled:
        do(lambda ctx: users.disable_user(ctx, me), officer)
    do(lambda ctx: users.change_staff(ctx, me, "我", Role.SECURITY_ADMIN, None, version=version), officer)

    assert (role.value.code, disabled.value.code) == ("own_role", "own_role")
    assert user(UserId(me)).display_name == "我"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Role.CENTER_SUPPORT, Role.APP_ADMIN),
        (Role.APP_ADMIN, Role.CENTER_OPERATOR),
        (Role.CENTER_SUPPORT, Role.SECURITY_ADMIN),
        (Role.AUDITOR, Role.SYSTEM_ADMIN),
        (Role.AUDITOR, Role.CENTER_REVIEWER),
    ],
)
def test_account_keeps_its_layer_and_an_officer_the_office(officer: Actor, before: Role, after: Role) -> None:
    issued = add("somebody", before)
    version = user(issued.user_id).version

    with pytest.raises(Invalid) as refused:
        do(lambda ctx: users.change_staff(ctx, issued.user_id, "x", after, None, version=version), officer)

    assert set(refused.value.errors) == {"role"}
    assert user(issued.user_id).staff_role == before


@pytest.mark.parametrize("kind", sorted(OFFICERS))
def test_last_officer_of_each_kind_stays(database: Database, kind: Role) -> None:
    building.add_provinces()
    last = add("last", kind)
    other = building.actor(Role.SECURITY_ADMIN, building.build_user("other"))

    with pytest.raises(Refused) as disabled:
        do(lambda ctx: users.disable_user(ctx, last.user_id), other)
    assert disabled.value.code == "last_officer"


def test_disabled_officer_does_not_count(officer: Actor) -> None:
    with platform_session() as session:
        first = queries.find_user(session, "security")
    assert first is not None
    do(lambda ctx: users.disable_user(ctx, first.id), officer)
    other = building.actor(Role.SECURITY_ADMIN, UserId(first.id))

    with pytest.raises(Refused) as refused:
        do(lambda ctx: users.disable_user(ctx, str(officer.user_id)), other)

    assert refused.value.code == "last_officer"


def test_disabled_account_loses_its_links_and_comes_back(officer: Actor) -> None:
    issued = add("reviewer", Role.CENTER_REVIEWER)

    do(lambda ctx: users.disable_user(ctx, issued.user_id), officer)
    with platform_session() as session, pytest.raises(NotFound):
        queries.open_link(session, issued.token)
    do(lambda ctx: users.enable_user(ctx, issued.user_id), officer)

    assert user(issued.user_id).disabled_at is None
    assert last_record() == ("account.user_enabled", {"username": "reviewer"})


def test_link_for_oneself_is_refused(officer: Actor) -> None:
    with pytest.raises(Refused) as refused:
        do(lambda ctx: users.issue_staff_link(ctx, str(officer.user_id)), officer)

    assert refused.value.code == "own_link"


def test_members_accounts_are_not_found(officer: Actor) -> None:
    member = building.build_user("member")

    for act in (
        lambda ctx: users.change_staff(ctx, member, "x", Role.AUDITOR, None, version=1),
        lambda ctx: users.disable_user(ctx, member),
        lambda ctx: users.enable_user(ctx, member),
        lambda ctx: users.issue_staff_link(ctx, member),
    ):
        with pytest.raises(NotFound):
            do(act, officer)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SECURITY_ADMIN, Role.CLI}))
def test_nobody_else_manages_accounts(officer: Actor, role: Role) -> None:
    somebody = building.actor(role, UserId("00000000-0000-7000-8000-000000000001")) if role != Role.SYSTEM else None
    issued = add("reviewer", Role.CENTER_REVIEWER)

    for act in (
        lambda ctx: users.add_staff(ctx, "new-one", "新", Role.CENTER_SUPPORT),
        lambda ctx: users.change_staff(ctx, issued.user_id, "x", Role.AUDITOR, None, version=1),
        lambda ctx: users.disable_user(ctx, issued.user_id),
        lambda ctx: users.enable_user(ctx, issued.user_id),
        lambda ctx: users.issue_staff_link(ctx, issued.user_id),
    ):
        if somebody is not None:
            with pytest.raises(Forbidden):
                do(act, somebody)
