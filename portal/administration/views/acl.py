"""The system, user and application lists, for the security administrator; the auditor looks on."""

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.access.acl import Acl
from portal.access.permissions import Permission
from portal.administration import acl_pages
from portal.administration.acl_pages import Page, Where
from portal.web.access import needs

blueprint = Blueprint("acl", __name__, url_prefix="/admin/access/<any(system, user, application):acl>")


@blueprint.get("")
@needs(Permission.ACLS_VIEW)
def index(acl: str) -> str:
    """This function will show a list."""
    return acl_pages.show(_where(acl))


@blueprint.post("")
@needs(Permission.ACLS_VIEW, reads=True)
def export(acl: str) -> Response:
    """This function will hand a list out as Excel."""
    return acl_pages.export(_where(acl))


@blueprint.get("/who")
@needs(Permission.ACLS_VIEW)
def who(acl: str) -> str:
    """This function will show who can do something, and why."""
    return acl_pages.who(_where(acl))


@blueprint.post("/entries")
@needs(Permission.ACLS_MANAGE)
def add(acl: str) -> Page:
    """This function will add an entry."""
    return acl_pages.add(_where(acl))


@blueprint.post("/entries/<id:entry_id>/remove")
@needs(Permission.ACLS_MANAGE)
def remove(acl: str, entry_id: str) -> Page:
    """This function will remove an entry."""
    return acl_pages.remove(_where(acl), entry_id)


def _where(acl: str) -> Where:
    return Where("acl", Acl(acl), {"acl": acl})
