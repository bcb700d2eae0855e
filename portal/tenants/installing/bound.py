"""Which boxes were bound under a job. The boxes room, which stands above, registers how that is found."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.tenants.installing.models import InstallationJob


@dataclass(frozen=True)
class BoundBox:
    """A box that took a place of the job: its words, when, by which installer, and the path of its page."""

    name: str
    serial: str
    model: str
    bound_at: datetime
    installer_phone: str
    path: str


@dataclass(frozen=True)
class JobBoxes:
    """The boxes bound last under a job, newest first, and how many wait that name an installer of it.

    `path` leads to all boxes of the job, `waiting_path` to those that wait.
    """

    newest: tuple[BoundBox, ...]
    waiting: int
    path: str
    waiting_path: str


Reader = Callable[[Session, InstallationJob, int], JobBoxes]
_reader: Reader | None = None


def register(reader: Reader) -> Reader:
    """This function will make `reader`, given the tenant's session, a job and how many at most, what is asked from now on."""
    global _reader
    _reader = reader
    return reader


def boxes_of(session: Session, job: InstallationJob, most: int) -> JobBoxes | None:
    """This function will return the newest boxes bound under the job, or None where no room knows of boxes."""
    return _reader(session, job, most) if _reader is not None else None
