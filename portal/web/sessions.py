"""The session cookie: an opaque token for somebody signed in, a signed note for a visitor; sign-in state for Flask-Login.

A visitor's note holds only what the sign-in form needs (form token, chosen language); it names nobody. A token is
looked up, hashed, at every request, so a session that ended is ended at the very next one. Of a session that ran out its
form token is left, and a keyed hash of whose it was (`WAS`): so a form sent too late is known to come from a page of ours, and may be
kept for that very person to sign in again.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Request, Response, current_app, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import CallbackDict

from portal.core import clock
from portal.core.tokens import token_hash
from portal.web.access import mark_of
from portal.web.hooks import SignedIn, hooks_of

_TOKEN, _NOTE = "s.", "v."
WAS = "was"
_WITHOUT_SESSION = ("/static/", "/box/")  # files, and calls of boxes, which prove themselves otherwise
_PAGE = ".html"  # what people read about them
_TOUCH_EVERY = timedelta(seconds=20)


class WebSession(CallbackDict[str, Any], SessionMixin):
    """What Flask calls the session; `signed_in` is the live session behind it, if there is one."""

    def __init__(self, data: Mapping[str, Any] | None = None, signed_in: SignedIn | None = None) -> None:
        def note(_: object) -> None:
            self.modified = True

        super().__init__(dict(data or {}), note)
        self.modified = False
        self.signed_in = signed_in
        self.new_token: str | None = None
        self.left = False

    def enter(self, token: str) -> None:
        """This function will hand the browser `token` and forget whatever it carried before (no fixation)."""
        self.clear()
        self.new_token = token

    def renew(self, token: str) -> None:
        """This function will hand the browser a new token of the same session, which goes on with what it carries."""
        self.new_token = token

    def leave(self) -> None:
        """This function will take the token from the browser."""
        self.clear()
        self.signed_in = None
        self.left = True


class Person(UserMixin):  # type: ignore[misc]
    """The signed-in person as Flask-Login sees one."""

    def __init__(self, signed_in: SignedIn) -> None:
        self.id = signed_in.actor.user_id
        self.signed_in = signed_in


class CookieSessions(SessionInterface):
    """Reads and writes the session cookie."""

    def open_session(self, app: Flask, request: Request) -> WebSession:
        """This function will return the session that the request's cookie stands for."""
        value = request.cookies.get(self.get_cookie_name(app), "")
        if request.path.startswith(_WITHOUT_SESSION) and not request.path.endswith(_PAGE):
            return WebSession()
        if value.startswith(_TOKEN):
            hashed = token_hash(value[len(_TOKEN) :])
            signed_in = hooks_of(app).load_session(hashed)
            return WebSession(signed_in.data, signed_in) if signed_in else WebSession(hooks_of(app).left_over(hashed))
        if value.startswith(_NOTE):
            try:
                return WebSession(_signer(app).loads(value[len(_NOTE) :]))
            except BadSignature:
                return WebSession()
        return WebSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """This function will keep what changed: in the database for somebody signed in, in the cookie for a visitor."""
        assert isinstance(session, WebSession)  # noqa: S101 - open_session makes no other
        if session.new_token is not None:
            self._set_cookie(app, response, _TOKEN + session.new_token)
        if session.signed_in is not None:
            self._touch(app, session, session.signed_in)
        elif session.new_token is not None:
            return
        elif session.modified and session:
            self._set_cookie(app, response, _NOTE + _text(_signer(app).dumps(dict(session))))
        elif session.left:
            response.delete_cookie(self.get_cookie_name(app), path="/", secure=app.config["SESSION_COOKIE_SECURE"])

    def _touch(self, app: Flask, session: WebSession, signed_in: SignedIn) -> None:
        active = not _is_passive(app)
        stale = active and clock.now() - signed_in.seen_at > _TOUCH_EVERY
        if stale or session.modified:
            hooks_of(app).touch_session(signed_in.session_id, dict(session) if session.modified else None, active)

    def _set_cookie(self, app: Flask, response: Response, value: str) -> None:
        response.set_cookie(
            self.get_cookie_name(app),
            value,
            path="/",
            httponly=True,
            secure=app.config["SESSION_COOKIE_SECURE"],
            samesite="Lax",
        )


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()


def _signer(app: Flask) -> URLSafeSerializer:
    return URLSafeSerializer(str(app.secret_key), salt="visitor")


def current_session() -> WebSession:
    """This function will return the current request's session as what it is."""
    return cast(WebSession, session._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - werkzeug's own way


def idle_limit() -> timedelta:
    """This function will return how long a session may rest whose role has no time of its own."""
    return timedelta(minutes=current_app.config["IDLE_MINUTES"])


def _is_passive(app: Flask) -> bool:
    return request.endpoint is not None and mark_of(app, request.endpoint).passive


def install(app: Flask) -> None:
    """This function will make `app` use these sessions, and Flask-Login read the person from them."""
    app.session_interface = CookieSessions()
    manager = LoginManager()
    manager.session_protection = None  # it trusts X-Forwarded-For
    manager.init_app(app, add_context_processor=False)

    @manager.request_loader  # type: ignore[untyped-decorator]
    def _person(_: Request) -> Person | None:
        found = current_session().signed_in
        return Person(found) if found is not None and found.actor.auth_level > 0 else None
