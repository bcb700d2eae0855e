"""Files of content that somebody may not see: out of the library and refused by every address, unless something else shows them."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access.acl import Acl, Effect, Place, Subject
from portal.access.roles import Role
from portal.administration.commands.entries import NewEntry, add_entry
from portal.content.models import ContentObject
from portal.core import unit_of_work
from portal.core.database import tenant_session
from portal.media.models import MediaAsset
from portal.media.states import Purpose
from tests.world import building, content
from tests.world.browser import Browser
from tests.world.cast import Cast

SECRET, SHARED, FREE = (200, 20, 20), (20, 200, 20), (20, 20, 200)


def slot(cast: Cast, position: int, image: str) -> str:
    return str(
        content.draft(
            cast.yunqi.tenant,
            content.Kind.SLOT,
            {
                "position": position,
                "title": "位",
                "image": image,
                "action": {"open": "url", "url": "https://example.com/"},
            },
        ).object_id
    )


@pytest.fixture
def files(cast: Cast) -> dict[str, MediaAsset]:
    """Three pictures: of a hidden slot alone, of a hidden and of an open one, and of none."""
    tenant = cast.yunqi.tenant
    colours = {"secret": SECRET, "shared": SHARED, "free": FREE}
    shas = {
        name: building.add_picture(tenant, Purpose.SLOT_SMALL if name == "free" else Purpose.SLOT_LARGE, colour)
        for name, colour in colours.items()
    }
    hidden = [slot(cast, 1, shas["secret"]), slot(cast, 2, shas["shared"])]
    slot(cast, 3, shas["shared"])
    with tenant_session(tenant.id, writes=True) as session:
        for row in session.scalars(select(ContentObject).where(ContentObject.id.in_(hidden))):
            row.classification = "sensitive"
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()
    deny = NewEntry(Place("class", "sensitive"), "content:view", Effect.DENY, Subject("role", Role.TENANT_EDITOR))
    who = building.actor(Role.TENANT_ADMIN, cast.yunqi.admin.id, tenant)
    building.in_tenant(tenant, lambda ctx: add_entry(ctx, Acl.INFORMATION, deny), who)
    with tenant_session(tenant.id) as session:
        rows = {row.sha256: row for row in session.scalars(select(MediaAsset))}
    return {name: rows[sha256] for name, sha256 in shas.items()}


def addresses(cast: Cast, row: MediaAsset) -> list[str]:
    hashes = [row.sha256, *(each["sha256"] for each in row.variants)]
    return [f"{cast.yunqi.path}/media/{row.id}", *(f"{cast.yunqi.path}/media/file/{each}" for each in hashes)]


def statuses(browser: Browser, cast: Cast, row: MediaAsset) -> set[int]:
    return {browser.get(path, buffered=True).status_code for path in addresses(cast, row)}


def test_library_of_the_editor_lacks_what_is_hidden_alone(app: Flask, cast: Cast, files: dict[str, MediaAsset]) -> None:
    library = f"{cast.yunqi.path}/media"
    seen, whole = (Browser(app, who).get(library).text for who in (cast.yunqi.editor, cast.yunqi.admin))

    assert {name for name, row in files.items() if row.id in seen} == {"shared", "free"}
    assert {name for name, row in files.items() if row.id in whole} == {"secret", "shared", "free"}


def test_file_is_refused_by_every_address(app: Flask, cast: Cast, files: dict[str, MediaAsset]) -> None:
    editor, admin = Browser(app, cast.yunqi.editor), Browser(app, cast.yunqi.admin)

    assert {name: statuses(editor, cast, row) for name, row in files.items()} == {
        "secret": {403},
        "shared": {200},
        "free": {200},
    }
    assert statuses(admin, cast, files["secret"]) == {200}
    assert statuses(Browser(app, cast.jiangzhou.admin), cast, files["secret"]) == {404}


def test_act_on_it_is_refused_whichever_way_it_is_named(app: Flask, cast: Cast, files: dict[str, MediaAsset]) -> None:
    editor, secret = Browser(app, cast.yunqi.editor), files["secret"]

    one = editor.post(f"{cast.yunqi.path}/media/{secret.id}/delete")
    many = editor.post(f"{cast.yunqi.path}/media/chosen", {"chosen": secret.id, "act": "delete"})

    assert (one.status_code, many.status_code) == (403, 404)


def test_what_one_has_brought_is_no_secret_to_oneself(app: Flask, cast: Cast, files: dict[str, MediaAsset]) -> None:
    with tenant_session(cast.yunqi.tenant.id, writes=True) as session:
        session.get_one(MediaAsset, (cast.yunqi.tenant.id, files["secret"].id)).uploaded_by = cast.yunqi.editor.id
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()

    assert statuses(Browser(app, cast.yunqi.editor), cast, files["secret"]) == {200}


def test_library_without_the_veil_would_be_seen(
    app: Flask, cast: Cast, files: dict[str, MediaAsset], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault, planted: objects are hidden, and their files are not."""
    monkeypatch.setattr("portal.content.veil.veiled_files", lambda *_: frozenset())

    assert statuses(Browser(app, cast.yunqi.editor), cast, files["secret"]) == {200}
