"""What differs between two manifests, object by object. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.content.envelope import Envelope
from portal.content.kinds import Kind
from portal.content.slots.rules import Slot
from portal.content.splash.rules import Frame
from portal.core.ids import ObjectId, RevisionId

_ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True)
class Difference:
    """One object that differs, with the number that pages give it; a side is None where the object is not on air."""

    number: int
    object_id: ObjectId
    before: Envelope | None
    after: Envelope | None

    @property
    def either(self) -> Envelope:
        """The newer side that there is."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a difference has at least one side")
        return found


def changed_ids(before: Mapping[ObjectId, RevisionId], after: Mapping[ObjectId, RevisionId]) -> set[ObjectId]:
    """This function will return the objects whose revision on air is another one in `after`, or that only one side has."""
    return {object_id for object_id in before.keys() | after.keys() if before.get(object_id) != after.get(object_id)}


def differences(before: Mapping[ObjectId, Envelope], after: Mapping[ObjectId, Envelope]) -> list[Difference]:
    """This function will return the objects whose content differs, numbered from 1 in the order of kinds and places on the TV.

    What is on air as deleted shows nothing and counts as absent.
    """
    old, new = _living(before), _living(after)
    pairs = [(object_id, old.get(object_id), new.get(object_id)) for object_id in old.keys() | new.keys()]
    changed = [(object_id, was, now) for object_id, was, now in pairs if was != now]
    ordered = sorted(changed, key=lambda change: (place_of(change[2] or change[1]), change[0]))
    return [Difference(number, *change) for number, change in enumerate(ordered, start=1)]


def _living(manifest: Mapping[ObjectId, Envelope]) -> dict[ObjectId, Envelope]:
    return {object_id: envelope for object_id, envelope in manifest.items() if not envelope.deleted}


def place_of(envelope: Envelope | None) -> tuple[int, int]:
    """This function will return what content is sorted by: the kind, and the place on the TV where the kind has places."""
    if envelope is None:
        return (len(_ORDER), 0)
    payload = envelope.payload
    return (_ORDER[envelope.kind], payload.position if isinstance(payload, Slot | Frame) else 0)
