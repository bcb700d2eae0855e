"""Reads of deletions: what a tenant has, whether it may be deleted, what was asked and what came of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import Membership, User
from portal.administration.deletion.states import OPEN, DeletionState
from portal.boxes.models.bound import Box
from portal.boxes.states import BoxState
from portal.content.models import ContentObject
from portal.core import clock
from portal.core.errors import NotFound
from portal.core.ids import TenantId
from portal.media.models import MediaAsset
from portal.orders.queries import subscriptions_of
from portal.orders.states import State
from portal.releases.models import Release
from portal.tenants.models import BoxGroup, TenantDeletion

_SHOWN = 100


@dataclass(frozen=True)
class Extent:
    """How much goes with an enterprise: numbers of boxes, people, groups, contents, files with their bytes, and releases."""

    boxes: int
    people: int
    groups: int
    contents: int
    files: int
    bytes: int
    releases: int

    def as_json(self) -> dict[str, int]:
        """This function will return the numbers by name."""
        return asdict(self)


@dataclass(frozen=True)
class Deletion:
    """A deletion with the names of the people who asked, confirmed and ended it."""

    row: TenantDeletion
    asker: str
    confirmer: str
    ender: str

    @property
    def state(self) -> DeletionState:
        """Where it stands."""
        return DeletionState(self.row.state)


def extent(session: Session, tenant_id: TenantId) -> Extent:
    """This function will count what the session's tenant has."""
    counted = [
        select(func.count(table.id)).where(table.tenant_id == tenant_id).scalar_subquery()
        for table in (Membership, BoxGroup, ContentObject, MediaAsset, Release)
    ]
    size = select(func.sum(MediaAsset.stored_bytes)).where(MediaAsset.tenant_id == tenant_id).scalar_subquery()
    bound = select(func.count(Box.id)).where(Box.tenant_id == tenant_id, Box.state == BoxState.BOUND).scalar_subquery()
    boxes, people, groups, contents, files, releases, stored = tuple(
        session.execute(select(bound, *counted, size)).one()
    )
    return Extent(boxes, people, groups, contents, files, int(stored or 0), releases)


def is_ended(session: Session, tenant_id: TenantId) -> bool:
    """This function will tell whether the session's tenant had subscriptions and all of them are over."""
    found = subscriptions_of(session, tenant_id, clock.now())
    return bool(found) and all(each.standing.state is State.ENDED for each in found)


def open_deletion(session: Session, tenant_id: TenantId, *, lock: bool = False) -> TenantDeletion | None:
    """This function will return the deletion of a tenant that is asked for, waiting or being done, or None."""
    wanted = select(TenantDeletion).where(TenantDeletion.tenant_id == tenant_id, TenantDeletion.state.in_(OPEN))
    return session.scalar(wanted.with_for_update() if lock else wanted, execution_options={"populate_existing": lock})


def deletions(session: Session, tenant_id: TenantId | None = None) -> list[Deletion]:
    """This function will return the newest deletions, of one tenant or of all, those that are open first."""
    wanted = _named().order_by(TenantDeletion.asked_at.desc(), TenantDeletion.id.desc()).limit(_SHOWN)
    if tenant_id is not None:
        wanted = wanted.where(TenantDeletion.tenant_id == tenant_id)
    found = [Deletion(row, *(name or "" for name in names)) for row, *names in session.execute(wanted)]
    return sorted(found, key=lambda one: one.state not in OPEN)


def get_deletion(session: Session, deletion_id: str) -> Deletion:
    """This function will return one deletion; raises `NotFound`."""
    found = session.execute(_named().where(TenantDeletion.id == deletion_id)).one_or_none()
    if found is None:
        raise NotFound
    row, *names = found
    return Deletion(row, *(name or "" for name in names))


def due(session: Session) -> Sequence[str]:
    """This function will return the ids of the deletions whose day has come, and of those that were begun."""
    waiting = (TenantDeletion.state == DeletionState.WAITING) & (TenantDeletion.due_at <= clock.now())
    wanted = select(TenantDeletion.id).where(waiting | (TenantDeletion.state == DeletionState.WIPING))
    return session.scalars(wanted.order_by(TenantDeletion.id)).all()


def _named() -> Select[Any, Any, Any, Any]:
    asker, confirmer, ender = aliased(User), aliased(User), aliased(User)
    return (
        select(TenantDeletion, asker.display_name, confirmer.display_name, ender.display_name)
        .outerjoin(asker, asker.id == TenantDeletion.asked_by)
        .outerjoin(confirmer, confirmer.id == TenantDeletion.confirmed_by)
        .outerjoin(ender, ender.id == TenantDeletion.ended_by)
    )
