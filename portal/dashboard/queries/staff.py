"""What waits over all tenants, for each role of the staff. Every `system` is a session over all tenants."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import OneTimeLink, User
from portal.audit.log import DONE
from portal.audit.models import AuditRecord
from portal.content.models import Revision
from portal.content.states import RevisionState
from portal.core.ids import TenantId
from portal.core.outbox import OutboxRow
from portal.orders.answers import RenewalDue
from portal.orders.models import Grant
from portal.orders.queries import renewals_due
from portal.releases.models import Release
from portal.releases.states import ReleaseState
from portal.tenants.models import Tenant

SHOWN: Final = 8
GRANTS_END_SOON: Final = timedelta(days=30)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Approved:
    """A tenant with approved content that is not on air, and since when the oldest of it was handed in."""

    tenant: Tenant
    items: int
    since: datetime | None


@dataclass(frozen=True)
class Publication:
    """A release that is being written, or tried again after `error`."""

    tenant: Tenant
    release: Release


@dataclass(frozen=True)
class Renewal:
    """A renewal that is near."""

    tenant: Tenant
    due: RenewalDue


@dataclass(frozen=True)
class EndingGrant:
    """A grant whose last day is near."""

    tenant: Tenant
    grant: Grant


@dataclass(frozen=True)
class Refusals:
    """How many acts were refused and how many failed within a day, such as sign-ins."""

    denied: int
    failed: int


@dataclass(frozen=True)
class Accounts:
    """Accounts of the staff: all, disabled ones, and one-time links that still work."""

    staff: int
    disabled: int
    open_links: int


@dataclass(frozen=True)
class Backlog:
    """The outbox: what waits, what failed at least once, since when the oldest waits; and unfinished publications."""

    waiting: int
    failing: int
    since: datetime | None
    publications: int


def approved_waiting(system: Session) -> list[Approved]:
    """This function will return the tenants with approved content that nobody has published, the longest waiting first."""
    since = func.min(Revision.submitted_at)
    rows = system.execute(
        select(Tenant, func.count(Revision.id), since)
        .join(Revision, Revision.tenant_id == Tenant.id)
        .where(Revision.state == RevisionState.APPROVED.value)
        .group_by(Tenant.id)
        .order_by(since)
        .limit(SHOWN)
    )
    return [Approved(tenant, items, at) for tenant, items, at in rows]


def publications(system: Session) -> list[Publication]:
    """This function will return the releases that are being written, the oldest first."""
    rows = system.execute(
        select(Tenant, Release)
        .join(Release, Release.tenant_id == Tenant.id)
        .where(Release.state == ReleaseState.PUBLISHING.value)
        .order_by(Release.created_at)
        .limit(SHOWN)
    )
    return [Publication(tenant, release) for tenant, release in rows]


def renewals(system: Session, on: date, province_code: str | None = None) -> list[Renewal]:
    """This function will return the renewals that are near, of one province where one is given, the nearest first."""
    due = renewals_due(system, on)
    wanted = select(Tenant).where(Tenant.id.in_([one.tenant_id for one in due]))
    if province_code is not None:
        wanted = wanted.where(Tenant.province_code == province_code)
    tenants = {TenantId(tenant.id): tenant for tenant in system.scalars(wanted)}
    return [Renewal(tenants[one.tenant_id], one) for one in due if one.tenant_id in tenants]


def newest_enterprises(system: Session, province_code: str | None) -> list[Tenant]:
    """This function will return the enterprises opened last, of one province where one is given."""
    wanted = select(Tenant).order_by(Tenant.created_at.desc()).limit(SHOWN)
    return list(
        system.scalars(wanted if province_code is None else wanted.where(Tenant.province_code == province_code))
    )


def ending_grants(system: Session, on: date) -> list[EndingGrant]:
    """This function will return the grants in force that end soon, the next first."""
    rows = system.execute(
        select(Tenant, Grant)
        .join(Grant, Grant.tenant_id == Tenant.id)
        .where(Grant.ended_at.is_(None), Grant.ends_on >= on, Grant.ends_on <= on + GRANTS_END_SOON)
        .order_by(Grant.ends_on)
        .limit(SHOWN)
    )
    return [EndingGrant(tenant, grant) for tenant, grant in rows]


def refusals(system: Session, at: datetime) -> Refusals:
    """This function will count what was refused or failed within the last day."""
    rows = system.execute(
        select(AuditRecord.outcome, func.count())
        .where(AuditRecord.at > at - _DAY, AuditRecord.outcome != DONE)
        .group_by(AuditRecord.outcome)
    )
    counts = {str(outcome): int(count) for outcome, count in rows}
    return Refusals(counts.get("denied", 0), counts.get("failed", 0))


def accounts(system: Session, at: datetime) -> Accounts:
    """This function will count the accounts of the staff."""
    staff = User.staff_role.is_not(None)
    links = select(func.count(OneTimeLink.id)).where(OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > at)
    return Accounts(
        system.scalar(select(func.count(User.id)).where(staff)) or 0,
        system.scalar(select(func.count(User.id)).where(staff, User.disabled_at.is_not(None))) or 0,
        system.scalar(links) or 0,
    )


def backlog(system: Session) -> Backlog:
    """This function will count what the worker has not done yet."""
    open_rows = OutboxRow.done_at.is_(None)
    waiting, since = system.execute(select(func.count(), func.min(OutboxRow.created_at)).where(open_rows)).one()
    failing = system.scalar(select(func.count()).where(open_rows, OutboxRow.last_error.is_not(None))) or 0
    unfinished = select(func.count(Release.id)).where(Release.state == ReleaseState.PUBLISHING.value)
    return Backlog(waiting, failing, since, system.scalar(unfinished) or 0)
