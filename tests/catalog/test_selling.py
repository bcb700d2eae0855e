from datetime import date

import pytest

from portal.catalog.catalogue import catalogue
from portal.catalog.entries import Offering, Province
from portal.catalog.selling import Sale, may_order, sale

SHANXI, JIANGSU = "14", "32"
BASIC = "7360110000400020"


def offering(**changes: object) -> Offering:
    return catalogue().offering(BASIC).model_copy(update=changes)


def province(code: str) -> Province:
    return catalogue().provinces[code]


@pytest.mark.parametrize(
    ("code", "on", "answer"),
    [
        (SHANXI, date(2016, 7, 10), Sale.NOT_YET),
        (SHANXI, date(2016, 7, 11), Sale.OPEN),
        (JIANGSU, date(2016, 7, 31), Sale.NOT_YET),
        (JIANGSU, date(2016, 8, 1), Sale.OPEN),
        (JIANGSU, date(2026, 1, 1), Sale.OPEN),  # the last day once planned, 2025-12-31, does not hold
    ],
)
def test_sale_opens_on_the_first_day_of_the_province(code: str, on: date, answer: Sale) -> None:
    assert sale(offering(), [province(code)], on) is answer


@pytest.mark.parametrize(("on", "answer"), [(date(2016, 7, 31), Sale.NOT_YET), (date(2016, 8, 1), Sale.OPEN)])
def test_national_tenant_waits_for_every_province(on: date, answer: Sale) -> None:
    assert sale(offering(), catalogue().provinces.values(), on) is answer


@pytest.mark.parametrize(("on", "answer"), [(date(2027, 6, 30), Sale.OPEN), (date(2027, 7, 1), Sale.OVER)])
def test_last_day_of_sale_still_counts(on: date, answer: Sale) -> None:
    assert sale(offering(last_sale_on=date(2027, 6, 30)), [province(JIANGSU)], on) is answer


@pytest.mark.parametrize(("on", "answer"), [(date(2017, 2, 28), Sale.NOT_YET), (date(2017, 3, 1), Sale.OPEN)])
def test_offering_may_begin_later_in_one_province(on: date, answer: Sale) -> None:
    later = offering(first_sale_on={JIANGSU: date(2017, 3, 1)})

    assert sale(later, [province(JIANGSU)], on) is answer
    assert sale(later, [province(SHANXI)], on) is Sale.OPEN


@pytest.mark.parametrize(
    ("on", "answer"), [(date(2016, 7, 31), False), (date(2016, 8, 1), True), (date(2027, 7, 1), False)]
)
def test_may_order_says_yes_only_while_the_sale_is_open(on: date, answer: bool) -> None:
    assert may_order(offering(last_sale_on=date(2027, 6, 30)), [province(JIANGSU)], on) is answer
