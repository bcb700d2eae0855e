"""Page codes drawn or spoken anew, for whoever cannot read the one on the page."""

from flask import Blueprint, Response

from portal.access.modules import Module
from portal.accounts.captcha import asking
from portal.core.errors import NotFound
from portal.web.access import public

blueprint = Blueprint("captcha", __name__, url_prefix="/captcha")


@blueprint.get("/<action>.png")
@public
def picture(action: str) -> Response:
    """This function will draw another page code for this browser; the one before is void."""
    return Response(asking.drawn(_known(action)), content_type="image/png")


@blueprint.get("/<action>.wav")
@public
def sound(action: str) -> Response:
    """This function will speak another page code for this browser; the one before is void."""
    return Response(asking.spoken(_known(action)), content_type="audio/wav")


def _known(action: str) -> Module:
    try:
        return Module(action)
    except ValueError:
        raise NotFound from None
