"""Declaring who may call a view; the pipeline enforces it, and an unmarked endpoint stops the start."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from flask import Flask

from portal.access.modules import Module, module_of
from portal.access.permissions import Permission

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "__portal_access__"


class Audience(Enum):
    """Whom an endpoint is for."""

    PUBLIC = "public"
    ACTOR = "actor"
    BOX = "box"


@dataclass(frozen=True)
class Mark:
    """An endpoint's declaration: audience, permission, feature of the package, and whether a call counts as activity.

    A view that `reads` changes nothing, also where it is posted to. `module` is the one at whose door the policy may ask for more; `any_level` opens it to somebody who is signed in below
    the level of authentication that is needed, `while_due` to somebody whose password has to be a new one first.
    """

    audience: Audience
    permission: Permission | None = None
    feature: str | None = None
    passive: bool = False
    module: Module | None = None
    any_level: bool = False
    while_due: bool = False
    reads: bool = False


class UnmarkedEndpoint(Exception):
    """An endpoint says not who may call it, so the application does not start."""


def needs(
    permission: Permission,
    *,
    feature: str | None = None,
    passive: bool = False,
    module: Module | None = None,
    any_level: bool = False,
    while_due: bool = False,
    reads: bool = False,
) -> Callable[[View], View]:
    """This function will mark a view as open to whoever has `permission`, where the package grants `feature`.

    A `passive` view is called by the page and not by a person: it does not keep a session alive. The view lies in the module
    of its permission, or in `module` where it is more than others with that permission. One for `any_level` is on the way to
    the level of authentication that is needed, or out, and open `while_due`, like the page that takes a new password. One that
    `reads` takes no lock to write with, whatever its method.
    """
    behind = module or module_of(permission)

    def mark(view: View) -> View:
        found = Mark(Audience.ACTOR, permission, feature, passive, behind, any_level, while_due, reads)
        setattr(view, _MARK, found)
        return view

    return mark


def public(view: View) -> View:
    """This function will mark a view as open to everybody."""
    setattr(view, _MARK, Mark(Audience.PUBLIC))
    return view


def box_only(view: View) -> View:
    """This function will mark a view as open to boxes, which prove themselves by other means than a session."""
    setattr(view, _MARK, Mark(Audience.BOX))
    return view


def views_of_boxes(app: Flask) -> list[Callable[..., Any]]:
    """This function will return the views that are for boxes: they carry no cookie, so that there is nothing to forge."""
    return [view for endpoint, view in app.view_functions.items() if mark_of(app, endpoint).audience is Audience.BOX]


def mark_of(app: Flask, endpoint: str) -> Mark:
    """This function will return the endpoint's mark; raises `UnmarkedEndpoint`."""
    mark: Mark | None = getattr(app.view_functions[endpoint], _MARK, None)
    if mark is None:
        raise UnmarkedEndpoint(f"{endpoint} is not marked with @needs, @public or @box_only")
    return mark


def check_marks(app: Flask) -> None:
    """This function will raise `UnmarkedEndpoint` for the first endpoint of the URL map that is not marked."""
    for rule in app.url_map.iter_rules():
        mark_of(app, rule.endpoint)
