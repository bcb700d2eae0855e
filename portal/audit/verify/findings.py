"""What a check can find wrong, and how it is said."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What was done to the log."""

    CHANGED = "changed"
    MISSING = "missing"
    MOVED = "moved"
    ADDED = "added"
    CUT = "cut off"
    HASH = "hash changed"
    STAMP = "stamp changed"
    PERSONAL = "personal signature changed"
    KEY = "key changed"
    CHECKPOINT = "not the log of the checkpoint"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: what, from which record on (0 for the log as a whole), and a sentence."""

    fault: Fault
    seq: int
    sentence: str

    def __str__(self) -> str:
        where = f"record {self.seq}" if self.seq else "the log"
        return f"{where} {self.fault}: {self.sentence}"


class CannotCheck(Exception):
    """What is needed for checking is not there; the text says what."""
