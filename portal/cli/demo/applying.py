"""How the demo's enterprises came to be: applications, hand-overs, installation jobs."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.context import Actor, Context, TenantRef
from portal.core.database import commit, platform_session, tenant_session
from portal.core.ids import GroupId
from portal.tenants.applications.commands import (
    approve_application,
    draft_application,
    give_up_application,
    return_application,
    submit_application,
)
from portal.tenants.applications.models import Application
from portal.tenants.applications.rules import Fields, Opening
from portal.tenants.applications.states import ApplicationState
from portal.tenants.installing.commands import hand_to_installer, hand_to_manager
from portal.tenants.installing.rules import Installer, JobTerms

Json = Mapping[str, Any]
Result = TypeVar("Result")

# Whoever installs the demo, or simulates boxes, does so in the next months.
_LASTS = timedelta(days=180)


def apply_for(source: Json, province: Actor, center: Actor) -> TenantRef:
    """This function will have the province apply for a tenant's enterprise ID and the center approve it."""
    told = source["tenant"]
    opening = Opening(told["short_name"], told["customer"]["industry_code"], told["customer"]["name"])
    row = _submit(_fields(told), province)
    return _outside(center, lambda ctx: approve_application(ctx, row.id, row.version, opening))


def leave_application(told: Json, province: Actor, center: Actor) -> None:
    """This function will leave an application in the state that the file gives it."""
    state = ApplicationState(told["state"])
    if state in (ApplicationState.SUBMITTED, ApplicationState.RETURNED):
        row = _submit(_fields(told), province)
        if state is ApplicationState.RETURNED:
            _outside(center, lambda ctx: return_application(ctx, row.id, row.version, told["reason"]))
        return
    row = _outside(province, lambda ctx: draft_application(ctx, _fields(told)))
    if state is ApplicationState.WITHDRAWN:
        _outside(province, lambda ctx: give_up_application(ctx, row.id, row.version))


def hand_over(tenant: TenantRef, source: Json, groups: Mapping[str, GroupId], by: Actor) -> None:
    """This function will hand the enterprise ID to the customer manager and on to the installer, which opens the job."""
    told = source["installation"]
    first, *others = [
        Installer(phone, name) for phone, name in zip(told["installer_phones"], told["installer_names"], strict=True)
    ]
    terms = JobTerms(told["places"], clock.today() + _LASTS, tuple(others), told.get("note", ""))
    manager = Installer(told["manager_phone"], told["manager"])
    _inside(tenant, by, lambda ctx: hand_to_manager(ctx, manager))
    _inside(tenant, by, lambda ctx: hand_to_installer(ctx, first, groups[told["group"]], terms))


def _submit(fields: Fields, province: Actor) -> Application:
    def act(ctx: Context) -> Application:
        row = draft_application(ctx, fields)
        submit_application(ctx, row.id, row.version)
        return row

    return _outside(province, act)


def _fields(told: Json) -> Fields:
    products = {one.sub_product.name.zh: one.sub_product.code for one in catalogue().offerings.values()}
    return Fields(
        told["name"],
        products.get(told.get("product", ""), ""),
        told["scope"],
        told.get("contact_name", ""),
        told.get("contact_phone", ""),
        told.get("applicant_phone", ""),
        told.get("server_address", ""),
    )


def _outside(who: Actor, act: Callable[[Context], Result]) -> Result:
    with platform_session(writes=True) as session:
        result = act(Context(session, who))
        commit(session)
        return result


def _inside(tenant: TenantRef, who: Actor, act: Callable[[Context], Result]) -> Result:
    with tenant_session(tenant.id, writes=True) as session:
        result = act(Context(session, who, tenant))
        commit(session)
        return result
