"""What things cost. Every function is pure; amounts are yuan."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.catalog.entries import GroupPurchase, Offering, SettlementRule
from portal.catalog.money import to_fen
from portal.catalog.months import days_in_month


class PriceVerdict(StrEnum):
    """What may be done with a negotiated price."""

    OK = "ok"
    NEEDS_APPROVAL = "needs_approval"
    REFUSED = "refused"


def settlement_price(floor: Decimal, rule: SettlementRule) -> Decimal:
    """This function will return 中心结算价, which follows from the catalogue's floor, whatever price was negotiated."""
    return to_fen((floor - rule.floor_from) * rule.share + rule.settlement_from)


def judge_price(offering: Offering, price: Decimal) -> PriceVerdict:
    """This function will judge a negotiated monthly price of one box.

    Below the settlement price it is refused; from there up to the floor it needs a reason and the center's approval.
    """
    if price < offering.settlement:
        return PriceVerdict.REFUSED
    if price < offering.floor:
        return PriceVerdict.NEEDS_APPROVAL
    return PriceVerdict.OK


def first_month(price: Decimal, entered_on: date) -> Decimal:
    """This function will return what one box costs in the month of its order.

    It is charged by day, from `entered_on` to the end of the month inclusive: days left / days in the month x price.
    """
    days = days_in_month(entered_on)
    return to_fen(price * (days - entered_on.day + 1) / days)


def group_share(boxes: int, group: GroupPurchase) -> Decimal | None:
    """This function will return the share of the price that `boxes` bought boxes pay, or None where they are too few."""
    reached = [tier.share for tier in group.tiers if tier.boxes <= boxes]
    return reached[-1] if reached else None


def group_monthly(price: Decimal, boxes: int, months_served: int, group: GroupPurchase) -> Decimal:
    """This function will return the monthly fee of one box bought in a group purchase of `boxes`.

    It is nothing during the included months (`months_served` counts the full months gone by) and the tier's share of
    `price` afterwards. Raises `ValueError` where the boxes are too few for a group purchase.
    """
    share = group_share(boxes, group)
    if share is None:
        raise ValueError(f"{boxes} boxes are no group purchase")
    return Decimal("0.00") if months_served < group.included_months else to_fen(price * share)
