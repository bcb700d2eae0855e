"""Opening, changing, closing installation jobs; taking a place in one."""

from dataclasses import fields
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, select, update
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import GroupId, JobId, new_id
from portal.core.messages import N_, Message
from portal.core.tenancy import INFRASTRUCTURE
from portal.core.unit_of_work import note_change
from portal.tenants.commands import register_use
from portal.tenants.installing import rules
from portal.tenants.installing.models import InstallationJob, InstallerPhone
from portal.tenants.installing.queries import installers_of, stands
from portal.tenants.installing.rules import JobTerms
from portal.tenants.installing.states import JobState
from portal.tenants.queries import group_tree


def open_job(ctx: Context, group_id: GroupId, terms: JobTerms) -> JobId:
    """This function will open an installation job for boxes of a group; raises `Invalid` by field, `NotFound` for the group."""
    ask(ctx, Permission.INSTALLATION_MANAGE)
    tree = group_tree(ctx.session)
    if group_id not in tree:
        raise NotFound
    terms = rules.folded(terms)
    _raise_if_wrong(terms)
    job = InstallationJob(tenant_id=ctx.tenant_id, id=new_id(), group_id=group_id, opened_at=clock.now())
    ctx.session.add(job)
    _fill(job, terms)
    ctx.session.flush()
    record(
        ctx,
        Event.JOB_OPENED,
        _target(job, tree.label(group_id)),
        group=tree.label(group_id),
        places=job.places,
        phones=len(job.phones),
        last_on=job.last_on.isoformat(),
    )
    return JobId(job.id)


def change_job(ctx: Context, job_id: JobId, version: int, terms: JobTerms) -> None:
    """This function will change a job's places, installers, last day or note.

    Raises `Invalid` by field, also for fewer places than boxes have taken, `Conflict`, `NotFound`.
    """
    ask(ctx, Permission.INSTALLATION_MANAGE)
    job = _locked(ctx, job_id, version)
    before = _terms_of(job)
    terms = rules.folded(terms)
    _raise_if_wrong(terms, taken=job.places_taken)
    _fill(job, terms)
    changed = [one.name for one in fields(JobTerms) if getattr(before, one.name) != getattr(terms, one.name)]
    record(ctx, Event.JOB_CHANGED, _named(ctx, job), fields=changed)


def close_job(ctx: Context, job_id: JobId, version: int) -> None:
    """This function will close a job: from now on its installers' boxes wait. Raises `Refused`, `Conflict`, `NotFound`."""
    ask(ctx, Permission.INSTALLATION_MANAGE)
    job = _locked(ctx, job_id, version)
    if job.closed_at is not None:
        raise Refused("job_closed", N_("这张工单已经关闭。"), status=409)
    job.closed_at = clock.now()
    record(ctx, Event.JOB_CLOSED, _named(ctx, job), taken=job.places_taken)


def reopen_job(ctx: Context, job_id: JobId, version: int) -> None:
    """This function will open a closed job again, as far as its last day and its places allow.

    Raises `Refused`, `Conflict`, `NotFound`.
    """
    ask(ctx, Permission.INSTALLATION_MANAGE)
    job = _locked(ctx, job_id, version)
    if job.closed_at is None:
        raise Refused("job_not_closed", N_("这张工单没有关闭。"), status=409)
    job.closed_at = None
    record(ctx, Event.JOB_REOPENED, _named(ctx, job), taken=job.places_taken)


def take_place(ctx: Context, job_id: JobId) -> bool:
    """This function will take a place in the job for one box, in one conditional statement, and tell whether there was one.

    False where the job is full, closed or past its last day at this moment; of two boxes that want the last place one gets
    it. The caller asks its own permission and records the binding.
    """
    today = clock.business_date(clock.now())
    return _count(ctx, job_id, 1, stands(JobState.OPEN, today))


def give_back_place(ctx: Context, job_id: JobId) -> bool:
    """This function will give a place back, for a box that is unbound again; the caller asks and records."""
    return _count(ctx, job_id, -1, InstallationJob.places_taken > 0)


def _count(ctx: Context, job_id: JobId, number: int, condition: ColumnElement[bool]) -> bool:
    counted = (
        update(InstallationJob)
        .where(InstallationJob.tenant_id == ctx.tenant_id, InstallationJob.id == job_id, condition)
        .values(places_taken=InstallationJob.places_taken + number)
    )
    # The criterion of the tenant stands in the statement itself, and the change is told to the unit of work.
    options = {INFRASTRUCTURE: True, "synchronize_session": False}
    result = cast(CursorResult[Any], ctx.session.execute(counted, execution_options=options))
    note_change(ctx.session, InstallationJob.__tablename__)
    return result.rowcount == 1


@register_use
def _used_by_jobs(session: Session, group_id: GroupId) -> Message | None:
    """A job keeps its group: what was installed under it stays readable."""
    used = session.scalar(select(InstallationJob.id).where(InstallationJob.group_id == group_id).limit(1))
    return N_("有装维工单属于这个分组，不能删除。") if used else None


def _locked(ctx: Context, job_id: JobId, version: int) -> InstallationJob:
    wanted = select(InstallationJob).where(InstallationJob.id == job_id).with_for_update(key_share=True)
    job = ctx.session.scalar(wanted.execution_options(populate_existing=True))
    if job is None:
        raise NotFound
    if job.version != version:
        raise Conflict(code="newer_version")
    return job


def _raise_if_wrong(terms: JobTerms, taken: int = 0) -> None:
    if found := rules.problems(terms, today=clock.today(), taken=taken):
        raise Invalid(found)


def _fill(job: InstallationJob, terms: JobTerms) -> None:
    """What stays is not sealed anew, so that nothing looks changed that is not."""
    if terms.places is None or terms.last_on is None:
        raise ValueError("terms are filled in once they were checked")
    job.places, job.last_on, job.note = terms.places, terms.last_on, terms.note
    kept = {row.phone_lookup: row for row in job.phones}
    rows = []
    for one in terms.installers:
        row = kept.get(InstallerPhone.phone.fingerprint(one.phone))
        if row is None:
            row = InstallerPhone(tenant_id=job.tenant_id, id=new_id(), job_id=job.id)
            row.phone, row.name = one.phone, one.name or None
        elif (row.name or "") != one.name:
            row.name = one.name or None
        rows.append(row)
    job.phones = rows


def _terms_of(job: InstallationJob) -> JobTerms:
    return JobTerms(job.places, job.last_on, installers_of(job), job.note)


def _named(ctx: Context, job: InstallationJob) -> Target:
    return _target(job, group_tree(ctx.session).label(GroupId(job.group_id)))


def _target(job: InstallationJob, group: str) -> Target:
    return Target("installation_job", job.id, group)
