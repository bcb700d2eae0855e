"""One application: writing it, submitting it, deciding it."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.modules import Module
from portal.access.permissions import Permission
from portal.access.policy import allows
from portal.catalog.scopes import Scope
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid
from portal.tenants import jobs
from portal.tenants.applications import commands, queries
from portal.tenants.applications.forms import ApplicationForm, OpeningForm, ReturnForm
from portal.tenants.applications.models import Application
from portal.tenants.applications.states import Act, ApplicationState, may_start
from portal.tenants.applications.views.listing import list_file, list_page
from portal.tenants.applications.views.showing import show_page
from portal.tenants.views.enterprises import explain_name
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.paging import whole
from portal.web.state import ctx

blueprint = Blueprint("applications", __name__, url_prefix="/center/applications")

Answer = Response | str | tuple[str, int]


@blueprint.get("")
@needs(Permission.APPLICATIONS_VIEW)
def index() -> str:
    """This function will list applications; a province sees its own."""
    return list_page()


@blueprint.post("")
@needs(Permission.APPLICATIONS_VIEW, reads=True)
def export() -> Response:
    """This function will hand the list out as Excel."""
    return list_file()


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.APPLICATIONS_EDIT)
def new() -> Answer:
    """This function will take a new application, as a draft or submitted at once."""
    form = ApplicationForm()
    form.offer()
    if not form.validate_on_submit():
        return _form(form, None)
    return _keep(form, None, lambda context: commands.draft_application(context, form.fields()))


@blueprint.get("/name")
@needs(Permission.APPLICATIONS_EDIT, passive=True)
def explain() -> str:
    """This function will say, while somebody types, what the portal reads from a group name."""
    given, province = request.args, ctx().actor.province_code
    scope = given.get("scope")
    return explain_name(given.get("name", ""), Scope(scope) if scope in set(Scope) else Scope.NATIONAL, province, "")


@blueprint.get("/<id:application_id>")
@needs(Permission.APPLICATIONS_VIEW)
def show(application_id: str) -> str:
    """This function will show an application, how it stands and what happened to it."""
    return show_page(queries.get_application(ctx().session, application_id, ctx().actor))


@blueprint.route("/<id:application_id>/edit", methods=["GET", "POST"])
@needs(Permission.APPLICATIONS_EDIT)
def edit(application_id: str) -> Answer:
    """This function will change a draft or a returned application, and submit it if that is asked."""
    row = queries.get_application(ctx().session, application_id, ctx().actor)
    if not may_start(ApplicationState(row.state), Act.CHANGE):
        return redirect(url_for("applications.show", application_id=row.id), 303)
    form = ApplicationForm()
    form.offer()
    if request.method != "POST":
        form.fill(row)
    if not form.validate_on_submit():
        return _form(form, row)
    typed, version = form.fields(row), form.version.data or 0
    try:
        return _keep(form, row, lambda context: commands.change_application(context, row.id, version, typed))
    except Conflict as conflict:
        ctx().session.rollback()
        stored = queries.get_application(ctx().session, application_id, ctx().actor)
        form.version.data = stored.version
        return _form(form, stored, conflict=True), conflict.status


@blueprint.post("/<id:application_id>/submit")
@needs(Permission.APPLICATIONS_EDIT)
def submit(application_id: str) -> Answer:
    """This function will submit what is stored; what is wrong with it leads to the form."""
    try:
        commands.submit_application(ctx(), application_id, _version())
    except Invalid as invalid:
        ctx().session.rollback()
        row = queries.get_application(ctx().session, application_id, ctx().actor)
        form = ApplicationForm(formdata=None)
        form.offer()
        form.fill(row)
        show_errors(form, invalid)
        return _form(form, row), invalid.status
    flash(_("已提交，运营中心审批后会通知您。"), "ok")
    return _back(application_id)


@blueprint.post("/<id:application_id>/take-back")
@needs(Permission.APPLICATIONS_EDIT)
def take_back(application_id: str) -> Answer:
    """This function will make a waiting application a draft again."""
    commands.take_back_application(ctx(), application_id, _version())
    flash(_("已撤回，改好后可以重新提交。"), "ok")
    return redirect(url_for("applications.edit", application_id=application_id), 303)


@blueprint.post("/<id:application_id>/give-up")
@needs(Permission.APPLICATIONS_EDIT)
def give_up(application_id: str) -> Answer:
    """This function will end a draft or a returned application."""
    commands.give_up_application(ctx(), application_id, _version())
    flash(_("申请已作废。"), "ok")
    return _back(application_id)


@blueprint.post("/<id:application_id>/approve")
@needs(Permission.APPLICATIONS_DECIDE)
def approve(application_id: str) -> Answer:
    """This function will approve an application, upon which its enterprise has an ID; who may order is led on to do so."""
    form = OpeningForm()
    form.offer()

    def do(context: Context) -> str | None:
        opening = form.opening()
        made = commands.approve_application(context, application_id, form.version.data or 0, opening)
        jobs.make_root_group_at_once(context, made.id)
        if allows(context.actor, Permission.ORDERS_MANAGE, made):
            flash(_("已通过，企业ID 是 %(number)s，接着订购申请的产品。", number=made.enterprise_id), "ok")
            return url_for("orders.new", enterprise_id=made.enterprise_id)
        flash(_("已通过，企业ID 是 %(number)s。", number=made.enterprise_id), "ok")
        return None

    return _decide(application_id, form, do)


@blueprint.post("/<id:application_id>/return")
@needs(Permission.APPLICATIONS_DECIDE)
def send_back(application_id: str) -> Answer:
    """This function will send an application back with a reason."""
    form = ReturnForm()

    def do(context: Context) -> None:
        commands.return_application(context, application_id, form.version.data or 0, form.reason.data or "")
        flash(_("已退回，省公司收到了原因。"), "ok")

    return _decide(application_id, form, do)


@blueprint.post("/<id:application_id>/contacts")
@needs(Permission.CONTACTS_REVEAL, module=Module.PERSONAL_DATA)
def contacts(application_id: str) -> str:
    """This function will show phones and server address in full, which is recorded; a page that asked by script gets them alone."""
    row = commands.reveal_contacts(ctx(), application_id)
    name = "applications/_contacts.html" if request.headers.get("HX-Request") else "applications/contacts.html"
    crumbs = [(_("企业ID申请"), url_for("applications.index")), (row.group_name or _("未命名"), None)]
    return render_template(name, row=row, crumbs=crumbs)


def _decide(application_id: str, form: OpeningForm | ReturnForm, act: Callable[[Context], str | None]) -> Answer:
    """What is refused stands beside the application as it is now, and nothing typed is lost; `act` may say where to go on."""
    try:
        onward = act(ctx())
    except (Invalid, Conflict) as refusal:
        ctx().session.rollback()
        if isinstance(refusal, Invalid):
            show_errors(form, refusal)
        else:
            flash(translate(refusal.message), "error")
        row = queries.get_application(ctx().session, application_id, ctx().actor)
        form.version.data = row.version
        return show_page(row, form), refusal.status
    return redirect(onward, 303) if onward else _back(application_id)


def _keep(form: ApplicationForm, row: Application | None, save: Callable[[Context], Application]) -> Answer:
    """Save what was typed and, unless only a draft was asked for, submit it; what cannot be submitted is not saved either."""
    try:
        kept = save(ctx())
        if not request.form.get("draft"):
            commands.submit_application(ctx(), kept.id, kept.version)
    except Invalid as invalid:
        ctx().session.rollback()
        show_errors(form, invalid)
        return _form(form, row), invalid.status
    said = _("草稿已保存。") if request.form.get("draft") else _("已提交，运营中心审批后会通知您。")
    flash(said, "ok")
    return _back(kept.id)


def _form(form: ApplicationForm, row: Application | None, *, conflict: bool = False) -> str:
    return render_template(
        "applications/edit.html",
        form=form,
        row=row,
        conflict=conflict,
        crumbs=[
            (_("企业ID申请"), url_for("applications.index")),
            ((row.group_name or _("未命名")) if row else _("申请企业ID"), None),
        ],
    )


def _version() -> int:
    return request.form.get("version", 0, type=whole)


def _back(application_id: str) -> Response:
    return redirect(url_for("applications.show", application_id=application_id), 303)
