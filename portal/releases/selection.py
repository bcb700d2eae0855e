"""Which objects of a manifest a box group shows: features, targets, what is hidden, and the nearest group for what there is one of."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from portal.content.apps.rules import App
from portal.content.envelope import Envelope
from portal.content.fields import Payload
from portal.content.kinds import KINDS
from portal.content.schedule.windows import Window
from portal.core.ids import GroupId, ObjectId

Manifest = Mapping[ObjectId, Envelope]
P = TypeVar("P", bound=Payload)


@dataclass(frozen=True, slots=True)
class Chosen(Generic[P]):
    """An object that the group shows."""

    id: ObjectId
    payload: P
    windows: tuple[Window, ...]


class Selection:
    """The objects that a group shows, by the model of their payload."""

    def __init__(self, chosen: Iterator[Chosen[Payload]]) -> None:
        self._by_model: dict[type[Payload], list[Chosen[Payload]]] = defaultdict(list)
        for each in chosen:
            self._by_model[type(each.payload)].append(each)

    def of(self, model: type[P]) -> Sequence[Chosen[P]]:
        """This function will return the objects whose payload is a `model`, by id."""
        return cast("Sequence[Chosen[P]]", self._by_model.get(model, ()))

    def one(self, model: type[P]) -> P | None:
        """This function will return the payload of the only object of `model`, or None."""
        return next((chosen.payload for chosen in self.of(model)), None)


def select(
    manifest: Manifest,
    features: AbstractSet[str],
    group_path: Sequence[GroupId],
    app_packages: AbstractSet[str] | None = None,
) -> Selection:
    """This function will return what the group at the end of `group_path` (root first) shows of `manifest`.

    Left out is what no feature grants, what is hidden or deleted, what is aimed elsewhere, and apps beside `app_packages` (None = any).
    Of the objects that share a single-valued key the one aimed nearest to the group stays; two equally near cannot be submitted, and
    should they meet all the same, the older id stays. Of one app package the highest version stays.
    """
    depths = {group: depth for depth, group in enumerate(group_path)}
    candidates: list[tuple[ObjectId, Envelope, str | None]] = []
    best: dict[str, tuple[tuple[int, int], ObjectId]] = {}
    for object_id, envelope, depth in _aimed_here(manifest, depths):
        if KINDS[envelope.kind].feature not in features or not _loadable(envelope, app_packages):
            continue
        key, rank = envelope.key, _rank(envelope, depth)
        candidates.append((object_id, envelope, key))
        if key is not None and (key not in best or best[key][0] < rank):
            best[key] = rank, object_id
    return Selection(
        Chosen(object_id, envelope.payload, envelope.windows)
        for object_id, envelope, key in candidates
        if key is None or best[key][1] == object_id
    )


def _aimed_here(manifest: Manifest, depths: Mapping[GroupId, int]) -> Iterator[tuple[ObjectId, Envelope, int]]:
    for object_id in sorted(manifest):
        envelope = manifest[object_id]
        if envelope.shown:
            depth = max((depths.get(target, -1) for target in envelope.targets), default=0)
            if depth >= 0:
                yield object_id, envelope, depth


def _loadable(envelope: Envelope, app_packages: AbstractSet[str] | None) -> bool:
    return app_packages is None or not isinstance(envelope.payload, App) or envelope.payload.package in app_packages


def _rank(envelope: Envelope, depth: int) -> tuple[int, int]:
    # Apps add up along the path; only of the same package two make no sense, and there the newer one counts wherever it is aimed.
    return (envelope.payload.version_code, depth) if isinstance(envelope.payload, App) else (depth, 0)
