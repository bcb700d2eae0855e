"""What changed between two revisions of one object, field by field, in the words of the editor's form."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from portal.content.ads.rules import Playlist, PlaylistItem
from portal.content.apps.rules import App
from portal.content.envelope import Envelope
from portal.content.markup import text_of
from portal.content.segments import Segment, segments
from portal.core.messages import N_, Message
from portal.review.labels import CHOICES, FIELDS, FieldKind


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, before and after.

    A side is None where there is nothing. Otherwise it is text for `text`, a `Message` for `choice`, a SHA-256 for `image`, a truth value
    for `flag`, a list as stored for `windows` and `targets`, an object id for `object`. Only `text` has segments.
    """

    field: str
    label: Message
    before: Any
    after: Any
    kind: FieldKind
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class _Field:
    """What a field is called, how it is shown, and what it holds."""

    label: Message
    kind: FieldKind
    value: Any


def compare(before: Envelope | None, after: Envelope) -> list[FieldChange]:
    """This function will return the fields that differ between `before` (None: the object is new) and `after`, in the form's order.

    The items of a playlist are followed by their ids, as `items.<id>.<field>`; `items.order` tells their old places in the new order.
    """
    old, new = _fields(before), _fields(after)
    changes = [
        _change(field, old.get(field), new.get(field)) for field in [*new, *(name for name in old if name not in new)]
    ]
    changes.extend(_moved(_items(before), _items(after)))
    return [change for change in changes if change is not None]


def _change(field: str, old: _Field | None, new: _Field | None) -> FieldChange | None:
    was, now = (None if found is None else found.value for found in (old, new))
    known = new or old
    if known is None or (was or None) == (now or None):
        return None
    if field == "html":
        was, now = _words(was, now)
    elif known.kind is FieldKind.CHOICE:
        was, now = (None if value is None else CHOICES[value] for value in (was, now))
    elif known.kind is FieldKind.TEXT:
        was, now = (None if value is None else str(value) for value in (was, now))
    marked = segments(was or "", now or "") if known.kind is FieldKind.TEXT else ()
    return FieldChange(field, known.label, was, now, known.kind, marked)


def _words(before: str | None, after: str | None) -> tuple[str | None, str | None]:
    """This function will return the words of rich text; where only the form changed, the markup itself, lest a change stay unseen."""
    was, now = (None if html is None else text_of(html) for html in (before, after))
    return (before, after) if was == now else (was, now)


def _fields(envelope: Envelope | None) -> dict[str, _Field]:
    if envelope is None:
        return {}
    stored = envelope.to_json()
    payload: dict[str, Any] = stored["payload"]
    flat = {name: value for name, value in payload.items() if name not in ("action", "items")}
    flat |= {f"action.{name}": value for name, value in payload.get("action", {}).items()}
    if isinstance(envelope.payload, App):  # its file is no picture, and its permissions are read one by one
        flat |= {"app_file": flat.pop("asset"), "permissions": " · ".join(envelope.payload.permissions)}
    flat |= {name: stored[name] for name in ("targets", "windows", "hidden", "deleted")}
    fields = {name: _Field(*FIELDS[name], value) for name, value in flat.items()}
    for number, item in enumerate(_items(envelope), start=1):
        fields.update(_item_fields(number, item))
    return fields


def _items(envelope: Envelope | None) -> Sequence[PlaylistItem]:
    return envelope.payload.items if envelope and isinstance(envelope.payload, Playlist) else ()


def _item_fields(number: int, item: PlaylistItem) -> Iterator[tuple[str, _Field]]:
    for name, value in item.model_dump(exclude={"id"}).items():
        label, kind = FIELDS[name]
        yield f"items.{item.id}.{name}", _Field(N_("第 %(n)d 条：%(field)s", n=number, field=label), kind, value)


def _moved(before: Sequence[PlaylistItem], after: Sequence[PlaylistItem]) -> Iterator[FieldChange]:
    places = {item.id: number for number, item in enumerate(before, start=1)}
    kept = [places[item.id] for item in after if item.id in places]
    if kept != sorted(kept):
        was, now = (" · ".join(map(str, numbers)) for numbers in (sorted(kept), kept))
        yield FieldChange("items.order", N_("播放顺序"), was, now, FieldKind.TEXT, segments(was, now))
