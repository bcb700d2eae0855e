import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.content.envelope import Envelope, make_envelope
from portal.content.kinds import KINDS
from portal.content.segments import Op, Segment, segments
from portal.core.messages import N_
from portal.review.compare import FieldChange, compare
from portal.review.labels import CHOICES, FIELDS, FieldKind
from tests.content.test_rules import GOOD

SHA, OTHER = "ab" * 32, "cd" * 32
GROUP = "01990000-0000-7000-8000-00000000a001"


def oid(number: int) -> str:
    return f"01990000-0000-7000-8000-{number:012x}"


def marquee(text: str = "欢迎光临", **parts: Any) -> Envelope:
    return make_envelope("marquee", {**GOOD["marquee"], "text": text}, **parts)


def playlist(*items: tuple[int, str]) -> Envelope:
    listed = [
        {"id": oid(number), "kind": "image", "asset": SHA, "caption": text, "seconds": 10} for number, text in items
    ]
    return make_envelope("playlist", {"title": "早间", "items": listed})


def told(before: Envelope | None, after: Envelope) -> list[tuple[str, Any, Any]]:
    return [(change.field, change.before, change.after) for change in compare(before, after)]


@pytest.mark.parametrize("kind", GOOD)
def test_object_is_not_different_from_itself(kind: str) -> None:
    assert compare(make_envelope(kind, GOOD[kind]), make_envelope(kind, GOOD[kind])) == []


@pytest.mark.parametrize("kind", GOOD)
def test_new_object_shows_every_field_that_holds_something(kind: str) -> None:
    changes = compare(None, make_envelope(kind, GOOD[kind], targets=[GROUP]))

    assert {change.before for change in changes} == {None}
    assert changes[-1].field == "targets" or kind == "playlist"
    assert all(change.after for change in changes)


def test_changed_words_are_marked_by_character() -> None:
    assert compare(marquee("欢迎光临本店"), marquee("欢迎光临分店")) == [
        FieldChange(
            "text",
            N_("文字"),
            "欢迎光临本店",
            "欢迎光临分店",
            FieldKind.TEXT,
            (Segment(Op.EQUAL, "欢迎光临", "欢迎光临"), Segment(Op.REPLACE, "本", "分"), Segment(Op.EQUAL, "店", "店")),
        )
    ]


def test_targets_windows_and_switches_are_fields_too() -> None:
    window = {"start": "06:00", "tz": "Asia/Shanghai"}

    assert told(marquee(), marquee(targets=[GROUP], windows=[window], hidden=True, deleted=True)) == [
        ("targets", [], [GROUP]),
        ("windows", [], [window]),
        ("hidden", False, True),
        ("deleted", False, True),
    ]


def test_choices_are_told_in_words() -> None:
    before, after = (make_envelope("marquee", {**GOOD["marquee"], "speed": speed}) for speed in ("slow", "fast"))

    assert compare(before, after) == [FieldChange("speed", N_("速度"), N_("慢"), N_("快"), FieldKind.CHOICE)]


def test_changed_action_tells_what_it_opened_and_opens() -> None:
    def slot(**action: str) -> Envelope:
        return make_envelope("slot", {**GOOD["slot"], "action": action})

    assert told(slot(open="url", url="https://a.example/"), slot(open="video", asset=SHA)) == [
        ("action.open", N_("网页"), N_("视频")),
        ("action.asset", None, SHA),
        ("action.url", "https://a.example/", None),
    ]


def test_picture_is_compared_by_its_file() -> None:
    before, after = (make_envelope("logo", {"image": image}) for image in (SHA, OTHER))

    assert compare(before, after) == [FieldChange("image", N_("图片"), SHA, OTHER, FieldKind.IMAGE)]


def test_rich_text_is_compared_by_its_words() -> None:
    before, after = (
        make_envelope("item", {**GOOD["item"], "kind": "text", "html": f"<h2>通知</h2><p>{day}停水</p>"})
        for day in ("周一", "周二")
    )

    assert told(before, after) == [("html", "通知\n周一停水", "通知\n周二停水")]


def test_rich_text_of_the_same_words_shows_its_markup() -> None:
    before, after = (
        make_envelope("item", {**GOOD["item"], "kind": "text", "html": html})
        for html in ("<p>停水</p>", '<p class="c-red">停水</p>')
    )

    assert told(before, after) == [("html", "<p>停水</p>", '<p class="c-red">停水</p>')]


def test_playlist_items_are_followed_by_their_ids() -> None:
    before = playlist((1, "一"), (2, "二"), (3, "三"))
    after = playlist((3, "三"), (1, "一号"), (4, "四"))

    assert told(before, after) == [
        (f"items.{oid(1)}.caption", "一", "一号"),
        (f"items.{oid(4)}.kind", None, N_("图片")),
        (f"items.{oid(4)}.asset", None, SHA),
        (f"items.{oid(4)}.caption", None, "四"),
        (f"items.{oid(4)}.seconds", None, "10"),
        (f"items.{oid(2)}.kind", N_("图片"), None),
        (f"items.{oid(2)}.asset", SHA, None),
        (f"items.{oid(2)}.caption", "二", None),
        (f"items.{oid(2)}.seconds", "10", None),
        ("items.order", "1 · 3", "3 · 1"),
    ]
    assert str(compare(before, after)[0].label) == "第 2 条：文字"


def test_number_zero_is_no_change_from_nothing_but_from_another_number_is() -> None:
    before, after = (make_envelope("marquee", {**GOOD["marquee"], "priority": priority}) for priority in (3, 0))

    assert told(before, after) == [("priority", "3", "0")]


def test_every_field_of_every_kind_has_a_label() -> None:
    names = {name for spec in KINDS.values() for name in spec.model.model_fields} - {"action", "items"}

    assert names <= set(FIELDS)


def test_every_choice_has_a_word() -> None:
    choices = {
        "image",
        "video",
        "text",
        "slow",
        "normal",
        "fast",
        "top",
        "bottom",
        "column",
        "item",
        "app",
        "url",
        "live",
    }

    assert set(CHOICES) == choices


@settings(deadline=None)
@given(st.text("一二三四五", max_size=30), st.text("一二三四五", max_size=30))
def test_segments_are_the_two_texts_again(before: str, after: str) -> None:
    found = segments(before, after)

    assert "".join(segment.before for segment in found) == before
    assert "".join(segment.after for segment in found) == after
    assert all((segment.before == segment.after) == (segment.op is Op.EQUAL) for segment in found)
    assert all((one.op is Op.EQUAL) != (two.op is Op.EQUAL) for one, two in itertools.pairwise(found))


def test_single_equal_character_between_changes_is_not_marked_apart() -> None:
    assert segments("早甲的乙晚", "早丙的丁晚") == (
        Segment(Op.EQUAL, "早", "早"),
        Segment(Op.REPLACE, "甲的乙", "丙的丁"),
        Segment(Op.EQUAL, "晚", "晚"),
    )


def test_characters_outside_the_basic_plane_stay_whole() -> None:
    assert segments("𠮷屋", "𠮷野家") == (Segment(Op.EQUAL, "𠮷", "𠮷"), Segment(Op.REPLACE, "屋", "野家"))


def test_long_texts_are_compared_by_lines_and_then_by_characters() -> None:
    lines = [f"第 {number} 行的内容\n" for number in range(600)]

    found = segments("".join(lines), "".join([*lines[:300], "第 300 行的正文\n", *lines[301:]]))

    assert [segment.op for segment in found] == [Op.EQUAL, Op.REPLACE, Op.EQUAL]
    assert found[1] == Segment(Op.REPLACE, "内容", "正文")


def test_long_texts_without_lines_are_replaced_as_a_whole() -> None:
    before, after = "甲乙" * 600, "乙丙" * 600

    assert segments(before, after) == (Segment(Op.REPLACE, before, after),)
