"""One box as its page shows it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.boxes.models.bound import Box
from portal.boxes.models.reported import CommandResult, Screenshot
from portal.boxes.models.told import BoxCommand
from portal.boxes.queries.fleet import Shown, shown_of
from portal.core.errors import NotFound
from portal.core.ids import BoxId, GroupId

_MOST = 20


@dataclass(frozen=True)
class Told:
    """A command that a box was given: by whom, and what became of it; `result` is None while nothing came back."""

    command: BoxCommand
    by: str
    result: CommandResult | None


def get_box(session: Session, box_id: BoxId, groups: Collection[GroupId] | None = None) -> Box:
    """This function will return a box of the session's tenant, one in `groups` where they are given; raises `NotFound`."""
    box = session.scalar(select(Box).where(Box.id == box_id))
    if box is None or (groups is not None and box.group_id not in groups):
        raise NotFound
    return box


def get_box_and_shown(session: Session, box_id: BoxId, groups: Collection[GroupId] | None = None) -> tuple[Box, Shown]:
    """This function will return a box as `get_box` does, with its status and what its channel shows; raises `NotFound`."""
    box = get_box(session, box_id, groups)
    return box, shown_of(session, [box])[box.id]


def history_of(session: Session, box: Box) -> Sequence[Row[Box, str]]:
    """This function will return every binding of the box's serial number in this tenant, the newest first, and who confirmed it."""
    wanted = select(Box, User.display_name).outerjoin(User, User.id == Box.bound_by).where(Box.serial == box.serial)
    return session.execute(wanted.order_by(Box.id.desc()).limit(_MOST)).all()


def commands_of(session: Session, box: Box) -> list[Told]:
    """This function will return what the box was told last, the newest first."""
    wanted = (
        select(BoxCommand, User.display_name, CommandResult)
        .outerjoin(User, User.id == BoxCommand.told_by)
        .outerjoin(
            CommandResult,
            (CommandResult.tenant_id == BoxCommand.tenant_id) & (CommandResult.id == BoxCommand.id),
        )
        .where(BoxCommand.box_id == box.id)
        .order_by(BoxCommand.told_at.desc(), BoxCommand.id.desc())
        .limit(_MOST)
    )
    return [Told(command, name or "", result) for command, name, result in session.execute(wanted)]


def screenshots_of(session: Session, box: Box) -> Sequence[Row[str, datetime, int, int]]:
    """This function will return the pictures that the box sent, the newest first, without their bytes."""
    columns = select(Screenshot.id, Screenshot.taken_at, Screenshot.width, Screenshot.height)
    wanted = columns.where(Screenshot.box_id == box.id).order_by(Screenshot.taken_at.desc()).limit(_MOST)
    return session.execute(wanted).all()


def get_small_screenshot(session: Session, box: Box, screenshot_id: str) -> bytes:
    """This function will return the small form of a picture that the box sent, as JPEG; raises `NotFound`."""
    data = func.coalesce(
        Screenshot.small, Screenshot.image
    )  # one of the two, so that a wall of boxes reads no large one
    found = session.scalar(select(data).where(Screenshot.id == screenshot_id, Screenshot.box_id == box.id))
    if found is None:
        raise NotFound
    return bytes(found)


def get_screenshot(session: Session, box: Box, screenshot_id: str) -> Screenshot:
    """This function will return a picture that the box sent; raises `NotFound`."""
    found = session.scalar(select(Screenshot).where(Screenshot.id == screenshot_id, Screenshot.box_id == box.id))
    if found is None:
        raise NotFound
    return found
