"""Reads of the entries of an access list, for its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.acl import Acl, Place, Subject
from portal.access.models import AccessEntry, InformationEntry
from portal.accounts.models import User

_SHOWN = 500


@dataclass(frozen=True)
class Listed:
    """An entry with the name of whoever added it."""

    row: AccessEntry | InformationEntry
    added_by: str


def listed(session: Session, acl: Acl) -> Sequence[Listed]:
    """This function will return the entries of a list, the newest first, an information list's from inside its tenant."""
    table = InformationEntry if acl is Acl.INFORMATION else AccessEntry
    wanted = select(table, User.display_name).outerjoin(User, User.id == table.created_by)
    if acl is not Acl.INFORMATION:
        wanted = wanted.where(AccessEntry.acl == acl)
    rows: Any = session.execute(wanted.order_by(table.id.desc()).limit(_SHOWN))
    return [Listed(row, name or "") for row, name in rows]


def place_of(row: AccessEntry | InformationEntry) -> Place:
    """This function will return where an entry stands."""
    return Place(row.place_type, row.place_id)


def subject_of(row: AccessEntry | InformationEntry) -> Subject:
    """This function will return whom an entry names."""
    return Subject(row.subject_type, row.subject_id)
