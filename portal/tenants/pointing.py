"""What the channels of a tenant point at now. The releases room, which stands above, registers how that is found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.ids import GroupId


@dataclass(frozen=True)
class Pointing:
    """A channel's feed: the address of its pointer, and the number and moment of the release it shows; None before the first."""

    address: str
    release: int | None
    published_at: datetime | None


Reader = Callable[[Session, Mapping[GroupId, str]], Mapping[GroupId, Pointing]]
_reader: Reader | None = None


def register(reader: Reader) -> Reader:
    """This function will make `reader`, given a tenant's session and the channel of each group, what is asked from now on."""
    global _reader
    _reader = reader
    return reader


def pointing(session: Session, channels: Mapping[GroupId, str]) -> Mapping[GroupId, Pointing]:
    """This function will return, for each group, what its channel points at; raises `RuntimeError` before `register`."""
    if _reader is None:
        raise RuntimeError("nobody knows where the channels point")
    return _reader(session, channels)
