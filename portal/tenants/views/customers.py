"""Customers (客户): who the enterprises belong to."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.modules import Module
from portal.access.permissions import Permission
from portal.access.policy import own_province
from portal.audit.stamps import Stamp, stamps_of
from portal.catalog.catalogue import catalogue
from portal.core.database import system_session
from portal.core.errors import Conflict, Invalid
from portal.core.messages import N_
from portal.tenants import queries
from portal.tenants.commands.customers import change_customer, create_customer, reveal_phone
from portal.tenants.forms import CustomerForm
from portal.tenants.models import Customer
from portal.web.access import needs
from portal.web.exports import Column, hand_out
from portal.web.formats import masked_phone
from portal.web.forms import show_errors
from portal.web.i18n import named
from portal.web.paging import Paging, paged
from portal.web.state import ctx

blueprint = Blueprint("customers", __name__, url_prefix="/center/customers")

_LONGEST_SEARCH = 80


@blueprint.get("")
@needs(Permission.CUSTOMERS_VIEW)
def index() -> str:
    """This function will list the customers with their enterprises; a province sees its own."""
    return render_template("customers/index.html", **_listed())


@blueprint.post("")
@needs(Permission.CUSTOMERS_VIEW, reads=True)
def export() -> Response:
    """This function will hand the list out as Excel, phone numbers masked."""
    listed = _listed()
    owned, industries = listed["enterprises"], listed["industries"]
    columns: list[Column[Customer]] = [
        Column(_("客户名称"), 34, lambda row: row.name),
        Column(_("行业编码"), 12, lambda row: row.industry_code),
        Column(_("行业"), 24, lambda row: named(industries, row.industry_code)),
        Column(_("联系人"), 14, lambda row: row.contact_name),
        Column(_("联系电话"), 16, lambda row: masked_phone(row.contact_phone)),
        Column(_("企业"), 40, lambda row: _("、").join(one.short_name for one in owned[row.id])),
        Column(_("建立"), 20, lambda row: row.created_at),
    ]
    return hand_out("customers", N_("客户名录"), listed["page"], columns)


def _listed() -> dict[str, Any]:
    text = request.args.get("q", "").strip()[:_LONGEST_SEARCH]
    session, province = ctx().session, own_province(ctx().actor)
    paging = Paging.from_request(list(queries.CUSTOMER_SORTS), default="created", descending=True)
    page = paged(session, queries.customers(text, province), queries.CUSTOMER_SORTS, paging)
    enterprises = queries.enterprises_of(session, [row.id for row in page.rows])
    if province is not None:
        enterprises = {
            customer: [one for one in owned if one.province_code == province] for customer, owned in enterprises.items()
        }
    return {"page": page, "text": text, "enterprises": enterprises, "industries": catalogue().industries}


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_MANAGE)
def new() -> Response | str | tuple[str, int]:
    """This function will create a customer and lead on to its first enterprise."""
    form = CustomerForm()
    form.offer()
    if not form.validate_on_submit():
        return _form(form, None)
    try:
        customer = create_customer(ctx(), form.details())
    except Invalid as invalid:
        show_errors(form, invalid)
        return _form(form, None), invalid.status
    flash(_("客户已建立，现在可以为它开企业。"), "ok")
    return redirect(url_for("enterprises.new", customer=customer.id), 303)


@blueprint.route("/<id:customer_id>", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_MANAGE)
def edit(customer_id: str) -> Response | str | tuple[str, int]:
    """This function will change a customer."""
    customer = queries.get_customer(ctx().session, customer_id)
    form = CustomerForm() if request.method == "POST" else _filled(customer)
    form.offer()
    if not form.validate_on_submit():
        return _form(form, customer)
    try:
        change_customer(ctx(), customer_id, form.version.data or 0, form.details(customer))
    except Invalid as invalid:
        show_errors(form, invalid)
        return _form(form, customer), invalid.status
    except Conflict as conflict:
        return _show_both(form, customer), conflict.status
    flash(_("已保存。"), "ok")
    return redirect(url_for("customers.index"), 303)


@blueprint.post("/<id:customer_id>/phone")
@needs(Permission.CONTACTS_REVEAL, module=Module.PERSONAL_DATA)
def phone(customer_id: str) -> str:
    """This function will show a contact's whole phone number, which is recorded; a page that asked by script gets the number alone."""
    customer = reveal_phone(ctx(), customer_id)
    name = "customers/_phone.html" if request.headers.get("HX-Request") else "customers/phone.html"
    return render_template(
        name, customer=customer, crumbs=[(_("客户名录"), url_for("customers.index")), (customer.name, None)]
    )


def _filled(customer: Customer) -> CustomerForm:
    form = CustomerForm()
    form.name.data, form.industry_code.data = customer.name, customer.industry_code
    form.contact_name.data, form.version.data = customer.contact_name or "", customer.version
    return form


def _show_both(form: CustomerForm, customer: Customer) -> str:
    """What was typed stays; what is stored now stands above it, and saving again decides."""
    form.version.data = customer.version
    return _form(form, customer, conflict=True)


def _stamps(customer: Customer | None) -> list[Stamp]:
    """The slips of a customer: what the center did with it concerns no tenant, and is read outside of one."""
    if customer is None:
        return []
    with system_session(reason="slips of a customer") as session:
        return stamps_of(session, [customer.id])


def _form(form: CustomerForm, customer: Customer | None, *, conflict: bool = False) -> str:
    return render_template(
        "customers/edit.html",
        form=form,
        customer=customer,
        conflict=conflict,
        stamps=_stamps(customer),
        industries=catalogue().industries,
        crumbs=[
            (_("客户名录"), url_for("customers.index")),
            (customer.name if customer else _("新建客户"), None),
        ],
    )
