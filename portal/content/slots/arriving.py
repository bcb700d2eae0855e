"""Several pictures at once for the desktop: the first goes to the place one dropped them on, each further one to the next place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import Any

from werkzeug.datastructures import FileStorage

from portal.content.aiming import standing
from portal.content.commands import Entered, create_draft, may_change, save_draft
from portal.content.editing.uploads import fitted, image_of, named
from portal.content.kinds import Kind
from portal.content.limits import SLOT_POSITIONS, SLOT_TITLE_CHARACTERS
from portal.content.queries import ObjectView, objects
from portal.content.slots.offers import offers
from portal.content.slots.places import purpose_of
from portal.content.states import RevisionState
from portal.core.context import Context
from portal.core.errors import Refused
from portal.core.ids import GroupId
from portal.core.messages import N_, Message
from portal.media.states import Purpose
from portal.tenants.tree import GroupTree

Known = Mapping[Any, ObjectView]


@dataclass(frozen=True)
class Refusal:
    """A picture that was not taken, and why."""

    name: str
    message: Message


@dataclass(frozen=True)
class Taken:
    """A picture that was taken in, made fit for the place it goes to."""

    position: int
    name: str
    sha256: str


def take_in(files: Sequence[FileStorage], chosen: Sequence[str], position: int) -> tuple[list[Taken], list[Refusal]]:
    """This function will take in pictures for the places from `position` on, before the request's own transaction begins.

    `chosen` are pictures that are in the library already; they go before the others.
    """
    taken: list[Taken] = []
    refusals: list[Refusal] = []
    offered: list[tuple[str, Callable[[Purpose], str]]] = [
        *((name, partial(fitted, sha256)) for sha256, name in named(chosen)),
        *((file.filename or "", partial(image_of, file)) for file in files),
    ]
    for name, take in offered:
        place = position + len(taken)
        if place > SLOT_POSITIONS:
            refusals.append(Refusal(name, N_("桌面首页只有 %(n)d 个推荐位。", n=SLOT_POSITIONS)))
            continue
        try:
            taken.append(Taken(place, name, take(purpose_of(place))))
        except Refused as refused:
            refusals.append(Refusal(name, refused.message))
    return taken, refusals


def put(
    ctx: Context, taken: Sequence[Taken], tree: GroupTree, group: GroupId, features: frozenset[Any]
) -> tuple[int, list[Refusal]]:
    """This function will save a draft of each picture's place as `group` sees it, and return how many, and what found no place.

    Where the group has a slot of its own it gets the picture and keeps all else. Elsewhere a new one is made, called like the
    file, which opens the first column. Raises as `save_draft` does.
    """
    known = objects(ctx.session)
    here = standing([view for view in known.values() if view.object.kind == Kind.SLOT], tree.path(group))
    columns = offers(known, features).columns
    root = tree.root.id
    targets = () if group == root else (group,)
    refusals: list[Refusal] = []
    for one in taken:
        found = here.get(f"slot:{one.position}")
        view = found.view if found and (found.view.envelope.targets or (root,)) == (group,) else None
        if view is not None and _is_open(ctx, view):
            save_draft(ctx, Kind.SLOT, view.id, view.object.version, _with_picture(view, one.sha256))
        elif view is not None:
            refusals.append(Refusal(one.name, N_("第 %(n)d 位已通过审核或不归您管，请打开它再换图。", n=one.position)))
        elif not columns:
            refusals.append(
                Refusal(one.name, N_("第 %(n)d 位是空的，还没有栏目可以打开，请先建一个栏目。", n=one.position))
            )
        else:
            create_draft(ctx, Kind.SLOT, Entered(_new(one, columns[0][0]), targets))
    return len(taken) - len(refusals), refusals


def _is_open(ctx: Context, view: ObjectView) -> bool:
    """Whether the picture may go there without asking: nothing approved would be voided, and it is the actor's to change."""
    return may_change(ctx, view) and not (view.pending and view.pending.state == RevisionState.APPROVED)


def _with_picture(view: ObjectView, sha256: str) -> Entered:
    stored = view.envelope.to_json()
    return Entered(
        {**stored["payload"], "image": sha256}, view.envelope.targets, tuple(stored["windows"]), view.envelope.hidden
    )


def _new(one: Taken, column: str) -> Mapping[str, Any]:
    action = {"open": "column", "column": column}
    return {"position": one.position, "title": _title(one), "image": one.sha256, "action": action}


def _title(one: Taken) -> str:
    stem = "".join(character for character in PurePath(one.name).stem if character.isprintable()).strip()
    return stem[:SLOT_TITLE_CHARACTERS].strip() or str(one.position)
