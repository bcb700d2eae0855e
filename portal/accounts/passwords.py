"""Password hashes: Argon2id, and never more than two at once, since each takes 64 MiB.

Whoever hashes holds no write transaction meanwhile: on SQLite every other writer would wait for it.
"""

from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

_AT_ONCE = 2
_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)  # Argon2id, 64 MiB, 3 passes, 4 lanes
_slots = BoundedSemaphore(_AT_ONCE)


@dataclass(frozen=True)
class Checked:
    """Whether a password was right; `rehash` is its new hash where the parameters of the old one are out of date."""

    right: bool
    rehash: str | None = None


def hash_password(password: str) -> str:
    """This function will return the Argon2id hash of a password that `rules.password` folded, in PHC form."""
    with _slots:
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
    with _slots:
        try:
            return _hasher.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


@cache
def _nobodys_hash() -> str:
    return hash_password("nobody has this password")
