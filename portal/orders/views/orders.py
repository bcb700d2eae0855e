"""Ordering, changing, cancelling, suspending: each says its consequences before it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.audit.stamps import stamps_of
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.context import Context
from portal.core.database import tenant_session
from portal.core.errors import Invalid, NotFound, Refused
from portal.orders.answers import SubscriptionView
from portal.orders.commands import changing, ordering, suspending
from portal.orders.forms import OrderForm, PlanForm, SureForm, SuspendForm
from portal.orders.queries import charges_of, current_subscription, subscriptions_of
from portal.orders.rehearsal import Consequences, rehearse
from portal.orders.states import REASON_LABELS, STATE_LABELS
from portal.orders.views import saying
from portal.tenants.applications.queries import applied_offering
from portal.tenants.queries import get_customer, get_tenant
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.refusals import telling_refusal
from portal.web.state import ctx

blueprint = Blueprint("orders", __name__, url_prefix="/e/<enterprise:enterprise_id>/orders")

T = TypeVar("T")
Answer = Response | str | tuple[str, int]


@dataclass(frozen=True)
class Act(Generic[T]):
    """Something that is foretold before it is done: the command, when it takes effect, and the words around it.

    `label` stands on the button that does it, `title` above the consequences, `done` on the next page.
    """

    do: Callable[[Context], T]
    moment: Callable[[T], datetime]
    say: Callable[[Consequences[T]], list[saying.Line]]
    title: str
    label: str
    done: str


@blueprint.get("")
@needs(Permission.ORDERS_VIEW)
def index() -> str:
    """This function will show the subscription that counts, what may be done with it, and everything before."""
    context, at = ctx(), clock.now()
    session, tenant_id = context.session, context.tenant_id
    history = subscriptions_of(session, tenant_id, at)
    return render_template(
        "orders/index.html",
        subscription=current_subscription(session, tenant_id, at),
        history=history,
        stamps=stamps_of(session, [one.id for one in history]),
        charges=charges_of(session, tenant_id),
        book=catalogue(),
        state_labels=STATE_LABELS,
        reason_labels=REASON_LABELS,
        crumbs=_crumbs(),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.ORDERS_MANAGE)
def new() -> Answer:
    """This function will order a package."""
    form = OrderForm()
    form.offer()
    if request.method != "POST":
        context = ctx()
        customer = get_customer(context.session, get_tenant(context.session, context.tenant_id).customer_id)
        form.industry_code.data = customer.industry_code
        form.offering_code.data = applied_offering(context.session, context.tenant_id)
    act = Act(
        lambda context: ordering.order(context, form.order()),
        lambda ordered: ordered.starts_at,
        saying.ordering,
        title=_("订购前请核对"),
        label=_("确认订购"),
        done=_("已订购。"),
    )
    return _take(form, "orders/new.html", act, _("订购套餐"))


@blueprint.route("/change", methods=["GET", "POST"])
@needs(Permission.ORDERS_MANAGE)
def change() -> Answer:
    """This function will ask for another package, number of boxes or price from the next month on."""
    present = _current()
    plan = present.standing.plan
    form = PlanForm(offering_code=plan.offering_code, boxes=str(plan.boxes))
    form.offer()
    act = Act(
        lambda context: changing.request_change(context, present.id, form.plan()),
        _effective,
        saying.changing,
        title=_("变更前请核对"),
        label=_("确认变更"),
        done=_("变更已受理，下月 1 日生效。"),
    )
    return _take(form, "orders/change.html", act, _("变更套餐"), subscription=present)


@blueprint.route("/cancel", methods=["GET", "POST"])
@needs(Permission.ORDERS_MANAGE)
def cancel() -> Answer:
    """This function will end the subscription with the month."""
    present = _current()
    act = Act(
        lambda context: changing.cancel(context, present.id),
        _effective,
        saying.ending,
        title=_("退订「%(package)s」", package=_package(present)),
        label=_("确认退订"),
        done=_("退订已受理，下月 1 日生效。"),
    )
    return _take_at_once(SureForm(), act)


@blueprint.post("/withdraw")
@needs(Permission.ORDERS_MANAGE)
def withdraw() -> Response:
    """This function will take back what was requested for the first of the next month."""
    return _do(lambda context, present: changing.withdraw_change(context, present.id), _("已撤回，一切照旧。"))


@blueprint.route("/suspend", methods=["GET", "POST"])
@needs(Permission.ORDERS_SUSPEND)
def suspend() -> Answer:
    """This function will let the subscription rest, for arrears or a violation."""
    present = _current()
    form = SuspendForm()
    form.offer()
    act = Act(
        lambda context: suspending.suspend(context, present.id, form.chosen(), form.note.data or ""),
        lambda _nothing: clock.now(),
        saying.resting,
        title=_("停用「%(package)s」", package=_package(present)),
        label=_("停用 %(n)d 台", n=present.standing.plan.boxes),
        done=_("已停用，机顶盒约一分钟内只剩基础视听。"),
    )
    return _take_at_once(form, act)


@blueprint.post("/resume")
@needs(Permission.ORDERS_SUSPEND)
def resume() -> Response:
    """This function will end the rest of the subscription."""
    return _do(
        lambda context, present: suspending.resume(context, present.id), _("已恢复，停用前的画面约一分钟内回来。")
    )


def _take(form: Any, template: str, act: Act[T], page_title: str, **more: Any) -> Answer:
    """First the form, then what it would do, then the act; whoever goes back finds everything as typed."""

    def page() -> str:
        return render_template(template, form=form, book=catalogue(), crumbs=_crumbs(page_title), **more)

    if not form.validate_on_submit() or request.form.get("edit"):
        return page()
    try:
        if request.form.get("confirmed"):
            return _finish(act)
        lines = act.say(rehearse(ctx(), act.do, act.moment))
    except (Invalid, Refused) as refusal:
        _show(form, refusal)
        return page(), refusal.status
    kept = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return render_template("orders/confirm.html", act=act, lines=lines, kept=kept, crumbs=_crumbs(act.title))


def _take_at_once(form: Any, act: Act[T]) -> Answer:
    """What can be foretold without a form being filled in: consequences and button stand on one page."""
    refused = 0
    lines: list[saying.Line] = []
    try:
        if form.validate_on_submit():
            return _finish(act)
        lines = act.say(_foretell(act))
    except (Invalid, Refused) as refusal:
        _show(form, refusal)
        refused = refusal.status
    page = render_template("orders/sure.html", form=form, act=act, lines=lines, crumbs=_crumbs(act.title))
    return (page, refused) if refused else page


def _finish(act: Act[T]) -> Response:
    act.do(ctx())
    flash(act.done, "ok")
    return redirect(url_for("orders.index"), 303)


def _foretell(act: Act[T]) -> Consequences[T]:
    """In a session of its own, because that of a page that is only looked at may not write."""
    asking = ctx()
    with tenant_session(asking.tenant_id, writes=True) as session:
        return rehearse(Context(session, asking.actor, asking.tenant, asking.request), act.do, act.moment)


def _do(act: Callable[[Context, SubscriptionView], None], done: str) -> Response:
    with telling_refusal():
        act(ctx(), _current())
        flash(done, "ok")
    return redirect(url_for("orders.index"), 303)


def _show(form: FlaskForm, refusal: Invalid | Refused) -> None:
    ctx().session.rollback()
    if isinstance(refusal, Invalid):
        show_errors(form, refusal)
    else:
        form.form_errors.append(translate(refusal.message))


def _current() -> SubscriptionView:
    context = ctx()
    found = current_subscription(context.session, context.tenant_id, clock.now())
    if found is None:
        raise NotFound
    return found


def _effective(requested: changing.Requested) -> datetime:
    return clock.start_of(requested.effective_on)


def _package(view: SubscriptionView) -> str:
    return saying.package_name(view.standing.plan.offering_code)


def _crumbs(title: str = "") -> list[tuple[str, str | None]]:
    tenant = ctx().tenant
    trail: list[tuple[str, str | None]] = [
        (tenant.name if tenant else "", url_for("tenants.tenant")),
        (_("订购"), url_for("orders.index")),
    ]
    return [*trail, (title, None)] if title else trail
