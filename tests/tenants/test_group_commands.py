"""The tree of box groups: one root, no circle, names told apart, channels never given twice."""

import threading

import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.accounts.commands.members import add_member
from portal.core.context import Context, TenantRef
from portal.core.database import commit, system_session, tenant_session
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound, PortalError, Refused
from portal.core.ids import GroupId, new_id
from portal.core.outbox import OutboxRow
from portal.tenants.commands.groups import (
    DEEPEST_GROUP,
    GROUPS_CHANGED,
    create_group,
    delete_group,
    move_group,
    rename_group,
    replace_channel,
)
from portal.tenants.models import BoxGroup, Channel
from portal.tenants.queries import group_tree, versioned_tree
from portal.tenants.tree import GroupTree
from tests.tenants.conftest import recorded
from tests.world.building import actor, build_user, context, in_tenant, root_of


def tree_of(tenant: TenantRef) -> GroupTree:
    with tenant_session(tenant.id) as session:
        return group_tree(session)


def version(tenant: TenantRef, group: GroupId) -> int:
    with tenant_session(tenant.id) as session:
        return versioned_tree(session)[1][group]


def add(tenant: TenantRef, name: str, parent: GroupId | None = None) -> GroupId:
    return in_tenant(tenant, lambda ctx: create_group(ctx, parent or root_of(tenant), name))


def move(tenant: TenantRef, group: GroupId, parent: GroupId) -> None:
    in_tenant(tenant, lambda ctx: move_group(ctx, group, version(tenant, group), parent))


def labels(tenant: TenantRef) -> list[str]:
    tree = tree_of(tenant)
    return [tree.label(node.id) for _depth, node in tree.walk()]


def changes_announced(tenant: TenantRef) -> int:
    with system_session(reason="test") as session:
        rows = session.scalars(
            select(OutboxRow).where(OutboxRow.kind == GROUPS_CHANGED, OutboxRow.tenant_id == tenant.id)
        )
        return len(rows.all())


def retired_channels() -> list[str]:
    with system_session(reason="test") as session:
        return list(session.scalars(select(Channel.channel).where(Channel.retired_at.is_not(None))))


def test_new_group_has_a_channel_of_its_own(tenant: TenantRef, neighbour: TenantRef) -> None:
    before = changes_announced(tenant)

    east = add(tenant, " 华东区 ")

    tree = tree_of(tenant)
    assert labels(tenant) == ["总部", "华东区"]
    assert labels(neighbour) == ["总部"]
    assert len(tree[east].channel) == 32
    assert tree[east].channel != tree.root.channel
    assert changes_announced(tenant) == before + 1
    assert recorded("tenant.group_created")[-1] == {"name": "华东区", "parent": "总部"}


def test_second_root_is_refused(tenant: TenantRef) -> None:
    with pytest.raises(Refused) as refusal:
        in_tenant(tenant, lambda ctx: create_group(ctx, None, "又一个总部"))

    assert refusal.value.code == "second_root"


@pytest.mark.parametrize("name", ["", "　", "东" * 41])
def test_name_has_a_length(tenant: TenantRef, name: str) -> None:
    with pytest.raises(Invalid):
        add(tenant, name)


def test_siblings_have_different_names_and_cousins_may_share_one(tenant: TenantRef) -> None:
    east, west = add(tenant, "华东区"), add(tenant, "华西区")
    add(tenant, "旗舰店", east)
    add(tenant, "旗舰店", west)

    with pytest.raises(Invalid):
        add(tenant, "旗舰店（１）".replace("（１）", ""), east)


def test_parent_of_a_neighbour_is_not_there(tenant: TenantRef, neighbour: TenantRef) -> None:
    with pytest.raises(NotFound):
        add(tenant, "华东区", root_of(neighbour))


def test_tree_has_a_depth(tenant: TenantRef) -> None:
    group = root_of(tenant)
    for level in range(DEEPEST_GROUP - 1):
        group = add(tenant, f"{level + 2} 级", group)

    with pytest.raises(Refused) as refusal:
        add(tenant, "再深", group)

    assert refusal.value.code == "too_deep"


def test_rename_keeps_the_channel(tenant: TenantRef) -> None:
    east = add(tenant, "华东区")
    channel = tree_of(tenant)[east].channel

    in_tenant(tenant, lambda ctx: rename_group(ctx, east, 1, "东部"))

    assert (tree_of(tenant)[east].name, tree_of(tenant)[east].channel) == ("东部", channel)


def test_rename_of_an_older_version_is_a_conflict(tenant: TenantRef) -> None:
    east = add(tenant, "华东区")
    in_tenant(tenant, lambda ctx: rename_group(ctx, east, 1, "东部"))

    with pytest.raises(Conflict):
        in_tenant(tenant, lambda ctx: rename_group(ctx, east, 1, "东"))


def test_move_takes_everything_below_along(tenant: TenantRef) -> None:
    east, west = add(tenant, "华东区"), add(tenant, "华西区")
    add(tenant, "武林店", east)

    move(tenant, east, west)

    assert labels(tenant) == ["总部", "华西区", "华西区 / 华东区", "华西区 / 华东区 / 武林店"]
    assert recorded("tenant.group_moved") == [{"parent": "华西区"}]


def test_move_below_itself_is_refused(tenant: TenantRef) -> None:
    east = add(tenant, "华东区")
    shop = add(tenant, "武林店", east)

    for parent in (east, shop):
        with pytest.raises(Refused) as refusal:
            move(tenant, east, parent)
        assert refusal.value.code == "below_itself"


def test_root_neither_moves_nor_goes(tenant: TenantRef) -> None:
    east, root = add(tenant, "华东区"), root_of(tenant)

    with pytest.raises(Refused) as moved:
        move(tenant, root, east)
    with pytest.raises(Refused) as deleted:
        in_tenant(tenant, lambda ctx: delete_group(ctx, root, version(tenant, root)))

    assert (moved.value.code, deleted.value.code) == ("root_stays", "root_stays")


def test_move_counts_the_depth_below(tenant: TenantRef) -> None:
    deep = root_of(tenant)
    for level in range(DEEPEST_GROUP - 2):
        deep = add(tenant, f"{level + 2} 级", deep)
    east = add(tenant, "华东区")
    add(tenant, "武林店", east)

    with pytest.raises(Refused) as refusal:
        move(tenant, east, deep)

    assert refusal.value.code == "too_deep"


def test_move_to_where_the_name_is_taken_is_refused(tenant: TenantRef) -> None:
    east, west = add(tenant, "华东区"), add(tenant, "华西区")
    add(tenant, "旗舰店", east)
    other = add(tenant, "旗舰店", west)

    with pytest.raises(Invalid):
        move(tenant, other, east)


def test_two_moves_at_once_make_no_circle(tenant: TenantRef) -> None:
    east, west = add(tenant, "华东区"), add(tenant, "华西区")
    refused: list[str] = []

    def second() -> None:
        try:
            in_tenant(tenant, lambda ctx: move_group(ctx, west, 1, east))
        except PortalError as error:
            refused.append(error.code)

    waiting = threading.Thread(target=second)
    with context(tenant) as ctx:
        move_group(ctx, east, 1, west)
        ctx.session.flush()
        waiting.start()
        waiting.join(0.5)
        went_ahead = not waiting.is_alive()
        commit(ctx.session)
    waiting.join()

    assert (went_ahead, refused) == (False, ["below_itself"])
    assert labels(tenant) == ["总部", "华西区", "华西区 / 华东区"]


def test_deleted_group_retires_its_channel(tenant: TenantRef) -> None:
    east = add(tenant, "华东区")
    channel = tree_of(tenant)[east].channel

    in_tenant(tenant, lambda ctx: delete_group(ctx, east, 1))

    assert labels(tenant) == ["总部"]
    assert retired_channels() == [channel]


def test_group_with_children_stays(tenant: TenantRef) -> None:
    east = add(tenant, "华东区")
    add(tenant, "武林店", east)

    with pytest.raises(Refused) as refusal:
        in_tenant(tenant, lambda ctx: delete_group(ctx, east, 1))

    assert refusal.value.code == "has_children"


def test_group_with_an_editor_stays(tenant: TenantRef) -> None:
    import portal.accounts.group_use  # noqa: F401

    east = add(tenant, "华东区")
    in_tenant(tenant, lambda ctx: add_member(ctx, "region@yunqi", "区域编辑", Role.GROUP_EDITOR, east))

    with pytest.raises(Refused) as refusal:
        in_tenant(tenant, lambda ctx: delete_group(ctx, east, 1))

    assert (refusal.value.code, refusal.value.message.params["n"]) == ("still_used", 1)


def test_replaced_channel_is_never_given_again(tenant: TenantRef) -> None:
    root = root_of(tenant)
    old = tree_of(tenant).root.channel

    in_tenant(tenant, lambda ctx: replace_channel(ctx, root, version(tenant, root)))

    with tenant_session(tenant.id) as session:
        new = session.scalars(select(BoxGroup.channel).where(BoxGroup.id == root)).one()
    assert new != old
    assert retired_channels() == [old]
    assert recorded("tenant.channel_replaced") == [{"group": "总部"}]


def test_group_of_a_neighbour_is_not_there(tenant: TenantRef, neighbour: TenantRef) -> None:
    strange = root_of(neighbour)

    for act in (
        lambda ctx: rename_group(ctx, strange, 1, "别人的"),
        lambda ctx: move_group(ctx, strange, 1, root_of(tenant)),
        lambda ctx: delete_group(ctx, strange, 1),
        lambda ctx: replace_channel(ctx, strange, 1),
        lambda ctx: rename_group(ctx, GroupId(new_id()), 1, "没有的"),
    ):
        with pytest.raises(NotFound):
            in_tenant(tenant, act)


@pytest.mark.parametrize(("role", "allowed"), [(Role.TENANT_ADMIN, True), (Role.TENANT_EDITOR, False)])
def test_only_administrators_change_the_tree(tenant: TenantRef, role: Role, allowed: bool) -> None:
    who = actor(role, build_user("somebody"), tenant)

    def act(ctx: Context) -> GroupId:
        return create_group(ctx, root_of(tenant), "华东区")

    if allowed:
        in_tenant(tenant, act, who)
    else:
        with pytest.raises(Forbidden):
            in_tenant(tenant, act, who)

    assert ("华东区" in labels(tenant)) is allowed
