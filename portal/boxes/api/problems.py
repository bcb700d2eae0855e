"""Problem documents (RFC 9457) for boxes: each with a stable `code`, none ever a page."""

import json
from http import HTTPStatus
from typing import Any, Final

from flask import request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from portal.boxes.errors import TooLarge, TooMany, Unfit, Unproven, WrongType
from portal.boxes.nonces import new_nonce
from portal.core import clock
from portal.core.errors import PortalError
from portal.core.logs import get_logger
from portal.web.i18n import translate
from portal.web.pipeline import Portal
from portal.web.state import state

PREFIX: Final = "/box/"
_SOON: Final = "5"
_SMALL: Final = 64 * 1024
_CODES: Final = {
    400: "malformed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}

_log = get_logger()


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """This function will return a problem document; `more` are members of its own kind."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail}
    return Response(json.dumps({**told, **more}, ensure_ascii=False), status, content_type="application/problem+json")


def answer(error: Exception) -> Response:
    """This function will return the problem that `error` is to a box."""
    response = _answer(error)
    if not _is_read_to_its_end(error):
        response.headers["Connection"] = "close"  # what was not read is not to be read as the next call
    return response


def _is_read_to_its_end(error: Exception) -> bool:
    """A box may still be sending what is refused: it is let finish within the bounds of its call, or whoever stands between loses the answer.

    What was refused for its size or type is not read; a small rest the server takes by itself.
    """
    if isinstance(error, TooLarge | WrongType | HTTPException):
        return request.content_length is not None and request.content_length <= _SMALL
    try:
        while request.stream.read(_SMALL):
            pass
    except (HTTPException, OSError):
        return False
    return True


def _answer(error: Exception) -> Response:
    if isinstance(error, PortalError):
        return _answer_ours(error)
    if isinstance(error, HTTPException) and error.code is not None:
        return _answer_http(error, error.code)
    if isinstance(error, DBAPIError):
        _log.error("the database does not answer a box", error=str(error.orig), request_id=state().meta.request_id)
        return _later(problem(503, "unavailable", "The portal is busy."), _SOON)
    _log.exception("an unexpected fault in a call of a box", request_id=state().meta.request_id)
    return problem(500, "fault", "Something went wrong; it was noted.")


def _answer_ours(error: PortalError) -> Response:
    more = {}
    if isinstance(error, Unfit):
        more["errors"] = [{each.kind: each.place, "detail": each.detail} for each in error.faults]
    response = problem(error.status, error.code, translate(error.message), **more)
    match error:
        case Unproven():
            response.headers["WWW-Authenticate"] = f'DPoP error="{error.code}"'
            response.headers["DPoP-Nonce"] = new_nonce(clock.now())
        case TooMany():
            _later(response, str(max(1, error.seconds)))
    return _later(response, _SOON) if error.status == HTTPStatus.SERVICE_UNAVAILABLE else response


def _answer_http(error: HTTPException, status: int) -> Response:
    if status < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    response = problem(status, _CODES.get(status, f"http_{status}"), error.description or HTTPStatus(status).phrase)
    if (allowed := getattr(error, "valid_methods", None)) is not None:
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _later(response: Response, seconds: str) -> Response:
    response.headers["Retry-After"] = seconds
    return response


def install(app: Portal) -> None:
    """This function will have every error below `/box/` answered here, also that of an address that is none."""
    app.answer_problems(lambda: request.path.startswith(PREFIX), answer)
