"""The boxes bound under an installation job, told to the room of the jobs."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.boxes.models.bound import Box, BoxRequest
from portal.boxes.queries.fleet import is_waiting
from portal.core import clock
from portal.tenants.installing import bound
from portal.tenants.installing.bound import BoundBox, JobBoxes
from portal.tenants.installing.models import InstallationJob
from portal.tenants.models import Tenant


@bound.register
def boxes_of_job(session: Session, job: InstallationJob, most: int) -> JobBoxes:
    """This function will return the boxes bound last under a job, and how many wait that name one of its installers."""
    enterprise_id = session.scalars(select(Tenant.enterprise_id).where(Tenant.id == job.tenant_id)).one()
    path = f"/e/{enterprise_id}/boxes"
    rows = session.scalars(select(Box).where(Box.job_id == job.id).order_by(Box.id.desc()).limit(most))
    named = BoxRequest.installer_phone_lookup.in_([one.phone_lookup for one in job.phones])
    waiting = session.scalar(select(func.count(BoxRequest.id)).where(is_waiting(clock.now()), named)) or 0
    newest = tuple(
        BoundBox(row.name, row.serial, row.model, row.bound_at, row.installer_phone or "", f"{path}/{row.id}")
        for row in rows
    )
    return JobBoxes(newest, waiting, f"{path}?job={job.id}", f"{path}/waiting")
