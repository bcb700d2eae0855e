"""The description of the calls for people who write boxes: for machines, and as a page beside it."""

import json

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.boxes.openapi import description
from portal.web.access import public

blueprint = Blueprint("box_description", __name__, url_prefix="/box/v1")


@blueprint.get("/openapi.json")
@public
def machine() -> Response:
    """This function will send the calls as OpenAPI 3.1."""
    return Response(json.dumps(description(), ensure_ascii=False, indent=1), content_type="application/json")


@blueprint.get("/openapi.html")
@public
def readable() -> str:
    """This function will show the same as a page."""
    told = description()
    return render_template("boxes/description.html", told=told, models=told["components"]["schemas"])
