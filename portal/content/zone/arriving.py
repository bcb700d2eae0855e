"""Many files at once for one column: each becomes an item, or is refused for itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from werkzeug.datastructures import FileStorage

from portal.access.roles import Role
from portal.content.commands import Entered, create_draft
from portal.content.editing.uploads import image_of, video_of
from portal.content.kinds import Kind
from portal.content.limits import ITEM_TITLE_CHARACTERS, ORDER_MAX
from portal.content.ordering import STEP
from portal.content.queries import get_object, objects
from portal.core.context import Context
from portal.core.database import session_beside
from portal.core.errors import Refused
from portal.core.messages import N_, Message
from portal.media.intake import VIDEO_ENDINGS
from portal.media.queries import find_media
from portal.media.states import Purpose
from portal.web.state import ctx, state


@dataclass(frozen=True)
class Refusal:
    """A file that was not taken, and why."""

    name: str
    message: Message


def take_in(
    files: Sequence[FileStorage], chosen: Sequence[str], column_id: str, seconds: int
) -> tuple[int, list[Refusal]]:
    """This function will make a draft item of each file at the end of a column, and return how many and what was refused.

    `chosen` are files that are in the library already. The others are taken in one by one before the request's own transaction begins. Raises
    `NotFound`, `Invalid`, `Forbidden` for the column, as `create_draft` does.
    """
    taken = _of_library(chosen)
    refusals: list[Refusal] = []
    for file in files:
        name = file.filename or ""
        is_video = file.mimetype.startswith("video/") or PurePath(name).suffix.lower() in VIDEO_ENDINGS
        try:
            sha256 = video_of(file) if is_video else image_of(file, Purpose.ITEM)
        except Refused as refused:
            refusals.append(Refusal(name, refused.message))
        else:
            taken.append(("video" if is_video else "image", sha256, name))
    _save(ctx(), taken, column_id, seconds)
    return len(taken), refusals


def _of_library(chosen: Sequence[str]) -> list[tuple[str, str, str]]:
    with session_beside(ctx().session) as reading:
        rows = [row for sha256 in dict.fromkeys(chosen) if (row := find_media(reading, sha256)) is not None]
    return [(row.kind, row.sha256, row.name) for row in rows]


def _save(asking: Context, taken: Sequence[tuple[str, str, str]], column_id: str, seconds: int) -> None:
    get_object(asking.session, column_id, Kind.COLUMN)
    there = [view.envelope for view in objects(asking.session, [Kind.ITEM]).values()]
    last = max((one.payload.order for one in there if one.refs == (column_id,)), default=0)  # type: ignore[attr-defined]
    own = state().actor.group_id if state().actor.role == Role.GROUP_EDITOR else None
    for index, (kind, sha256, name) in enumerate(taken, start=1):
        payload = {
            "column": column_id,
            "kind": kind,
            "title": _title(name),
            "asset": sha256,
            "seconds": None if kind == "video" else seconds,
            "order": min(last + STEP * index, ORDER_MAX),
        }
        create_draft(asking, Kind.ITEM, Entered(payload, (own,) if own else ()))


def _title(name: str) -> str:
    stem = "".join(character for character in PurePath(name).stem if character.isprintable()).strip()
    return stem[:ITEM_TITLE_CHARACTERS] or str(N_("未命名"))
