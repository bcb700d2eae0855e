"""Stored content opens only as what its hash says."""

from typing import Any

import pytest

from portal.content.envelope import make_envelope
from portal.content.stored import AlteredRevision, stored_envelope


def stored(text: str) -> tuple[str, dict[str, Any]]:
    envelope = make_envelope("marquee", {"text": text})
    return envelope.sha256, envelope.to_json()


def test_stored_content_opens_as_it_was_saved() -> None:
    sha256, raw = stored("热水检修")

    assert stored_envelope(sha256, raw).to_json() == raw


def test_content_changed_behind_the_hash_does_not_open() -> None:
    sha256, raw = stored("只有这里说的早餐")  # what was opened once is not read again: nothing else may say the same
    raw["payload"]["text"] = "早餐八点"

    with pytest.raises(AlteredRevision):
        stored_envelope(sha256, raw)


def test_content_read_before_is_never_replaced_by_altered_content() -> None:
    sha256, raw = stored("晚餐六点")
    stored_envelope(sha256, raw)
    raw["payload"]["text"] = "晚餐九点"

    assert stored_envelope(sha256, raw).to_json()["payload"]["text"] == "晚餐六点"
