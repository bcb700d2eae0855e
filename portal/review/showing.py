"""Changes as the pages show them: every field of every changed object before and after, in the reader's language."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.content.describe import ALL, ALWAYS, NO, YES, window_text
from portal.content.envelope import Envelope
from portal.content.segments import Op, Segment
from portal.content.slots.rules import Slot
from portal.core.messages import N_, THEN, Message, Words, listed
from portal.review.compare import FieldChange, compare
from portal.review.labels import FieldKind
from portal.web.i18n import translate
from portal.web.rendering import translated

Cell = Mapping[str, Any]
AssetUrl = Callable[[str], str]

_CONTEXT = 28
"""How many characters of unchanged text stay on each side of a change; what lies further off only hides it."""


@dataclass(frozen=True)
class Names:
    """What ids are called on a page: box groups, other objects; and where the still picture of a file is."""

    groups: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, Words] = field(default_factory=dict)
    picture: AssetUrl = str


@dataclass(frozen=True)
class Row:
    """One field before and after, each side as the comparison's table takes it."""

    field: str
    before: Cell
    after: Cell


@dataclass(frozen=True)
class Changed:
    """One object of a comparison: what it is called, the fields that differ, and what happened to it as a whole."""

    place: str
    what: str
    rows: tuple[Row, ...]


def changed(before: Envelope | None, after: Envelope | None, names: Names) -> Changed:
    """This function will return the comparison of one object; a side is None where the object is not on air.

    An object that leaves is shown with what it had. Something always stands in the rows, so that no change is without a line.
    """
    either = after or before
    if either is None:
        raise ValueError("one side at least must be there")
    if after is None:
        rows = [_gone(change, names) for change in compare(None, either) if change.field in _TELLING]
    else:
        rows = [_row(change, names) for change in compare(before, after)]
    return Changed(place(either), what(before, after), tuple(rows) or (_same(),))


def place(envelope: Envelope) -> str:
    """This function will return where on the TV the object stands, in the reader's language."""
    label = translate(envelope.spec.label)
    if isinstance(envelope.payload, Slot):
        return f"{label} {envelope.payload.position}"
    title = translated(envelope.title)
    if not envelope.spec.ordered and envelope.kind != "playlist":
        return str(title) if envelope.key else label
    return f"{label} · {title}"


def what(before: Envelope | None, after: Envelope | None) -> str:
    """This function will return the one word for what happens to an object: new, deleted, hidden, shown again or changed."""
    return translate(_what(before, after))


def _what(before: Envelope | None, after: Envelope | None) -> Message:
    if after is None or after.deleted:
        return N_("删除")
    if before is None or before.deleted:
        return N_("新增")
    if before.hidden != after.hidden:
        return N_("隐藏") if after.hidden else N_("恢复显示")
    return N_("修改")


def field_names(changes: Iterable[FieldChange]) -> list[str]:
    """This function will return the labels of the changed fields, each once."""
    return list(dict.fromkeys(translate(change.label) for change in changes))


_TELLING = frozenset({"text", "title", "image", "asset", "playlist", "package"})
"""By which fields one knows an object that leaves; the rest of what it had matters no more."""


def _row(change: FieldChange, names: Names) -> Row:
    if change.kind is FieldKind.TEXT:
        ops = list(_ops(change.segments))
        return Row(translate(change.label), {"chars": ops}, {"chars": ops})
    return Row(
        translate(change.label), _cell(change, change.before, "-", names), _cell(change, change.after, "+", names)
    )


def _gone(change: FieldChange, names: Names) -> Row:
    if change.kind is FieldKind.TEXT:
        return Row(translate(change.label), {"chars": [("-", change.after or "")]}, {"text": ""})
    return Row(translate(change.label), _cell(change, change.after, "-", names), {"text": ""})


def _same() -> Row:
    same = {"text": translate(N_("与现在播出的相同"))}
    return Row(translate(N_("内容")), same, same)


def _cell(change: FieldChange, value: Any, op: str, names: Names) -> Cell:
    if change.kind is FieldKind.IMAGE:
        return _picture(value, translate(change.label), names)
    words = _words(change.kind, value, names)
    return {"chars": [(op, words)]} if words else {"text": ""}


def _picture(sha256: str | None, label: str, names: Names) -> Cell:
    address = names.picture(sha256) if sha256 else ""
    if sha256 and not address:
        return {"text": translate(_UNSEEN)}
    return {"image": address, "alt": label}


def _words(kind: FieldKind, value: Any, names: Names) -> str:
    if value is None:
        return ""
    if kind is FieldKind.FLAG:
        return translate(YES if value else NO)
    if kind is FieldKind.WINDOWS:
        return translate(listed([window_text(window) for window in value], THEN) if value else ALWAYS)
    if kind is FieldKind.TARGETS:
        return _joined(value, names.groups) or translate(ALL)
    if kind is FieldKind.OBJECT:
        return str(translated(names.titles.get(value, _UNKNOWN)))
    return translate(value) if isinstance(value, Message) else str(value)


_UNKNOWN = N_("已删除的内容")
_UNSEEN = N_("图片没有发布过")
_UNKNOWN_GROUP = N_("已删除的分组")


def _joined(groups: Collection[str], names: Mapping[str, str]) -> str:
    return translate(listed([names.get(group, _UNKNOWN_GROUP) for group in groups]))


def _ops(segments: tuple[Segment, ...]) -> Iterator[tuple[str, str]]:
    """Character by character, with long unchanged stretches cut down to what stands beside a change."""
    last = len(segments) - 1
    for index, segment in enumerate(segments):
        if segment.op is Op.EQUAL:
            yield "=", _shortened(segment.before, first=index == 0, last=index == last)
            continue
        if segment.before:
            yield "-", segment.before
        if segment.after:
            yield "+", segment.after


def _shortened(text: str, *, first: bool, last: bool) -> str:
    head, tail = ("" if first else text[:_CONTEXT]), ("" if last else text[-_CONTEXT:])
    return text if len(text) <= 2 * _CONTEXT else f"{head} … {tail}"
