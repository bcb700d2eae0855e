"""Handing the enterprise ID over; opening, changing, closing installation jobs; taking a place in one."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, select, update
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import GroupId, JobId, new_id
from portal.core.messages import N_, Message
from portal.core.tenancy import INFRASTRUCTURE
from portal.core.unit_of_work import note_change
from portal.notify.commands import tell
from portal.tenants.commands.groups import register_use
from portal.tenants.installing import rules
from portal.tenants.installing.models import HandOver, InstallationJob, InstallerPhone
from portal.tenants.installing.queries import installers_of, stands, was_handed_to_manager
from portal.tenants.installing.rules import Installer, JobTerms
from portal.tenants.installing.states import STEP_LABELS, JobState, Step
from portal.tenants.queries import group_tree
from portal.tenants.rules import fold


def hand_to_manager(ctx: Context, receiver: Installer, note: str = "") -> None:
    """This function will record that the applicant handed the enterprise ID to the customer manager; raises `Invalid` by field."""
    ask(ctx, Permission.INSTALLATION_MANAGE)
    receiver, note = _checked_receiver(receiver, note, {})
    _hand_over(ctx, Step.MANAGER, receiver, note, None)


def hand_to_installer(ctx: Context, receiver: Installer, group_id: GroupId, terms: JobTerms) -> JobId:
    """This function will record that the customer manager handed the enterprise ID to an installer, and open the job for it.

    `terms.installers` are those whom the job names beside the receiver, `terms.note` stands on both. Raises `Invalid` by
    field, `NotFound` for the group, `Refused` before the ID was handed to a manager.
    """
    ask(ctx, Permission.INSTALLATION_MANAGE)
    if not was_handed_to_manager(ctx.session):
        raise Refused("not_handed_to_manager", N_("先要把企业ID交给客户经理，再交给装维人员。"), status=409)
    terms = rules.folded(replace(terms, installers=(receiver, *terms.installers)))
    wrong = rules.problems(terms, today=clock.today())
    receiver, note = _checked_receiver(receiver, terms.note, wrong)
    job_id = open_job(ctx, group_id, terms)
    _hand_over(ctx, Step.INSTALLER, receiver, note, job_id)
    return job_id


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
    message = N_(
        "装维工单已开：%(group)s，%(n)d 台，到 %(day)s。", group=tree.label(group_id), n=job.places, day=job.last_on
    )
    _tell_tenant(ctx, job, "opened", message)
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
    target = _named(ctx, job)
    record(ctx, Event.JOB_CLOSED, target, taken=job.places_taken)
    _tell_tenant(
        ctx,
        job,
        f"closed:{version}",
        N_("装维工单已关闭：%(group)s，已绑定 %(n)d 台。", group=target.title, n=job.places_taken),
    )


def reopen_job(ctx: Context, job_id: JobId, version: int) -> None:
    """This function will open a closed job again, as far as its last day and its places allow.

    Raises `Refused`, `Conflict`, `NotFound`.
    """
    ask(ctx, Permission.INSTALLATION_MANAGE)
    job = _locked(ctx, job_id, version)
    if job.closed_at is None:
        raise Refused("job_not_closed", N_("这张工单没有关闭。"), status=409)
    job.closed_at = None
    target = _named(ctx, job)
    record(ctx, Event.JOB_REOPENED, target, taken=job.places_taken)
    _tell_tenant(
        ctx,
        job,
        f"reopened:{version}",
        N_("装维工单重新打开：%(group)s，到 %(day)s。", group=target.title, day=job.last_on),
    )


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


def reveal_installer(ctx: Context, installer_id: str) -> InstallerPhone:
    """This function will return the installer whose phone somebody wants to see in full, and record that; raises `NotFound`."""
    ask(ctx, Permission.INSTALLATION_REVEAL)
    row = ctx.session.scalar(select(InstallerPhone).where(InstallerPhone.id == installer_id))
    if row is None:
        raise NotFound
    record(ctx, Event.CONTACT_REVEALED, Target("installer_phone", row.id, row.name or ""), fields=["installer_phone"])
    return row


def reveal_receiver(ctx: Context, hand_over_id: str) -> HandOver:
    """This function will return the hand-over of which somebody wants to see the phone in full, and record that; raises `NotFound`."""
    ask(ctx, Permission.INSTALLATION_REVEAL)
    row = ctx.session.scalar(select(HandOver).where(HandOver.id == hand_over_id))
    if row is None:
        raise NotFound
    record(ctx, Event.CONTACT_REVEALED, Target("hand_over", row.id, row.to_name or ""), fields=["to_phone"])
    return row


def _hand_over(ctx: Context, step: Step, receiver: Installer, note: str, job_id: JobId | None) -> None:
    row = HandOver(
        tenant_id=ctx.tenant_id,
        id=new_id(),
        step=step.value,
        note=note,
        by_user_id=ctx.actor.user_id,
        by_name=ctx.actor.display_name,
        by_role=ctx.actor.role,
        at=clock.now(),
        job_id=job_id,
    )
    row.to_name, row.to_phone = receiver.name, receiver.phone
    ctx.session.add(row)
    ctx.session.flush()
    record(
        ctx, Event.HANDED_OVER, Target("hand_over", row.id, STEP_LABELS[step]), step=step.value, receiver=receiver.name
    )


def _checked_receiver(receiver: Installer, note: str, wrong: Mapping[str, Message]) -> tuple[Installer, str]:
    receiver, note = Installer(fold(receiver.phone), receiver.name.strip()), note.strip()
    # what is wrong with the receiver is said at the receiver's own fields
    errors = {**wrong, **rules.receiver_problems(receiver, note)}
    if "phone" in errors or "name" in errors:
        errors.pop("installers", None)
    if errors:
        raise Invalid(errors)
    return receiver, note


def _tell_tenant(ctx: Context, job: InstallationJob, what: str, message: Message) -> None:
    tell(ctx, message, key=f"installation:{job.id}:{what}", role=Role.TENANT_ADMIN, link=link_to(ctx, job))


def link_to(ctx: Context, job: InstallationJob) -> str:
    """This function will return the path of the job's page."""
    return f"/e/{ctx.tenant.enterprise_id if ctx.tenant else ''}/installation/{job.id}"


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
