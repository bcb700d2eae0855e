"""What is asked of every plan, whether ordered or changed to."""

from datetime import date
from decimal import Decimal

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.catalog.catalogue import catalogue
from portal.catalog.entries import Offering
from portal.catalog.money import is_money
from portal.catalog.pricing import PriceVerdict, group_share, judge_price
from portal.catalog.selling import Sale, sale
from portal.core.context import Context
from portal.core.errors import Invalid, Refused
from portal.core.messages import N_, Message
from portal.orders.requests import PlanRequest
from portal.orders.rules.facts import Plan
from portal.orders.states import Terms

TEXT_MAX = 200


def plan_errors(request: PlanRequest) -> dict[str, Message]:
    """This function will return what is wrong with the fields of a plan, by the field's name."""
    book, errors = catalogue(), dict[str, Message]()
    if request.offering_code not in book.offerings:
        errors["offering_code"] = N_("没有这个销售品。")
    if not 1 <= request.boxes <= book.limits.boxes_per_subscription:
        errors["boxes"] = N_("机顶盒数量应为 1 到 %(max)d。", max=book.limits.boxes_per_subscription)
    if request.price is not None and (error := price_error(request.price)):
        errors["price"] = error
    if len(request.price_reason) > TEXT_MAX:
        errors["price_reason"] = too_long()
    return errors


def price_error(price: Decimal) -> Message | None:
    """This function will say what is wrong with an amount that somebody typed, or None."""
    most = catalogue().limits.monthly_price_max
    if is_money(price) and price <= most:
        return None
    return N_("价格应为 0 到 %(max)s 元，最多两位小数。", max=most)


def too_long() -> Message:
    """This function will say that a text is longer than its column."""
    return N_("最多 %(n)d 个字。", n=TEXT_MAX)


def raise_if(errors: dict[str, Message]) -> None:
    """This function will raise `Invalid` where there are errors."""
    if errors:
        raise Invalid(errors)


def agree_on_price(ctx: Context, offering: Offering, request: PlanRequest, price: Decimal) -> str | None:
    """This function will return the id of whoever approved a price below the floor, or None where none was needed.

    Raises `Refused` below the settlement price and where the approval is missing, `Invalid` where the reason is, and
    `Forbidden` where somebody approves who may not.
    """
    verdict = judge_price(offering, price)
    if verdict is PriceVerdict.OK:
        return None
    if verdict is PriceVerdict.REFUSED:
        raise Refused(
            "price_below_settlement",
            N_("协议价不能低于结算价 %(settlement)s 元。", settlement=offering.settlement),
        )
    if not request.price_reason.strip():
        raise Invalid({"price_reason": N_("协议价低于建议最低价 %(floor)s 元，请写明理由。", floor=offering.floor)})
    if not request.price_approved:
        raise Refused(
            "price_needs_approval",
            N_("协议价低于建议最低价 %(floor)s 元，须经运营中心审批。", floor=offering.floor),
        )
    ask(ctx, Permission.ORDERS_APPROVE_PRICE)
    return ctx.actor.user_id


def group_plan(request: PlanRequest, offering: Offering) -> Plan:
    """This function will return the plan of a group purchase, whose price is the list price; raises `Refused`."""
    group = catalogue().group_purchase
    if offering.code != group.offering:
        raise Refused("no_group_purchase", N_("这个销售品不办理团购。"))
    if group_share(request.boxes, group) is None:
        raise Refused("too_few_for_group_purchase", N_("团购至少 %(n)d 台。", n=group.tiers[0].boxes))
    if request.price not in (None, offering.price):
        raise Invalid({"price": N_("团购按标准价和台数折扣计费，不另议价。")})
    return Plan(offering.code, request.boxes, offering.price, Terms.GROUP_PURCHASE)


def must_be_on_sale(ctx: Context, offering: Offering, on: date) -> None:
    """This function will raise `Refused` where the offering cannot be ordered in the tenant's province on the day `on`."""
    book = catalogue()
    code = ctx.tenant.province_code if ctx.tenant else None
    provinces = book.provinces.values() if code is None else [book.provinces[code]]
    answer = sale(offering, provinces, on)
    if answer is Sale.NOT_YET:
        raise Refused("not_on_sale_yet", N_("%(offering)s在本省尚未开售。", offering=offering.name.words))
    if answer is Sale.OVER:
        raise Refused("sale_over", N_("%(offering)s已停止受理新订购。", offering=offering.name.words))
