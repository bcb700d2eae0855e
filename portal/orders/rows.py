"""From rows to facts: the one place that knows how a stored day becomes a moment."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import Session, joinedload

from portal.catalog.features import Feature
from portal.core import clock
from portal.core.errors import NotFound
from portal.core.ids import TenantId
from portal.orders.models import Grant, Subscription, SubscriptionChange
from portal.orders.rules.facts import (
    ChangeFacts,
    GrantFacts,
    Plan,
    SubscriptionFacts,
    SuspensionFacts,
    TenantFacts,
)
from portal.orders.states import ChangeKind, Terms

_CHUNK = 500


def load_facts(session: Session, tenant_ids: Collection[TenantId]) -> dict[TenantId, TenantFacts]:
    """This function will read everything that bears on the tenants' entitlement, in two statements for each 500 of them.

    Every tenant asked for is in the answer, also one that never ordered.
    """
    subscriptions: dict[str, list[SubscriptionFacts]] = {each: [] for each in tenant_ids}
    grants: dict[str, list[GrantFacts]] = {each: [] for each in tenant_ids}
    wanted = list(tenant_ids)
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        of_subscriptions, of_grants = _of_tenants()
        for row in session.scalars(of_subscriptions, {"chunk": chunk}).unique():
            subscriptions[row.tenant_id].append(facts_of(row))
        for grant in session.scalars(of_grants, {"chunk": chunk}):
            grants[grant.tenant_id].append(grant_facts(grant))
    return {each: TenantFacts(tuple(subscriptions[each]), tuple(grants[each])) for each in tenant_ids}


def load(session: Session, statement: Select[Subscription]) -> list[Subscription]:
    """This function will read subscriptions with their changes and suspensions, in the order of their start.

    What the session already holds is read again, since the rows beside a subscription may have changed meanwhile.
    """
    return list(session.scalars(_whole(statement)).unique())


@cache
def _of_tenants() -> tuple[Select[Subscription], Select[Grant]]:
    """Subscriptions and grants of a chunk of tenants. Made once: every page of a tenant runs them."""
    chunk: BindParameter[TenantId] = bindparam("chunk", expanding=True)
    of_subscriptions = _whole(select(Subscription).where(Subscription.tenant_id.in_(chunk)))
    return of_subscriptions, select(Grant).where(Grant.tenant_id.in_(chunk))


def _whole(statement: Select[Subscription]) -> Select[Subscription]:
    whole = statement.options(joinedload(Subscription.changes), joinedload(Subscription.suspensions))
    return whole.order_by(Subscription.starts_at, Subscription.id).execution_options(populate_existing=True)


def get(session: Session, subscription_id: str) -> Subscription:
    """This function will read one subscription with all that belongs to it; raises `NotFound`."""
    found = load(session, select(Subscription).where(Subscription.id == subscription_id))
    if not found:
        raise NotFound
    return found[0]


def facts_of(row: Subscription) -> SubscriptionFacts:
    """This function will return the facts of a subscription that was read with `load`."""
    return SubscriptionFacts(
        id=row.id,
        plan=Plan(row.offering_code, row.boxes, row.price, Terms(row.terms)),
        starts_at=row.starts_at,
        ends_at=None if row.ends_on is None else clock.start_of(row.ends_on),
        changes=tuple(_changes(row.changes)),
        suspensions=tuple(SuspensionFacts(each.started_at, each.ended_at) for each in row.suspensions),
    )


def counts(change: SubscriptionChange) -> bool:
    """This function will tell whether a request was neither replaced by a later one nor withdrawn."""
    return change.replaced_at is None and change.withdrawn_at is None


def plan_of(change: SubscriptionChange) -> Plan | None:
    """This function will return the plan that a change asks for, or None for a cancellation."""
    if change.offering_code is None or change.boxes is None or change.price is None or change.terms is None:
        return None
    return Plan(change.offering_code, change.boxes, change.price, Terms(change.terms))


def _changes(changes: Iterable[SubscriptionChange]) -> Iterable[ChangeFacts]:
    for change in changes:
        plan = plan_of(change)
        if counts(change) and change.kind == ChangeKind.CHANGE and plan is not None:
            yield ChangeFacts(plan, clock.start_of(change.effective_on))


def grant_facts(row: Grant) -> GrantFacts:
    """This function will return the facts of a grant; it holds through its last day unless it was ended earlier."""
    return GrantFacts(Feature(row.feature), row.starts_at, grant_ends_at(row), frozenset(row.packages))


def grant_ends_at(row: Grant) -> datetime:
    """This function will return the moment from which the grant holds no more."""
    last_moment = clock.start_of(row.ends_on + timedelta(days=1))
    return last_moment if row.ended_at is None else min(last_moment, row.ended_at)
