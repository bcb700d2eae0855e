import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from portal.accounts import totp

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_code_of_rfc_6238_is_right_for_its_step(seconds: int, code: str) -> None:
    with time_machine.travel(datetime.fromtimestamp(seconds, UTC), tick=False):
        assert totp.time_step(RFC_SECRET, code) == seconds // 30


@pytest.mark.parametrize(("late", "accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_code_is_right_for_one_step_to_each_side(late: int, accepted: bool) -> None:
    with time_machine.travel(datetime.fromtimestamp(1234567890 + late, UTC), tick=False):
        step = totp.time_step(RFC_SECRET, "005924")

    assert step == (1234567890 // 30 if accepted else None)


def test_secrets_have_160_bits_and_differ() -> None:
    first, second = totp.new_secret(), totp.new_secret()

    assert len(base64.b32decode(first)) == 20
    assert first != second


def test_address_names_the_issuer_and_the_account() -> None:
    parts = urlsplit(totp.address(RFC_SECRET, "林晓@yunqi"))

    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query) == {"secret": [RFC_SECRET], "issuer": [totp.ISSUER]}


def test_picture_is_an_svg_for_an_img() -> None:
    assert totp.picture(RFC_SECRET, "linxiao").startswith("data:image/svg+xml;charset=utf-8,%3C")
