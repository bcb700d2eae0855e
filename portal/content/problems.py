"""What is wrong with a whole set of objects, each of which is right by itself: the working set of a tenant before it is submitted."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from portal.catalog.features import Feature
from portal.catalog.gating import action_open
from portal.content.actions import OpenApp, OpenColumn, OpenItem
from portal.content.ads.rules import DefaultPlaylist, Playlist, ScheduleEntry
from portal.content.apps.rules import App
from portal.content.envelope import Envelope
from portal.content.kinds import Kind
from portal.content.slots.rules import Slot
from portal.content.zone.rules import Column, Item
from portal.core.ids import GroupId, ObjectId
from portal.core.messages import N_, Message


@dataclass(frozen=True)
class Problem:
    """A field of an object that cannot stay as it is, and the sentence that says why."""

    object_id: ObjectId
    field: str
    message: Message


Working = Mapping[ObjectId, Envelope]


def problems(
    working: Working, features: AbstractSet[Feature], groups: AbstractSet[GroupId], root: GroupId
) -> list[Problem]:
    """This function will return what is wrong with `working` as a whole, by object id and field.

    `working` maps an object's id to its newest revision; `features` are those held; `groups` are all box groups of the tenant and `root`
    the one above all. Deleted and hidden objects show nothing and so are in nobody's way; what lies in a hidden column is hidden with it,
    which is no problem, but nothing may open it.
    """
    kept = {object_id: working[object_id] for object_id in sorted(working) if not working[object_id].deleted}
    shown = {object_id: envelope for object_id, envelope in kept.items() if envelope.shown}
    found = [*_unknown_targets(shown, groups), *_rivals(shown, root)]
    for object_id, envelope in shown.items():
        for field, message in _dangling(envelope, kept, frozenset(features)):
            found.append(Problem(object_id, field, message))
    return sorted(found, key=lambda problem: (problem.object_id, problem.field))


def _unknown_targets(shown: Working, groups: AbstractSet[GroupId]) -> Iterator[Problem]:
    for object_id, envelope in shown.items():
        if not groups >= set(envelope.targets):
            yield Problem(object_id, "targets", N_("投放的分组已不存在，请重新选择。"))


def _rivals(shown: Working, root: GroupId) -> Iterator[Problem]:
    """This function will yield a problem for every object that shares a single-valued key and a target with another one."""
    holders: dict[tuple[str, GroupId], list[ObjectId]] = defaultdict(list)
    for object_id, envelope in shown.items():
        if envelope.key is not None:
            for target in envelope.targets or (root,):
                holders[envelope.key, target].append(object_id)
    rivals = {object_id for ids in holders.values() if len(ids) > 1 for object_id in ids}
    for object_id in sorted(rivals):
        field, message = _RIVAL[shown[object_id].kind]
        yield Problem(object_id, field, message)


_RIVAL: Mapping[Kind, tuple[str, Message]] = {
    Kind.LOGO: ("targets", N_("同一分组已经有一个logo。")),
    Kind.SLOT: ("position", N_("同一分组的这个位置已经有内容。")),
    Kind.FRAME: ("position", N_("同一分组的这一帧已经有图片。")),
    Kind.DEFAULT_PLAYLIST: ("targets", N_("同一分组已经有一个默认播放列表。")),
    Kind.APP: ("targets", N_("同一分组已经有这个应用，请改那一个，或投放到别的分组。")),
    Kind.POWER: ("targets", N_("同一分组已经有一份开关机时间。")),
}


def _dangling(envelope: Envelope, kept: Working, features: frozenset[Feature]) -> Iterator[tuple[str, Message]]:
    """This function will yield what an object needs of others and does not find."""
    match envelope.payload:
        case Column(parent=str(parent)):
            yield from _column_parent(kept.get(ObjectId(parent)))
        case Item(column=column):
            yield from _item_column(kept.get(ObjectId(column)))
        case ScheduleEntry(playlist=playlist) | DefaultPlaylist(playlist=playlist):
            yield from _playlist(kept.get(ObjectId(playlist)))
        case Slot() as slot:
            yield from _action(slot, kept, features)


def _column_parent(parent: Envelope | None) -> Iterator[tuple[str, Message]]:
    if parent is None or not isinstance(parent.payload, Column):
        yield "parent", N_("上级栏目不存在或已删除。")
    elif parent.payload.parent is not None:
        yield "parent", N_("栏目只有两级，不能再往下建。")


def _item_column(column: Envelope | None) -> Iterator[tuple[str, Message]]:
    if column is None or not isinstance(column.payload, Column):
        yield "column", N_("所属栏目不存在或已删除。")
    elif column.payload.parent is None:
        yield "column", N_("内容要放在二级栏目里。")


def _playlist(playlist: Envelope | None) -> Iterator[tuple[str, Message]]:
    if playlist is None or not playlist.shown or not isinstance(playlist.payload, Playlist):
        yield "playlist", N_("播放列表不存在、已隐藏或已删除。")
    elif not playlist.payload.items:
        yield "playlist", N_("播放列表还是空的。")


def _action(slot: Slot, kept: Working, features: frozenset[Feature]) -> Iterator[tuple[str, Message]]:
    if not action_open(slot.action.open, features):
        yield "action", N_("当前套餐不能打开这类内容。")
        return
    match slot.action:
        case OpenColumn(column=column) if not _reachable(column, Column, kept):
            yield "action", N_("要打开的栏目不存在、已隐藏或已删除。")
        case OpenItem(item=item) if not _reachable(item, Item, kept):
            yield "action", N_("要打开的内容不存在、已隐藏或已删除。")
        case OpenApp(package=package):
            apps = (other.payload for other in kept.values() if other.shown)
            if not any(isinstance(app, App) and app.package == package for app in apps):
                yield "action", N_("要打开的应用不存在、已隐藏或已删除。")


def _reachable(object_id: str, model: type[Column | Item], kept: Working) -> bool:
    """This function will tell whether the column or item is there and shown, and every column above it too."""
    found = kept.get(ObjectId(object_id))
    if found is None or not isinstance(found.payload, model):
        return False
    return all(envelope is not None and envelope.shown for envelope in _chain(found, kept))


def _chain(found: Envelope, kept: Working) -> Iterator[Envelope | None]:
    """This function will yield `found` and the columns above it, at most as deep as the zone is; what is not there is None."""
    above: Envelope | None = found
    for _ in ("item", "second level", "first level"):
        yield above
        refs = above.refs if above else ()
        if not refs:
            return
        above = kept.get(refs[0])
