"""What a box answers to a command: that it is done, or a picture of what it shows."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.boxes.commands.inserting import insert_into, insert_new
from portal.boxes.entering import Known
from portal.boxes.models.reported import CommandResult, Screenshot
from portal.boxes.models.told import BoxCommand
from portal.boxes.pictures import Picture
from portal.boxes.rules import ANSWER_LIFE
from portal.boxes.schemas import Done
from portal.boxes.states import CommandKind
from portal.core import clock
from portal.core.errors import NotFound
from portal.core.ids import is_id


def finish_command(session: Session, known: Known, command_id: str, done: Done) -> None:
    """This function will note what became of one of the box's own commands; the first word counts. Raises `NotFound`."""
    _own(session, known, command_id)
    insert_new(
        session,
        CommandResult,
        tenant_id=known.tenant.id,
        id=command_id,
        box_id=known.id,
        done_at=clock.now(),
        ok=done.ok,
        detail=done.detail,
    )


def check_screenshot(session: Session, known: Known, command_id: str) -> None:
    """This function will raise `NotFound` unless the box was told to take a picture under this id, not long ago."""
    command = _own(session, known, command_id)
    if command.kind != CommandKind.SCREENSHOT or command.told_at <= clock.now() - ANSWER_LIFE:
        raise NotFound


def keep_screenshot(session: Session, known: Known, command_id: str, picture: Picture) -> None:
    """This function will keep a picture that was made anew from what the box sent; a second one takes the first one's place."""
    values = {
        "taken_at": clock.now(),
        "image": picture.data,
        "small": picture.small,
        "width": picture.width,
        "height": picture.height,
    }
    row = {"tenant_id": known.tenant.id, "id": command_id, "box_id": known.id}
    put = insert_into(session, Screenshot).values(**row, **values)
    session.execute(put.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=values))


def _own(session: Session, known: Known, command_id: str) -> BoxCommand:
    """A command of another box is none at all."""
    wanted = select(BoxCommand).where(BoxCommand.id == command_id, BoxCommand.box_id == known.id)
    found = session.scalar(wanted) if is_id(command_id) else None
    if found is None:
        raise NotFound
    return found
