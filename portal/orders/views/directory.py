"""All enterprises, and one of them."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.access.policy import own_province
from portal.access.roles import Role
from portal.accounts.models import Membership
from portal.audit.stamps import stamps_of
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.database import system_session
from portal.core.ids import TenantId
from portal.core.messages import N_, Message
from portal.orders.directory import Filter, in_state, with_package
from portal.orders.queries import current_subscription, entitlements
from portal.orders.states import STATE_LABELS
from portal.tenants import queries
from portal.tenants.models import Tenant
from portal.tenants.pointing import pointing
from portal.web.access import needs
from portal.web.exports import Column, hand_out
from portal.web.i18n import language, named, translate
from portal.web.paging import Paging, list_address, paged
from portal.web.state import ctx, state

blueprint = Blueprint("tenants", __name__)

_LONGEST_SEARCH = 80
_CENTER = "center"
FILTERS: Mapping[Filter, Message] = {
    **{Filter(state.value): label for state, label in STATE_LABELS.items()},
    Filter.NONE: N_("未订购"),
}


@blueprint.get("/center/tenants")
@needs(Permission.TENANTS_VIEW)
def index() -> str:
    """This function will list the enterprises with their package and state; a province sees its own."""
    return render_template("tenants/index.html", **_listed())


@blueprint.post("/center/tenants")
@needs(Permission.TENANTS_VIEW, reads=True)
def export() -> Response:
    """This function will hand the list out as Excel."""
    listed = _listed()
    held, words = listed["held"], listed["words"]
    columns: list[Column[Tenant]] = [
        Column(_("企业"), 24, lambda row: row.short_name),
        Column(_("群组名称"), 34, lambda row: row.name),
        Column(_("企业ID"), 16, lambda row: row.enterprise_id),
        Column(_("归属"), 14, _owner),
        Column(_("套餐"), 24, lambda row: named(catalogue().offerings, held[row.id].offering_code)),
        Column(_("订购台数"), 10, lambda row: held[row.id].boxes),
        Column(_("状态"), 12, lambda row: words[held[row.id].state.value if held[row.id].offering_code else "none"]),
        Column(_("开通"), 20, lambda row: row.created_at),
    ]
    return hand_out("tenants", N_("企业名录"), listed["page"], columns)


def _listed() -> dict[str, Any]:
    given, own, at = request.args, own_province(ctx().actor), clock.now()
    text = given.get("q", "").strip()[:_LONGEST_SEARCH]
    province = _one_of("province", {_CENTER, *catalogue().provinces}) if own is None else ""
    package = _one_of("package", catalogue().offerings)
    wanted = _one_of("state", set(Filter))
    statement = queries.tenants(text, own if own is not None else (province if province != _CENTER else None) or None)
    if province == _CENTER:
        statement = queries.of_the_center(statement)
    if package:
        statement = with_package(statement, package, at)
    if wanted:
        statement = in_state(statement, Filter(wanted), at)
    paging = Paging.from_request(list(queries.TENANT_SORTS), default="created", descending=True)
    with system_session(reason="list of enterprises with their packages") as session:
        page = paged(session, statement, queries.TENANT_SORTS, paging)
        held = entitlements(session, [TenantId(row.id) for row in page.rows], at)
    return {
        "page": page,
        "text": text,
        "held": held,
        "words": {each.value: translate(label) for each, label in FILTERS.items()},
        "book": catalogue(),
        "link": _link,
        "chips": _chips(own is None, province, package, wanted),
        "narrowed": bool(text or province or package or wanted),
    }


def _owner(row: Tenant) -> str:
    return named(catalogue().provinces, row.province_code) or _("运营中心")


@blueprint.get("/e/<enterprise:enterprise_id>/profile")
@needs(Permission.TENANT_VIEW)
def tenant() -> str:
    """This function will show one enterprise: who it belongs to, what it has, what is on air."""
    context = ctx()
    session, tenant_id, at = context.session, context.tenant_id, clock.now()
    row, customer = queries.get_tenant_and_customer(session, tenant_id)
    tree = queries.group_tree(session)
    channels = {tree.root.id: tree.root.channel} if len(tree) else {}
    return render_template(
        "tenants/tenant.html",
        row=row,
        customer=customer,
        book=catalogue(),
        subscription=current_subscription(session, tenant_id, at),
        groups=len(tree),
        members=session.scalar(select(func.count(Membership.id))) or 0,
        shown=next(iter(pointing(session, channels).values()), None),
        state_labels=STATE_LABELS,
        stamps=stamps_of(session, [tenant_id]),
        crumbs=_crumbs(),
    )


def _crumbs() -> list[tuple[str, str | None]]:
    current = state()
    name = current.tenant.name if current.tenant else ""
    if current.actor.tenant_id is None and current.actor.role != Role.APP_ADMIN:
        return [(_("企业名录"), url_for("tenants.index")), (name, None)]
    return [(_("企业档案"), None)]


def _one_of(name: str, known: Any) -> str:
    value = request.args.get(name, "")
    return value if value in known else ""


def _link(**changes: str | int | None) -> str:
    """The address of this list with some parameters changed; None takes one away. A new filter begins at the first page."""
    return list_address("tenants.index", changes)


def _chips(all_provinces: bool, province: str, package: str, wanted: str) -> list[dict[str, Any]]:
    book, tongue = catalogue(), language()
    provinces = {_CENTER: _("运营中心（全国）")} | {
        code: entry.name.in_language(tongue) for code, entry in book.provinces.items()
    }
    packages = {code: entry.name.in_language(tongue) for code, entry in book.offerings.items()}
    states = {each.value: translate(label) for each, label in FILTERS.items()}
    shown = [(_("省公司"), "province", province, provinces)] if all_provinces else []
    shown += [(_("套餐"), "package", package, packages), (_("状态"), "state", wanted, states)]
    return [
        {
            "label": label,
            "value": words.get(value, ""),
            "clear": _link(**{name: None}),
            "options": [(text, _link(**{name: code}), code == value) for code, text in words.items()],
        }
        for label, name, value, words in shown
    ]
