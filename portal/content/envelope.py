"""What every object has whatever its kind: payload, targets, windows, hidden, deleted. Its canonical JSON is what a revision's hash covers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from portal.content.fields import Payload
from portal.content.kinds import Kind, KindSpec, spec_of
from portal.content.parsing import invalid_from
from portal.content.schedule.reading import read_windows
from portal.content.schedule.windows import Window
from portal.core.canonical import canonical_sha256
from portal.core.errors import Invalid
from portal.core.ids import GroupId, ObjectId, is_id
from portal.core.messages import N_, Message


@dataclass(frozen=True)
class Envelope:
    """One revision's content. `targets` are box groups, sorted; none means all boxes. `windows` are a union; none means always."""

    kind: Kind
    payload: Payload
    targets: tuple[GroupId, ...] = ()
    windows: tuple[Window, ...] = ()
    hidden: bool = False
    deleted: bool = False

    @property
    def spec(self) -> KindSpec:
        """The spec of its kind."""
        return spec_of(self.kind)

    @property
    def title(self) -> str | Message:
        """What people call it: the words typed, or a `Message` for a kind without a name of its own."""
        return self.spec.title(self.payload)

    @property
    def assets(self) -> tuple[str, ...]:
        """The SHA-256 of the files it shows."""
        return self.spec.assets(self.payload)

    @property
    def refs(self) -> tuple[ObjectId, ...]:
        """The objects without which it shows nothing."""
        return self.spec.refs(self.payload)

    @property
    def key(self) -> str | None:
        """What there is only one of for a group, or None."""
        return self.spec.key(self.payload)

    @property
    def shown(self) -> bool:
        """Whether it is neither hidden nor deleted."""
        return not (self.hidden or self.deleted)

    @cached_property
    def sha256(self) -> str:
        """The revision's SHA-256, 64 lower-case hex digits."""
        return revision_sha256(self)

    def to_json(self) -> dict[str, Any]:
        """This function will return the envelope as it is stored and hashed."""
        return {
            "kind": self.kind.value,
            "payload": self.payload.model_dump(mode="json"),
            "targets": list(self.targets),
            "windows": [window.to_json() for window in self.windows],
            "hidden": self.hidden,
            "deleted": self.deleted,
        }


def revision_sha256(envelope: Envelope) -> str:
    """This function will return the SHA-256 over the canonical JSON of `envelope`: content, targets, windows, and files by their hashes."""
    return canonical_sha256(envelope.to_json())


def read_payload(kind: str, raw: object) -> Payload:
    """This function will return the payload of `kind` that `raw` describes, folded; raises `Invalid` with a sentence per field."""
    try:
        return spec_of(kind).model.model_validate(raw)
    except ValidationError as error:
        raise invalid_from(error) from error


def make_envelope(
    kind: str,
    payload: object,
    *,
    targets: Iterable[str] = (),
    windows: object = (),
    hidden: bool = False,
    deleted: bool = False,
) -> Envelope:
    """This function will return the checked envelope of what a person entered, all parts as JSON.

    Raises `Invalid` with every field that is wrong at once: those of the payload by their own names, `targets`, `windows.<index>.<field>`.
    """
    errors: dict[str, list[Message]] = {}
    read: Payload | None = None
    found: tuple[Window, ...] = ()
    try:
        read = read_payload(kind, payload)
    except Invalid as invalid:
        errors.update(invalid.errors)
    try:
        found = read_windows(windows)
    except Invalid as invalid:
        errors.update(invalid.errors)
    if found and not spec_of(kind).has_windows:
        errors["windows"] = [N_("这类内容不能限定时段。")]
    groups = sorted({GroupId(target) for target in targets})
    if not all(is_id(group) for group in groups):
        errors["targets"] = [N_("没有这个分组。")]
    if errors or read is None:
        raise Invalid(errors)
    return Envelope(Kind(kind), read, tuple(groups), found, hidden, deleted)


def read_envelope(raw: Mapping[str, Any]) -> Envelope:
    """This function will return the envelope whose stored form (`to_json`) is `raw`; raises `Invalid` if it is none."""
    return make_envelope(
        raw["kind"],
        raw["payload"],
        targets=raw["targets"],
        windows=raw["windows"],
        hidden=raw["hidden"],
        deleted=raw["deleted"],
    )
