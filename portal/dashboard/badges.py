"""The small numbers in the menu: what waits for the actor."""

from collections.abc import Mapping

from sqlalchemy import Select, func, select

from portal.access.permissions import Permission
from portal.access.policy import allows
from portal.content.models import Revision
from portal.content.states import RevisionState
from portal.core.context import Actor, TenantRef
from portal.core.database import system_session, tenant_session
from portal.notify.queries import unread_count
from portal.review.queries import waiting_count


def badges(actor: Actor, tenant: TenantRef | None) -> Mapping[str, int]:
    """This function will return the numbers by the names that the menu's table uses, and `notices` of the bell; two queries."""
    return {**_waiting_work(actor, tenant), "notices": unread_count(actor)}


def _waiting_work(actor: Actor, tenant: TenantRef | None) -> Mapping[str, int]:
    if tenant is not None:
        with tenant_session(tenant.id) as session:
            return {"submissions": session.scalar(_waiting()) or 0}
    if allows(actor, Permission.REVIEW_QUEUE, None):
        with system_session(reason="number of submissions waiting for review") as session:
            return {"review": waiting_count(session)}
    return {}


def _waiting() -> Select[int]:
    return select(func.count(Revision.submission_id.distinct())).where(Revision.state == RevisionState.SUBMITTED.value)
