import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from portal.releases.pointer import VALIDITY, Pointer, moment_text, pointer_bytes

SIGNED = datetime(2026, 5, 4, 1, 30, 15, 999, tzinfo=UTC)
FIELDS: dict[str, Any] = {
    "schema": "pointer/1",
    "enterprise_id": "310000000012",
    "channel": "0123456789abcdef0123456789abcdef",
    "group": {"id": "01990000-0000-7000-8000-00000000a000", "name": "总部"},
    "sequence": 7,
    "release": "ab" * 32,
    "url": "/pub/releases/" + "ab" * 32 + ".json",
    "bytes": 44153,
    "release_number": 5,
    "previous": None,
    "compiled_at": moment_text(SIGNED),
    "published_at": moment_text(SIGNED),
    "valid_until": moment_text(SIGNED + VALIDITY),
}


def test_pointer_is_canonical_and_has_every_field_of_the_contract() -> None:
    data = pointer_bytes(Pointer.model_validate(FIELDS))

    assert json.loads(data) == FIELDS
    assert data.startswith(b'{"bytes":44153,"channel":"0123')


def test_moments_are_utc_in_whole_seconds() -> None:
    shanghai = SIGNED.astimezone(timezone(timedelta(hours=8)))

    assert moment_text(shanghai) == "2026-05-04T01:30:15Z"
    assert FIELDS["valid_until"] == "2026-06-03T01:30:15Z"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("enterprise_id", "31"),
        ("channel", "0123456789ABCDEF0123456789ABCDEF"),
        ("sequence", 0),
        ("release", "ab"),
        ("published_at", "2026-05-04T01:30:15+08:00"),
        ("colour", "red"),
    ],
)
def test_wrong_pointer_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        Pointer.model_validate({**FIELDS, field: value})


def test_pointer_stays_below_one_kilobyte() -> None:
    long = {**FIELDS, "group": {**FIELDS["group"], "name": "店" * 200}}

    with pytest.raises(ValueError, match="a pointer of"):
        pointer_bytes(Pointer.model_validate(long))
