"""One submission as the desk shows it: numbered changes, who may decide, the TV before and after, what was checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.content.envelope import Envelope
from portal.content.problems import problems
from portal.content.queries import authors_of
from portal.content.states import RevisionState
from portal.core import clock
from portal.core.context import Context
from portal.core.ids import GroupId, ObjectId, RevisionId
from portal.core.messages import Message
from portal.desk.pairs import Pair, pairs, seen_at
from portal.desk.screens import Screen, screens
from portal.desk.spots import Spot, spot
from portal.orders.rules.entitlement import Entitlement
from portal.releases.checking import DocumentRefused
from portal.releases.comparison import Difference
from portal.releases.models import Release
from portal.releases.queries import current_release, envelopes_of, manifest_of
from portal.review.queries import ItemView, SubmissionView, get_submission
from portal.tenants.queries import group_tree
from portal.tenants.tree import GroupTree

OPEN = (RevisionState.SUBMITTED, RevisionState.APPROVED)


@dataclass(frozen=True)
class Change:
    """One object of the submission: its place among the changes, who wrote it, whether it waits for the package."""

    difference: Difference
    item: ItemView
    authors: frozenset[str]
    blocked: bool

    @property
    def waits(self) -> bool:
        """Whether it waits for a decision that may be taken now."""
        return self.item.state is RevisionState.SUBMITTED and not self.blocked

    @property
    def seen(self) -> str:
        """What a decision names: the revision and the hash that the page shows."""
        return f"{self.item.revision.id}:{self.item.item.sha256}"


@dataclass(frozen=True)
class Sides:
    """A submission laid over what is on air: its changes, and the manifest before and after them."""

    view: SubmissionView
    tree: GroupTree
    release: Release | None
    changes: tuple[Change, ...]
    before: Mapping[ObjectId, Envelope]
    after: Mapping[ObjectId, Envelope]

    def of(self, side: str) -> Mapping[ObjectId, Envelope]:
        """This function will return the manifest of a side, `before` or `after`."""
        return self.before if side == "before" else self.after


@dataclass(frozen=True)
class Case:
    """A submission at the desk. `fault` is why the result could not be compiled, `troubles` what would not fit together."""

    view: SubmissionView
    tree: GroupTree
    release: Release | None
    changes: tuple[Change, ...]
    pairs: tuple[Pair, ...]
    screens: tuple[Screen, ...]
    spots: tuple[Spot, ...]
    fault: str
    troubles: tuple[Message, ...]

    @property
    def waiting(self) -> tuple[Change, ...]:
        """The changes that wait for a decision."""
        return tuple(change for change in self.changes if change.waits)

    @property
    def approved(self) -> tuple[Change, ...]:
        """The changes that are approved and not on air."""
        return tuple(change for change in self.changes if change.item.state is RevisionState.APPROVED)

    @property
    def seen_at(self) -> datetime | None:
        """The set moment at which it goes on air; None for the present."""
        return self.view.submission.publish_at

    @property
    def blocked(self) -> bool:
        """Whether everything that is open waits for the package."""
        still = [change for change in self.changes if change.item.state in OPEN]
        return bool(still) and all(change.blocked for change in still)

    def wrote(self, user_id: str | None) -> bool:
        """This function will tell whether the person wrote or submitted something that waits, and so may not decide it."""
        return any(user_id in change.authors for change in self.waiting)

    def pair_of(self, group: str) -> Pair | None:
        """This function will return the pair that a group's boxes show, the first one that differs for an unknown group."""
        return next((pair for pair in self.pairs if group in pair.groups), next(iter(self.pairs), None))

    def drawn(self, pair: Pair) -> tuple[dict[str, Any], dict[str, Any]]:
        """This function will return both documents as they look when the submission goes on air, its own windows left aside."""
        at = self.seen_at or clock.now()
        always = {change.difference.object_id for change in self.changes}
        return seen_at(pair.before, at, always), seen_at(pair.after, at, always)


def sides(ctx: Context, submission_id: str, features: frozenset[Any]) -> Sides:
    """This function will lay a submission of the context's tenant over what is on air, with the `features` held now; raises `NotFound`."""
    view = get_submission(ctx.session, submission_id)
    tree = group_tree(ctx.session)
    release = current_release(ctx.session)
    on_air = envelopes_of(ctx.session, manifest_of(release))
    wrote = authors_of(ctx.session, [item.revision for item in view.items])
    changes = tuple(
        Change(
            Difference(number, _object(item), _before(item, on_air), item.envelope),
            item,
            wrote[RevisionId(item.revision.id)],
            item.is_blocked(features),
        )
        for number, item in enumerate(view.items, start=1)
    )
    return Sides(view, tree, release, changes, *_manifests(on_air, changes))


def case(ctx: Context, submission_id: str, held: Entitlement) -> Case:
    """This function will return a submission of the context's tenant as the desk shows it, with what is `held` now; raises `NotFound`."""
    both = sides(ctx, submission_id, held.features)
    found: list[Pair] = []
    fault = ""
    try:
        found = pairs(ctx, both.tree, held, both.before, both.after)
    except DocumentRefused as refused:
        fault = str(refused)
    seen = [change.difference for change in _subject(both.changes)]
    at = both.view.submission.publish_at or clock.now()
    return Case(
        both.view,
        both.tree,
        both.release,
        both.changes,
        tuple(found),
        tuple(screens(seen)),
        tuple(spot(one, at) for one in seen),
        fault,
        tuple(_troubles(both.after, both.changes, held.features, both.tree)),
    )


def _subject(changes: tuple[Change, ...]) -> list[Change]:
    """What the TV is to show: what is still open, or all of it once everything is done."""
    return [change for change in changes if change.item.state in OPEN] or list(changes)


def _manifests(
    on_air: Mapping[ObjectId, Envelope], changes: tuple[Change, ...]
) -> tuple[dict[ObjectId, Envelope], dict[ObjectId, Envelope]]:
    before = dict(on_air)
    after = dict(on_air)
    for change in _subject(changes):
        object_id, was = change.difference.object_id, change.difference.before
        before.pop(object_id, None)
        if was is not None:
            before[object_id] = was
        after[object_id] = change.item.envelope
    return before, after


def _before(item: ItemView, on_air: Mapping[ObjectId, Envelope]) -> Envelope | None:
    """What is open is compared with the screen as it is now; what is done with what it was handed in against."""
    return on_air.get(_object(item)) if item.state in OPEN else item.before_envelope


def _object(item: ItemView) -> ObjectId:
    return ObjectId(item.item.object_id)


def _troubles(
    after: Mapping[ObjectId, Envelope], changes: tuple[Change, ...], features: frozenset[Any], tree: GroupTree
) -> list[Message]:
    groups = frozenset(GroupId(node.id) for _depth, node in tree.walk())
    own = {change.difference.object_id for change in _subject(changes)}
    return [found.message for found in problems(after, features, groups, tree.root.id) if found.object_id in own]
