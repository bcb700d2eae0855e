"""The pages of user groups, the same for staff accounts and for a tenant's members."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.administration.commands import groups
from portal.administration.forms import GroupForm, NewGroupForm
from portal.administration.groups import Listed, listed, people
from portal.core.errors import Conflict, Invalid
from portal.core.messages import N_
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.state import ctx

Page = Response | str | tuple[str, int]


def index(blueprint: str, form: NewGroupForm | None = None) -> str:
    """This function will list the groups, with the form of a new one."""
    return render_template(
        "administration/groups.html",
        blueprint=blueprint,
        form=form or NewGroupForm(formdata=None),
        groups=listed(ctx()),
    )


def export() -> Response:
    """This function will hand the groups out as Excel."""
    columns: list[Column[Listed]] = [
        Column(_("名称"), 40, lambda one: one.name),
        Column(_("人数"), 8, lambda one: one.members),
    ]
    return hand_out_sheets("user_groups", N_("用户组"), [Sheet(_("用户组"), listed(ctx()), columns)])


def new(blueprint: str) -> Page:
    """This function will create a group."""
    form = NewGroupForm()
    try:
        group_id = groups.create_group(ctx(), form.name.data or "")
    except Invalid as invalid:
        show_errors(form, invalid)
        return index(blueprint, form), invalid.status
    return redirect(url_for(f"{blueprint}.edit", user_group_id=group_id), 303)


def edit(blueprint: str, group_id: str) -> Page:
    """This function will change a group's name and members."""
    group = groups.get_group(ctx(), group_id)
    form = GroupForm(obj=group, members=list(groups.members_of(ctx(), group)))
    if not form.validate_on_submit():
        return _edit_page(blueprint, group_id, form)
    try:
        groups.change_group(
            ctx(), group_id, form.name.data or "", form.members.data or [], version=form.version.data or 0
        )
    except Invalid as invalid:
        show_errors(form, invalid)
        return _edit_page(blueprint, group_id, form), invalid.status
    except Conflict as conflict:
        flash(translate(conflict.message), "error")
        return _edit_page(blueprint, group_id, form), conflict.status
    flash(_("已保存，从他们的下一次操作起生效。"), "ok")
    return redirect(url_for(f"{blueprint}.index"), 303)


def delete(blueprint: str, group_id: str) -> Response:
    """This function will delete a group, and the entries that name it."""
    groups.delete_group(ctx(), group_id)
    flash(_("用户组已删除，用到它的访问控制条目也一起删除。"), "ok")
    return redirect(url_for(f"{blueprint}.index"), 303)


def _edit_page(blueprint: str, group_id: str, form: GroupForm) -> str:
    form.members.choices = people(ctx())
    return render_template(
        "administration/group.html",
        blueprint=blueprint,
        group=groups.get_group(ctx(), group_id),
        form=form,
    )
