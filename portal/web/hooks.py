"""What the pipeline needs to know of rooms that stand above it, handed over by the factory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from flask import Flask, current_app

from portal.access.doors import AtDoor, Lack
from portal.access.modules import Module
from portal.audit.deeds import Deed
from portal.core.context import Actor, Context, RequestMeta, TenantRef
from portal.core.counting import Counts
from portal.core.ids import SessionId, TenantId
from portal.core.messages import Message


class Entitled(Protocol):
    """What a tenant's package gives now, and what it ever gave."""

    @property
    def features(self) -> frozenset[Any]:
        """The features held now."""

    @property
    def held_before(self) -> frozenset[Any]:
        """The features held on some earlier day; their pages stay readable."""


@dataclass(frozen=True)
class SignedIn:
    """A live session: the actor it stands for, its limits, and the small things it carries between requests.

    `tenants` is how many the person may choose among, `idle_minutes` how long the session may rest, `required_level` the level of
    authentication that this person needs here, which may have risen since the session was opened; `password_is_due` where the
    person signed in with a password that is too old. `hidden_columns` are the columns that the person leaves out, by list.
    """

    session_id: SessionId
    actor: Actor
    tenant: TenantRef | None
    seen_at: datetime
    ends_at: datetime
    language: str
    theme: str
    density: str
    data: Mapping[str, Any] = field(default_factory=dict)
    tenants: int = 0
    idle_minutes: int = 15
    required_level: int = 0
    password_is_due: bool = False
    hidden_columns: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Doors:
    """What is asked about the doors of modules.

    `look` says what somebody at an address lacks, in whose tenant's space; `prove` judges the fields of a form and returns the session's new token, where
    it got one; `has_shown` says whether a session has proven a level at any door.
    """

    look: Callable[[Actor, Module, str, TenantRef | None], AtDoor]
    prove: Callable[[Actor, Lack, Mapping[str, str], RequestMeta], str | None]
    has_shown: Callable[[Actor, int], bool]


@dataclass(frozen=True)
class Hooks:
    """The functions the pipeline calls; each opens a short session of its own and closes it before it returns."""

    load_session: Callable[[str], SignedIn | None]
    left_over: Callable[[str], Mapping[str, Any]]
    touch_session: Callable[[SessionId, Mapping[str, Any] | None, bool], None]
    find_tenant: Callable[[str], TenantRef | None]
    entitlement: Callable[[TenantId], Entitled]
    feature_notice: Callable[[str, TenantRef], Mapping[str, Any]]
    count_boxes: Callable[[Entitled | None], int | None]
    save_preferences: Callable[[Actor, Mapping[str, Any]], None]
    badges: Callable[[Actor, TenantRef | None], Mapping[str, int]]
    door: Doors
    deed_of: Callable[[Actor, Mapping[str, str], RequestMeta], Deed | Message]
    veil: Callable[[Context], frozenset[str]]


COUNTS = "portal_counts"


def counts() -> Counts:
    """This function will return what counts how often something happens within a minute."""
    found: Counts = current_app.extensions[COUNTS]
    return found


def hooks() -> Hooks:
    """This function will return the hooks of the running application."""
    return hooks_of(current_app)


def hooks_of(app: Flask) -> Hooks:
    """This function will return the hooks of `app`."""
    found: Hooks = app.extensions["portal_hooks"]
    return found
