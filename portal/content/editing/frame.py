"""What every page of an editor has around its own content: the draft bar, the groups, and what the actor may change."""

from collections.abc import Mapping
from typing import Any

from flask import g, render_template, request, url_for

from portal.access.checks import may
from portal.access.permissions import Permission
from portal.content.commands import may_change
from portal.content.editing.bar import draft_bar
from portal.content.editing.forms import EnvelopeForm
from portal.content.editing.links import page_of
from portal.content.kinds import Kind
from portal.content.queries import ObjectView
from portal.core.ids import GroupId, is_id
from portal.tenants.queries import group_tree
from portal.tenants.tree import GroupTree
from portal.web.hooks import hooks
from portal.web.state import ctx, drawing, state


def show(template: str, **more: Any) -> str:
    """This function will render a page of an editor: `can_edit` is about the page, `may_change(view)` about one object."""
    session = drawing().session
    if "tree" not in more:
        more["tree"] = groups()
    can_edit = may(ctx(), Permission.CONTENT_EDIT) and not state().read_only
    return render_template(
        template,
        bar=draft_bar(session),
        can_edit=can_edit,
        may_change=lambda view: can_edit and may_change(ctx(), view),
        link_to=link_to,
        asset_url=asset_url,
        lock=_lock(),
        **more,
    )


def _lock() -> Mapping[str, Any] | None:
    """What the package no longer has of the page's feature and how that comes back, None where it has it."""
    current = state()
    if not current.lacks or current.tenant is None:
        return None
    return hooks().feature_notice(current.lacks, current.tenant)


def groups() -> GroupTree:
    """This function will return the tenant's tree of box groups, read once in a request."""
    if "group_tree" not in g:
        g.group_tree = group_tree(ctx().session)
    found: GroupTree = g.group_tree
    return found


def link_to(view: ObjectView) -> str:
    """This function will return where an object is looked at: its editor, or for those who may only look, its history."""
    page = page_of(Kind(view.object.kind), view.id) if may(ctx(), Permission.CONTENT_EDIT) else None
    return page or url_for("content.history", object_id=view.id)


def asset_url(sha256: str) -> str:
    """This function will return the console's address of a file, which works before anything is published."""
    return url_for("media.file", sha256=sha256)


def nodes(tree: GroupTree) -> list[dict[str, Any]]:
    """This function will return the tree as the targets control draws it: roots with their children."""

    def node(group: GroupId) -> dict[str, Any]:
        children = [node(child) for child in tree.children(group)]
        return {"id": group, "name": tree[group].name, "boxes": None, "children": children}

    return [node(group) for group in tree.children(None)]


def locked_groups(tree: GroupTree) -> frozenset[str]:
    """This function will return the groups at which a group editor cannot aim content; none for everybody else."""
    own = state().actor.groups
    return frozenset(node.id for _, node in tree.walk() if node.id not in own) if own else frozenset()


def group_asked(tree: GroupTree, asked: str | None) -> GroupId:
    """This function will return the group that the address names; a group editor's own, or the root, where it names none."""
    if asked and is_id(asked) and asked in tree:
        return GroupId(asked)
    return state().actor.group_id or tree.root.id


def aim_at_group_asked(form: EnvelopeForm) -> None:
    """This function will aim a new object at the group that the address names, unless that is the root or the form is aimed already."""
    tree = groups()
    group = group_asked(tree, request.args.get("group"))
    if group != tree.root.id and not form.targets.data:
        form.targets.data = [group]
