"""Access lists (ACL), pure: entries, the places they stand at, and the decision with the entry or the line of the policy that makes it.

How the policy and the lists combine, and nowhere else:

1. The policy is the upper bound. What it neither gives a role nor lets a list give it, no entry can give.
2. A deny entry that names the person, the role or a group of the person wins, at any place on any path.
3. On each path the nearest place with allow entries is a closed list: it admits whom it names, and everybody else is refused.
4. Without either, the policy's own table decides.

A path leads from the thing itself up to the root of its list: a box group and the groups above it, an item and the columns
it lies in. A thing lies on several paths, and each of them has to let the person pass.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum

ANY_PERMISSION = "*"


class Acl(StrEnum):
    """The four access lists."""

    SYSTEM = "system"
    USER = "user"
    INFORMATION = "information"
    APPLICATION = "application"


class Effect(StrEnum):
    """What an entry says."""

    ALLOW = "allow"
    DENY = "deny"


@dataclass(frozen=True)
class Place:
    """Where an entry stands: a kind of thing and its id, such as a box group; `ROOT` is the whole list."""

    type: str
    id: str


ROOT = Place("all", "")

Path = tuple[Place, ...]
EVERYTHING: tuple[Path, ...] = ((ROOT,),)


@dataclass(frozen=True)
class Subject:
    """Whom an entry names: a `user`, a `role` or a `group`."""

    type: str
    id: str


@dataclass(frozen=True)
class Entry:
    """One line of a list. `permission` is one of the policy's, or `*` for all that the list governs."""

    id: str
    place: Place
    permission: str
    effect: Effect
    subject: Subject


class Reach(Enum):
    """What the policy says of a role: nothing, that a list may give it the permission, or that it has it."""

    NONE = "none"
    BY_LIST = "by_list"
    HELD = "held"


class Why(StrEnum):
    """What a decision rests on."""

    POLICY_REFUSES = "policy_refuses"
    NEEDS_ENTRY = "needs_entry"
    DENIED = "denied"
    NOT_LISTED = "not_listed"
    LISTED = "listed"
    POLICY_ALLOWS = "policy_allows"


@dataclass(frozen=True)
class Decision:
    """Whether somebody may, why, and the entry that decides; for `NOT_LISTED` the place whose list names others."""

    allowed: bool
    why: Why
    entry: Entry | None = None
    place: Place | None = None


@dataclass
class _Cell:
    denies: dict[Subject, Entry] = field(default_factory=dict)
    allows: dict[Subject, Entry] = field(default_factory=dict)


class Index:
    """A list's entries by place and permission, so that a check does not depend on how many there are."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._cells: dict[tuple[Place, str], _Cell] = {}
        self.names_groups = False
        self.place_types: set[str] = set()
        for entry in entries:
            cell = self._cells.setdefault((entry.place, entry.permission), _Cell())
            (cell.denies if entry.effect is Effect.DENY else cell.allows).setdefault(entry.subject, entry)
            self.names_groups = self.names_groups or entry.subject.type == "group"
            self.place_types.add(entry.place.type)

    def __bool__(self) -> bool:
        return bool(self._cells)

    def singles_out(self, permission: str) -> bool:
        """This function will tell whether an entry about the permission stands anywhere below the root."""
        return any(place != ROOT and named in {permission, ANY_PERMISSION} for place, named in self._cells)

    def denial(self, place: Place, permission: str, subjects: Iterable[Subject]) -> Entry | None:
        """This function will return an entry at `place` that denies one of `subjects` the permission, or None."""
        cells = self._at(place, permission)
        return next((cell.denies[one] for cell in cells for one in subjects if one in cell.denies), None)

    def admission(self, place: Place, permission: str, subjects: Iterable[Subject]) -> Entry | None:
        """This function will return an entry at `place` that allows one of `subjects` the permission, or None."""
        cells = self._at(place, permission)
        return next((cell.allows[one] for cell in cells for one in subjects if one in cell.allows), None)

    def is_closed(self, place: Place, permission: str) -> bool:
        """This function will tell whether anybody is allowed the permission by name at `place`."""
        return any(cell.allows for cell in self._at(place, permission))

    def _at(self, place: Place, permission: str) -> list[_Cell]:
        keys = ((place, permission), (place, ANY_PERMISSION))
        return [self._cells[key] for key in keys if key in self._cells]


def decide(index: Index, subjects: Sequence[Subject], permission: str, paths: Iterable[Path], reach: Reach) -> Decision:
    """This function will decide whether whoever is all of `subjects` has the permission on a thing with these `paths`.

    A path begins at the thing and ends at `ROOT`.
    """
    if reach is Reach.NONE:
        return Decision(False, Why.POLICY_REFUSES)
    known = tuple(paths)
    for place in dict.fromkeys(place for path in known for place in path):
        if denial := index.denial(place, permission, subjects):
            return Decision(False, Why.DENIED, denial, place)
    admitted: Decision | None = None
    for path in known:
        closed = next((place for place in path if index.is_closed(place, permission)), None)
        if closed is None:
            continue
        entry = index.admission(closed, permission, subjects)
        if entry is None:
            return Decision(False, Why.NOT_LISTED, None, closed)
        admitted = admitted or Decision(True, Why.LISTED, entry, closed)
    if admitted is not None:
        return admitted
    return Decision(True, Why.POLICY_ALLOWS) if reach is Reach.HELD else Decision(False, Why.NEEDS_ENTRY)


def presume(index: Index, subjects: Sequence[Subject], permission: str) -> Decision:
    """This function will say whether somebody whom the policy lets pass may have the permission on anything at all.

    Only a denial of the whole list says no; a nearer place may still admit somebody whom the root does not list.
    """
    denial = index.denial(ROOT, permission, subjects)
    return Decision(True, Why.POLICY_ALLOWS) if denial is None else Decision(False, Why.DENIED, denial, ROOT)
