"""The tree of box groups (分组) and its channels."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.checks import may
from portal.access.permissions import Permission
from portal.audit.stamps import stamps_of
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import GroupId
from portal.core.messages import N_
from portal.tenants.commands.groups import create_group, delete_group, move_group, rename_group, replace_channel
from portal.tenants.forms import ChannelForm, GroupForm
from portal.tenants.pointing import pointing
from portal.tenants.queries import versioned_tree
from portal.tenants.rules import fold
from portal.tenants.tree import GroupTree, Node
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.paging import whole
from portal.web.refusals import telling_refusal
from portal.web.state import ctx

blueprint = Blueprint("groups", __name__, url_prefix="/e/<enterprise:enterprise_id>/groups")


@blueprint.get("")
@needs(Permission.GROUPS_VIEW)
def index() -> str:
    """This function will show the tree with what each channel points at."""
    session = ctx().session
    tree, versions = versioned_tree(session)
    channels = {node.id: node.channel for _depth, node in tree.walk()}
    return render_template(
        "groups/index.html",
        tree=tree,
        versions=versions,
        pointing=pointing(session, channels),
        stamps=stamps_of(session, list(channels)),
    )


@blueprint.post("")
@needs(Permission.GROUPS_VIEW, reads=True)
def export() -> Response:
    """This function will hand out the tree; the channels as the page shows them, whole for whoever manages groups alone."""
    session, manages = ctx().session, may(ctx(), Permission.GROUPS_MANAGE)
    tree, _versions = versioned_tree(session)
    shown = pointing(session, {node.id: node.channel for _depth, node in tree.walk()})

    def address(node: Node) -> str:
        whole = shown[node.id].address
        return whole if manages else whole.replace(node.channel, f"{node.channel[:4]}…{node.channel[-4:]}")

    columns: list[Column[Node]] = [
        Column(_("分组"), 40, lambda node: tree.label(node.id)),
        Column(_("频道"), 60, address),
        Column(_("版本"), 8, lambda node: shown[node.id].release),
        Column(_("发布时间"), 20, lambda node: shown[node.id].published_at),
    ]
    nodes = [node for _depth, node in tree.walk()]
    return hand_out_sheets("groups", N_("分组"), [Sheet(_("分组"), nodes, columns)])


@blueprint.route("/new", methods=["GET", "POST"])
@needs(Permission.GROUPS_MANAGE)
def new() -> Response | str | tuple[str, int]:
    """This function will create a group below another one."""
    tree, _versions = versioned_tree(ctx().session)
    form = GroupForm(parent=request.args.get("parent"))
    form.offer(tree)
    if not form.validate_on_submit():
        return _edit_page(form, None)
    try:
        create_group(ctx(), GroupId(form.parent.data or tree.root.id), form.name.data or "")
    except (Invalid, Refused) as refusal:
        _show(form, refusal)
        return _edit_page(form, None), refusal.status
    flash(_("分组已建立，频道已分配，约一分钟后可用。"), "ok")
    return _back()


@blueprint.route("/<id:group_id>/rename", methods=["GET", "POST"])
@needs(Permission.GROUPS_MANAGE)
def rename(group_id: GroupId) -> Response | str | tuple[str, int]:
    """This function will rename a group."""
    tree, versions = versioned_tree(ctx().session)
    node = _node(tree, group_id)
    form = GroupForm(name=node.name, version=versions[group_id])
    if not form.validate_on_submit():
        return _edit_page(form, node)
    try:
        rename_group(ctx(), group_id, form.version.data or 0, form.name.data or "")
    except Invalid as refusal:
        _show(form, refusal)
        return _edit_page(form, node), refusal.status
    except Conflict as conflict:
        form.form_errors.append(_("别人刚改过，现在叫「%(name)s」。再保存一次就用您的。", name=node.name))
        form.version.data = versions[group_id]
        return _edit_page(form, node), conflict.status
    flash(_("分组已改名。"), "ok")
    return _back()


@blueprint.route("/<id:group_id>/move", methods=["GET", "POST"])
@needs(Permission.GROUPS_MANAGE)
def move(group_id: GroupId) -> Response | str | tuple[str, int]:
    """This function will say what a move does, and move a group with all below it."""
    tree, versions = versioned_tree(ctx().session)
    node = _node(tree, group_id)
    form = GroupForm(parent=node.parent, version=versions[group_id])
    form.offer(tree, without=tree.subtree(group_id))
    if not form.validate_on_submit():
        return _move_page(form, tree, node)
    try:
        move_group(ctx(), group_id, form.version.data or 0, GroupId(form.parent.data or ""))
    except (Invalid, Refused) as refusal:
        _show(form, refusal)
        return _move_page(form, tree, node), refusal.status
    moved = len(tree.subtree(group_id))
    flash(
        ngettext("已移动，%(num)d 个频道将更新画面。", "已移动，%(num)d 个频道将更新画面。", moved),
        "ok",
    )
    return _back()


@blueprint.post("/<id:group_id>/delete")
@needs(Permission.GROUPS_MANAGE)
def delete(group_id: GroupId) -> Response:
    """This function will delete a group that nothing lies below or is aimed at."""
    with telling_refusal():
        delete_group(ctx(), group_id, request.form.get("version", 0, type=whole))
        flash(_("分组已删除，它的频道停用。"), "ok")
    return _back()


@blueprint.route("/<id:group_id>/channel", methods=["GET", "POST"])
@needs(Permission.GROUPS_MANAGE)
def channel(group_id: GroupId) -> Response | str | tuple[str, int]:
    """This function will replace a group's channel once its name has been typed."""
    tree, versions = versioned_tree(ctx().session)
    node = _node(tree, group_id)
    form = ChannelForm(version=versions[group_id])
    if not form.validate_on_submit():
        return _channel_page(form, node)
    if fold(form.typed.data or "") != node.name:
        form.typed.errors = [_("请输入「%(name)s」确认。", name=node.name)]
        return _channel_page(form, node), 422
    replace_channel(ctx(), group_id, form.version.data or 0)
    flash(_("频道已更换，机顶盒要从新地址取画面。"), "ok")
    return _back()


def _node(tree: GroupTree, group_id: GroupId) -> Node:
    if group_id not in tree:
        raise NotFound
    return tree[group_id]


def _show(form: GroupForm, refusal: Invalid | Refused) -> None:
    if isinstance(refusal, Invalid):
        show_errors(form, refusal)
    else:
        form.form_errors.append(translate(refusal.message))


def _back() -> Response:
    return redirect(url_for("groups.index"), 303)


def _edit_page(form: GroupForm, node: Node | None) -> str:
    return render_template("groups/edit.html", form=form, node=node)


def _move_page(form: GroupForm, tree: GroupTree, node: Node) -> str:
    below = [tree.label(group) for group in tree.subtree(node.id) if group != node.id]
    return render_template("groups/move.html", form=form, node=node, below=sorted(below))


def _channel_page(form: ChannelForm, node: Node) -> str:
    return render_template("groups/channel.html", form=form, node=node)
