import json
from hashlib import sha256
from typing import Any

import pytest

from portal.content.envelope import Envelope, make_envelope, read_envelope, revision_sha256
from portal.content.kinds import KINDS, Kind
from portal.core.errors import Invalid
from portal.core.messages import N_
from tests.content.test_rules import GOOD, ID, OTHER, SHA

GROUP = "01990000-0000-7000-8000-00000000a001"
LATER = "01990000-0000-7000-8000-00000000a002"
MORNING = {"start": "06:00", "end": "10:00", "tz": "Asia/Shanghai"}


def marquee(**parts: Any) -> Envelope:
    return make_envelope("marquee", GOOD["marquee"], **parts)


@pytest.mark.parametrize("kind", GOOD)
def test_envelope_survives_being_stored(kind: str) -> None:
    envelope = make_envelope(kind, GOOD[kind], targets=[GROUP], hidden=True)

    stored = json.loads(json.dumps(envelope.to_json()))

    assert read_envelope(stored) == envelope
    assert read_envelope(stored).sha256 == envelope.sha256


def test_hash_is_taken_over_the_canonical_form() -> None:
    envelope = make_envelope("default_playlist", GOOD["default_playlist"], targets=[GROUP])

    written = (
        b'{"deleted":false,"hidden":false,"kind":"default_playlist","payload":{"playlist":"' + ID.encode() + b'"},'
        b'"targets":["' + GROUP.encode() + b'"],"windows":[]}'
    )
    assert revision_sha256(envelope) == sha256(written).hexdigest()


def test_hash_does_not_depend_on_the_order_of_targets_and_weekdays() -> None:
    one = marquee(targets=[GROUP, LATER], windows=[{**MORNING, "days": [1, 2]}])
    other = marquee(targets=[LATER, GROUP, LATER], windows=[{"days": [2, 1], **MORNING}])

    assert one.sha256 == other.sha256


def test_hash_covers_every_part() -> None:
    text = make_envelope("marquee", {**GOOD["marquee"], "text": "欢迎光临！"})
    variants = [
        marquee(),
        text,
        marquee(targets=[GROUP]),
        marquee(windows=[MORNING]),
        marquee(hidden=True),
        marquee(deleted=True),
    ]

    assert len({envelope.sha256 for envelope in variants}) == len(variants)


def test_hash_covers_the_file() -> None:
    assert make_envelope("logo", {"image": SHA}).sha256 != make_envelope("logo", {"image": OTHER}).sha256


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        make_envelope("marquee", {**GOOD["marquee"], "text": ""}, targets=["everyone"], windows=[{"days": []}])

    assert refused.value.errors == {
        "text": [N_("请填写此项。")],
        "targets": [N_("没有这个分组。")],
        "windows.0.days": [N_("请至少选一天。")],
        "windows.0.tz": [N_("时区只能是 %(zones)s。", zones="Asia/Shanghai")],
    }


@pytest.mark.parametrize("kind", GOOD)
def test_only_some_kinds_have_windows(kind: str) -> None:
    taken = {"item", "marquee", "schedule_entry", "power"}

    if kind in taken:
        assert len(make_envelope(kind, GOOD[kind], windows=[MORNING]).windows) == 1
    else:
        with pytest.raises(Invalid) as refused:
            make_envelope(kind, GOOD[kind], windows=[MORNING])
        assert refused.value.errors == {"windows": [N_("这类内容不能限定时段。")]}


def test_specs_read_their_payloads() -> None:
    read = {kind: make_envelope(kind, GOOD[kind]) for kind in GOOD}

    assert {kind: envelope.key for kind, envelope in read.items() if envelope.key} == {
        "logo": "logo",
        "slot": "slot:1",
        "frame": "frame:2",
        "default_playlist": "default_playlist",
        "app": "app:com.example.school",
        "power": "power",
    }
    assert {kind: envelope.refs for kind, envelope in read.items() if envelope.refs} == {
        "item": (ID,),
        "schedule_entry": (ID,),
        "default_playlist": (ID,),
    }
    assert {kind: envelope.assets for kind, envelope in read.items() if envelope.assets} == {
        "logo": (SHA,),
        "slot": (SHA,),
        "column": (SHA,),
        "item": (SHA,),
        "frame": (SHA,),
        "playlist": (SHA,),
        "app": (SHA, OTHER),
    }
    assert {kind: str(envelope.title) for kind, envelope in read.items()} == {
        "logo": "定制logo",
        "slot": "客房服务",
        "column": "走进云栖",
        "item": "大堂",
        "power": "定时开关机",
        "marquee": "欢迎光临",
        "frame": "第 2 帧",
        "playlist": "早间",
        "schedule_entry": "节目单条目",
        "default_playlist": "默认播放列表",
        "app": "翼校通 TV",
    }


def test_slot_names_what_its_action_opens() -> None:
    def slot(**action: str) -> Envelope:
        return make_envelope("slot", {**GOOD["slot"], "action": action})

    assert slot(open="column", column=ID).refs == (ID,)
    assert slot(open="item", item=ID).refs == (ID,)
    assert slot(open="video", asset=OTHER).assets == (SHA, OTHER)


def test_every_kind_has_a_spec() -> None:
    assert set(KINDS) == set(Kind)
