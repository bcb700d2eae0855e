"""Reads of installation jobs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.context import TenantRef
from portal.core.errors import NotFound
from portal.core.ids import GroupId, JobId
from portal.tenants.installing.models import HandOver, InstallationJob, InstallerPhone
from portal.tenants.installing.rules import Installer, job_state
from portal.tenants.installing.states import JobState, Step
from portal.tenants.models import BoxGroup, Customer, Tenant
from portal.tenants.queries import of_province, reference, tenants
from portal.tenants.rules import fold, is_mobile

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


def jobs_everywhere(
    province_code: str | None, state: JobState | None, today: date, text: str = ""
) -> Select[InstallationJob]:
    """This function will return the statement of jobs of all tenants, or of those that a province owns or applied for.

    `text` is what an enterprise is called or how its ID begins, or a whole mobile number that a job names. It needs a
    system session.
    """
    own = tenants(text if not is_mobile(fold(text)) else "")
    if province_code is not None:
        own = own.where(of_province(province_code))
    statement = jobs(state, today).where(InstallationJob.tenant_id.in_(own.with_only_columns(Tenant.id)))
    if is_mobile(fold(text)):
        statement = statement.join(InstallerPhone, _names_it()).where(InstallerPhone.phone_lookup == phone_lookup(text))
    return statement


def tenants_of(session: Session, found: Collection[InstallationJob]) -> Mapping[str, Tenant]:
    """This function will return the tenants of jobs by their ids; one query."""
    ids = {job.tenant_id for job in found}
    return {row.id: row for row in session.scalars(select(Tenant).where(Tenant.id.in_(ids)))}


def group_labels(session: Session, found: Collection[InstallationJob]) -> Mapping[str, str]:
    """This function will return what the groups of jobs are called; one query."""
    ids = {job.group_id for job in found}
    return {row.id: row.name for row in session.scalars(select(BoxGroup).where(BoxGroup.id.in_(ids)))}


def hand_overs(session: Session) -> list[HandOver]:
    """This function will return how the tenant's enterprise ID was handed on, newest first."""
    return list(session.scalars(select(HandOver).order_by(HandOver.id.desc())))


def was_handed_to_manager(session: Session) -> bool:
    """This function will tell whether a customer manager of the tenant has the enterprise ID."""
    return session.scalar(select(HandOver.id).where(HandOver.step == Step.MANAGER.value).limit(1)) is not None


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
