"""The order of every request, in one place: actor, tenant, access, feature, the module's door, handler, one commit.

Denials are recorded after the request's own transaction has ended, so that a rollback keeps them and SQLite never
waits for itself.
"""

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask, g, request
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from portal.access.checks import BY_ENTRY, may
from portal.access.governing import GOVERNED_BY, OPEN_BELOW_LEVEL, WITHOUT_CONTENT, module_paths
from portal.access.permissions import Permission
from portal.access.policy import allows_somehow, knows_tenant
from portal.access.queries import remembered
from portal.audit.events import Event
from portal.audit.log import DENIED, record_apart
from portal.core import database as databases
from portal.core.context import Context, RequestMeta
from portal.core.errors import Conflict, FeatureNotInPackage, Forbidden, NotFound, PortalError
from portal.core.ids import new_id
from portal.web.access import Audience, Mark, check_marks, mark_of
from portal.web.client import client_address
from portal.web.errors import LevelRequired, PasswordDue, SignInRequired, lead_on
from portal.web.gate import check_door, take_signature
from portal.web.hooks import hooks
from portal.web.state import RequestState, state

TENANT_ARGUMENT = "enterprise_id"
_FIRST_ERROR_STATUS = 400
_HASH_CHARACTERS = 64


class Portal(Flask):
    """The application; every request of it takes the way that `run` describes."""

    def dispatch_request(self) -> Any:
        """This function will answer the current request."""
        return run(self, super().dispatch_request)

    def answer_problems(self, concerns: Callable[[], bool], answer: Callable[[Exception], Response]) -> None:
        """This function will have `answer` make the answer to every error of a request that `concerns` it, in place of an error page."""
        self.extensions.setdefault("portal_problems", []).append((concerns, answer))

    def handle_user_exception(self, error: Exception) -> Any:
        """This function will answer an error that a request ended with, also one of an address that there is not."""
        for concerns, answer in self.extensions.get("portal_problems", ()):
            if concerns():
                return answer(error)
        if isinstance(error, RequestRedirect):
            return lead_on(error)
        return super().handle_user_exception(error)

    def finish_start(self) -> None:
        """This function will check that every endpoint declares its audience; raises `UnmarkedEndpoint`."""
        check_marks(self)


def begin() -> None:
    """This function will make the state of a request before anything else looks at it."""
    agent = (request.user_agent.string or "")[:300]
    g.portal = RequestState(RequestMeta(new_id(), client_address(), agent))


def run(app: Flask, handle: Callable[[], Any]) -> Response:
    """This function will take the current request through the pipeline and return its response."""
    current = state()
    try:
        if request.routing_exception is None and request.endpoint is not None:
            _admit(mark_of(app, request.endpoint))
        response: Response = app.make_response(handle())
        if current.session is not None and response.status_code < _FIRST_ERROR_STATUS:
            databases.commit(current.session)
    except StaleDataError as stale:
        raise Conflict from stale
    except (Forbidden, FeatureNotInPackage, StrangerInTenant) as denial:
        _close(current)
        _record_denial(current, denial)
        raise
    else:
        return response
    finally:
        _close(current)
        current.is_over = True


def end(_error: BaseException | None) -> None:
    """This function will close what an error page, drawn after the handler, has opened to read."""
    if "portal" in g:
        _close(state())


class StrangerInTenant(NotFound):
    """The tenant named by the address does not exist for this actor."""


def _close(current: RequestState) -> None:
    if current.session is not None:
        current.session.close()
        current.session = None


def _admit(mark: Mark) -> None:
    current = state()
    current.reads = mark.reads
    if current_user.is_authenticated:
        current.signed_in = current_user.signed_in
        current.actor = current_user.signed_in.actor
    if mark.audience is not Audience.ACTOR:
        return
    if current.signed_in is None:
        raise SignInRequired
    if not mark.any_level and current.actor.auth_level < current.signed_in.required_level:
        raise LevelRequired(current.signed_in.required_level)
    if current.signed_in.password_is_due and not (mark.any_level or mark.while_due):
        raise PasswordDue
    _enter_tenant(current)
    if mark.permission is None or not allows_somehow(current.actor, mark.permission, current.tenant):
        raise Forbidden(mark.permission or "")
    _check_level(current, mark)
    _ask_lists(current, mark.permission, mark.feature)
    if mark.feature is not None:
        _check_feature(current, mark.feature)
    check_door(current, mark.module)
    take_signature(current)


def _enter_tenant(current: RequestState) -> None:
    enterprise_id = (request.view_args or {}).pop(TENANT_ARGUMENT, None)
    if enterprise_id is None:
        return
    own = current.signed_in.tenant if current.signed_in is not None else None
    is_own = own is not None and own.enterprise_id == enterprise_id  # read with the session, in this very request
    tenant = own if is_own else hooks().find_tenant(enterprise_id)
    if tenant is None or not knows_tenant(current.actor, tenant):
        raise StrangerInTenant
    current.tenant = tenant
    current.entitled = hooks().entitlement(tenant.id)


def _check_level(current: RequestState, mark: Mark) -> None:
    """Whoever comes from outside shows the level that an enterprise asks of its members, wherever its space shows content that is not on air.

    Where a module has a door, that asks for it, and keeps the form that was sent.
    """
    tenant = current.tenant
    if tenant is None or mark.module is not None or mark.permission in OPEN_BELOW_LEVEL:
        return
    level = tenant.required_level
    if current.actor.auth_level < level and not hooks().door.has_shown(current.actor, level):
        raise LevelRequired(level)


def _ask_lists(current: RequestState, permission: Permission, feature: str | None) -> None:
    """Ask the access lists about the page and its module, in a short session: the request's own may wait for a lock."""
    shows_content = current.tenant is not None and permission not in WITHOUT_CONTENT
    if permission not in GOVERNED_BY and feature is None and not shows_content:
        return
    with databases.database().session(current.scope) as session:
        ctx = Context(session, current.actor, current.tenant, current.meta)
        if not may(ctx, permission):
            raise Forbidden(permission, BY_ENTRY)
        if feature is not None and not may(ctx, Permission.MODULE_USE, about=module_paths(feature)):
            raise Forbidden(Permission.MODULE_USE, BY_ENTRY)
        current.hidden = hooks().veil(ctx) if shows_content else frozenset()
        current.lists = remembered(session)
    if current.hidden and not current.hidden.isdisjoint(_named_things()):
        raise Forbidden(Permission.CONTENT_VIEW, BY_ENTRY)


def _named_things() -> Iterator[str]:
    """What the request names: the things that its address is about, and files by their hash anywhere in its form."""
    yield from (request.view_args or {}).values()
    for values in request.form.listvalues():
        yield from (value for value in values if len(value) == _HASH_CHARACTERS)


def _check_feature(current: RequestState, feature: str) -> None:
    entitled = current.entitled
    if entitled is None:
        raise NotFound
    if feature in entitled.features:
        return
    if feature not in entitled.held_before or request.method not in {"GET", "HEAD"}:
        raise FeatureNotInPackage(feature)
    current.lacks = feature


def _record_denial(current: RequestState, denial: PortalError) -> None:
    record_apart(
        current.actor,
        current.meta,
        current.tenant,
        Event.ACCESS_DENIED,
        outcome=DENIED,
        permission=getattr(denial, "permission", "") or getattr(denial, "feature", ""),
        method=request.method,
        path=request.path[:200],
        code=denial.code,
    )
