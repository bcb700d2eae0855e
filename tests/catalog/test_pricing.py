from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.catalog.catalogue import catalogue
from portal.catalog.entries import SettlementRule
from portal.catalog.money import is_money, to_fen
from portal.catalog.months import days_in_month, first_of_next_month
from portal.catalog.pricing import (
    PriceVerdict,
    first_month,
    group_monthly,
    group_share,
    judge_price,
    settlement_price,
)

PRICES = st.decimals(min_value=0, max_value=10_000, places=2)
DAYS = st.dates(min_value=date(2016, 1, 1), max_value=date(2040, 12, 31))
RULE = SettlementRule(floor_from=Decimal(18), share=Decimal("0.5"), settlement_from=Decimal("8.5"))


@pytest.mark.parametrize(
    ("floor", "settlement"),
    [("18", "8.50"), ("23", "11.00"), ("28", "13.50"), ("33", "16.00"), ("38", "18.50"), ("18.01", "8.51")],
)
def test_settlement_price_follows_from_the_floor(floor: str, settlement: str) -> None:
    assert settlement_price(Decimal(floor), RULE) == Decimal(settlement)


@pytest.mark.parametrize(
    ("price", "verdict"),
    [
        ("10.99", PriceVerdict.REFUSED),
        ("11.00", PriceVerdict.NEEDS_APPROVAL),
        ("22.99", PriceVerdict.NEEDS_APPROVAL),
        ("23.00", PriceVerdict.OK),
        ("28.00", PriceVerdict.OK),
        ("30.00", PriceVerdict.OK),
    ],
)
def test_price_is_judged_by_settlement_and_floor(price: str, verdict: PriceVerdict) -> None:
    custom = catalogue().offering("7360110000400021")

    assert judge_price(custom, Decimal(price)) is verdict


@pytest.mark.parametrize(
    ("price", "entered_on", "amount"),
    [
        ("28", date(2026, 10, 1), "28.00"),
        ("28", date(2026, 10, 16), "14.45"),  # 16 of 31 days: 14.4516...
        ("28", date(2026, 10, 31), "0.90"),  # 1 of 31 days: 0.9032...
        ("58", date(2026, 11, 16), "29.00"),  # 15 of 30 days
        ("68", date(2026, 2, 28), "2.43"),  # 1 of 28 days: 2.4285...
        ("68", date(2028, 2, 29), "2.34"),  # 1 of 29 days: 2.3448...
        ("0.03", date(2026, 11, 16), "0.02"),  # 0.015 is rounded half up, not to even
    ],
)
def test_first_month_is_charged_by_day(price: str, entered_on: date, amount: str) -> None:
    assert first_month(Decimal(price), entered_on) == Decimal(amount)


@given(PRICES, DAYS)
def test_first_month_is_the_exact_share_rounded_half_up(price: Decimal, entered_on: date) -> None:
    left = (first_of_next_month(entered_on) - entered_on).days
    exact = Fraction(price) * left / days_in_month(entered_on) * 100

    charged = first_month(price, entered_on)

    assert charged * 100 == (exact + Fraction(1, 2)).__floor__()


@given(PRICES, DAYS)
def test_first_month_never_costs_more_than_a_month_nor_more_when_later(price: Decimal, entered_on: date) -> None:
    tomorrow = entered_on + timedelta(days=1)

    charged = first_month(price, entered_on)

    assert charged <= price
    assert tomorrow.day == 1 or first_month(price, tomorrow) <= charged


@pytest.mark.parametrize(
    ("boxes", "share"),
    [
        (1, None),
        (9, None),
        (10, "0.95"),
        (29, "0.95"),
        (30, "0.90"),
        (49, "0.90"),
        (50, "0.85"),
        (99, "0.85"),
        (100, "0.80"),
        (20_000, "0.80"),
    ],
)
def test_group_share_takes_the_lower_bound_of_the_tier(boxes: int, share: str | None) -> None:
    assert group_share(boxes, catalogue().group_purchase) == (None if share is None else Decimal(share))


def test_group_purchase_is_of_the_basic_package_and_includes_the_first_year() -> None:
    group = catalogue().group_purchase

    assert catalogue().offering(group.offering).name.zh == "天翼高清行业基础月包"
    assert (group.box_price, group.included_months, group.included_value) == (Decimal(449), 12, Decimal(216))


@pytest.mark.parametrize(
    ("boxes", "months", "fee"),
    [(10, 0, "0.00"), (10, 11, "0.00"), (10, 12, "17.10"), (30, 12, "16.20"), (50, 40, "15.30"), (100, 12, "14.40")],
)
def test_group_purchase_pays_by_tier_from_the_second_year(boxes: int, months: int, fee: str) -> None:
    assert group_monthly(Decimal(18), boxes, months, catalogue().group_purchase) == Decimal(fee)


def test_nine_boxes_are_no_group_purchase() -> None:
    with pytest.raises(ValueError, match="9 boxes"):
        group_monthly(Decimal(18), 9, 12, catalogue().group_purchase)


@pytest.mark.parametrize(
    ("amount", "rounded"), [("0.004", "0.00"), ("0.005", "0.01"), ("0.015", "0.02"), ("0.025", "0.03"), ("1", "1.00")]
)
def test_fen_are_rounded_half_up(amount: str, rounded: str) -> None:
    assert str(to_fen(Decimal(amount))) == rounded


@pytest.mark.parametrize(
    ("amount", "answer"),
    [
        ("0", True),
        ("28.5", True),
        ("28.05", True),
        ("28.005", False),
        ("-0.01", False),
        ("NaN", False),
        ("Infinity", False),
        ("1E+400", False),
    ],
)
def test_money_is_finite_whole_fen_and_not_negative(amount: str, answer: bool) -> None:
    assert is_money(Decimal(amount)) is answer
