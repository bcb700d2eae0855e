"""The two sides of a conflict: content as a list of fields for people, pictures as pictures."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from portal.content.describe import field_label, field_list
from portal.content.editing.forms import UPLOAD, EnvelopeForm
from portal.content.editing.frame import asset_url
from portal.content.envelope import Envelope, make_envelope
from portal.content.kinds import Kind
from portal.content.queries import find_title
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


def typed_fields(kind: Kind, form: EnvelopeForm) -> Sequence[Pair]:
    """This function will return what was typed in the same way; where it is not right yet, field by field as it stands."""
    entered = form.entered()
    try:
        envelope = make_envelope(
            kind,
            dict(entered.payload),
            targets=entered.targets,
            windows=list(entered.windows),
            hidden=entered.hidden,
        )
    except Invalid:
        names = [field for field in form if field.type == "StringField" and field.name + UPLOAD not in form]
        return [(str(field.label.text) or field_label(field.name), str(field.data or "")) for field in names]
    return shown_fields(envelope)


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
