"""What is known of the current request, and the one session its handler works with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flask import g, request

from portal.core import database as databases
from portal.core.context import Actor, Context, RequestMeta, TenantRef
from portal.core.database import PortalSession
from portal.core.messages import Message
from portal.core.tenancy import PlatformScope, Scope, TenantScope, begin_drawing, hide_from, may_draw
from portal.web.hooks import Entitled, SignedIn

ANONYMOUS = Actor(user_id=None, username="", display_name="", role="anonymous", layer="")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class UnveiledPage(Exception):
    """A page that answers an act would be drawn from more than its reader may see: a fault of ours, for the view has to ask `drawing`."""


@dataclass
class RequestState:
    """The request as the pipeline resolved it.

    `lacks` is the feature of the page where it was held before and is not now, `reads` where the view changes nothing although it is posted to, `is_over` when the handler is done: an error page that is
    drawn afterwards may still read. `signature_problem` is what was wrong with a signature that the form brought. `lists` is what the pipeline has read of the access lists; a handler that only reads need
    not read it again. `hidden` are the ids of what the actor may not see of the tenant's content.
    """

    meta: RequestMeta
    signed_in: SignedIn | None = None
    actor: Actor = ANONYMOUS
    tenant: TenantRef | None = None
    entitled: Entitled | None = None
    lacks: str = ""
    reads: bool = False
    is_over: bool = False
    signature_problem: Message | None = None
    lists: Mapping[str, Any] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    session: PortalSession | None = field(default=None, repr=False)

    @property
    def read_only(self) -> bool:
        """Whether the page may only be looked at, since the package no longer has its feature."""
        return self.lacks != ""

    @property
    def scope(self) -> Scope:
        """The scope of every session that this request opens."""
        return TenantScope(self.tenant.id) if self.tenant else PlatformScope()

    def context(self) -> Context:
        """This function will return the handler's context, opening the request's one session at the first call."""
        if self.session is None:
            writes = request.method not in _READING and not (self.is_over or self.reads)
            self.session = databases.database().session(self.scope, writes=writes)
            if not writes:
                self.session.info.update(self.lists)
            hide_from(self.session, self.hidden, writes=writes)
        return Context(self.session, self.actor, self.tenant, self.meta)

    def check_drawing(self) -> None:
        """This function will raise `UnveiledPage` where a page would show what was found in order to write."""
        if self.session is not None and not may_draw(self.session):
            raise UnveiledPage(f"{request.method} {request.path}")


def state() -> RequestState:
    """This function will return the state of the current request."""
    return cast(RequestState, g.portal)


def ctx() -> Context:
    """This function will return the context that the current request's commands and queries take."""
    return state().context()


def drawing() -> Context:
    """This function will return the context in which a page is drawn, whether it is read or answers an act that is refused or done.

    Commands have to know of everything that is there; from here on nothing is found that the actor may not see.
    """
    found = ctx()
    begin_drawing(found.session)
    return found


def features() -> frozenset[str]:
    """This function will return the features that the current tenant holds now."""
    entitled = state().entitled
    return entitled.features if entitled else frozenset()
