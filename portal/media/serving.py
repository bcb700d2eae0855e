"""Sending a tenant's own file to whoever may see its drafts: inert, private, in ranges."""

from flask import Response as FlaskResponse
from flask import request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response
from werkzeug.wsgi import wrap_file

from portal.media.headers import read_header
from portal.media.renditions import Rendition
from portal.media.storage import storage

_POLICY = "default-src 'none'; style-src 'none'; sandbox; frame-ancestors 'none'"
_KEPT_SECONDS = 600


def send_original(sha256: str) -> Response:
    """This function will answer with a picture as it was taken in, from which parts are cut; raises `FileNotFoundError`."""
    with storage().open(sha256) as file:
        header = read_header(file.read(_HEAD))
    kind = f"image/{header.format.lower()}" if header else "application/octet-stream"
    width, height = (header.width, header.height) if header else (0, 0)
    return send_rendition(Rendition(sha256, storage().size(sha256), kind, width, height))


_HEAD = 64 * 1024


def send_rendition(rendition: Rendition) -> Response:
    """This function will answer with the file, with a part of it (RFC 9110 ranges), or with 304; raises `FileNotFoundError`.

    The name is the content's hash, so it never changes; the browser may keep it a while, and nobody else at all. It is asked
    for only once access has been decided.
    """
    file = storage().open(rendition.sha256)
    response = FlaskResponse(wrap_file(request.environ, file), mimetype=rendition.type, direct_passthrough=True)
    response.content_length = rendition.bytes
    response.set_etag(rendition.sha256)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = f"private, max-age={_KEPT_SECONDS}, immutable"
    try:
        return response.make_conditional(request, accept_ranges=True, complete_length=rendition.bytes)
    except RequestedRangeNotSatisfiable:
        file.close()  # the response that would have closed it is never sent
        raise
