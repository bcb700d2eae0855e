"""The small numbers in the menu: what waits for the actor."""

from collections.abc import Mapping
from functools import cache

from sqlalchemy import Select, bindparam, func, select

from portal.access.permissions import Permission
from portal.access.policy import allows, own_province
from portal.boxes.queries.fleet import how_many_wait
from portal.content.models import Revision
from portal.content.states import RevisionState
from portal.core import clock
from portal.core.context import Actor, TenantRef
from portal.core.database import platform_session, system_session, tenant_session
from portal.desk.queries import backlog
from portal.notify.queries import how_many_unread, unread_count
from portal.tenants.applications import queries as applications


def badges(actor: Actor, tenant: TenantRef | None) -> Mapping[str, int]:
    """This function will return the numbers by the names that the menu's table uses, and `notices` of the bell; at most three queries."""
    if tenant is None and allows(actor, Permission.REVIEW_QUEUE, None):
        return _of_reviewers(actor)
    return {**_waiting_work(actor, tenant), "notices": unread_count(actor)}


def _of_reviewers(actor: Actor) -> Mapping[str, int]:
    with system_session(reason="what waits for a reviewer, and the own messages") as session:
        waiting, unread = applications.how_many_wait().scalar_subquery(), how_many_unread(actor).scalar_subquery()
        asked, messages = session.execute(select(waiting, unread)).one()
        return {"review": backlog(session, actor).count, "applications": asked or 0, "notices": messages or 0}


def _waiting_work(actor: Actor, tenant: TenantRef | None) -> Mapping[str, int]:
    if tenant is not None:
        with tenant_session(tenant.id) as session:
            submissions, boxes = session.execute(_both(), {"now": clock.now()}).one()
            return {"submissions": submissions or 0, "boxes": boxes or 0}
    if (province := own_province(actor)) is not None:
        with platform_session() as session:
            return {"applications": applications.count_returned(session, province)}
    return {}


@cache
def _both() -> Select[int, int]:
    """Submissions and boxes that wait in a tenant. Made once: every page of a tenant runs it."""
    submitted = Revision.state == RevisionState.SUBMITTED.value
    waiting = select(func.count(Revision.submission_id.distinct())).where(submitted)
    return select(waiting.scalar_subquery(), how_many_wait(bindparam("now")).scalar_subquery())
