"""Taking checkpoints of the log and handing them out to a place beside the database.

A checkpoint decides nothing and says only what the log itself says, so it is written without a record of its own: it would
otherwise make the log grow for ever.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.orm import Session

from portal.audit.keys import PLATFORM, SIGN, find_key, sign_key_of
from portal.audit.models import AuditCheckpoint, AuditHead
from portal.audit.notes import Checkpoint, origin_of, sign_note
from portal.audit.tree import Frontier
from portal.core import clock
from portal.core.database import commit, platform_session
from portal.core.files import make_folder, write_durably
from portal.core.logs import get_logger

MOST_RECORDS = 1_000
LONGEST_PAUSE = timedelta(minutes=10)
_FILE_MODE, _FOLDER_MODE = 0o644, 0o755

_head: Any = AuditHead.__table__
_checkpoints: Any = AuditCheckpoint.__table__

_log = get_logger()
_folder: Path | None = None


def configure(folder: Path) -> None:
    """This function will set the folder that checkpoints are handed out to."""
    global _folder
    _folder = folder


def folder() -> Path:
    """This function will return that folder; raises `RuntimeError` before `configure`."""
    if _folder is None:
        raise RuntimeError("the folder of checkpoints is not set")
    return _folder


def is_due() -> bool:
    """This function will tell whether the log grew enough, or long enough ago, for another checkpoint."""
    with platform_session() as session:
        size = session.scalar(select(AuditHead.size)) or 0
        last = session.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.size.desc()).limit(1)).first()
    if last is None:
        return size > 0
    waited = clock.now() - last.created_at
    return size - last.size >= MOST_RECORDS or (size > last.size and waited >= LONGEST_PAUSE)


def take_checkpoint() -> AuditCheckpoint | None:
    """This function will write and hand out a checkpoint of the log as it is now; None for a log without records."""
    with platform_session(writes=True) as session:
        _write(session.connection())
        commit(session)
    hand_out()
    with platform_session() as session:
        return latest(session)


def checkpoint_of_now() -> AuditCheckpoint | None:
    """This function will take a checkpoint as `take_checkpoint` does, and return it also where it could not be handed out.

    Somebody waits for it; a folder that is full, away, or says something else, as after a restore, is the worker's and the
    auditor's concern.
    """
    try:
        return take_checkpoint()
    except (ContradictingCheckpoint, OSError) as trouble:
        _log.error("a checkpoint could not be handed out", reason=str(trouble))
        with platform_session() as session:
            return latest(session)


def latest(session: Session) -> AuditCheckpoint | None:
    """This function will return the newest checkpoint."""
    return session.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.size.desc()).limit(1)).first()


def hand_out() -> int:
    """This function will write every checkpoint that was not yet into the folder, and return how many those were."""
    with platform_session() as session:
        waiting = session.scalars(
            select(AuditCheckpoint).where(AuditCheckpoint.handed_out_at.is_(None)).order_by(AuditCheckpoint.size)
        ).all()
    for one in waiting:
        _write_once(folder() / file_name(one), one.note.encode())
    if waiting:
        _mark([one.size for one in waiting])
    return len(waiting)


def file_name(checkpoint: AuditCheckpoint) -> str:
    """This function will return the name under which a checkpoint is handed out."""
    return f"checkpoint-{checkpoint.size:012d}.txt"


class ContradictingCheckpoint(Exception):
    """Another checkpoint of the same size was handed out before: the database is not the one that it was."""


def _write_once(path: Path, note: bytes) -> None:
    make_folder(path.parent, _FOLDER_MODE)
    if not path.exists():
        write_durably(path, note, _FILE_MODE)
    elif path.read_bytes() != note:
        raise ContradictingCheckpoint(f"{path} says something else: run `portal audit verify`")


def _write(connection: Connection) -> None:
    head = connection.execute(select(_head).with_for_update()).one_or_none()
    key = find_key(connection, SIGN, PLATFORM)
    taken = connection.scalar(select(func.max(_checkpoints.c.size))) or 0
    if head is None or key is None or head.size <= taken:
        return
    checkpoint = Checkpoint(origin_of(head.log_id), head.size, Frontier.of(head.size, head.peaks).root())
    note = sign_note(checkpoint, sign_key_of(key).private)
    connection.execute(insert(_checkpoints).values(size=head.size, note=note, created_at=clock.now()))


def _mark(sizes: Sequence[int]) -> None:
    with platform_session(writes=True) as session:
        handed = update(_checkpoints).where(_checkpoints.c.size.in_(sizes)).values(handed_out_at=clock.now())
        session.connection().execute(handed)
        commit(session)
