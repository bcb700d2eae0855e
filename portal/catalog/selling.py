"""Sale windows: where and when an offering can be ordered. Renewals never ask."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from portal.catalog.entries import Offering, Province


class Sale(StrEnum):
    """Whether an offering can be ordered on a day."""

    NOT_YET = "not_yet"
    OPEN = "open"
    OVER = "over"


def first_day(offering: Offering, province: Province) -> date:
    """This function will return the offering's first day of sale in the province."""
    return offering.first_sale_on.get(province.code, province.first_sale_on)


def sale(offering: Offering, provinces: Iterable[Province], on: date) -> Sale:
    """This function will tell whether the offering can be ordered on the day `on` in all of `provinces`.

    A tenant of one province asks for that one; a national tenant, whose boxes may stand anywhere, asks for all. The
    offering's last day, if it has one, still counts as open.
    """
    if offering.last_sale_on is not None and on > offering.last_sale_on:
        return Sale.OVER
    return Sale.OPEN if all(first_day(offering, province) <= on for province in provinces) else Sale.NOT_YET


def may_order(offering: Offering, provinces: Iterable[Province], on: date) -> bool:
    """This function will tell whether a new order of the offering is taken on the day `on`."""
    return sale(offering, provinces, on) is Sale.OPEN
