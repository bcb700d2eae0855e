"""The part of an editor's form that every kind has: version, targets, windows, hidden; and errors put at their fields."""

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, ClassVar

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields import DateField, IntegerField

from portal.content.classes import CLASS_LABELS
from portal.content.commands import Entered
from portal.content.envelope import Envelope
from portal.content.limits import WINDOWS
from portal.content.schedule.windows import ZONES
from portal.core.errors import Invalid
from portal.web.i18n import translate
from portal.web.paging import whole

_WEEKDAYS = [str(day) for day in range(1, 8)]
_NEVER_AGAIN = frozenset({"csrf_token", "version", "void_approval", "submit_now", "over_another"})


class WindowForm(Form):  # type: ignore[misc]
    """One window in which something shows."""

    from_ = DateField(_l("从哪天"), validators=[])
    until = DateField(_l("到哪天"), validators=[])
    days = SelectMultipleField(_l("星期"), choices=_WEEKDAYS, validate_choice=False)
    start = StringField(_l("几点起"))
    end = StringField(_l("几点止"))

    def entered(self) -> dict[str, Any]:
        """This function will return the window as JSON, as typed: what is wrong with it is said by the rules."""
        typed: dict[str, Any] = {"tz": next(iter(ZONES))}
        for name, field in (("from", self.from_), ("until", self.until)):
            text = _text(field)
            if text:
                typed[name] = text
        days = [int(day) for day in self.days.data or [] if day.isdigit()]
        if days:
            typed["days"] = days
        for name, field in (("start", self.start), ("end", self.end)):
            if field.data and field.data.strip():
                typed[name] = unicodedata.normalize("NFKC", field.data).strip()[:5]
        return typed


class EnvelopeForm(FlaskForm):  # type: ignore[misc]
    """The form of one object. A kind adds its own fields, named as in its payload, and says how they become a payload.

    `aliases` name the field at which a sentence about a part of the payload stands, where it is not called the same.
    """

    aliases: ClassVar[Mapping[str, str]] = {}

    version = IntegerField(widget=HiddenField.widget, default=0)
    void_approval = HiddenField()
    hidden = BooleanField(_l("先不显示"))
    classification = SelectField(_l("密级"), validate_choice=False)
    targets = SelectMultipleField(_l("给谁看"), validate_choice=False)
    windows = FieldList(FormField(WindowForm), _l("什么时候显示"), max_entries=WINDOWS)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.classification.choices = [(one.value, translate(label)) for one, label in CLASS_LABELS.items()]

    def payload(self) -> Mapping[str, Any]:
        """This function will return what was typed as the kind's payload."""
        raise NotImplementedError

    def load_payload(self, payload: Any) -> None:
        """This function will fill the kind's own fields from a payload."""
        raise NotImplementedError

    def entered(self) -> Entered:
        """This function will return everything that was typed."""
        return Entered(
            self.payload(),
            tuple(self.targets.data or ()),
            tuple(entry.form.entered() for entry in self.windows.entries),
            bool(self.hidden.data),
            self.classification.data or None,
        )

    def settle(self) -> None:
        """This function will bring what was typed into the shape in which it is kept, as far as nothing is taken in or read for it."""

    def load(self, envelope: Envelope, version: int) -> None:
        """This function will fill the form from stored content."""
        self.version.data = version
        self.hidden.data = envelope.hidden
        self.targets.data = list(envelope.targets)
        for window in envelope.windows:
            self.windows.append_entry(_window_data(window.to_json()))
        self.load_payload(envelope.payload)

    def changes_rows(self) -> bool:
        """This function will add or remove a row where a button without scripts asked for it; tells whether one did."""
        if request.form.get("add_window"):
            if len(self.windows.entries) < WINDOWS:
                self.windows.append_entry()
            return True
        index = request.form.get("remove_window", type=whole)
        if index is None or not 0 <= index < len(self.windows.entries):
            return False
        del self.windows.entries[index]
        return True

    def show(self, invalid: Invalid) -> None:
        """This function will put each sentence at its field; one that fits no field stands in the summary alone."""
        for path, messages in invalid.errors.items():
            texts = [translate(message) for message in messages]
            field = self._field(self.place_of(path).split("."))
            if field is None:
                self.form_errors.extend(texts)
            elif isinstance(field, FormField):
                field.form.form_errors.extend(texts)
            else:
                field.errors = [*field.errors, *texts]

    def place_of(self, path: str) -> str:
        """This function will return the path of the field at which a sentence about `path` stands."""
        return self.aliases.get(path, path)

    def typed(self) -> Iterator[tuple[str, str]]:
        """This function will yield everything that was posted, but for token and version, to be posted once more.

        A file that came along was taken in meanwhile and stands in its field as what was chosen.
        """
        taken = dict(self.taken())
        for name, value in request.form.items(multi=True):
            if name not in _NEVER_AGAIN and name not in taken:
                yield name, value
        yield from taken.items()

    def taken(self) -> Iterator[tuple[str, str]]:
        """This function will yield the fields that hold files, with the SHA-256 of each."""
        for name in self._fields:
            if name.endswith(UPLOAD):
                chosen = name.removesuffix(UPLOAD)
                yield chosen, self[chosen].data or ""

    def _field(self, steps: list[str]) -> Field | None:
        found: Any = self
        for step in steps:
            form = getattr(found, "form", None) if isinstance(found, FormField) else found
            if isinstance(found, FieldList):
                found = found.entries[int(step)] if step.isdigit() and int(step) < len(found.entries) else None
            else:
                found = self._named(form, step)
            if found is None:
                return None
        return found if isinstance(found, Field) else None

    def _named(self, form: Any, step: str) -> Any:
        fields = getattr(form, "_fields", {})
        return fields.get(step + UPLOAD) or fields.get("from_" if step == "from" else step)


UPLOAD = "_upload"
"""What the field in which a file arrives is called, after the name of the field that keeps the file's SHA-256."""


def number(text: object) -> int | object:
    """This function will return the whole number that was typed, None for nothing, and anything else as it was typed."""
    if isinstance(text, int) or text is None:
        return text
    folded = unicodedata.normalize("NFKC", str(text)).strip()
    if not folded:
        return None
    return int(folded) if folded.isascii() and folded.lstrip("-").isdigit() and len(folded) < 10 else text  # noqa: PLR2004


def _text(field: DateField) -> str:
    if field.raw_data and field.raw_data[0]:
        return str(field.raw_data[0]).strip()
    return field.data.isoformat() if isinstance(field.data, date) else ""


def _window_data(window: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "from_": date.fromisoformat(window["from"]) if window.get("from") else None,
        "until": date.fromisoformat(window["until"]) if window.get("until") else None,
        "days": [str(day) for day in window.get("days") or ()],
        "start": window.get("start") or "",
        "end": window.get("end") or "",
    }
