"""User groups of staff accounts, for the security administrator."""

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.administration import group_pages
from portal.administration.group_pages import Page
from portal.web.access import needs

blueprint = Blueprint("user_groups", __name__, url_prefix="/admin/user-groups")


@blueprint.get("")
@needs(Permission.ACLS_MANAGE)
def index() -> str:
    """This function will list the groups."""
    return group_pages.index("user_groups")


@blueprint.post("")
@needs(Permission.ACLS_MANAGE, reads=True)
def export() -> Response:
    """This function will hand the groups out as Excel."""
    return group_pages.export()


@blueprint.post("/new")
@needs(Permission.ACLS_MANAGE)
def new() -> Page:
    """This function will create a group."""
    return group_pages.new("user_groups")


@blueprint.route("/<id:user_group_id>", methods=["GET", "POST"])
@needs(Permission.ACLS_MANAGE)
def edit(user_group_id: str) -> Page:
    """This function will change a group."""
    return group_pages.edit("user_groups", user_group_id)


@blueprint.post("/<id:user_group_id>/delete")
@needs(Permission.ACLS_MANAGE)
def delete(user_group_id: str) -> Response:
    """This function will delete a group."""
    return group_pages.delete("user_groups", user_group_id)
