"""What each role may do, drawn from the policy itself: there is no second list that could say something else."""

from dataclasses import dataclass
from functools import partial

from flask import Blueprint, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.layers import OWN_ACCOUNT, PERMISSIONS_OF
from portal.access.permissions import Permission
from portal.access.policy import BY_LIST, POLICY, Where
from portal.access.roles import LABELS, LAYER_LABELS, LAYER_OF, Layer, Role
from portal.access.words import PERMISSIONS, PLACES
from portal.core.messages import N_
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.i18n import translate

blueprint = Blueprint("roles", __name__, url_prefix="/roles")


@dataclass(frozen=True)
class Line:
    """A permission, for each role of its layer where it holds it, or None, and where an access list may give it."""

    permission: Permission
    held: tuple[Where | None, ...]
    by_list: tuple[Where | None, ...]


@dataclass(frozen=True)
class LayerTable:
    """One layer: its roles, and what they may do."""

    layer: Layer
    roles: tuple[Role, ...]
    lines: tuple[Line, ...]


@blueprint.get("")
@needs(Permission.SELF_MANAGE)
def index() -> str:
    """This function will show a table for each layer: permissions down, roles across."""
    return render_template(
        "administration/roles.html",
        tables=[_table(layer) for layer in Layer],
        own=sorted(OWN_ACCOUNT),
        layer_labels=LAYER_LABELS,
        labels=LABELS,
        permissions=PERMISSIONS,
        places=PLACES,
        crumbs=[(_("角色与权限"), None)],
    )


@blueprint.post("")
@needs(Permission.SELF_MANAGE, reads=True)
def export() -> Response:
    """This function will hand the tables out as Excel, a sheet for each layer."""
    return hand_out_sheets("roles", N_("角色与权限"), [_sheet(_table(layer)) for layer in Layer])


def _sheet(table: LayerTable) -> Sheet[Line]:
    columns: list[Column[Line]] = [
        Column(_("权限"), 30, lambda line: PERMISSIONS[line.permission]),
        Column(_("名称"), 26, lambda line: line.permission.value),
    ]
    for at, role in enumerate(table.roles):
        columns.append(Column(translate(LABELS[role]), 20, partial(_held, at)))
    return Sheet(translate(LAYER_LABELS[table.layer]), table.lines, columns)


def _held(at: int, line: Line) -> str:
    where, given = line.held[at], line.by_list[at]
    if where is not None:
        return translate(PLACES[where])
    return _("%(where)s（要由访问控制列表允许）", where=translate(PLACES[given])) if given is not None else ""


def _table(layer: Layer) -> LayerTable:
    roles = tuple(role for role in LAYER_OF if LAYER_OF[role] is layer)
    lines = (
        Line(
            permission,
            tuple(POLICY[permission].get(role) for role in roles),
            tuple(BY_LIST.get(permission, {}).get(role) for role in roles),
        )
        for permission in Permission
        if permission in PERMISSIONS_OF[layer]
    )
    # What the portal alone does, such as following a package, is nobody's permission.
    return LayerTable(layer, roles, tuple(line for line in lines if any(line.held)))
