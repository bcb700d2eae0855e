"""What happens to releases by the clock: set times, features that begin or end, groups that moved, files left unwritten."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, outbox
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, system_session, tenant_session
from portal.core.errors import PortalError
from portal.core.ids import TenantId
from portal.core.jobs import every
from portal.core.messages import N_, Message
from portal.orders.queries import entitlement_changes_between
from portal.releases import publisher
from portal.releases.commands import publish_submission, system_release
from portal.releases.models import Pointer, Release
from portal.releases.states import ReleaseKind
from portal.review.queries import due_submissions
from portal.tenants.commands import GROUPS_CHANGED
from portal.tenants.queries import get_tenant, reference

# An order is stamped when it is entered and committed a little later, and a worker may have been down for a while: each look
# goes back further than the last one. Looking twice at a change costs one compilation and makes no second release.
_LOOK_BACK = timedelta(minutes=2)


@every(seconds=5)
def publish_due() -> int:
    """This function will publish every submission whose set time has come; returns how many."""
    with system_session(reason="submissions whose set time has come") as session:
        due = due_submissions(session, clock.now())
    published = 0
    for tenant_id, submission_id in due:
        publish = partial(publish_submission, submission_id=submission_id, kind=ReleaseKind.SCHEDULED)
        published += _as_system(tenant_id, publish)
    return published


@every(seconds=10)
def follow_entitlements() -> int:
    """This function will make a system release for every tenant of which what may be shown changed just now."""
    at = clock.now()
    with system_session(reason="tenants whose features changed") as session:
        changed = {change.tenant_id for change in entitlement_changes_between(session, at - _LOOK_BACK, at)}
    return sum(refresh(tenant_id, N_("套餐或授权变化")) for tenant_id in sorted(changed))


@every(seconds=15)
def finish_publications() -> int:
    """This function will finish what a full disk or a killed process left unwritten; returns how many."""
    return publisher.finish_unfinished()


def catch_up() -> int:
    """This function will compile for every tenant what is on air anew, for what changed while the portal was down.

    Only tenants of which a channel would change get a system release; returns how many.
    """
    with system_session(reason="tenants with a release, at the start") as session:
        tenants = [TenantId(one) for one in session.scalars(select(Release.tenant_id).distinct())]
    return sum(refresh(tenant_id, N_("系统启动时核对")) for tenant_id in tenants)


def repair_all() -> int:
    """This function will write again every pointer and document that a crash left missing or torn; returns how many."""
    with system_session(reason="channels to check, at the start") as session:
        tenants = [TenantId(one) for one in session.scalars(select(Pointer.tenant_id).distinct())]
    return sum(publisher.repair(tenant_id) for tenant_id in tenants)


def refresh(tenant_id: TenantId, reason: Message) -> bool:
    """This function will make a system release for one tenant where a channel would change; tells whether it did."""
    return _as_system(tenant_id, lambda ctx: system_release(ctx, reason))


@outbox.handles(GROUPS_CHANGED)
def _follow_groups(tenant_id: str | None, payload: Mapping[str, Any]) -> None:
    if tenant_id is not None:
        run_as_system(TenantId(tenant_id), lambda ctx: system_release(ctx, N_("分组变化")))


def run_as_system(tenant_id: TenantId, act: Any) -> Any:
    """This function will run `act` with the system's own context in one transaction of the tenant; raises what it raises."""
    with tenant_session(tenant_id, writes=True) as session:
        result = act(system_context(session, tenant_id))
        commit(session)
        return result


def system_context(session: Session, tenant_id: TenantId) -> Context:
    """This function will return the context in which the system itself acts for a tenant."""
    return Context(session, SYSTEM, reference(get_tenant(session, tenant_id)))


def _as_system(tenant_id: TenantId, act: Any) -> bool:
    """What a rule refuses, such as a publication that is running, is simply tried again at the next look."""
    try:
        return run_as_system(tenant_id, act) is not None
    except PortalError:
        return False
