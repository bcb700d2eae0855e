"""Pages of the logo (定制logo)."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request

from portal.access.permissions import Permission
from portal.catalog.features import Feature
from portal.content.desktop import DESKTOP_KINDS, Desktop, desktop
from portal.content.editing.frame import group_asked, groups, show
from portal.content.editing.pages import Editor
from portal.content.editing.uploads import take_picture
from portal.content.kinds import Kind
from portal.content.logo.forms import LogoForm
from portal.content.queries import ObjectView, objects
from portal.media.limits import IMAGES, SHAPES
from portal.media.states import Purpose
from portal.tenants.tree import GroupTree
from portal.web.access import needs
from portal.web.state import ctx

blueprint = Blueprint("logo", __name__, url_prefix="/e/<enterprise:enterprise_id>/content/logo")

_KEY = "logo"


def _desktop(tree: GroupTree) -> Desktop:
    path = tree.path(group_asked(tree, request.args.get("group")))
    return desktop(objects(ctx().session, DESKTOP_KINDS), path)


def _extras(form: LogoForm, view: ObjectView | None) -> Mapping[str, Any]:
    return {
        "group": group_asked(groups(), request.args.get("group")),
        "shape": SHAPES[Purpose.LOGO],
        "max_bytes": IMAGES.bytes,
    }


_editor = Editor(
    Kind.LOGO,
    LogoForm,
    "logo",
    extras=_extras,
    prepare=lambda form: take_picture(form, "image", Purpose.LOGO),
)
_editor.mount(blueprint, Feature.LOGO)


@blueprint.get("/")
@needs(Permission.CONTENT_VIEW, feature=Feature.LOGO)
def index() -> str:
    """This function will show the logo on a dark and on a light desktop, and every group's own."""
    tree = groups()
    found = _desktop(tree)
    return show(
        "logo/index.html",
        tree=tree,
        group=group_asked(tree, request.args.get("group")),
        standing=found.at(_KEY),
        views=found.variants(_KEY),
    )
