"""User groups of a tenant's members, for its administrators."""

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.administration import group_pages
from portal.administration.group_pages import Page
from portal.web.access import needs

blueprint = Blueprint("member_groups", __name__, url_prefix="/e/<enterprise:enterprise_id>/user-groups")


@blueprint.get("")
@needs(Permission.TENANT_ACL_MANAGE)
def index() -> str:
    """This function will list the groups."""
    return group_pages.index("member_groups")


@blueprint.post("")
@needs(Permission.TENANT_ACL_MANAGE, reads=True)
def export() -> Response:
    """This function will hand the groups out as Excel."""
    return group_pages.export()


@blueprint.post("/new")
@needs(Permission.TENANT_ACL_MANAGE)
def new() -> Page:
    """This function will create a group."""
    return group_pages.new("member_groups")


@blueprint.route("/<id:user_group_id>", methods=["GET", "POST"])
@needs(Permission.TENANT_ACL_MANAGE)
def edit(user_group_id: str) -> Page:
    """This function will change a group."""
    return group_pages.edit("member_groups", user_group_id)


@blueprint.post("/<id:user_group_id>/delete")
@needs(Permission.TENANT_ACL_MANAGE)
def delete(user_group_id: str) -> Response:
    """This function will delete a group."""
    return group_pages.delete("member_groups", user_group_id)
