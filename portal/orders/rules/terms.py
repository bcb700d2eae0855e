"""When requests take effect, when a subscription renews itself, what it costs a month."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from portal.catalog.catalogue import catalogue
from portal.catalog.months import add_months, add_years, first_of_month, first_of_next_month, full_months
from portal.catalog.pricing import group_monthly
from portal.orders.rules.facts import Plan
from portal.orders.states import Terms


def effective_on(requested_on: date, started_on: date) -> date:
    """This function will return the day at whose 00:00 a change or a cancellation takes effect: the first of the next month.

    For a subscription that has not begun it is the first of the month after its beginning.
    """
    return first_of_next_month(max(requested_on, started_on))


def requests_left(requested_on: Iterable[date], on: date) -> int:
    """This function will return how many changes may still be requested in the month of `on`, given the days of all so far."""
    used = sum(first_of_month(day) == first_of_month(on) for day in requested_on)
    return max(0, catalogue().limits.changes_per_month - used)


def next_renewal(started_on: date, on: date) -> date:
    """This function will return the first day of the next term after `on`; a subscription renews itself year by year."""
    step = catalogue().limits.subscription_years
    years = max(step, (on.year - started_on.year) // step * step)
    while add_years(started_on, years) <= on:
        years += step
    return add_years(started_on, years)


def reminder_on(renews_on: date) -> date:
    """This function will return the day on which the tenant and the province are reminded of a renewal."""
    return add_months(renews_on, -catalogue().limits.renewal_reminder_months)


def monthly_fee(plan: Plan, started_on: date, on: date) -> Decimal:
    """This function will return what one box costs in a full month in which the day `on` lies, in yuan."""
    if plan.terms is Terms.MONTHLY:
        return plan.price
    return group_monthly(plan.price, plan.boxes, full_months(started_on, on), catalogue().group_purchase)
