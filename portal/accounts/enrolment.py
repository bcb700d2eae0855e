"""A dynamic token's secret on its way through the enrolment form, sealed for the one who enrols."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from portal.accounts import totp
from portal.core.crypto import SealBroken, vault


@dataclass(frozen=True)
class Enrolment:
    """A secret that nobody has proven yet: its picture, its letters, and the form in which a page carries it."""

    secret: str
    sealed: str
    picture: str
    readable: str


def enrolment(username: str, place: str, sealed: str | None = None) -> Enrolment:
    """This function will return the enrolment that `sealed` carries, or a new one where it carries none of `place`."""
    secret = (_open(sealed, place) if sealed else None) or totp.new_secret()
    packed = urlsafe_b64encode(vault().seal(secret, f"enrolment|{place}")).decode()
    return Enrolment(secret, packed, totp.picture(secret, username), totp.readable(secret))


def _open(sealed: str, place: str) -> str | None:
    try:
        return vault().open(urlsafe_b64decode(sealed), f"enrolment|{place}")
    except (SealBroken, binascii.Error, ValueError):
        return None
