"""Opening an enterprise; the list of all of them, which shows their packages, is in `orders`."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.catalog.catalogue import catalogue
from portal.catalog.scopes import Scope
from portal.core.errors import Invalid
from portal.core.ids import is_id
from portal.core.messages import N_, Message
from portal.tenants import jobs, queries
from portal.tenants.commands.enterprises import TenantDetails, create_tenant
from portal.tenants.forms import EnterpriseForm
from portal.tenants.naming import read_group_name
from portal.tenants.rules import GroupName, fold
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.i18n import language, translate
from portal.web.state import ctx

blueprint = Blueprint("enterprises", __name__, url_prefix="/center/tenants/new")

_SUGGESTED_CUSTOMERS = 200


@blueprint.route("", methods=["GET", "POST"])
@needs(Permission.TENANTS_MANAGE)
def new() -> Response | str | tuple[str, int]:
    """This function will open an enterprise and lead to its page, where its enterprise ID stands."""
    form = EnterpriseForm()
    form.offer()
    if request.method != "POST":
        _prefill(form)
    if not form.validate_on_submit():
        return _page(form)
    try:
        created = create_tenant(ctx(), _details(form))
    except Invalid as invalid:
        show_errors(form, invalid)
        return _page(form), invalid.status
    jobs.make_root_group_at_once(ctx(), created.id)
    flash(_("企业已开通，企业ID 是 %(number)s。", number=created.enterprise_id), "ok")
    return redirect(url_for("tenants.tenant", enterprise_id=created.enterprise_id), 303)


@blueprint.get("/name")
@needs(Permission.TENANTS_MANAGE, passive=True)
def explain() -> str:
    """This function will say, while somebody types, what the portal reads from a group name."""
    given = request.args
    scope, province = _scope(given.get("scope")), given.get("province_code") or None
    return explain_name(given.get("name", ""), scope, province, given.get("customer", ""))


def explain_name(text: str, scope: Scope, province_code: str | None, customer: str) -> str:
    """This function will draw what the portal reads from a group name, or what is wrong with it."""
    try:
        read = read_group_name(text, scope, province_code)
    except Invalid as invalid:
        return _explanation(None, invalid.errors["name"][0], "")
    return _explanation(read, None, customer)


def _prefill(form: EnterpriseForm) -> None:
    asked = request.args.get("customer", "")
    if not is_id(asked):
        return
    customer = queries.get_customer(ctx().session, asked)
    form.customer.data = customer.name
    form.name.data = f"{customer.name}({catalogue().scopes[Scope.NATIONAL].name.zh}酒店)"


def _details(form: EnterpriseForm) -> TenantDetails:
    """What was typed; raises `Invalid` where the name cannot be read or the customer is not there."""
    customer = queries.find_customer(ctx().session, fold(form.customer.data or ""))
    errors: dict[str, Message] = {}
    if customer is None:
        errors["customer"] = N_("没有这个客户，请从列表里选，或先新建客户。")
    try:
        name = read_group_name(form.name.data or "", _scope(form.scope.data), form.province_code.data or None)
    except Invalid as invalid:
        raise Invalid(errors | {"name": invalid.errors["name"]}) from invalid
    if errors or customer is None:
        raise Invalid(errors)
    return TenantDetails(
        name, form.short_name.data or "", customer.id, form.province_code.data or None, form.server_address.data or ""
    )


def _scope(text: str | None) -> Scope:
    return Scope(text) if text in set(Scope) else Scope.NATIONAL


def _explanation(read: GroupName | None, problem: Message | None, customer: str) -> str:
    business = catalogue().business_types[read.business_type].name.in_language(language()) if read else ""
    return render_template(
        "tenants/_name.html",
        read=read,
        business=business,
        problem=translate(problem) if problem else "",
        other_customer=bool(read and customer and fold(customer) != read.customer),
    )


def _page(form: EnterpriseForm) -> str:
    return render_template(
        "tenants/new.html",
        form=form,
        customers=queries.newest_customer_names(ctx().session, _SUGGESTED_CUSTOMERS),
        crumbs=[(_("企业名录"), url_for("tenants.index")), (_("开通企业"), None)],
    )
