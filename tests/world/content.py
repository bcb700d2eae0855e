"""Content of every kind for tests of its pages: drafts by command, files to upload, and what a page says at its fields."""

import html
import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from werkzeug.test import TestResponse

from portal.content.commands import Entered, Saved, create_draft
from portal.content.kinds import Kind
from portal.content.queries import ObjectView, get_object, objects
from portal.core.context import COMMAND_LINE, Actor, TenantRef
from portal.core.database import tenant_session
from portal.core.ids import new_id
from portal.media.commands import add_image
from portal.media.states import Purpose
from tests.world.browser import Browser
from tests.world.building import in_tenant, picture
from tests.world.cast import House


@dataclass(frozen=True)
class Full:
    """A tenant with one object of each kind, by what stands in addresses."""

    house: House
    ids: dict[str, str]

    def at(self, path: str) -> str:
        """This function will return the address of a page of content."""
        return f"{self.house.path}/content/{path.format(**self.ids)}"

    def version(self, name: str) -> str:
        """This function will return the version that a page of the object would name."""
        return str(view_of(self.house.tenant, self.ids[name]).object.version)

    def payload(self, name: str) -> dict[str, Any]:
        """This function will return the object's newest payload."""
        found: dict[str, Any] = view_of(self.house.tenant, self.ids[name]).envelope.to_json()["payload"]
        return found


def fill(house: House) -> Full:
    """This function will save one object of each kind."""
    tenant = house.tenant
    first = a_column(tenant)
    second = a_column(tenant, "客房服务", first)
    playlist = a_playlist(tenant)
    made = {
        "logo": a_logo(tenant),
        "slot": a_slot(tenant),
        "frame": a_frame(tenant),
        "first": first,
        "second": second,
        "item": an_item(tenant, second),
        "marquee": draft(tenant, Kind.MARQUEE, {"text": "热水检修"}),
        "playlist": playlist,
        "entry": an_entry(tenant, playlist),
        "default": a_default(tenant, playlist),
    }
    return Full(house, {name: str(saved.object_id) for name, saved in made.items()})


MORNING = {"start": "08:00", "end": "10:00", "tz": "Asia/Shanghai"}


def small_picture(tenant: TenantRef, purpose: Purpose, colour: tuple[int, int, int] = (20, 90, 100)) -> str:
    """This function will put a picture that is drawn quickly into the tenant's media and return its SHA-256."""
    data = picture(colour, (320, 180))
    return in_tenant(tenant, lambda ctx: add_image(ctx, data, "小图.png", purpose).sha256)


def draft(tenant: TenantRef, kind: Kind, payload: dict[str, Any], who: Actor = COMMAND_LINE, **more: Any) -> Saved:
    """This function will save an object's first draft."""
    return in_tenant(tenant, lambda ctx: create_draft(ctx, kind, Entered(payload, **more)), who)


def a_logo(tenant: TenantRef, **more: Any) -> Saved:
    """This function will save a logo."""
    return draft(tenant, Kind.LOGO, {"image": small_picture(tenant, Purpose.LOGO)}, **more)


def a_slot(tenant: TenantRef, position: int = 1, title: str = "湖畔早餐", **more: Any) -> Saved:
    """This function will save a slot that opens a web page."""
    image = small_picture(tenant, Purpose.SLOT_LARGE, (20 * position, 90, 100))
    action = {"open": "url", "url": "https://example.com/"}
    return draft(tenant, Kind.SLOT, {"position": position, "title": title, "image": image, "action": action}, **more)


def a_frame(tenant: TenantRef, position: int = 1, **more: Any) -> Saved:
    """This function will save a splash frame."""
    return draft(tenant, Kind.FRAME, {"position": position, "image": small_picture(tenant, Purpose.FRAME)}, **more)


def a_column(tenant: TenantRef, title: str = "酒店服务", parent: Saved | str | None = None, **more: Any) -> Saved:
    """This function will save a column, below `parent` on the second level."""
    order = more.pop("order", 10)
    payload = {"title": title, "parent": _id(parent) if parent else None, "order": order}
    return draft(tenant, Kind.COLUMN, payload, **more)


def an_item(tenant: TenantRef, column: Saved | str, title: str = "入住须知", order: int = 10, **more: Any) -> Saved:
    """This function will save a text item."""
    payload = {"column": _id(column), "kind": "text", "title": title, "html": "<p>早餐</p>", "seconds": 12}
    return draft(tenant, Kind.ITEM, {**payload, "order": order}, **more)


def a_playlist(tenant: TenantRef, title: str = "门店迎宾", **more: Any) -> Saved:
    """This function will save a playlist of one picture that stands for ten seconds."""
    asset = small_picture(tenant, Purpose.AD)
    item = {"id": new_id(), "kind": "image", "asset": asset, "caption": "秋冬上新", "seconds": 10}
    return draft(tenant, Kind.PLAYLIST, {"title": title, "items": [item]}, **more)


def an_entry(tenant: TenantRef, playlist: Saved, *windows: dict[str, Any], priority: int = 0, **more: Any) -> Saved:
    """This function will put a playlist into the schedule, in the morning unless told otherwise."""
    payload = {"playlist": playlist.object_id, "priority": priority}
    return draft(tenant, Kind.SCHEDULE_ENTRY, payload, windows=windows or (MORNING,), **more)


def a_default(tenant: TenantRef, playlist: Saved, **more: Any) -> Saved:
    """This function will make a playlist the one that plays while nothing is scheduled."""
    return draft(tenant, Kind.DEFAULT_PLAYLIST, {"playlist": playlist.object_id}, **more)


def _id(saved: Saved | str) -> str:
    return saved if isinstance(saved, str) else saved.object_id


def view_of(tenant: TenantRef, object_id: str) -> ObjectView:
    """This function will return how an object stands."""
    with tenant_session(tenant.id) as session:
        return get_object(session, object_id)


def payloads(tenant: TenantRef, kind: Kind) -> list[dict[str, Any]]:
    """This function will return the newest payloads of a kind's living objects, oldest first."""
    with tenant_session(tenant.id) as session:
        return [view.envelope.payload.model_dump(mode="json") for view in objects(session, [kind]).values()]


def upload(data: bytes | None = None, name: str = "图.png") -> tuple[BytesIO, str]:
    """This function will return a file as a form sends it; a picture unless told otherwise."""
    return BytesIO(picture(size=(320, 180)) if data is None else data), name


def huge_png() -> bytes:
    """This function will return the head of a PNG that says it is 50,000 pixels wide and high."""
    data = bytearray(picture(size=(16, 16)))
    data[16:24] = (50_000).to_bytes(4, "big") * 2
    return bytes(data)


def field_errors(page: str) -> dict[str, str]:
    """This function will return the sentences that stand under fields, by the fields' ids."""
    found = re.findall(r'<p class="field-error" id="([^"]+)-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    return {field: html.unescape(text) for field, text in found}


def summary(page: str) -> list[str]:
    """This function will return the lines of the error summary."""
    box = re.search(r'<div class="errors".*?</div>', page, re.DOTALL)
    lines = re.findall(r"<li>(.*?)</li>", box[0], re.DOTALL) if box else []
    return [html.unescape(re.sub(r"<[^>]+>", "", line)).strip() for line in lines]


def value_of(page: str, name: str) -> str | None:
    """This function will return the value that the first input, or the text that the first text area, of this name holds.

    On a page of an editor only its own form counts.
    """
    page = page[max(page.find("data-key="), 0) :]
    area = re.search(rf'<textarea[^>]*name="{re.escape(name)}"[^>]*>\r?\n?(.*?)</textarea>', page, re.DOTALL)
    if area:
        return html.unescape(area[1])
    for tag in re.findall(r"<input[^>]*>", page):
        if f'name="{name}"' in tag and ('type="radio"' not in tag or " checked" in tag):
            found = re.search(r'value="([^"]*)"', tag)
            return html.unescape(found[1]) if found else ""
    return None


def hidden_fields(page: str) -> dict[str, str]:
    """This function will return the hidden fields of a page's last form, to be posted once more; the dialog that signs in again is none."""
    form = page.partition("data-session-ended")[0].rsplit('<form method="post"', 1)[1]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


def take_back(browser: Browser, page: str) -> TestResponse:
    """This function will press 撤销 of the bar on a page that says what was done."""
    bar = page[page.index('<div class="undo ') :]
    action = re.search(r'<form method="post" action="([^"]+)"', bar)
    assert action is not None
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', bar.partition("</form>")[0]):
        fields.setdefault(name, []).append(html.unescape(value))
    return browser.post(html.unescape(action[1]), fields)
