"""Which pointers a box follows, and the fault it reports for the others."""

from typing import Any

import pytest
from playwright.sync_api import Page

CHANNEL = "0" * 32
NOW = "2026-11-22T06:00:00Z"


def pointer(**changes: Any) -> dict[str, Any]:
    """This function will return a pointer that may be followed, changed."""
    return {
        "schema": "pointer/1",
        "enterprise_id": "310000000015",
        "channel": CHANNEL,
        "group": {"id": "g", "name": "总部"},
        "sequence": 7,
        "release": "a" * 64,
        "url": f"/pub/releases/{'a' * 64}.json",
        "bytes": 10,
        "release_number": 3,
        "previous": None,
        "compiled_at": "2026-11-20T06:00:00Z",
        "published_at": "2026-11-20T06:00:00Z",
        "valid_until": "2026-12-20T06:00:00Z",
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "kept", "fault"),
    [
        ({}, None, None),
        ({}, {"sequence": 6, "release": "b" * 64}, None),
        ({}, {"sequence": 7}, None),
        ({}, {"sequence": 8}, "old_sequence"),
        ({}, {"sequence": 7, "release": "b" * 64}, "conflicting_pointer"),
        ({}, {"sequence": 6, "enterprise_id": "310000000023"}, "conflicting_pointer"),
        ({"channel": "1" * 32}, None, "conflicting_pointer"),
        ({"valid_until": "2026-11-22T05:59:59Z"}, None, "expired_pointer"),
        ({"valid_until": "2026-11-22T06:00:00Z"}, None, None),
        ({"sequence": "7"}, None, "bad_pointer"),
        ({"release": "../../etc"}, None, "bad_pointer"),
        ({"schema": "pointer/2"}, None, "bad_pointer"),
        ({"a_later_version": "adds"}, None, None),
    ],
)
def test_pointer_is_judged(changes: dict[str, Any], kept: dict[str, Any] | None, fault: str | None, tab: Page) -> None:
    judge = """async ([pointer, kept, channel, now]) => {
      const { fault } = await import("/static/tv/judge.js");
      return fault(pointer, kept, { channel, now: new Date(now) });
    }"""

    before = None if kept is None else pointer(**kept)

    assert tab.evaluate(judge, [pointer(**changes), before, CHANNEL, NOW]) == fault
