"""What an enterprise ordered, was charged and was granted, as Excel; from the addresses of the pages that show it."""

from flask import Blueprint
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.messages import N_, Message
from portal.orders.answers import ChargeView, GrantView, SubscriptionView
from portal.orders.queries import charges_of, grants_of, subscriptions_of
from portal.orders.states import STATE_LABELS, TERMS_LABELS, ChargeKind
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.i18n import language
from portal.web.state import ctx

blueprint = Blueprint("order_sheets", __name__, url_prefix="/e/<enterprise:enterprise_id>")


@blueprint.post("/orders")
@needs(Permission.ORDERS_VIEW, reads=True)
def orders() -> Response:
    """This function will hand out every order of the enterprise and what each cost at once."""
    return hand_out_sheets("orders", N_("订购"), [_history(), _charges()])


@blueprint.post("/package")
@needs(Permission.PACKAGE_VIEW, reads=True)
def package() -> Response:
    """This function will hand out to the enterprise what it ordered, was charged and was granted."""
    return hand_out_sheets("package", N_("套餐"), [_history(), _charges(), _grants()])


@blueprint.post("/grants")
@needs(Permission.ORDERS_VIEW, reads=True)
def grants() -> Response:
    """This function will hand out everything that was ever granted."""
    return hand_out_sheets("grants", N_("授权"), [_grants()])


@blueprint.post("/grants/manage")
@needs(Permission.GRANTS_MANAGE, reads=True)
def managed_grants() -> Response:
    """This function will hand out the same to whoever gives and ends grants."""
    return hand_out_sheets("grants", N_("授权"), [_grants()])


def _history() -> Sheet[SubscriptionView]:
    context, book = ctx(), catalogue()
    columns: list[Column[SubscriptionView]] = [
        Column(_("套餐"), 30, lambda one: book.offerings[one.standing.plan.offering_code].name.in_language(language())),
        Column(_("台数"), 8, lambda one: one.standing.plan.boxes),
        Column(_("付费方式"), 10, lambda one: TERMS_LABELS[one.standing.plan.terms]),
        Column(_("协议价"), 12, lambda one: one.standing.plan.price),
        Column(_("月费"), 12, lambda one: one.monthly_fee),
        Column(_("入单"), 20, lambda one: one.ordered_at),
        Column(_("开始"), 12, lambda one: one.starts_on),
        Column(_("终止"), 12, lambda one: one.ends_on),
        Column(_("状态"), 10, lambda one: STATE_LABELS[one.standing.state]),
    ]
    return Sheet(_("订购记录"), subscriptions_of(context.session, context.tenant_id, clock.now()), columns)


def _charges() -> Sheet[ChargeView]:
    columns: list[Column[ChargeView]] = [
        Column(_("时间"), 20, lambda one: one.charged_at),
        Column(_("内容"), 16, lambda one: _("首月按日计费") if one.kind is ChargeKind.FIRST_MONTH else _("团购机顶盒")),
        Column(_("从"), 12, lambda one: one.covers_from),
        Column(_("到"), 12, lambda one: one.covers_until),
        Column(_("单价"), 12, lambda one: one.unit_amount),
        Column(_("台数"), 8, lambda one: one.boxes),
        Column(_("金额"), 14, lambda one: one.amount),
    ]
    return Sheet(_("入单费用"), charges_of(ctx().session, ctx().tenant_id), columns)


def _grants() -> Sheet[GrantView]:
    context, book, at = ctx(), catalogue(), clock.now()
    columns: list[Column[GrantView]] = [
        Column(_("功能"), 20, lambda one: book.features[one.feature].name.in_language(language())),
        Column(_("包名"), 30, lambda one: " ".join(one.packages)),
        Column(_("开始"), 20, lambda one: one.starts_at),
        Column(_("结束日"), 12, lambda one: one.ends_on),
        Column(_("月费"), 12, lambda one: one.price),
        Column(_("理由"), 40, lambda one: one.reason),
        Column(_("状态"), 10, lambda one: _state(one, later=one.starts_at > at)),
        Column(_("提前结束"), 20, lambda one: one.ended_at),
    ]
    found = sorted(grants_of(context.session, context.tenant_id, at), key=lambda grant: not grant.in_force)
    return Sheet(_("授权"), found, columns)


def _state(one: GrantView, *, later: bool) -> Message:
    if one.in_force:
        return N_("有效")
    if one.ended_at is not None:
        return N_("提前结束")
    return N_("未开始") if later else N_("已到期")
