"""Error answers: a page in the reader's language, or a problem document (RFC 9457) for whoever asks for JSON."""

from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.audit.events import Event
from portal.audit.log import record_apart
from portal.audit.pending import FAILED
from portal.core.crypto import SealBroken
from portal.core.errors import ContentAltered, FeatureNotInPackage, PortalError
from portal.core.logs import get_logger
from portal.core.messages import N_, Message
from portal.keys.commands import record_broken
from portal.web.forgery import record_forgery
from portal.web.hooks import hooks
from portal.web.i18n import translate
from portal.web.state import state

_log = get_logger()
_PAGES = {400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503, 507}

_HTTP_MESSAGES: dict[int, Message] = {
    400: N_("这个请求不完整或已经失效，请返回上一页再试。"),
    404: N_("没有这个页面，或者您看不到它。"),
    405: N_("这个地址不能这样用。"),
    413: N_("内容太大了，没有接收。"),
    415: N_("这种格式不能接收。"),
    429: N_("操作太频繁，请稍后再试。"),
}


class SignInRequired(PortalError):
    """Nobody is signed in, or the session ended."""

    status = 401
    code = "sign_in_required"

    def __init__(self) -> None:
        super().__init__(N_("登录已失效，请重新登录；刚才填写的内容保留在本机。"))


class LevelRequired(PortalError):
    """Somebody is signed in below the level of authentication that the person, the role or the tenant needs."""

    status = 403
    code = "level_required"

    def __init__(self, level: int) -> None:
        super().__init__(N_("继续之前，要用通行密钥或数字证书确认身份。"))
        self.level = level


class PasswordDue(PortalError):
    """Somebody signed in with a password that has to be a new one first."""

    status = 403
    code = "password_due"

    def __init__(self) -> None:
        super().__init__(N_("密码用得太久了，继续之前请先换一个。"))


def install(app: Flask) -> None:
    """This function will register the error answers with `app`."""
    app.register_error_handler(SignInRequired, ask_to_sign_in)
    app.register_error_handler(LevelRequired, _lead_to_level)
    app.register_error_handler(PasswordDue, _lead_to_new_password)
    app.register_error_handler(FeatureNotInPackage, _show_locked_feature)
    app.register_error_handler(SealBroken, _answer_broken_seal)
    app.register_error_handler(ContentAltered, _answer_altered)
    app.register_error_handler(PortalError, lambda error: answer(error.status, error.code, error.message))
    app.register_error_handler(CSRFError, _answer_forgery)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(IntegrityError, _answer_integrity)
    app.register_error_handler(DataError, _answer_data)
    app.register_error_handler(OperationalError, _answer_database)
    app.register_error_handler(Exception, _answer_fault)


def lead_on(error: RequestRedirect) -> Response:
    """This function will lead on where routing does, as for a slash too many.

    Routing makes the address of the Host that was sent; one that caches may keep must name no host at all.
    """
    wanted = urlsplit(error.new_url)
    address = urlunsplit(("", "", "/" + wanted.path.lstrip("/"), wanted.query, ""))
    return redirect(address, error.code)  # type: ignore[return-value]


def wants_json() -> bool:
    """This function will tell whether the asker prefers JSON to a page."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def answer(status: int, code: str, message: Message, page: str | None = None) -> Response:
    """This function will return the error answer for `status` with a stable `code` and a sentence.

    People see `errors/<page>.html`, by default the page of the status.
    """
    text = translate(message)
    if wants_json():
        response: Response = jsonify(type="about:blank", status=status, code=code, detail=text)
        response.headers["Content-Type"] = "application/problem+json"
    else:
        name = page or (status if status in _PAGES else 500)
        body = render_template(f"errors/{name}.html", message=text, code=code, request_id=state().meta.request_id)
        response = Response(body, content_type="text/html; charset=utf-8")
    response.status_code = status
    return response


def ask_to_sign_in(error: SignInRequired) -> Response:
    """This function will lead whoever asked for a page to the sign-in and from there back, and tell everybody else in words."""
    if wants_json() or request.method not in {"GET", "HEAD"}:
        return answer(error.status, error.code, error.message)
    wanted = request.full_path.rstrip("?")
    if wanted != "/":
        flash(translate(error.message), "info")
    return redirect(url_for("sign_in.password", next=wanted))  # type: ignore[return-value]


def _lead_to_level(error: LevelRequired) -> Response:
    return _lead_to(error, "levels.raise_level")


def _lead_to_new_password(error: PasswordDue) -> Response:
    return _lead_to(error, "account.new_password")


def _lead_to(error: PortalError, endpoint: str) -> Response:
    """To where something has to be done first, and from there to what one wanted; an act is told where."""
    if wants_json() or request.method not in {"GET", "HEAD"}:
        response = answer(error.status, error.code, error.message)
        response.headers["Link"] = f'<{url_for(endpoint)}>; rel="authenticate"'
        return response
    return redirect(url_for(endpoint, next=request.full_path.rstrip("?")))  # type: ignore[return-value]


def _show_locked_feature(error: FeatureNotInPackage) -> Response:
    current = state()
    if wants_json() or current.tenant is None:
        return answer(error.status, error.code, error.message)
    page = render_template(
        "errors/feature_locked.html",
        request_id=current.meta.request_id,
        lock=hooks().feature_notice(error.feature, current.tenant),
        held=current.entitled is not None and error.feature in current.entitled.held_before,
        href=url_for("package.index"),
    )
    return Response(page, status=error.status, content_type="text/html; charset=utf-8")


def _answer_broken_seal(error: SealBroken) -> Response:
    """A ciphertext that does not open is an attack or a lost key: nobody sees anything, and the auditor is told."""
    _log.error("a sealed value does not open", where=str(error), request_id=state().meta.request_id)
    with suppress(SealBroken):  # the log's own key may be what does not open
        record_broken(state().actor, state().meta, error)
    return answer(error.status, error.code, error.message, error.code)


def _answer_altered(error: ContentAltered) -> Response:
    """Content that is not what was approved is an attack on the database: nothing goes on air, and the auditor is told."""
    current = state()
    _log.error(
        "content is not what its hash or its approval says", sha256=error.sha256, request_id=current.meta.request_id
    )
    record_apart(
        current.actor, current.meta, current.tenant, Event.CONTENT_ALTERED, outcome=FAILED, sha256=error.sha256
    )
    return answer(error.status, error.code, error.message, "seal_broken")


def _answer_forgery(_error: CSRFError) -> Response:
    record_forgery()
    return answer(400, "csrf", N_("表单已过期，请刷新页面后再提交。"))


def _answer_http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # noqa: PLR2004 - an answer that was raised
        return error.get_response()  # type: ignore[return-value]
    return answer(status, f"http_{status}", _HTTP_MESSAGES.get(status, N_("出了点问题，请稍后再试。")))


def _answer_integrity(error: IntegrityError) -> Response:
    _log.warning("constraint refused a write", error=str(error.orig), request_id=state().meta.request_id)
    return answer(409, "conflict", N_("这份内容刚被别人改过，或与已有的重复，请刷新后再试。"))


def _answer_data(error: DataError) -> Response:
    """Text with a NUL, a number beyond every column: what no database can hold was no honest input."""
    _log.warning("the database cannot hold a value", error=str(error.orig), request_id=state().meta.request_id)
    return answer(400, "http_400", _HTTP_MESSAGES[400])


def _answer_database(error: OperationalError) -> Response:
    _log.error("the database does not answer", error=str(error.orig), request_id=state().meta.request_id)
    return answer(503, "unavailable", N_("系统正忙，请稍后再试；已保存的内容不受影响。"))


def _answer_fault(error: Exception) -> Response:
    _log.exception("an unexpected fault", request_id=state().meta.request_id)
    return answer(500, "fault", N_("出了点问题，我们已经记下。已保存的内容不受影响。"))
