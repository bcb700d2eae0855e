"""Whom content is aimed at: the nearest group on the path from the root wins for what there is one of, the rest adds up. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.content.envelope import Envelope
from portal.content.queries import ObjectView
from portal.core.ids import GroupId


@dataclass(frozen=True)
class Standing:
    """The object that stands at a single-valued place for a group, and how deep on the group's path it is aimed (0 = for all)."""

    view: ObjectView
    depth: int


def depth_of(envelope: Envelope, path: Sequence[GroupId]) -> int | None:
    """This function will return how near to the group at the end of `path` (root first) content is aimed, None where not at all."""
    depths = {group: depth for depth, group in enumerate(path)}
    if not envelope.targets:
        return 0
    return max((depths[target] for target in envelope.targets if target in depths), default=None)


def standing(views: Iterable[ObjectView], path: Sequence[GroupId]) -> Mapping[str, Standing]:
    """This function will return, by key (the logo, a slot position), what is shown or would be, were it not hidden, for a group.

    What is shown goes before what is hidden, then the nearest; of two equally near ones the older id stays.
    """
    found: dict[str, Standing] = {}
    for view in sorted(views, key=lambda view: view.id):
        envelope, depth = view.envelope, depth_of(view.envelope, path)
        if envelope.key is None or envelope.deleted or depth is None:
            continue
        held = found.get(envelope.key)
        if held is None or _rank(view, depth) > _rank(held.view, held.depth):
            found[envelope.key] = Standing(view, depth)
    return found


def overlap(one: Envelope, other: Envelope, root: GroupId) -> bool:
    """This function will tell whether two objects are aimed at a same group, so that they could not share a place."""
    return bool(set(one.targets or (root,)) & set(other.targets or (root,)))


def _rank(view: ObjectView, depth: int) -> tuple[bool, int]:
    return view.envelope.shown, depth
