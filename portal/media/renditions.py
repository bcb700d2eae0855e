"""A file as boxes get it: what is said about it, and, while it is being made, its bytes."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Rendition:
    """One picture file: the SHA-256 of its bytes (64 hex digits), their number, media type, size in pixels."""

    sha256: str
    bytes: int
    type: str
    width: int
    height: int

    def as_json(self) -> dict[str, Any]:
        """This function will return the rendition as it is kept in a row."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """This function will return the rendition that `as_json` was made from."""
        return cls(**stored)


@dataclass(frozen=True)
class Picture:
    """A rendition together with its bytes."""

    rendition: Rendition
    data: bytes


def picture(data: bytes, type_: str, width: int, height: int) -> Picture:
    """This function will return the picture of these bytes, with their hash."""
    return Picture(Rendition(hashlib.sha256(data).hexdigest(), len(data), type_, width, height), data)
