"""Recovery codes (恢复代码): ten on paper, each good once in place of a second factor that is not at hand. Pure but for chance.

A code has 120 random bits, so that a keyed hash is enough to keep it by (ASVS 6.5.2), and is written in letters that nobody
mistakes for another.
"""

import secrets
import unicodedata

from portal.core.crypto import vault

NUMBER = 10
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_LENGTH, _GROUP = 24, 4
_MISREAD = str.maketrans("ILO", "110")


def new_codes() -> list[str]:
    """This function will return ten new codes as people write them, in groups of four."""
    return [_grouped("".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))) for _ in range(NUMBER)]


def folded(typed: str) -> str | None:
    """This function will return a typed code as it is hashed, or None where it is none: NFKC, upper case, letters alone."""
    upper = unicodedata.normalize("NFKC", typed[:200]).upper().translate(_MISREAD)
    code = "".join(char for char in upper if char not in " -\t\r\n\u2010\u2013\u2014")
    return code if len(code) == _LENGTH and set(code) <= set(_LETTERS) else None


def code_hash(user_id: str, code: str) -> str:
    """This function will return the keyed hash by which a folded code of one person is known."""
    return vault().fingerprint(f"{user_id}|{code}", "recovery code")


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
