"""The two sides of a conflict: content as a list of fields for people, pictures as pictures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from portal.content.describe import field_label, field_list
from portal.content.editing.forms import UPLOAD, EnvelopeForm
from portal.content.editing.frame import asset_url
from portal.content.envelope import Envelope, make_envelope
from portal.content.kinds import Kind
from portal.content.queries import find_title
from portal.content.segments import Op, segments
from portal.core.errors import Invalid
from portal.core.ids import is_id
from portal.core.messages import N_, Message
from portal.media.queries import asset_infos
from portal.web.rendering import translated
from portal.web.state import ctx

Pair = tuple[Message | str, Any]

_WORDS: Final[Mapping[tuple[str, str], Message]] = {
    ("kind", "image"): N_("图片"),
    ("kind", "video"): N_("视频"),
    ("kind", "text"): N_("图文"),
    ("speed", "slow"): N_("慢"),
    ("speed", "normal"): N_("正常"),
    ("speed", "fast"): N_("快"),
    ("edge", "top"): N_("上方"),
    ("edge", "bottom"): N_("下方"),
    ("open", "column"): N_("打开栏目"),
    ("open", "item"): N_("打开条目"),
    ("open", "app"): N_("打开应用"),
    ("open", "url"): N_("打开网页"),
    ("open", "video"): N_("播放视频"),
    ("open", "live"): N_("播放直播"),
}


def shown_fields(envelope: Envelope) -> list[Pair]:
    """This function will return an envelope as (label, value) pairs; a file is `{"picture": address}`, another object its title."""
    infos = asset_infos(ctx().session, envelope.assets).values()
    stills = {one.sha256: asset_url(one.poster.sha256 if one.poster else one.sha256) for one in infos}
    stored = list(envelope.to_json()["payload"].items())
    pairs = field_list(envelope)
    raw = [*stored, *(("", None) for _ in pairs[len(stored) :])]
    return [
        (label, _value(name, plain, words, stills)) for (label, words), (name, plain) in zip(pairs, raw, strict=True)
    ]


def envelope_typed(kind: Kind, form: EnvelopeForm) -> Envelope:
    """This function will return what a form holds as content that nobody has saved; raises `Invalid`."""
    entered = form.entered()
    return make_envelope(
        kind, dict(entered.payload), targets=entered.targets, windows=list(entered.windows), hidden=entered.hidden
    )


def typed_fields(kind: Kind, form: EnvelopeForm) -> Sequence[Pair]:
    """This function will return what was typed in the same way; where it is not right yet, field by field as it stands."""
    try:
        envelope = envelope_typed(kind, form)
    except Invalid:
        names = [field for field in form if field.type == "StringField" and field.name + UPLOAD not in form]
        return [(str(field.label.text) or field_label(field.name), str(field.data or "")) for field in names]
    return shown_fields(envelope)


@dataclass(frozen=True)
class Row:
    """One field on both sides; `chars` marks the characters that differ, as (op, text), where both sides are text."""

    label: Message | str
    mine: Any
    theirs: Any
    chars: Sequence[tuple[str, str]] = ()

    @property
    def differs(self) -> bool:
        """Whether the sides say different things."""
        return bool(_told(self.mine) != _told(self.theirs))


def side_by_side(mine: Sequence[Pair], theirs: Sequence[Pair]) -> list[Row]:
    """This function will put the fields of both sides beside each other, those of one side only with nothing on the other."""
    ours, stored = ({_told(label): (label, value) for label, value in side} for side in (mine, theirs))
    rows = []
    for name in [*stored, *(name for name in ours if name not in stored)]:
        label = (stored.get(name) or ours[name])[0]
        left, right = (side[name][1] if name in side else None for side in (ours, stored))
        texts = isinstance(left, str) and isinstance(right, str) and left != right
        rows.append(Row(label, left, right, list(_marked(str(right), str(left))) if texts else ()))
    return rows


def _marked(before: str, after: str) -> Iterator[tuple[str, str]]:
    for segment in segments(before, after):
        if segment.op is Op.EQUAL:
            yield "=", segment.before
        else:
            yield "-", segment.before
            yield "+", segment.after


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return [_told(part) for part in value]
    return translated(value) if isinstance(value, Message | str) else value


def _value(name: str, plain: Any, words: Any, stills: Mapping[str, str]) -> Any:
    if isinstance(plain, dict):
        return [_value(part, value, value, stills) for part, value in plain.items()]
    if isinstance(plain, str):
        if plain in stills:
            return {"picture": stills[plain]}
        if is_id(plain):
            return translated(find_title(ctx().session, plain) or "")
        return _WORDS.get((name, plain), words)
    return words
