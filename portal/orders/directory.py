"""Enterprises by what they have ordered, as conditions for the database; the words of one tenant follow from `rules` alone."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, exists, not_, or_, select
from sqlalchemy.orm import aliased

from portal.core import clock
from portal.orders.models import Subscription, SubscriptionChange, Suspension
from portal.orders.states import ChangeKind, State
from portal.tenants.models import Tenant


class Filter(StrEnum):
    """Where an enterprise stands: the states of a subscription, and never having ordered."""

    NOT_YET = State.NOT_YET.value
    ACTIVE = State.ACTIVE.value
    SUSPENDED = State.SUSPENDED.value
    ENDED = State.ENDED.value
    NONE = "none"


def with_package(statement: Select[Tenant], offering_code: str, at: datetime) -> Select[Tenant]:
    """This function will keep the tenants whose counting subscription has this package at `at`, whatever its state."""
    return statement.where(Tenant.id.in_(_counting(at).where(_plan_is(offering_code, at))))


def in_state(statement: Select[Tenant], state: Filter, at: datetime) -> Select[Tenant]:
    """This function will keep the tenants that stand so at the moment `at`."""
    if state is Filter.NONE:
        return statement.where(Tenant.id.not_in(select(Subscription.tenant_id)))
    return statement.where(Tenant.id.in_(_counting(at).where(_stands(state, at))))


def _counting(at: datetime) -> Select[str]:
    """The tenants by the one subscription that counts: the last one begun, else the first to come."""
    other = aliased(Subscription)
    later = exists().where(
        other.tenant_id == Subscription.tenant_id,
        other.starts_at <= at,
        or_(other.starts_at > Subscription.starts_at, Subscription.starts_at > at),
    )
    sooner = exists().where(
        other.tenant_id == Subscription.tenant_id, other.starts_at < Subscription.starts_at, Subscription.starts_at > at
    )
    return select(Subscription.tenant_id).where(not_(later), not_(sooner))


def _stands(state: Filter, at: datetime) -> ColumnElement[bool]:
    begun = Subscription.starts_at <= at
    ended = and_(Subscription.ends_on.is_not(None), Subscription.ends_on <= clock.business_date(at))
    rests = exists().where(
        Suspension.tenant_id == Subscription.tenant_id,
        Suspension.subscription_id == Subscription.id,
        Suspension.started_at <= at,
        or_(Suspension.ended_at.is_(None), Suspension.ended_at > at),
    )
    return {
        Filter.NOT_YET: not_(begun),
        Filter.ACTIVE: and_(begun, not_(ended), not_(rests)),
        Filter.SUSPENDED: and_(begun, not_(ended), rests),
        Filter.ENDED: and_(begun, ended),
    }[state]


def _plan_is(offering_code: str, at: datetime) -> ColumnElement[bool]:
    """Whether the plan in force is of this offering: that of the last change in effect, else the one ordered."""
    change, newer = aliased(SubscriptionChange), aliased(SubscriptionChange)

    def in_effect(row: type[SubscriptionChange]) -> ColumnElement[bool]:
        return and_(
            row.tenant_id == Subscription.tenant_id,
            row.subscription_id == Subscription.id,
            row.kind == ChangeKind.CHANGE.value,
            row.replaced_at.is_(None),
            row.withdrawn_at.is_(None),
            row.effective_on <= clock.business_date(at),
        )

    # Two levels down nothing is correlated by itself, so the enclosing tables are named.
    outdated = (
        exists().where(in_effect(newer), newer.effective_on > change.effective_on).correlate(Subscription, change)
    )
    changed_to = exists().where(in_effect(change), change.offering_code == offering_code, not_(outdated))
    unchanged = and_(not_(exists().where(in_effect(newer))), Subscription.offering_code == offering_code)
    return or_(changed_to, unchanged)
