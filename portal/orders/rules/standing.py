"""Where one subscription stands at a moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from portal.orders.rules.facts import Plan, SubscriptionFacts
from portal.orders.rules.timeline import period_at, periods
from portal.orders.states import State


@dataclass(frozen=True)
class Standing:
    """The plan and the state at a moment, since when both are so and until when, as far as is known today."""

    plan: Plan
    state: State
    since: datetime | None
    until: datetime | None


def moments(subscription: SubscriptionFacts) -> Iterator[datetime]:
    """This function will yield every moment at which the subscription's plan or state can change."""
    yield subscription.starts_at
    yield from (change.effective_at for change in subscription.changes)
    for suspension in subscription.suspensions:
        yield suspension.since
        if suspension.until is not None:
            yield suspension.until
    if subscription.ends_at is not None:
        yield subscription.ends_at


def plan_at(subscription: SubscriptionFacts, at: datetime) -> Plan:
    """This function will return the plan in force: the one ordered, or that of the last change in effect."""
    in_effect = [change for change in subscription.changes if change.effective_at <= at]
    return max(in_effect, key=lambda change: change.effective_at).plan if in_effect else subscription.plan


def state_at(subscription: SubscriptionFacts, at: datetime) -> State:
    """This function will return the state; the end outweighs a suspension, and both outweigh nothing before the start."""
    if at < subscription.starts_at:
        return State.NOT_YET
    if subscription.ends_at is not None and at >= subscription.ends_at:
        return State.ENDED
    rests = any(rest.since <= at and (rest.until is None or at < rest.until) for rest in subscription.suspensions)
    return State.SUSPENDED if rests else State.ACTIVE


def standing(subscription: SubscriptionFacts, at: datetime) -> Standing:
    """This function will say where the subscription stands at the moment `at`.

    An order takes effect at once, a suspension too; a change and a cancellation at 00:00 on the first of a month.
    """
    line = periods(moments(subscription), lambda when: (plan_at(subscription, when), state_at(subscription, when)))
    period = period_at(line, at)
    plan, state = period.value
    return Standing(plan, state, period.since, period.until)
