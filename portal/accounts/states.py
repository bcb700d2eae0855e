"""How a session was proven, and the level of authentication that stands for."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Method(StrEnum):
    """What somebody has shown; `PASSWORD` is half of the way."""

    PASSWORD = "password"  # noqa: S105 - the name of a method
    PASSWORD_ALONE = "password-alone"  # noqa: S105
    PASSWORD_AND_TOTP = "password+totp"  # noqa: S105
    PASSKEY = "passkey"
    PASSWORD_AND_PASSKEY = "password+passkey"  # noqa: S105
    PASSWORD_AND_CERTIFICATE = "password+certificate"  # noqa: S105
    PASSWORD_AND_RECOVERY = "password+recovery"  # noqa: S105


HALF = 0
ONE_FACTOR = 1
TWO_FACTORS = 2
STRONGEST = 3

# A passkey verifies its person itself, so that it needs no password beside it (NIST SP 800-63B-4, 3.1.7).
LEVEL_OF: Mapping[Method, int] = MappingProxyType(
    {
        Method.PASSWORD: HALF,
        Method.PASSWORD_ALONE: ONE_FACTOR,
        Method.PASSWORD_AND_TOTP: TWO_FACTORS,
        Method.PASSWORD_AND_RECOVERY: TWO_FACTORS,
        Method.PASSKEY: STRONGEST,
        Method.PASSWORD_AND_PASSKEY: STRONGEST,
        Method.PASSWORD_AND_CERTIFICATE: STRONGEST,
    }
)


class LinkPurpose(StrEnum):
    """What a one-time link sets: everything on an account that has nothing, else the half that is missing or forgotten.

    A new password asks for a second factor that stands, a new second factor for the password: a link alone is never both.
    """

    FIRST = "first"
    PASSWORD = "new_password"  # noqa: S105 - a purpose
    FACTOR = "new_factor"
