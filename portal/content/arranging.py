"""Commands that change where things stand and not what they say: order, position, column, whether they show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.content.aiming import overlap
from portal.content.commands import Change, Saved, save_together
from portal.content.discarding import discard_drafts
from portal.content.envelope import Envelope, make_envelope
from portal.content.kinds import Kind
from portal.content.ordering import new_orders, next_order
from portal.content.queries import ObjectView, get_object, lock_objects, objects
from portal.core.context import Context
from portal.core.errors import Conflict, NotFound, Refused
from portal.core.ids import ObjectId
from portal.core.messages import N_
from portal.tenants.queries import group_tree


def reorder(ctx: Context, kind: Kind, wanted: Sequence[str], *, void_approval: bool = False) -> list[Saved]:
    """This function will put brothers and sisters (columns of one parent, items of one column) into the order of their ids.

    Only those whose number has to change get a draft. Raises `NotFound` where the ids are not all of one place, and as
    `save_together` does.
    """
    known = lock_objects(ctx.session, wanted)
    views = {one: known[ObjectId(one)] for one in dict.fromkeys(wanted) if _is_one(known, one, kind)}
    if len(views) != len(wanted) or len({view.envelope.refs for view in views.values()}) > 1:
        raise NotFound
    orders = new_orders({one: view.envelope.payload.order for one, view in views.items()}, list(views))  # type: ignore[attr-defined]
    changes = [Change(ObjectId(one), _with(views[one].envelope, order=order)) for one, order in orders.items()]
    return save_together(ctx, changes, void_approval=void_approval)


def move_below(ctx: Context, object_id: str, version: int, parent: str, *, void_approval: bool = False) -> list[Saved]:
    """This function will move a second-level column below another column of the first level, to its end.

    Raises `Conflict`, `NotFound` where one of them is no column, `Invalid` where `parent` is not of the first level, and as
    `save_together` does.
    """
    known = objects(ctx.session, [Kind.COLUMN])
    view = lock_objects(ctx.session, [object_id]).get(ObjectId(object_id))
    if view is None or ObjectId(object_id) not in known or ObjectId(parent) not in known:
        raise NotFound
    if view.object.version != version:
        raise Conflict(code="newer_version")
    there = [one.envelope.payload.order for one in known.values() if one.envelope.refs == (parent,)]  # type: ignore[attr-defined]
    below = _with(view.envelope, parent=parent, order=next_order(there))
    return save_together(ctx, [Change(view.id, below)], void_approval=void_approval)


def move_to_position(
    ctx: Context,
    kind: Kind,
    object_id: str,
    version: int,
    position: int,
    *,
    images: Mapping[str, str] | None = None,
    void_approval: bool = False,
) -> list[Saved]:
    """This function will move a slot or a frame to another position; what stands there for the same groups takes its place.

    `images` are pictures, by object id, made fit for the new places. All or none are saved. Raises `Conflict`, `NotFound`,
    `Invalid` for a position that does not exist, and as `save_together` does.
    """
    moved = get_object(ctx.session, object_id, kind)
    others = in_the_way(ctx, kind, moved, position)
    locked = lock_objects(ctx.session, [moved.id, *(view.id for view in others)])
    if locked[moved.id].object.version != version:
        raise Conflict(code="newer_version")
    here: int = moved.envelope.payload.position  # type: ignore[attr-defined]
    fitting = images or {}
    places = {moved.id: position, **dict.fromkeys((view.id for view in others), here)}
    changes = []
    for one, place in places.items():
        envelope = locked[one].envelope
        image = fitting.get(one, envelope.payload.image)  # type: ignore[attr-defined]
        changes.append(Change(one, _with(envelope, position=place, image=image)))
    return save_together(ctx, changes, void_approval=void_approval)


def in_the_way(ctx: Context, kind: Kind, moved: ObjectView, position: int) -> list[ObjectView]:
    """This function will return what stands at `position` for a group that `moved` is aimed at too."""
    root = group_tree(ctx.session).root.id
    return [
        view
        for view in objects(ctx.session, [kind]).values()
        if view.id != moved.id
        and not view.envelope.deleted
        and view.envelope.payload.position == position  # type: ignore[attr-defined]
        and overlap(view.envelope, moved.envelope, root)
    ]


@dataclass(frozen=True)
class Turned:
    """What hiding, or showing again, left: the drafts, and those of them that say nothing else and may be dropped to take it back."""

    saved: list[Saved]
    fresh: frozenset[ObjectId]


def set_hidden(ctx: Context, versions: Mapping[str, int], *, hidden: bool, void_approval: bool = False) -> Turned:
    """This function will hide objects, given by id with the version seen, or show them again, as drafts, all or none.

    What is so already stays as it is. Raises as `save_draft` does.
    """
    ask(ctx, Permission.CONTENT_EDIT)
    if not versions:
        raise Refused("nothing_chosen", N_("请先选择内容。"))
    views = lock_objects(ctx.session, versions)
    changes, fresh = [], set()
    for object_id, version in versions.items():
        view = views.get(ObjectId(object_id))
        if view is None or not view.is_living or view.envelope.deleted:
            raise NotFound
        if view.object.version != version:
            raise Conflict(code="newer_version")
        if view.envelope.hidden != hidden:
            changes.append(Change(view.id, replace(view.envelope, hidden=hidden)))
            fresh.update([view.id] if view.draft is None else [])
    return Turned(save_together(ctx, changes, void_approval=void_approval), frozenset(fresh))


def turn_back(ctx: Context, flipped: Mapping[str, int], dropped: Mapping[str, int], *, hidden: bool) -> None:
    """This function will take back what `set_hidden` did: drafts that said nothing else are `dropped`, the others hide or show again.

    Raises as `set_hidden` and `discard_drafts` do.
    """
    if dropped:
        discard_drafts(ctx, dropped)
    if flipped:
        set_hidden(ctx, flipped, hidden=hidden)


def _is_one(known: Mapping[ObjectId, ObjectView], one: str, kind: Kind) -> bool:
    view = known.get(ObjectId(one))
    return view is not None and view.is_living and view.object.kind == kind and not view.envelope.deleted


def _with(envelope: Envelope, **changed: Any) -> Envelope:
    """This function will return the envelope with fields of its payload changed, checked as if they had been typed."""
    stored = envelope.to_json()
    return make_envelope(
        envelope.kind,
        {**stored["payload"], **changed},
        targets=stored["targets"],
        windows=stored["windows"],
        hidden=envelope.hidden,
    )
