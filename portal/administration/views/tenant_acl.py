"""A tenant's information list, for its administrators."""

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.access.acl import Acl
from portal.access.permissions import Permission
from portal.administration import acl_pages
from portal.administration.acl_pages import Page, Where
from portal.web.access import needs

blueprint = Blueprint("tenant_acl", __name__, url_prefix="/e/<enterprise:enterprise_id>/access")

_WHERE = Where("tenant_acl", Acl.INFORMATION, {})


@blueprint.get("")
@needs(Permission.TENANT_ACL_MANAGE)
def index() -> str:
    """This function will show the list."""
    return acl_pages.show(_WHERE)


@blueprint.post("")
@needs(Permission.TENANT_ACL_MANAGE, reads=True)
def export() -> Response:
    """This function will hand a list out as Excel."""
    return acl_pages.export(_WHERE)


@blueprint.get("/who")
@needs(Permission.TENANT_ACL_MANAGE)
def who() -> str:
    """This function will show who can do something, and why."""
    return acl_pages.who(_WHERE)


@blueprint.post("/entries")
@needs(Permission.TENANT_ACL_MANAGE)
def add() -> Page:
    """This function will add an entry."""
    return acl_pages.add(_WHERE)


@blueprint.post("/entries/<id:entry_id>/remove")
@needs(Permission.TENANT_ACL_MANAGE)
def remove(entry_id: str) -> Page:
    """This function will remove an entry."""
    return acl_pages.remove(_WHERE, entry_id)
