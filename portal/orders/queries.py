"""What a tenant may use, what it ordered, and what is due. No answer depends on anything but the rows and the moment."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.catalog.features import Feature
from portal.core import clock
from portal.core.ids import SubscriptionId, TenantId
from portal.orders import rows
from portal.orders.answers import (
    ChargeView,
    GrantView,
    OpenSuspension,
    PendingChange,
    RenewalDue,
    ShowingChange,
    SubscriptionView,
)
from portal.orders.models import Charge, Grant, Subscription, SubscriptionChange, Suspension
from portal.orders.rules import entitlement as holding
from portal.orders.rules import terms
from portal.orders.rules.entitlement import Entitlement
from portal.orders.rules.facts import TenantFacts
from portal.orders.rules.standing import plan_at, standing
from portal.orders.states import ChangeKind, ChargeKind, SuspensionReason


def entitlement(session: Session, tenant_id: TenantId, at: datetime) -> Entitlement:
    """This function will say what the tenant may use at the moment `at`; two statements."""
    return entitlements(session, [tenant_id], at)[tenant_id]


def entitlements(session: Session, tenant_ids: Collection[TenantId], at: datetime) -> dict[TenantId, Entitlement]:
    """This function will say what each tenant may use at the moment `at`; more than one needs a system session."""
    loaded = rows.load_facts(session, tenant_ids)
    return {tenant_id: holding.entitlement(facts, at) for tenant_id, facts in loaded.items()}


def entitlement_changes_between(session: Session, since: datetime, until: datetime) -> list[ShowingChange]:
    """This function will find the tenants of which what may be shown changes after `since`, up to and including `until`.

    It reads across tenants, hence needs a system session. An order is stamped with the moment of its entry and committed
    a little later, so that a caller who asks for one interval after the other lets them overlap by a minute. Sorted by time.
    """
    tenant_ids = {TenantId(each) for statement in _touched(since, until) for each in session.scalars(statement)}
    found = [
        ShowingChange(tenant_id, moment)
        for tenant_id, facts in rows.load_facts(session, sorted(tenant_ids)).items()
        for moment in holding.showing_changes(facts, since, until)
    ]
    return sorted(found, key=lambda change: (change.at, change.tenant_id))


def current_subscription(session: Session, tenant_id: TenantId, at: datetime) -> SubscriptionView | None:
    """This function will return the subscription that counts at `at`: the last one begun, else the next one, or None."""
    loaded = rows.load(session, select(Subscription).where(Subscription.tenant_id == tenant_id))
    facts = TenantFacts(tuple(rows.facts_of(row) for row in loaded))
    counting = holding.current(facts, at)
    return next((_view(row, at) for row in loaded if counting is not None and row.id == counting.id), None)


def subscriptions_of(session: Session, tenant_id: TenantId, at: datetime) -> tuple[SubscriptionView, ...]:
    """This function will return all subscriptions that the tenant ever had, the latest first, as they stand at `at`."""
    loaded = rows.load(session, select(Subscription).where(Subscription.tenant_id == tenant_id))
    return tuple(_view(row, at) for row in reversed(loaded))


def grants_of(session: Session, tenant_id: TenantId, at: datetime) -> tuple[GrantView, ...]:
    """This function will return all grants that the tenant ever had, the latest first."""
    wanted = select(Grant).where(Grant.tenant_id == tenant_id).order_by(Grant.starts_at.desc(), Grant.id.desc())
    return tuple(_grant_view(row, at) for row in session.scalars(wanted))


def charges_of(session: Session, tenant_id: TenantId) -> tuple[ChargeView, ...]:
    """This function will return what the tenant's orders cost at once, the latest first."""
    wanted = select(Charge).where(Charge.tenant_id == tenant_id).order_by(Charge.charged_at.desc(), Charge.id.desc())
    return tuple(
        ChargeView(
            id=row.id,
            kind=ChargeKind(row.kind),
            covers_from=row.covers_from,
            covers_until=row.covers_until,
            boxes=row.boxes,
            unit_amount=row.unit_amount,
            amount=row.amount,
            charged_at=row.charged_at,
        )
        for row in session.scalars(wanted)
    )


def renewals_due(session: Session, on: date) -> list[RenewalDue]:
    """This function will list the renewals that must have been announced by the business day `on` and are still to come.

    It reads across tenants, hence needs a system session. A cancelled subscription renews no more and is left out.
    """
    open_ones = select(Subscription).where(Subscription.ends_on.is_(None), Subscription.starts_at < clock.start_of(on))
    due = []
    for row in rows.load(session, open_ones):
        facts = rows.facts_of(row)
        renews_on = terms.next_renewal(clock.business_date(facts.starts_at), on)
        if terms.reminder_on(renews_on) <= on:
            offering = plan_at(facts, clock.start_of(on)).offering_code
            due.append(RenewalDue(TenantId(row.tenant_id), SubscriptionId(row.id), offering, renews_on))
    return sorted(due, key=lambda each: (each.renews_on, each.tenant_id))


def _touched(since: datetime, until: datetime) -> tuple[Select[str], ...]:
    """The tenants with any row that names a moment in the interval; most of the rows change nothing that is shown.

    A day's 00:00 lies in the interval exactly if the day is later than that of `since` and no later than that of `until`;
    a grant holds through its last day, so that its end lies a day later.
    """
    first, last = clock.business_date(since), clock.business_date(until)

    def within(moment: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        return and_(moment > since, moment <= until)

    def begins(day: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        return and_(day > first, day <= last)

    grant_ends = and_(Grant.ends_on >= first, Grant.ends_on < last)
    return (
        select(Subscription.tenant_id).where(or_(within(Subscription.starts_at), begins(Subscription.ends_on))),
        select(SubscriptionChange.tenant_id).where(begins(SubscriptionChange.effective_on)),
        select(Suspension.tenant_id).where(or_(within(Suspension.started_at), within(Suspension.ended_at))),
        select(Grant.tenant_id).where(or_(within(Grant.starts_at), within(Grant.ended_at), grant_ends)),
    )


def _view(row: Subscription, at: datetime) -> SubscriptionView:
    facts, today = rows.facts_of(row), clock.business_date(at)
    starts_on = clock.business_date(row.starts_at)
    now = standing(facts, at)
    return SubscriptionView(
        id=SubscriptionId(row.id),
        standing=now,
        customer_class=row.customer_class,
        industry_code=row.industry_code,
        ordered_at=row.ordered_at,
        starts_on=starts_on,
        ends_on=row.ends_on,
        renews_on=terms.next_renewal(starts_on, today) if row.ends_on is None else None,
        monthly_fee=terms.monthly_fee(now.plan, starts_on, today),
        pending=_pending(row, at),
        suspension=_suspension(row, at),
        requests_left=terms.requests_left((clock.business_date(each.requested_at) for each in row.changes), today),
    )


def _pending(row: Subscription, at: datetime) -> PendingChange | None:
    for change in row.changes:
        if rows.counts(change) and clock.start_of(change.effective_on) > at:
            return PendingChange(
                id=change.id,
                kind=ChangeKind(change.kind),
                plan=rows.plan_of(change),
                effective_on=change.effective_on,
                requested_at=change.requested_at,
            )
    return None


def _suspension(row: Subscription, at: datetime) -> OpenSuspension | None:
    for each in row.suspensions:
        if each.started_at <= at and (each.ended_at is None or at < each.ended_at):
            return OpenSuspension(SuspensionReason(each.reason), each.note, each.started_at)
    return None


def _grant_view(row: Grant, at: datetime) -> GrantView:
    return GrantView(
        id=row.id,
        feature=Feature(row.feature),
        packages=tuple(row.packages),
        reason=row.reason,
        price=row.price,
        granted_at=row.granted_at,
        starts_at=row.starts_at,
        ends_on=row.ends_on,
        ended_at=row.ended_at,
        in_force=rows.grant_facts(row).holds(at),
    )
