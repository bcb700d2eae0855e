"""What people and other systems ask of the commands: plain values as they came in, checked in `commands`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.orders.states import Terms


@dataclass(frozen=True)
class PlanRequest:
    """A package for a number of boxes.

    `price` is a negotiated monthly price in yuan for one box; None means the list price. One below the lowest advised price
    needs `price_reason`, and `price_approved` from somebody of the center.
    """

    offering_code: str
    boxes: int
    price: Decimal | None = None
    price_reason: str = ""
    price_approved: bool = False


@dataclass(frozen=True)
class OrderRequest(PlanRequest):
    """An order: a plan, who orders (class and third-level industry code), on which terms, and from when (None: at once)."""

    customer_class: str = ""
    industry_code: str = ""
    terms: Terms = Terms.MONTHLY
    starts_on: date | None = None


@dataclass(frozen=True)
class GrantRequest:
    """A feature through the day `ends_on`, from `starts_on` (None: at once), for `price` yuan a month, for a reason.

    `packages` limits company apps to the named ones; empty, nothing is limited.
    """

    feature: str
    reason: str
    price: Decimal
    ends_on: date
    starts_on: date | None = None
    packages: Collection[str] = ()
