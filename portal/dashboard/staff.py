"""The first page of each role of the staff, put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from portal.access.policy import own_province
from portal.access.roles import Role
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.context import Actor
from portal.core.ids import TenantId
from portal.dashboard.queries import charts, staff
from portal.desk.queries import backlog, entries
from portal.orders.queries import entitlements
from portal.orders.states import STATE_LABELS
from portal.tenants.applications import queries as applications
from portal.tenants.queries import tenants


@dataclass(frozen=True)
class Board:
    """A template below `dashboard/`, and what it shows."""

    template: str
    shown: Mapping[str, Any]


def staff_board(system: Session, actor: Actor, text: str) -> Board:
    """This function will return the first page of the actor's role; `text` is what was searched on it."""
    return _BOARDS[Role(actor.role)](system, actor, text)


def _review(system: Session, actor: Actor, text: str) -> Board:
    found = entries(system, actor)
    return Board(
        "review",
        {
            "waiting": [entry for entry, _load in found[: staff.SHOWN]],
            "chart": charts.decisions(system),
            "total": len(found),
            "approved": staff.approved_waiting(system),
            "publications": staff.publications(system),
            "applications": applications.count_waiting(system),
        },
    )


def _operations(system: Session, actor: Actor, text: str) -> Board:
    due = staff.renewals(system, clock.today())
    return Board(
        "operations",
        {
            "approved": staff.approved_waiting(system),
            "publications": staff.publications(system),
            "renewals": due[: staff.SHOWN],
            "renewals_total": len(due),
            "waiting": backlog(system, actor).count,
            "applications": applications.count_waiting(system),
            "book": catalogue(),
        },
    )


def _enterprises(system: Session, actor: Actor, text: str) -> Board:
    province = own_province(actor)
    found = staff.newest_enterprises(system, province)
    due = staff.renewals(system, clock.today(), province)
    return Board(
        "enterprises",
        {
            "found": found,
            "chart": charts.installed(system, province),
            "held": entitlements(system, [TenantId(tenant.id) for tenant in found], clock.now()),
            "renewals": due[: staff.SHOWN],
            "renewals_total": len(due),
            "province": catalogue().provinces[province] if province else None,
            "returned": applications.count_returned(system, province) if province else 0,
            "book": catalogue(),
            "state_labels": STATE_LABELS,
        },
    )


def _modules(system: Session, actor: Actor, text: str) -> Board:
    found = list(system.scalars(tenants(text).limit(staff.SHOWN))) if text else []
    return Board(
        "modules",
        {
            "grants": staff.ending_grants(system, clock.today()),
            "chart": charts.grants(system),
            "text": text,
            "found": found,
            "book": catalogue(),
        },
    )


def _audit(system: Session, actor: Actor, text: str) -> Board:
    return Board("audit", {"refusals": staff.refusals(system, clock.now()), "chart": charts.refused(system)})


def _security(system: Session, actor: Actor, text: str) -> Board:
    return Board("security", {"accounts": staff.accounts(system, clock.now()), "chart": charts.failed_sign_ins(system)})


def _system(system: Session, actor: Actor, text: str) -> Board:
    return Board("system", {"backlog": staff.backlog(system), "chart": charts.work_done(system)})


_BOARDS: Mapping[Role, Callable[[Session, Actor, str], Board]] = {
    Role.CENTER_REVIEWER: _review,
    Role.CENTER_OPERATOR: _operations,
    Role.CENTER_SUPPORT: _enterprises,
    Role.PROVINCE: _enterprises,
    Role.APP_ADMIN: _modules,
    Role.AUDITOR: _audit,
    Role.SECURITY_ADMIN: _security,
    Role.SYSTEM_ADMIN: _system,
}
