import re

import pytest

from portal.audit import sentences, words
from portal.audit.events import Event
from portal.audit.sentences import SENTENCES
from portal.core.messages import Message

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def test_every_event_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Event)


@pytest.mark.parametrize("event", Event)
def test_sentence_uses_only_what_the_event_records(event: Event) -> None:
    used = set(_PLACEHOLDER.findall(SENTENCES[event].summary.text))

    assert used <= event.keys | {"target"}


def test_every_detail_has_a_name() -> None:
    assert set(words.DETAILS) == {key for event in Event for key in event.keys}


def test_every_event_belongs_to_a_group() -> None:
    assert {event.value.partition(".")[0] for event in Event} == set(words.GROUPS)


def test_codes_become_words() -> None:
    shown = sentences.summary("account.sign_in_failed", "", {"username": "alice", "reason": "wrong_code"})

    assert str(shown) == "alice · 动态口令不对"


def test_typed_reasons_stay_as_typed() -> None:
    shown = sentences.summary("order.suspended", "", {"reason": "欠费 100%"})

    assert str(shown) == "欠费 100%"


def test_lists_and_nothing_are_written_for_people() -> None:
    lines = sentences.detail_lines({"fields": ["theme", "unknown"], "group": None, "urgent": True, "boxes": 3})

    assert [(str(name), str(value)) for name, value in lines] == [
        ("机顶盒", "3"),
        ("改动的栏目", "外观、unknown"),
        ("分组", "—"),
        ("加急", "是"),
    ]


def test_event_of_another_version_is_shown_as_stored() -> None:
    assert str(sentences.title("future.thing")) == "future.thing"
    assert str(sentences.summary("future.thing", "100% 湖畔", {"x": 1})) == "100% 湖畔"


def test_text_from_outside_is_no_template() -> None:
    shown = sentences.summary("account.user_changed", "%(fields)s %s", {"fields": ["theme"]})

    assert str(shown) == "%(fields)s %s · 外观"


def test_title_that_is_ours_is_told_in_the_readers_language() -> None:
    said = sentences.summary("content.draft_saved", "第 2 帧", {"kind": "frame", "title": "第 2 帧", "sha256": "0"})

    assert said.params["title"] == Message("第 %(n)d 帧", {"n": 2})


def test_title_that_somebody_typed_stays_as_it_was_typed() -> None:
    said = sentences.summary("content.draft_saved", "首页 1", {"kind": "column", "title": "首页 1", "sha256": "0"})

    assert said.params["title"] == "首页 1"


def test_sentence_of_ours_is_told_without_a_kind_too() -> None:
    frame = Message("第 %(n)d 帧", {"n": 2})

    said = sentences.summary("review.approved", frame, {"title": frame, "sha256": "0"})

    assert (said.params["title"], said.params["target"]) == (frame, frame)
