"""Business months and years: where they begin, how many days they have."""

from calendar import monthrange
from datetime import date


def days_in_month(day: date) -> int:
    """This function will return the number of days of the month in which `day` lies."""
    return monthrange(day.year, day.month)[1]


def first_of_month(day: date) -> date:
    """This function will return the first day of the month in which `day` lies."""
    return day.replace(day=1)


def first_of_next_month(day: date) -> date:
    """This function will return the first day of the month after the one in which `day` lies."""
    return add_months(first_of_month(day), 1)


def add_months(day: date, months: int) -> date:
    """This function will return the same day `months` later (earlier, if negative), or that month's last where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """This function will return the same day `years` later; 29 February becomes the 28th where there is none."""
    return add_months(day, 12 * years)


def full_months(since: date, on: date) -> int:
    """This function will return how many whole months have gone by from `since` to `on`; none, if `on` is earlier."""
    months = (on.year - since.year) * 12 + on.month - since.month
    return max(0, months if add_months(since, months) <= on else months - 1)
