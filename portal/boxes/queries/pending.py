"""The commands that a box was given and has not answered yet."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, select

from portal.boxes.models.reported import CommandResult
from portal.boxes.models.told import BoxCommand
from portal.boxes.rules import COMMAND_LIFE
from portal.core.database import Ground
from portal.core.ids import BoxId
from portal.core.models import Id, UtcDateTime
from portal.core.prepared import TENANT, Prepared

MOST_COMMANDS = 20


def is_pending(tenant_id: Any, box_id: Any, at: Any) -> ColumnElement[bool]:
    """This function will return the condition that a command is one of the box's own, young enough at `at`, and not answered."""
    answered = and_(CommandResult.tenant_id == BoxCommand.tenant_id, CommandResult.id == BoxCommand.id)
    return and_(
        BoxCommand.tenant_id == tenant_id,
        BoxCommand.box_id == box_id,
        BoxCommand.told_at > at,
        ~select(CommandResult.id).where(answered).exists(),
    )


def pending_commands(on: Ground, box_id: BoxId, now: datetime) -> tuple[tuple[str, str], ...]:
    """This function will return id and kind of the commands that the box is told at `now`, the oldest first."""
    found = _PENDING.rows(on, {"box_id": box_id, "since": now - COMMAND_LIFE})
    return tuple((row.id, row.kind) for row in found)


_PENDING: Final = Prepared(
    lambda _: (
        select(BoxCommand.id, BoxCommand.kind)
        .where(
            is_pending(
                bindparam(TENANT, type_=Id), bindparam("box_id", type_=Id), bindparam("since", type_=UtcDateTime())
            )
        )
        .order_by(BoxCommand.told_at, BoxCommand.id)
        .limit(MOST_COMMANDS)
    )
)
