"""Renewals are announced three months ahead, to whom it concerns, once."""

import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.audit.models import AuditRecord
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core import database as databases
from portal.core.context import TenantRef
from portal.notify.models import Notice
from portal.notify.queries import sentence
from portal.orders.commands.changing import cancel
from portal.orders.commands.ordering import order
from portal.orders.jobs import remind_of_renewals
from portal.orders.queries import current_subscription
from portal.orders.requests import OrderRequest
from tests.orders.conftest import Doing, Travel

REQUEST = OrderRequest("7360110000400020", 40, customer_class="enterprise", industry_code="1401001")


def notices() -> list[tuple[str | None, str | None, str, str]]:
    with databases.system_session(reason="test") as session:
        rows = session.scalars(select(Notice).order_by(Notice.role.desc(), Notice.id))
        return [(row.role, row.tenant_id, row.link, row.params["day"]) for row in rows]


def reminders() -> list[tuple[str, dict[str, object]]]:
    with databases.system_session(reason="test") as session:
        rows = session.scalars(select(AuditRecord).where(AuditRecord.event == "system.reminder_sent"))
        return [(row.actor_role, row.details) for row in rows]


@pytest.fixture
def ordered(doing: Doing, tenant: TenantRef) -> TenantRef:
    """The tenant with a subscription since 2026-11-16, which renews itself on 2027-11-16."""
    with doing() as ctx:
        order(ctx, REQUEST)
    return tenant


def test_nobody_is_told_too_early(ordered: TenantRef, travel: Travel) -> None:
    travel("2027-08-15 23:59")

    assert (remind_of_renewals(), notices()) == (0, [])


def test_tenant_and_province_are_told_three_months_ahead(ordered: TenantRef, travel: Travel) -> None:
    travel("2027-08-16 00:00")

    assert remind_of_renewals() == 1

    space = f"/e/{ordered.enterprise_id}"
    assert notices() == [
        (Role.TENANT_ADMIN, ordered.id, f"{space}/package", "2027-11-16"),
        (Role.PROVINCE, ordered.id, f"{space}/orders", "2027-11-16"),
    ]
    assert reminders() == [("system", {"kind": "renewal", "due_on": "2027-11-16"})]


def test_package_is_told_by_its_name_in_every_language(ordered: TenantRef, travel: Travel) -> None:
    travel("2027-08-16 00:00")
    remind_of_renewals()

    with databases.system_session(reason="test") as session:
        told = [sentence(row).params["package"] for row in session.scalars(select(Notice))]

    assert told == [catalogue().offering(REQUEST.offering_code).name.words] * 2


def test_each_renewal_is_announced_once(ordered: TenantRef, travel: Travel) -> None:
    for day in ("2027-08-16", "2027-08-17", "2027-11-15", "2028-08-16", "2028-08-20"):
        travel(f"{day} 09:00")
        remind_of_renewals()

    assert [day for role, _, _, day in notices() if role == Role.TENANT_ADMIN] == ["2027-11-16", "2028-11-16"]
    assert len(reminders()) == 2


def test_what_was_missed_is_made_good(ordered: TenantRef, travel: Travel) -> None:
    travel("2027-11-01 09:00")

    assert remind_of_renewals() == 1


def test_national_tenant_is_the_centers(doing: Doing, tenant: TenantRef, neighbour: TenantRef, travel: Travel) -> None:
    with doing(Role.CENTER_OPERATOR, neighbour) as ctx:
        order(ctx, REQUEST)
    travel("2027-09-01 09:00")

    remind_of_renewals()

    assert [role for role, _, _, _ in notices()] == [Role.TENANT_ADMIN, Role.CENTER_OPERATOR]


def test_cancelled_subscription_renews_no_more(ordered: TenantRef, doing: Doing, travel: Travel) -> None:
    travel("2027-08-01 09:00")
    with doing() as ctx:
        found = current_subscription(ctx.session, ordered.id, clock.now())
        assert found is not None
        cancel(ctx, found.id)
    travel("2027-08-20 09:00")

    assert (remind_of_renewals(), notices()) == (0, [])
