"""Password hashes: Argon2id, and never more than two at once, since each takes 64 MiB.

Few more may wait for a turn, and not for long; the rest are told that the portal is busy, so that a flood of sign-ins takes
neither the memory nor the threads of everybody else. Whoever hashes holds no write transaction meanwhile: on SQLite every
other writer would wait for it.
"""

from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore
from types import TracebackType

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

from portal.core.errors import Unavailable
from portal.core.messages import N_

_AT_ONCE, _IN_LINE, _PATIENCE = 2, 6, 5.0
BUSY = N_("现在登录的人太多，请过几秒再试。")
_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)  # Argon2id, 64 MiB, 3 passes, 4 lanes


class Turns:
    """So many at once, so many more in line, none of them longer than `patience` seconds; as a context manager, one turn.

    Raises `Unavailable` for whoever finds the line full or has waited too long.
    """

    def __init__(self, at_once: int, in_line: int, patience: float) -> None:
        self._turns = BoundedSemaphore(at_once)
        self._places = BoundedSemaphore(at_once + in_line)
        self._patience = patience

    def __enter__(self) -> None:
        if not self._places.acquire(blocking=False):
            raise Unavailable(BUSY)
        if not self._turns.acquire(timeout=self._patience):
            self._places.release()
            raise Unavailable(BUSY)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._turns.release()
        self._places.release()


_turns = Turns(_AT_ONCE, _IN_LINE, _PATIENCE)


@dataclass(frozen=True)
class Checked:
    """Whether a password was right; `rehash` is its new hash where the parameters of the old one are out of date."""

    right: bool
    rehash: str | None = None


def hash_password(password: str) -> str:
    """This function will return the Argon2id hash of a password that `rules.password` folded, in PHC form."""
    with _turns:
        return _hasher.hash(password)


def check_password(stored: str | None, password: str) -> Checked:
    """This function will compare a folded password with a stored hash.

    Without a hash (nobody of that name, or nothing set yet) it takes as long and answers no.
    """
    if stored is None:
        _matches(_nobodys_hash(), password)
        return Checked(right=False)
    if not _matches(stored, password):
        return Checked(right=False)
    return Checked(right=True, rehash=hash_password(password) if _hasher.check_needs_rehash(stored) else None)


def _matches(stored: str, password: str) -> bool:
    with _turns:
        try:
            return _hasher.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


@cache
def _nobodys_hash() -> str:
    return hash_password("nobody has this password")
