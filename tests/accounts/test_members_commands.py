"""Members of a tenant: rules, refusals, records; on both databases."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.accounts import queries
from portal.accounts.commands.members import (
    add_member,
    change_member,
    issue_member_link,
    remove_member,
    void_member_link,
)
from portal.accounts.models import Membership, User
from portal.audit.models import AuditRecord
from portal.core.context import COMMAND_LINE, Actor, TenantRef
from portal.core.database import Database, platform_session, tenant_session
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from portal.core.ids import GroupId, new_id
from tests.world import building
from tests.world.cast import Person, member_of, staff_member
from tests.world.kept import kept


@dataclass(frozen=True)
class World:
    hotel: TenantRef
    clinic: TenantRef
    alice: Person
    root: GroupId

    @property
    def admin(self) -> Actor:
        return building.actor(Role.TENANT_ADMIN, self.alice.id, self.hotel)


@pytest.fixture
def world(database: Database) -> World:
    return kept(build_world)


def build_world() -> World:
    building.add_provinces()
    hotel = building.build_tenant("云栖酒店(浙江酒店)", province="33")
    clinic = building.build_tenant("江州医院(江苏医院)", province="32")
    return World(hotel, clinic, member_of(hotel, "alice", Role.TENANT_ADMIN), building.root_of(hotel))


def add(world: World, username: str, role: Role = Role.TENANT_EDITOR, group: GroupId | None = None) -> str:
    added = building.in_tenant(world.hotel, lambda ctx: add_member(ctx, username, "林晓", role, group), world.admin)
    return added.id


def row(world: World, membership_id: str) -> Membership:
    with tenant_session(world.hotel.id) as session:
        return session.scalars(select(Membership).where(Membership.id == membership_id)).one()


def change(world: World, membership_id: str, role: Role, group: GroupId | None = None, version: int = 1) -> None:
    building.in_tenant(
        world.hotel, lambda ctx: change_member(ctx, membership_id, role, group, version=version), world.admin
    )


def recorded(tenant: TenantRef) -> list[tuple[str, dict[str, object]]]:
    with tenant_session(tenant.id) as session:
        rows = session.scalars(
            select(AuditRecord).where(AuditRecord.event.startswith("account.")).order_by(AuditRecord.seq)
        )
        return [(each.event, each.details) for each in rows]


def wrong(act: object) -> set[str]:
    with pytest.raises(Invalid) as refused:
        act()  # type: ignore[operator]
    return set(refused.value.errors)


def test_new_member_gets_an_account_and_a_link(world: World) -> None:
    added = building.in_tenant(
        world.hotel, lambda ctx: add_member(ctx, " LinXiao@Yunqi ", " 林  晓 ", Role.TENANT_EDITOR), world.admin
    )

    assert added.issued is not None
    with platform_session() as session:
        user = queries.get_user(session, added.issued.user_id)
        link = queries.open_link(session, added.issued.token)
    assert (user.username, user.display_name, user.pinyin) == ("linxiao@yunqi", "林 晓", "lin xiao l x")
    assert (link.user_id, link.purpose) == (user.id, "first")


def test_addition_is_recorded_with_account_and_link(world: World) -> None:
    before = len(recorded(world.hotel))

    add(world, "linxiao@yunqi", Role.GROUP_EDITOR, world.root)

    assert recorded(world.hotel)[before:] == [
        ("account.user_created", {"username": "linxiao@yunqi", "role": "group_editor"}),
        ("account.member_added", {"username": "linxiao@yunqi", "role": "group_editor", "group": "总部"}),
        ("account.link_issued", {"username": "linxiao@yunqi", "purpose": "first"}),
    ]


def test_member_of_another_tenant_joins_without_a_link(world: World) -> None:
    bob = member_of(world.clinic, "bob", Role.TENANT_ADMIN)

    added = building.in_tenant(world.hotel, lambda ctx: add_member(ctx, "BOB", "", Role.TENANT_EDITOR), world.admin)

    assert added.issued is None
    assert [seat.tenant for seat in queries.seats_of(bob.id)] == sorted(
        [world.hotel, world.clinic], key=lambda tenant: tenant.name
    )


def test_joining_voids_links_into_the_account(world: World) -> None:
    bob = member_of(world.clinic, "bob", Role.TENANT_ADMIN)
    other = member_of(world.clinic, "other", Role.TENANT_ADMIN)
    other_admin = building.actor(Role.TENANT_ADMIN, other.id, world.clinic)
    with tenant_session(world.clinic.id) as session:
        membership = session.scalars(select(Membership.id).where(Membership.user_id == bob.id)).one()
    issued = building.in_tenant(world.clinic, lambda ctx: issue_member_link(ctx, membership), other_admin)

    add(world, "bob")

    with platform_session() as session, pytest.raises(NotFound):
        queries.open_link(session, issued.token)


@pytest.mark.parametrize(
    ("username", "name", "role", "grouped", "fields"),
    [
        ("", "林晓", Role.TENANT_EDITOR, False, {"username"}),
        ("a b c", "", Role.TENANT_EDITOR, False, {"username", "display_name"}),
        ("linxiao", "林" * 61, Role.TENANT_EDITOR, False, {"display_name"}),
        ("linxiao", "林晓", Role.CENTER_REVIEWER, False, {"role"}),
        ("linxiao", "林晓", Role.AUDITOR, False, {"role"}),
        ("linxiao", "林晓", Role.GROUP_EDITOR, False, {"group_id"}),
        ("linxiao", "林晓", Role.TENANT_ADMIN, True, {"group_id"}),
        ("alice", "", Role.TENANT_EDITOR, False, {"username"}),
    ],
)
def test_wrong_addition_names_its_fields(
    world: World, username: str, name: str, role: Role, grouped: bool, fields: set[str]
) -> None:
    group = world.root if grouped else None

    found = wrong(
        lambda: building.in_tenant(world.hotel, lambda ctx: add_member(ctx, username, name, role, group), world.admin)
    )

    assert found == fields


def test_group_of_another_tenant_is_unknown(world: World) -> None:
    strange = building.root_of(world.clinic)

    assert wrong(lambda: add(world, "linxiao", Role.GROUP_EDITOR, strange)) == {"group_id"}
    assert wrong(lambda: add(world, "linxiao", Role.GROUP_EDITOR, GroupId("no id"))) == {"group_id"}


def test_staff_cannot_become_members(world: World) -> None:
    staff_member("reviewer", Role.CENTER_REVIEWER)

    assert wrong(lambda: add(world, "reviewer")) == {"username"}


def test_account_that_nobody_set_up_does_not_join(world: World) -> None:
    building.in_tenant(world.clinic, lambda ctx: add_member(ctx, "fresh", "新人", Role.TENANT_EDITOR))

    assert wrong(lambda: add(world, "fresh")) == {"username"}


def test_role_changes_and_is_recorded(world: World) -> None:
    membership = add(world, "linxiao")

    change(world, membership, Role.GROUP_EDITOR, world.root)

    changed = row(world, membership)
    assert (changed.role, changed.group_id) == ("group_editor", world.root)
    assert recorded(world.hotel)[-1] == (
        "account.member_changed",
        {"username": "linxiao", "role": "group_editor", "group": "总部"},
    )


def test_change_of_an_old_version_is_a_conflict(world: World) -> None:
    membership = add(world, "linxiao")
    change(world, membership, Role.TENANT_ADMIN)

    with pytest.raises(Conflict):
        change(world, membership, Role.TENANT_EDITOR, version=1)


def own_membership(world: World) -> str:
    with tenant_session(world.hotel.id) as session:
        return session.scalars(select(Membership.id).where(Membership.user_id == world.alice.id)).one()


def test_own_role_stays(world: World) -> None:
    add(world, "second", Role.TENANT_ADMIN)
    mine = own_membership(world)

    with pytest.raises(Refused) as changed:
        change(world, mine, Role.TENANT_EDITOR)
    with pytest.raises(Refused) as removed:
        building.in_tenant(world.hotel, lambda ctx: remove_member(ctx, mine), world.admin)

    assert (changed.value.code, removed.value.code) == ("own_role", "own_role")


def test_last_administrator_stays(world: World) -> None:
    mine = own_membership(world)

    with pytest.raises(Refused) as changed:
        building.in_tenant(world.hotel, lambda ctx: change_member(ctx, mine, Role.TENANT_EDITOR, None, version=1))
    with pytest.raises(Refused) as removed:
        building.in_tenant(world.hotel, lambda ctx: remove_member(ctx, mine))

    assert (changed.value.code, removed.value.code) == ("last_admin", "last_admin")


def test_last_but_one_administrator_goes(world: World) -> None:
    add(world, "second", Role.TENANT_ADMIN)

    building.in_tenant(world.hotel, lambda ctx: remove_member(ctx, own_membership(world)))

    assert queries.seats_of(world.alice.id) == ()


def test_removed_member_keeps_the_account(world: World) -> None:
    membership = add(world, "linxiao")

    building.in_tenant(world.hotel, lambda ctx: remove_member(ctx, membership), world.admin)

    with platform_session() as session:
        assert session.scalars(select(User.username).where(User.username == "linxiao")).all() == ["linxiao"]
    assert ("account.member_removed", {"username": "linxiao"}) in recorded(world.hotel)


def test_link_for_a_shared_account_is_refused(world: World) -> None:
    member_of(world.clinic, "bob", Role.TENANT_ADMIN)
    membership = add(world, "bob")

    with pytest.raises(Refused) as refused:
        building.in_tenant(world.hotel, lambda ctx: issue_member_link(ctx, membership), world.admin)

    assert refused.value.code == "shared_account"


def test_link_for_oneself_is_refused(world: World) -> None:
    with pytest.raises(Refused) as refused:
        building.in_tenant(world.hotel, lambda ctx: issue_member_link(ctx, own_membership(world)), world.admin)

    assert refused.value.code == "own_link"


def test_new_link_voids_the_old_one(world: World) -> None:
    membership = add(world, "linxiao")
    first = building.in_tenant(world.hotel, lambda ctx: issue_member_link(ctx, membership), world.admin)

    second = building.in_tenant(world.hotel, lambda ctx: issue_member_link(ctx, membership), world.admin)

    with platform_session() as session:
        assert queries.open_link(session, second.token).username == "linxiao"
        with pytest.raises(NotFound):
            queries.open_link(session, first.token)


def test_voided_link_is_worthless(world: World) -> None:
    membership = add(world, "linxiao")
    issued = building.in_tenant(world.hotel, lambda ctx: issue_member_link(ctx, membership), world.admin)

    building.in_tenant(world.hotel, lambda ctx: void_member_link(ctx, membership), world.admin)

    with platform_session() as session, pytest.raises(NotFound):
        queries.open_link(session, issued.token)
    with pytest.raises(NotFound):
        building.in_tenant(world.hotel, lambda ctx: void_member_link(ctx, membership), world.admin)


def test_member_of_another_tenant_is_not_found(world: World) -> None:
    membership = add(world, "linxiao")

    for act in (
        lambda ctx: change_member(ctx, membership, Role.TENANT_ADMIN, None, version=1),
        lambda ctx: remove_member(ctx, membership),
        lambda ctx: issue_member_link(ctx, membership),
        lambda ctx: void_member_link(ctx, membership),
        lambda ctx: remove_member(ctx, new_id()),
    ):
        with pytest.raises(NotFound):
            building.in_tenant(world.clinic, act, COMMAND_LINE)


@pytest.mark.parametrize(
    "role", [Role.TENANT_EDITOR, Role.GROUP_EDITOR, Role.CENTER_SUPPORT, Role.PROVINCE, Role.SECURITY_ADMIN]
)
def test_weaker_roles_manage_nobody(world: World, role: Role) -> None:
    membership = add(world, "linxiao")
    who = building.actor(role, world.alice.id, world.hotel, province_code="33")

    for act in (
        lambda ctx: add_member(ctx, "x-new", "新", Role.TENANT_EDITOR),
        lambda ctx: change_member(ctx, membership, Role.TENANT_ADMIN, None, version=1),
        lambda ctx: remove_member(ctx, membership),
        lambda ctx: issue_member_link(ctx, membership),
        lambda ctx: void_member_link(ctx, membership),
    ):
        with pytest.raises(Forbidden):
            building.in_tenant(world.hotel, act, who)
