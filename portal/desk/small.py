"""The small submissions with both sides in words, enterprise by enterprise: of how many enterprises they are changes no number of queries."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.content.envelope import Envelope
from portal.content.models import Revision, RevisionAuthor
from portal.content.states import RevisionState
from portal.content.stored import envelope_of
from portal.core.context import Actor, TenantRef
from portal.desk.queries import Waiting
from portal.media.queries import asset_infos_of
from portal.media.renditions import Rendition
from portal.review.models import SubmissionItem
from portal.review.naming import named
from portal.review.queries import object_titles
from portal.review.showing import Changed, Names, changed
from portal.tenants.queries import group_trees, reference


@dataclass(frozen=True)
class Change:
    """One object that waits: the revision handed in, who wrote on it or submitted it, and what is on air now."""

    item: SubmissionItem
    revision: Revision
    on_air: Revision | None
    authors: set[str | None]

    @property
    def sides(self) -> tuple[Envelope | None, Envelope]:
        """What is on air, None where nothing is, and what was handed in."""
        return envelope_of(self.on_air) if self.on_air else None, envelope_of(self.revision)


@dataclass(frozen=True)
class Small:
    """One small submission with all that waits in it, both sides in words."""

    line: Waiting
    changes: tuple[tuple[Change, Changed], ...]

    @property
    def seen(self) -> list[str]:
        """What the form sends of it: the submission, each revision, the hash that the page shows."""
        return [f"{self.line.id}:{one.revision.id}:{one.item.sha256}" for one, _shown in self.changes]


@dataclass(frozen=True)
class House:
    """An enterprise with its small submissions."""

    tenant: TenantRef
    small: tuple[Small, ...]


def houses(system: Session, actor: Actor, lines: Sequence[Waiting]) -> list[House]:
    """This function will return those of the submissions that `actor` may decide as a whole: nothing hidden in them, nothing of the own hand.

    `system` is a session over all tenants; four queries at most.
    """
    waiting = _changes(system, [line.id for line in lines])
    whole = [
        line
        for line in lines
        if len(waiting[line.id]) == sum(line.load.values())
        and not any(actor.user_id in one.authors for one in waiting[line.id])
    ]
    names = _names(system, [(reference(line.entry.tenant), waiting[line.id]) for line in whole])
    found: dict[TenantRef, list[Small]] = {}
    for line in whole:
        tenant = reference(line.entry.tenant)
        shown = [(one, changed(*one.sides, names[tenant])) for one in waiting[line.id]]
        found.setdefault(tenant, []).append(Small(line, tuple(shown)))
    return [House(tenant, tuple(small)) for tenant, small in found.items()]


def _changes(system: Session, submission_ids: Sequence[str]) -> Mapping[str, list[Change]]:
    """What waits of each submission; one query."""
    on_air = aliased(Revision)
    rows = system.execute(
        select(SubmissionItem, Revision, on_air, RevisionAuthor.user_id)
        .join(Revision, (Revision.tenant_id == SubmissionItem.tenant_id) & (Revision.id == SubmissionItem.revision_id))
        .outerjoin(
            on_air,
            (on_air.tenant_id == SubmissionItem.tenant_id)
            & (on_air.object_id == SubmissionItem.object_id)
            & (on_air.state == RevisionState.PUBLISHED.value),
        )
        .outerjoin(
            RevisionAuthor,
            (RevisionAuthor.tenant_id == Revision.tenant_id) & (RevisionAuthor.revision_id == Revision.id),
        )
        .where(SubmissionItem.submission_id.in_(list(submission_ids)), Revision.state == RevisionState.SUBMITTED.value)
        .order_by(SubmissionItem.position)
    )
    found: dict[str, dict[str, Change]] = {submission_id: {} for submission_id in submission_ids}
    for item, revision, shown, author in rows:
        own = Change(item, revision, shown, {revision.author_id, revision.submitted_by})
        found[item.submission_id].setdefault(item.id, own).authors.add(author)
    return {submission_id: list(changes.values()) for submission_id, changes in found.items()}


def _names(system: Session, waiting: Iterable[tuple[TenantRef, Iterable[Change]]]) -> Mapping[TenantRef, Names]:
    """What the ids inside the changes are called, by enterprise; three queries at most."""
    sides: dict[TenantRef, list[Envelope]] = {}
    for tenant, changes in waiting:
        both = (side for one in changes for side in one.sides)
        sides.setdefault(tenant, []).extend(side for side in both if side is not None)
    aimed = [tenant.id for tenant, found in sides.items() if any(side.targets for side in found)]
    trees = group_trees(system, aimed) if aimed else {}
    assets = {tenant.id: {asset for side in found for asset in side.assets} for tenant, found in sides.items()}
    files = asset_infos_of(system, assets)
    titles = object_titles(system, {ref for found in sides.values() for side in found for ref in side.refs})
    return {tenant: named(trees.get(tenant.id), files[tenant.id], titles, _in_library_of(tenant)) for tenant in sides}


def _in_library_of(tenant: TenantRef) -> Callable[[Rendition], str]:
    return lambda still: url_for("media.file", enterprise_id=tenant.enterprise_id, sha256=still.sha256)
