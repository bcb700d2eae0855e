"""What page codes are made of, and when a typed one is the same. Pure but for chance."""

import secrets
import unicodedata

# No character here looks like another, also bent and half covered: no 0 O Q, 1 I L, 2 Z, 5 S, 8 B, 9 G, C, M N W, U V, X.
LETTERS = "3467ADEFHJKPRTY"
DIGITS = "0123456789"  # a voice says each of them clearly
_DRAWN, _SPOKEN = 5, 6


def new_drawn_code() -> str:
    """This function will return a code to draw, of letters and digits."""
    return "".join(secrets.choice(LETTERS) for _ in range(_DRAWN))


def new_spoken_code() -> str:
    """This function will return a code to speak, of digits."""
    return "".join(secrets.choice(DIGITS) for _ in range(_SPOKEN))


def folded(typed: str) -> str:
    """This function will return a typed code as it is compared: NFKC, upper case, without white space."""
    return "".join(unicodedata.normalize("NFKC", typed[:40]).upper().split())
