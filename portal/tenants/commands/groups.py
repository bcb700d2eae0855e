"""Writes to box groups.

Whatever moves groups or their channels leaves a note in the outbox, upon which the affected channels get a system release.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import outbox
from portal.core.context import Context
from portal.core.errors import NotFound, Refused
from portal.core.ids import GroupId, new_id
from portal.core.messages import N_, Message
from portal.core.pinyin import pinyin_of
from portal.tenants.grouping import checked_group_name, group_to_change, lock_tree, new_channel, retire_channel
from portal.tenants.models import BoxGroup
from portal.tenants.queries import group_tree

GROUPS_CHANGED = "groups_changed"
DEEPEST_GROUP = 6


def create_group(ctx: Context, parent: GroupId | None, name: str) -> GroupId:
    """This function will create a box group below `parent`, with a channel of its own; without a parent, the root.

    Raises `Invalid`, `NotFound` for a parent that is not there, `Refused` for a second root.
    """
    ask(ctx, Permission.GROUPS_MANAGE)
    lock_tree(ctx)
    tree = group_tree(ctx.session)
    if parent is None and len(tree):
        raise Refused("second_root", N_("每个企业只有一个总部分组。"), status=409)
    if parent is not None and parent not in tree:
        raise NotFound
    name = checked_group_name(name, [tree[child].name for child in tree.children(parent)] if parent else [])
    if parent is not None and len(tree.path(parent)) >= DEEPEST_GROUP:
        raise Refused("too_deep", N_("分组最多 %(n)d 级。", n=DEEPEST_GROUP))
    group = BoxGroup(
        id=new_id(), parent_id=parent, name=name, pinyin=pinyin_of(name), position=len(tree.children(parent))
    )
    group.channel = new_channel(ctx.session, ctx.tenant_id, group.id)
    ctx.session.add(group)
    ctx.session.flush()
    record(
        ctx,
        Event.GROUP_CREATED,
        Target("box_group", group.id, name),
        name=name,
        parent=tree[parent].name if parent else None,
    )
    announce_groups(ctx)
    return GroupId(group.id)


def rename_group(ctx: Context, group_id: GroupId, version: int, name: str) -> None:
    """This function will rename a box group; raises `Invalid`, `Conflict`, `NotFound`."""
    ask(ctx, Permission.GROUPS_MANAGE)
    group = group_to_change(ctx, group_id, version)
    tree = group_tree(ctx.session)
    siblings = tree.children(GroupId(group.parent_id)) if group.parent_id else ()
    group.name = checked_group_name(name, [tree[one].name for one in siblings if one != group_id])
    group.pinyin = pinyin_of(group.name)
    record(ctx, Event.GROUP_RENAMED, Target("box_group", group.id, group.name), name=group.name)
    announce_groups(ctx)


def move_group(ctx: Context, group_id: GroupId, version: int, parent: GroupId) -> None:
    """This function will move a box group with all below it under `parent`; its channels get a system release.

    Raises `Refused` for the root and for a move below itself, `Invalid`, `Conflict`, `NotFound`.
    """
    ask(ctx, Permission.GROUPS_MANAGE)
    group = group_to_change(ctx, group_id, version)
    tree = group_tree(ctx.session)
    if parent not in tree:
        raise NotFound
    if group.parent_id is None:
        raise Refused("root_stays", N_("总部分组不能移动。"), status=409)
    if parent in tree.subtree(group_id):
        raise Refused("below_itself", N_("不能把分组移到它自己的下级。"), status=409)
    deepest = max(len(tree.path(below)) for below in tree.subtree(group_id)) - len(tree.path(group_id))
    if len(tree.path(parent)) + 1 + deepest > DEEPEST_GROUP:
        raise Refused("too_deep", N_("分组最多 %(n)d 级。", n=DEEPEST_GROUP))
    checked_group_name(group.name, [tree[one].name for one in tree.children(parent) if one != group_id])
    group.parent_id = parent
    record(ctx, Event.GROUP_MOVED, Target("box_group", group.id, group.name), parent=tree[parent].name)
    announce_groups(ctx)


def delete_group(ctx: Context, group_id: GroupId, version: int) -> None:
    """This function will delete a box group that nothing lies below or is aimed at; raises `Refused`, `Conflict`, `NotFound`."""
    ask(ctx, Permission.GROUPS_MANAGE)
    group = group_to_change(ctx, group_id, version)
    tree = group_tree(ctx.session)
    if group.parent_id is None:
        raise Refused("root_stays", N_("总部分组不能删除。"), status=409)
    if tree.children(group_id):
        raise Refused("has_children", N_("请先移走或删除它下面的分组。"), status=409)
    for uses in _uses:
        found = uses(ctx.session, group_id)
        if found is not None:
            raise Refused("still_used", found, status=409)
    name = group.name
    retire_channel(ctx.session, group.channel)
    ctx.session.delete(group)
    ctx.session.flush()
    record(ctx, Event.GROUP_DELETED, Target("box_group", group_id, name), name=name)
    announce_groups(ctx)


def replace_channel(ctx: Context, group_id: GroupId, version: int) -> None:
    """This function will give a box group a new channel; the old one is taken away with the next system release."""
    ask(ctx, Permission.GROUPS_MANAGE)
    _renew_channel(ctx, group_to_change(ctx, group_id, version))


def renew_channel(ctx: Context, group_id: GroupId) -> str:
    """This function will do what `replace_channel` does where something else is the reason, and return the group's name.

    The caller asks its own permission. Raises `NotFound`.
    """
    group = group_to_change(ctx, group_id, None)
    _renew_channel(ctx, group)
    return group.name


def announce_groups(ctx: Context) -> None:
    """This function will have the tenant's channels compiled anew after the transaction, those that show something else than they should."""
    outbox.post(ctx.session, GROUPS_CHANGED, ctx.tenant_id)


Use = Callable[[Session, GroupId], Message | None]
_uses: list[Use] = []


def register_use(use: Use) -> Use:
    """This function will have `use` asked before a group is deleted: the sentence why it cannot go, or None."""
    _uses.append(use)
    return use


def _renew_channel(ctx: Context, group: BoxGroup) -> None:
    retire_channel(ctx.session, group.channel)
    group.channel = new_channel(ctx.session, ctx.tenant_id, group.id)
    record(ctx, Event.CHANNEL_REPLACED, Target("box_group", group.id, group.name), group=group.name)
    announce_groups(ctx)
