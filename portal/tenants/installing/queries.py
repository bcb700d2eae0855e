"""Reads of installation jobs."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.context import TenantRef
from portal.core.errors import NotFound
from portal.core.ids import GroupId, JobId
from portal.tenants.installing.models import InstallationJob, InstallerPhone
from portal.tenants.installing.rules import Installer, job_state
from portal.tenants.installing.states import JobState
from portal.tenants.models import Customer, Tenant
from portal.tenants.queries import reference
from portal.tenants.rules import fold

JOB_SORTS = {"opened": InstallationJob.id, "until": InstallationJob.last_on, "places": InstallationJob.places}


@dataclass(frozen=True)
class OpenJob:
    """An open job that names a phone: whose it is, which group its boxes join, how many places are left in it."""

    id: JobId
    tenant: TenantRef
    customer_name: str
    group_id: GroupId
    places_left: int
    last_on: date


def phone_lookup(phone: str) -> str:
    """This function will return the keyed hash (64 hex digits) by which a mobile number is looked for."""
    return InstallerPhone.phone.fingerprint(fold(phone))


def open_job_for(session: Session, enterprise_id: str, lookup: str, now: datetime) -> OpenJob | None:
    """This function will return the enterprise's open job that names the phone of `lookup` and has places left, or None.

    Of several the one that ends first. One statement, the same for an enterprise ID that nobody has; it needs a system
    session, or the tenant's own. A tenant's standing is not looked at: whether it may bind is for its orders to say.
    """
    wanted = (
        select(InstallationJob, Tenant, Customer.name)
        .join(InstallerPhone, _names_it())
        .join(Tenant, Tenant.id == InstallationJob.tenant_id)
        .join(Customer, Customer.id == Tenant.customer_id)
        .where(Tenant.enterprise_id == enterprise_id, InstallerPhone.phone_lookup == lookup)
        .where(stands(JobState.OPEN, clock.business_date(now)))
        .order_by(InstallationJob.last_on, InstallationJob.id)
        .limit(1)
    )
    found = session.execute(wanted).first()
    if found is None:
        return None
    job, tenant, customer_name = found
    left = job.places - job.places_taken
    return OpenJob(JobId(job.id), reference(tenant), customer_name, GroupId(job.group_id), left, job.last_on)


def stands(state: JobState, today: date) -> ColumnElement[bool]:
    """This function will return the condition for jobs that stand so on the business day `today`, as `job_state` says it."""
    is_open, is_due = InstallationJob.closed_at.is_(None), InstallationJob.last_on >= today
    match state:
        case JobState.CLOSED:
            return InstallationJob.closed_at.is_not(None)
        case JobState.EXPIRED:
            return and_(is_open, InstallationJob.last_on < today)
        case JobState.FULL:
            return and_(is_open, is_due, InstallationJob.places_taken >= InstallationJob.places)
        case JobState.OPEN:
            return and_(is_open, is_due, InstallationJob.places_taken < InstallationJob.places)


def jobs(state: JobState | None, today: date, group_id: GroupId | None = None) -> Select[InstallationJob]:
    """This function will return the statement of the tenant's jobs, those of one state or one group where it is given."""
    statement = select(InstallationJob)
    if state is not None:
        statement = statement.where(stands(state, today))
    return statement if group_id is None else statement.where(InstallationJob.group_id == group_id)


def get_job(session: Session, job_id: JobId) -> InstallationJob:
    """This function will return the job's row as it stands now; raises `NotFound`."""
    wanted = select(InstallationJob).where(InstallationJob.id == job_id)
    job = session.scalar(wanted.execution_options(populate_existing=True))
    if job is None:
        raise NotFound
    return job


def state_of(job: InstallationJob, today: date) -> JobState:
    """This function will tell how the job stands on the business day `today`."""
    return job_state(job.closed_at, job.last_on, job.places, job.places_taken, today)


def installers_of(job: InstallationJob) -> tuple[Installer, ...]:
    """This function will open the seals of the installers whom the job names."""
    return tuple(Installer(row.phone or "", row.name or "") for row in job.phones)


def _names_it() -> ColumnElement[bool]:
    return and_(
        InstallerPhone.tenant_id == InstallationJob.tenant_id,
        InstallerPhone.job_id == InstallationJob.id,
    )
