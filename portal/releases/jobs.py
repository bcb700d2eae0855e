"""What happens to releases by the clock: set times, features that begin or end, groups that moved, files left unwritten."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, outbox
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, system_session, tenant_session
from portal.core.errors import ContentAltered, PortalError
from portal.core.ids import TenantId
from portal.core.jobs import every
from portal.core.logs import get_logger
from portal.core.messages import N_, Message
from portal.orders.queries import entitlement_changes_between, entitlements
from portal.releases import alarm, publisher, renewal
from portal.releases.by_itself import system_release
from portal.releases.clearing import clear_public
from portal.releases.commands.publishing import publish_submission
from portal.releases.models import Pointer, Release
from portal.releases.queries import features_on_air
from portal.releases.signing.commands import write_key_set
from portal.releases.site import PublicStore, publish_schemas, site
from portal.releases.states import ReleaseKind
from portal.review.queries import due_submissions
from portal.tenants.commands.groups import GROUPS_CHANGED
from portal.tenants.queries import get_tenant, reference

_log = get_logger()
Result = TypeVar("Result")

# An order is stamped when it is entered and committed a little later, and a worker may have been down for a while: each look
# goes back further than the last one. Looking twice at a change costs one compilation and makes no second release.
_LOOK_BACK = timedelta(minutes=2)

BY_GROUPS: Final = N_("分组变化")
BY_PACKAGE: Final = N_("套餐或授权变化")


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
    return sum(refresh(tenant_id, BY_PACKAGE) for tenant_id in sorted(changed))


@every(seconds=15)
def finish_publications() -> int:
    """This function will finish what a full disk or a killed process left unwritten; returns how many releases that were."""
    return publisher.finish_unfinished()


@every(seconds=30)
def catch_up() -> int:
    """This function will make a system release for every tenant that shows under other features than it has now.

    It makes good what was missed: while no worker ran, or while a publication that could not be finished stood in the way.
    Returns how many releases it made.
    """
    with system_session(reason="tenants whose release was compiled under other features") as session:
        compiled_under = features_on_air(session)
        held = entitlements(session, compiled_under, clock.now())
    behind = [
        tenant_id
        for tenant_id, features in compiled_under.items()
        if set(features) != held[tenant_id].features or held[tenant_id].app_packages
    ]
    return sum(refresh(tenant_id, BY_PACKAGE) for tenant_id in sorted(behind))


@every(seconds=3600)
def renew_pointers() -> int:
    """This function will sign anew every pointer that has reached half of its validity; returns of how many tenants."""
    return renewal.renew_due()


@every(seconds=24 * 3600)
def clear_files() -> int:
    """This function will take away published files that no kept release leads to; returns how many."""
    return clear_public()


@every(seconds=60)
def keep_keys_in_bucket() -> int:
    """This function will put into the bucket, if there is one, the keys and schemas that it lacks: it may have been away when they were made."""
    if site().bucket is None:
        return 0
    publish_schemas()
    return int(write_key_set())


@every(seconds=3600)
def repair_bucket() -> int:
    """This function will write again what the bucket, if there is one, has lost or holds torn; returns how many files."""
    return repair_all(assets=True) if site().bucket is not None else 0


def repair_all(*, assets: bool = False) -> int:
    """This function will write again every pointer and document that a crash left missing or torn, with `assets` those too; returns how many."""
    place = site().looked_through(assets=assets)
    with system_session(reason="channels to check, at the start") as session:
        tenants = [TenantId(one) for one in session.scalars(select(Pointer.tenant_id).distinct())]
    return sum(_repair_or_leave(tenant_id, place, assets=assets) for tenant_id in tenants)


def _repair_or_leave(tenant_id: TenantId, place: PublicStore, *, assets: bool) -> int:
    try:
        return publisher.repair(tenant_id, place, assets=assets)
    except Exception:  # noqa: BLE001 - a full disk, say: the portal starts all the same, and every other tenant is seen to
        _log.exception("files could not be repaired", tenant=tenant_id)
        return 0


def refresh(tenant_id: TenantId, reason: Message) -> bool:
    """This function will make a system release for one tenant where a channel would change; tells whether it did."""
    return _as_system(tenant_id, lambda ctx: system_release(ctx, reason))


@outbox.handles(GROUPS_CHANGED)
def _follow_groups(tenant_id: str | None, payload: Mapping[str, Any]) -> None:
    if tenant_id is None:
        return
    try:
        run_as_system(TenantId(tenant_id), lambda ctx: system_release(ctx, BY_GROUPS))
    except ContentAltered as altered:
        alarm.sound(TenantId(tenant_id), altered.sha256)
        raise


def run_as_system(tenant_id: TenantId, act: Callable[[Context], Result]) -> Result:
    """This function will run `act` with the system's own context in one transaction of the tenant; raises what it raises."""
    with tenant_session(tenant_id, writes=True) as session:
        result = act(system_context(session, tenant_id))
        commit(session)
        return result


def system_context(session: Session, tenant_id: TenantId) -> Context:
    """This function will return the context in which the system itself acts for a tenant."""
    return Context(session, SYSTEM, reference(get_tenant(session, tenant_id)))


def _as_system(tenant_id: TenantId, act: Callable[[Context], Release | None]) -> bool:
    """What a rule refuses, such as a publication that is running, is simply tried again at the next look.

    So is what fails otherwise; no tenant's trouble keeps another one waiting.
    """
    try:
        return run_as_system(tenant_id, act) is not None
    except ContentAltered as altered:
        alarm.sound(tenant_id, altered.sha256)
        return False
    except PortalError:
        return False
    except Exception:  # noqa: BLE001 - as the docstring says
        _log.exception("a release by the clock failed", tenant=tenant_id)
        return False
