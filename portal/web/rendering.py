"""What every template is given, and the strictness with which templates are read."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from flask import Flask, current_app, g, request, session, url_for
from flask_babel import get_locale
from jinja2 import StrictUndefined
from markupsafe import Markup

from portal.access.checks import may
from portal.access.permissions import Permission
from portal.access.roles import LABELS, Role
from portal.core.messages import N_, Message
from portal.web.client import client_certificate
from portal.web.hooks import hooks
from portal.web.i18n import LANGUAGE_TAGS, LANGUAGES, language, translate
from portal.web.navigation import Link, menu, trail
from portal.web.paging import page_sizes
from portal.web.state import RequestState, state
from portal.web.static_files import BUNDLE, bundle

_CENTER = "/center/"
_ROW = uuid4().hex
_DRAWING = Markup('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>')


@dataclass(frozen=True)
class Preferences:
    """How a person likes pages: theme light·dark·auto, density comfortable·compact, language zh-CN·en."""

    theme: str
    density: str
    lang: str


@dataclass(frozen=True)
class ShownActor:
    """The signed-in person as pages show one."""

    display_name: str
    username: str
    role: str
    role_label: str

    @property
    def initial(self) -> str:
        """The one character in the person's circle."""
        return self.display_name[:1].upper()


@dataclass(frozen=True)
class ShownTenant:
    """The tenant whose space the page lies in, as pages show it; `switch_href` leads to the others of one's own."""

    name: str
    enterprise_id: str
    boxes: int | None
    switch_href: str = ""

    @property
    def crest(self) -> str:
        """The one character on the tenant's crest."""
        return self.name[:1]


def preferences() -> Preferences:
    """This function will return the reader's preferences: the account's, or the visitor's of this browser."""
    signed_in = state().signed_in
    if signed_in is not None:
        return Preferences(signed_in.theme, signed_in.density, LANGUAGE_TAGS[language()])
    return Preferences(session.get("theme", "auto"), session.get("density", "comfortable"), LANGUAGE_TAGS[language()])


def hidden_columns(name: str) -> Sequence[str]:
    """This function will return the columns of the list `name` that the reader leaves out."""
    signed_in = state().signed_in
    return signed_in.hidden_columns.get(name, ()) if signed_in else ()


def help_sentence() -> str:
    """This function will say to whom one names the number of a request: staff asks the administrators, customers their province."""
    signed_in = state().signed_in
    if signed_in is None or signed_in.tenant is not None:
        return translate(N_("联系省公司客服时，请告诉他们这个编号"))
    if signed_in.actor.role == Role.PROVINCE:
        return translate(N_("联系运营中心时，请告诉他们这个编号"))
    return translate(N_("请告诉系统管理员这个编号，日志里按它能找到这次请求"))


def role_label(role: str) -> str:
    """This function will return the reader's word for a role; nothing for the portal's own actors and unknown roles."""
    try:
        return translate(LABELS[Role(role)])
    except (KeyError, ValueError):
        return ""


def install(app: Flask) -> None:
    """This function will make templates strict and give them the context of every page."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["translate"] = translated
    app.jinja_env.globals.update(
        asset=asset,
        sheets=sheets,
        help_sentence=help_sentence,
        hidden_columns=hidden_columns,
        page_sizes=page_sizes,
        draw_icon=icon,
        row_address=row_address,
        languages=LANGUAGES,
        may=_may,
        Permission=Permission,
        role_label=role_label,
    )
    app.context_processor(_page_context)


def translated(value: Any) -> Any:
    """This function will translate a `Message` for the reader and leave everything else as it is."""
    return translate(value) if isinstance(value, Message) else value


def asset(path: str) -> str:
    """This function will return the address of a static file, with its content's hash so that caches may keep it."""
    return request.script_root + _address(str(current_app.static_folder), str(current_app.static_url_path), path)


def sheets() -> list[str]:
    """This function will return the addresses of a page's style sheets."""
    return [asset(BUNDLE)]


def icon(name: str, cls: str = "") -> Markup:
    """This function will draw the icon `name` of the sprite; `components/icons.html` says how pages use it."""
    if "sprite" not in g:
        g.sprite = asset("icons.svg")
    return icon_of(g.sprite, name, cls)


@lru_cache(maxsize=2000)
def icon_of(sprite: str, name: str, cls: str = "") -> Markup:
    """This function will draw the icon `name` of the sprite at the address `sprite`.

    It is no macro, because a long list draws an icon or two in every row.
    """
    return _DRAWING.format(f"i {cls}".rstrip(), sprite, name)


def row_address(endpoint: str, argument: str, **others: str) -> Callable[[str], str]:
    """This function will return what makes the address of `endpoint` out of the value of `argument`; `others` stay the same.

    For the rows of a long list, whose addresses differ in nothing else: one look into the URL map instead of hundreds.
    """
    values: dict[str, Any] = {**others, argument: _ROW}
    before, _mark, after = url_for(endpoint, **values).partition(_ROW)
    return lambda value: f"{before}{quote(value, safe='')}{after}"


def _may(permission: Permission) -> bool:
    return may(state().context(), permission)


@lru_cache(maxsize=500)
def _address(folder: str, prefix: str, path: str) -> str:
    return f"{prefix}/{quote(path)}?v={_version(folder, path)}"


@lru_cache(maxsize=500)
def _version(folder: str, path: str) -> str:
    """Modules import each other by plain names, so a change of one script is a change of all."""
    if path == BUNDLE:
        return hashlib.sha256(bundle(folder)).hexdigest()[:12]
    files = sorted((Path(folder) / "js").glob("*.js")) if path.startswith("js/") else [Path(folder) / path]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _page_context() -> dict[str, Any]:
    state().check_drawing()
    current = _at_home(state())
    links: tuple[Link, ...] = ()
    unread: int | None = None
    if current.signed_in is not None:
        badges = hooks().badges(current.actor, current.tenant)
        links, unread = menu(current, badges), badges.get("notices")
    return {
        "prefs": preferences(),
        "actor": _shown_actor(current),
        "tenant": _shown_tenant(current),
        "navigation": links,
        "crumbs": trail(links),
        "unread": unread,
        "search_url": _search_url(current),
        "read_only": current.read_only,
        "idle_minutes": current.signed_in.idle_minutes if current.signed_in else current_app.config["IDLE_MINUTES"],
        "support": current.actor.support,
        "shows_certificate": client_certificate() is not None,
        "html_lang": "en" if str(get_locale()) == "en" else "zh-CN",
    }


def _search_url(current: RequestState) -> str | None:
    """Where one searches: in the tenant whose space this is, else over all that the staff may see."""
    if current.signed_in is None or "search.staff" not in current_app.view_functions:
        return None
    if current.tenant is None:
        return url_for("search.staff")
    return url_for("search.tenant", enterprise_id=current.tenant.enterprise_id)


def _at_home(current: RequestState) -> RequestState:
    """On pages outside of any tenant, such as the own account, a member still sees the own tenant and its menu.

    A page of the center that works inside one tenant after another, the review desk, keeps the center's menu.
    """
    if request.path.startswith(_CENTER):
        return replace(current, tenant=None, entitled=None)
    own = current.signed_in.tenant if current.signed_in else None
    if current.tenant is not None or own is None:
        return current
    return replace(current, tenant=own, entitled=hooks().entitlement(own.id))


def _shown_actor(current: RequestState) -> ShownActor | None:
    if current.signed_in is None:
        return None
    actor = current.actor
    return ShownActor(actor.display_name, actor.username, actor.role, translate(LABELS[Role(actor.role)]))


def _shown_tenant(current: RequestState) -> ShownTenant | None:
    tenant = current.tenant
    if tenant is None:
        return None
    several = current.signed_in is not None and current.signed_in.tenants > 1
    switch_href = url_for("sign_in.choose") if several else ""
    return ShownTenant(tenant.name, tenant.enterprise_id, hooks().count_boxes(current.entitled), switch_href)
