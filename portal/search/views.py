"""The dialog's answers and the page of a search; both are the same list."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.core.database import system_session
from portal.search.everywhere import everywhere
from portal.search.found import Kind
from portal.search.pages import pages, spoken_kinds
from portal.search.tenant import in_tenant
from portal.web.access import needs
from portal.web.state import ctx

blueprint = Blueprint("search", __name__)

_LONGEST = 80
_IN_DIALOG, _ON_PAGE = 5, 20


@blueprint.get("/e/<enterprise:enterprise_id>/search")
@needs(Permission.TENANT_VIEW)
def tenant() -> Response:
    """This function will find what the reader may see of one tenant, and pages of its menu."""
    text, most = _text(), _most()
    found = in_tenant(ctx(), text, most, spoken_kinds(text)) if text else ()
    return _answer(text, most, list(found))


@blueprint.get("/center/search")
@needs(Permission.SELF_MANAGE)
def staff() -> Response:
    """This function will find what the reader may see over all tenants, and pages of the menu."""
    text, most = _text(), _most()
    if not text:
        return _answer(text, most, [])
    with system_session(reason="a search of the staff over all tenants") as session:
        return _answer(text, most, list(everywhere(ctx(), session, text, most)))


def _answer(text: str, most: int, found: Iterable[Kind]) -> Response:
    shown: dict[str, Any] = {
        "text": text,
        "kinds": [kind for kind in (pages(text, most), *found) if kind.hits],
        "here": request.path,
        "dialog": _is_dialog(),
        "crumbs": [(_("搜索"), None)],
    }
    name = "search/_found.html" if _is_dialog() else "search/index.html"
    response = make_response(render_template(name, **shown))
    response.vary.add("HX-Request")
    return response


def _is_dialog() -> bool:
    return request.headers.get("HX-Request") == "true"


def _most() -> int:
    return _IN_DIALOG if _is_dialog() else _ON_PAGE


def _text() -> str:
    return " ".join(request.args.get("q", "").split())[:_LONGEST]
