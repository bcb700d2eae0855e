"""The list of applications (企业ID申请)."""

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.policy import own_province
from portal.catalog.catalogue import catalogue
from portal.core.messages import N_
from portal.tenants.applications import queries
from portal.tenants.applications.models import Application
from portal.tenants.applications.states import STATE_LABELS, ApplicationState
from portal.web.exports import Column, hand_out
from portal.web.formats import masked_phone
from portal.web.i18n import language, named, translate
from portal.web.paging import Paging, list_address, paged
from portal.web.state import ctx

_LONGEST_SEARCH = 80


def list_page() -> str:
    """This function will draw the list: a province's own applications, or all that were submitted."""
    return render_template("applications/index.html", **_listed())


def list_file() -> Response:
    """This function will hand the list out as Excel, phone numbers masked."""
    listed = _listed()
    products, enterprises = listed["sub_products"], listed["enterprises"]
    columns: list[Column[Application]] = [
        Column(_("群组名称"), 34, lambda row: row.group_name),
        Column(_("产品类型"), 26, lambda row: named(products, row.sub_product_code)),
        Column(_("省公司"), 14, lambda row: named(catalogue().provinces, row.province_code)),
        Column(_("状态"), 12, lambda row: STATE_LABELS[ApplicationState(row.state)]),
        Column(
            _("企业ID"),
            16,
            lambda row: enterprises[row.opened_id].enterprise_id if row.opened_id in enterprises else "",
        ),
        Column(_("联系人"), 14, lambda row: row.contact_name),
        Column(_("联系电话"), 16, lambda row: masked_phone(row.contact_phone)),
        Column(_("提交"), 20, lambda row: row.submitted_at),
    ]
    return hand_out("applications", N_("企业ID申请"), listed["page"], columns)


def _listed() -> dict[str, Any]:
    context = ctx()
    own = own_province(context.actor) is not None
    text = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    state = _one_of("state", set(ApplicationState))
    province = "" if own else _one_of("province", catalogue().provinces)
    wanted = queries.narrowed(
        queries.visible_to(context.actor), text, ApplicationState(state) if state else None, province
    )
    paging = Paging.from_request(list(queries.APPLICATION_SORTS), default="created", descending=True)
    page = paged(context.session, wanted, queries.APPLICATION_SORTS, paging)
    return {
        "page": page,
        "text": text,
        "enterprises": queries.enterprises_of(context.session, list(page.rows)),
        "sub_products": {each.sub_product.code: each.sub_product for each in catalogue().offerings.values()},
        "book": catalogue(),
        "state_labels": STATE_LABELS,
        "link": _link,
        "chips": _chips(own=own, state=state, province=province),
        "narrowed": bool(text or state or province),
    }


def _one_of(name: str, known: Any) -> str:
    value = request.args.get(name, "")
    return value if value in known else ""


def _link(**changes: str | int | None) -> str:
    """The address of this list with some parameters changed; None takes one away. A new filter begins at the first page."""
    return list_address("applications.index", changes)


def _chips(*, own: bool, state: str, province: str) -> list[dict[str, Any]]:
    states = {each.value: translate(label) for each, label in STATE_LABELS.items()}
    provinces = {code: entry.name.in_language(language()) for code, entry in catalogue().provinces.items()}
    shown = [(_("状态"), "state", state, states)]
    if not own:
        shown.append((_("省公司"), "province", province, provinces))
    return [
        {
            "label": label,
            "value": words.get(value, ""),
            "clear": _link(**{name: None}),
            "options": [(text, _link(**{name: code}), code == value) for code, text in words.items()],
        }
        for label, name, value, words in shown
    ]
