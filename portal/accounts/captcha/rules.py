"""What page codes are made of, and when a typed one is the same. Pure but for chance."""

import secrets
import unicodedata

# No character here looks or, in a hurry, reads like another: no 0 O o, 1 I l i j, 5 S s, 8 B, 2 Z z, 9 g q, 6 b, c C, u v w, x X.
LETTERS = "3467ADEFHJKMNPRTWY"
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
