"""Dynamic tokens (动态口令, RFC 6238): secrets, their QR code, and the time step that a code belongs to."""

from datetime import UTC, datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

from portal.core import clock
from portal.core.qr import qr_picture

ISSUER = "企业专区门户"
_WINDOW = 1  # one step to both sides, for clocks that are off by half a minute
_SECONDS = 30


def new_secret() -> str:
    """This function will return a new secret of 160 random bits in base 32."""
    return pyotp.random_base32()


def time_step(secret: str, code: str) -> int | None:
    """This function will return the time step for which `code`, six ASCII digits, is right, or None.

    A right code is no proof yet: the caller accepts its step only where it is greater than the last one accepted.
    """
    try:
        return pyotp.TOTP(secret, interval=_SECONDS).verify_and_get_timecode(
            code, for_time=clock.now(), valid_window=_WINDOW
        )
    except OTPVerificationError:
        return None


def last_step_around(moment: datetime) -> int:
    """This function will return the last time step of which a code is right at `moment`; with it taken, no code of before counts any more."""
    return int(moment.timestamp()) // _SECONDS + _WINDOW


def moment_of(step: int) -> datetime | None:
    """This function will return when the time step was, None before the first one was ever accepted."""
    return datetime.fromtimestamp(step * _SECONDS, UTC) if step else None


def address(secret: str, username: str) -> str:
    """This function will return the `otpauth:` address that an authenticator application reads."""
    return pyotp.TOTP(secret, interval=_SECONDS).provisioning_uri(name=username, issuer_name=ISSUER)


def picture(secret: str, username: str) -> str:
    """This function will return the QR code of `address` as the data address of an SVG picture."""
    return qr_picture(address(secret, username))


def readable(secret: str) -> str:
    """This function will return the secret in groups of four, for whoever types it."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
