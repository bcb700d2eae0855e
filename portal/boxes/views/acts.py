"""What people do with boxes that are bound. Part of the blueprint of the list, whose line of the menu stands for all of it."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.boxes.commands import deciding, managing
from portal.boxes.forms import EndForm, MoveForm, NameForm, ReplaceForm
from portal.boxes.models.bound import Box
from portal.boxes.queries import fleet, one
from portal.boxes.states import BoxState, CommandKind
from portal.boxes.views import lists
from portal.boxes.views.telling import say_told
from portal.boxes.views.tenant import blueprint, wanted_here
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import BoxId, GroupId, is_id
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.refusals import telling_refusal
from portal.web.state import ctx

__all__ = ["blueprint"]

Answer = Response | str | tuple[str, int]
_MOVE = "move"


@blueprint.post("/selection")
@needs(Permission.BOXES_COMMAND)
def selection() -> Response:
    """This function will do with the chosen boxes, or with all of the filtered list, what the bar says."""
    act, ids = request.form.get("act", ""), _chosen()
    if act == _MOVE:
        return redirect(url_for("boxes.move", chosen=ids), 303)
    return _tell(ids, act, lists.link_to("boxes.index")())


@blueprint.post("/<id:box_id>/command")
@needs(Permission.BOXES_COMMAND)
def command(box_id: BoxId) -> Response:
    """This function will tell one box to do something."""
    return _tell([box_id], request.form.get("act", ""), _page(box_id))


@blueprint.route("/<id:box_id>/name", methods=["GET", "POST"])
@needs(Permission.BOXES_MANAGE)
def name(box_id: BoxId) -> Answer:
    """This function will give a box the name that people call it by."""
    row = one.get_box(ctx().session, box_id)
    form = NameForm(name=row.name, version=row.version)

    def act(context: Context) -> None:
        managing.name_box(context, box_id, form.version.data or 0, form.name.data or "")

    return _form(form, "boxes/name.html", row, act, lambda: _("已改名。"))


@blueprint.route("/move", methods=["GET", "POST"])
@needs(Permission.BOXES_MANAGE)
def move() -> Answer:
    """This function will say what a move does, and move the boxes that the address names into another group."""
    ids = [BoxId(each) for each in request.args.getlist("chosen") if is_id(each)][: catalogue().boxes.command_rounds]
    rows = [one.get_box(ctx().session, each) for each in ids[:1]]
    if not rows:
        return render_template("boxes/none.html")
    tree, form = group_tree(ctx().session), MoveForm(group=rows[0].group_id)
    form.offer(tree)
    if not form.validate_on_submit():
        return render_template("boxes/move.html", form=form, rows=rows, count=len(ids))
    try:
        moved = managing.move_boxes(ctx(), ids, GroupId(form.group.data or ""))
    except Refused as refusal:
        ctx().session.rollback()
        flash(translate(refusal.message), "error")
        return redirect(url_for("boxes.index"), 303)
    flash(
        ngettext(
            "已移动 %(num)d 台，下次心跳起换成新分组的画面。", "已移动 %(num)d 台，下次心跳起换成新分组的画面。", moved
        ),
        "ok",
    )
    return redirect(url_for("boxes.index"), 303)


@blueprint.route("/<id:box_id>/unbind", methods=["GET", "POST"])
@needs(Permission.BOXES_MANAGE)
def unbind(box_id: BoxId) -> Answer:
    """This function will say what unbinding does, and unbind a box."""
    row, form = one.get_box(ctx().session, box_id), EndForm()
    form.version.data = form.version.data or row.version

    def act(context: Context) -> None:
        managing.unbind_box(context, box_id, form.version.data or 0, form.reason.data or "")

    return _form(form, "boxes/unbind.html", row, act, lambda: _("已解绑，下次联系时机顶盒会清掉内容。"))


@blueprint.route("/<id:box_id>/theft", methods=["GET", "POST"])
@needs(Permission.BOXES_MANAGE)
def theft(box_id: BoxId) -> Answer:
    """This function will say what a report of theft does, and end the box's token and its channel once its serial number was typed."""
    row, form = one.get_box(ctx().session, box_id), EndForm()
    form.version.data = form.version.data or row.version

    def act(context: Context) -> None:
        if (form.typed.data or "").strip() != row.serial:
            raise Invalid({"typed": managing.type_serial(row.serial)})
        managing.report_stolen(context, box_id, form.version.data or 0, form.reason.data or "")

    return _form(form, "boxes/theft.html", row, act, lambda: _("已报失：凭证终止，它知道的频道已更换。"))


@blueprint.route("/<id:box_id>/replace", methods=["GET", "POST"])
@needs(Permission.BOXES_MANAGE)
def replace(box_id: BoxId) -> Answer:
    """This function will let a box that waits take the place of this one."""
    session = ctx().session
    row, form = one.get_box(session, box_id), ReplaceForm()
    found = session.scalars(fleet.waiting(clock.now())).all()
    form.successor.choices = [(each.id, f"{each.serial} · {each.model}") for each in found]

    def act(context: Context) -> None:
        deciding.replace_box(context, box_id, form.successor.data or "")

    return _form(form, "boxes/replace.html", row, act, lambda: _("已更换：新机接过名称、分组和名额。"))


def _form(form: Any, template: str, row: Box, act: Callable[[Context], None], said: Callable[[], str]) -> Answer:
    """A form about one bound box: shown, or done and back to the box's page."""
    if row.state != BoxState.BOUND:
        flash(_("这台机顶盒已经不再绑定。"), "info")
        return redirect(_page(BoxId(row.id)), 303)
    if not form.validate_on_submit():
        return render_template(template, form=form, row=row)
    try:
        act(ctx())
    except Invalid as invalid:
        ctx().session.rollback()
        show_errors(form, invalid)
        return render_template(template, form=form, row=row), invalid.status
    except (Conflict, Refused) as refusal:
        ctx().session.rollback()
        form.form_errors.append(translate(refusal.message))
        return render_template(template, form=form, row=one.get_box(ctx().session, BoxId(row.id))), refusal.status
    flash(said(), "ok")
    return redirect(_page(BoxId(row.id)), 303)


def _chosen() -> list[BoxId]:
    most = catalogue().boxes.command_rounds
    if request.form.get("all") == "1":
        session = ctx().session
        return fleet.selected(session, fleet.boxes(wanted_here(group_tree(session)), clock.now()), most)
    return [BoxId(each) for each in request.form.getlist("chosen") if is_id(each)][: most + 1]


def _tell(ids: list[BoxId], act: str, back: str) -> Response:
    if act not in set(CommandKind):
        raise NotFound
    if not ids:
        flash(_("先选中机顶盒。"), "info")
        return redirect(back, 303)
    with telling_refusal():
        number = managing.tell_boxes(ctx(), ids, CommandKind(act))
        say_told(number)
    return redirect(back, 303)


def _page(box_id: BoxId) -> str:
    return url_for("boxes.box", box_id=box_id)
