"""Files of content that somebody may not see: out of the library and refused by every address, unless something else shows them."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.access.acl import Acl, Effect, Place, Subject
from portal.access.roles import Role
from portal.administration.commands.entries import NewEntry, add_entry
from portal.audit.events import Event
from portal.audit.models import AuditRecord
from portal.content.models import ContentObject, Revision
from portal.core import unit_of_work
from portal.core.database import system_session, tenant_session
from portal.core.ids import new_id
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


def forms_with(cast: Cast, sha256: str, column: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every act that takes a file of the library by its hash, with the form that names this one."""
    content_ = f"{cast.yunqi.path}/content"
    place = {"position": "7", "title": "抄", "action": "url", "url": "https://example.com/"}
    return {
        "crop": (f"{content_}/crop", {"sha256": sha256, "purpose": "icon", "width": "1"}),
        "rows": (f"{content_}/ads/playlists/rows", {"asset": sha256}),
        "playlist": (f"{content_}/ads/playlists/new", {"title": "抄", "added": sha256}),
        "other place": (f"{content_}/slots/new?position=7", {**place, "image": sha256}),
        "its own place": (
            f"{content_}/slots/new?position=2",
            {**place, "position": "2", "targets": cast.yunqi.shop, "image": sha256},
        ),
        "column": (f"{content_}/zone/{column}/upload", {"asset": sha256}),
        "television": (f"{cast.yunqi.path}/preview/look/slot", {**place, "object_id": new_id(), "image": sha256}),
    }


def copies(cast: Cast, row: MediaAsset) -> tuple[int, int]:
    """How many files the library has, and how many revisions show this one."""
    with tenant_session(cast.yunqi.tenant.id) as session:
        shown = [row.sha256 in str(revision.envelope) for revision in session.scalars(select(Revision))]
        return len(session.scalars(select(MediaAsset)).all()), sum(shown)


def denials() -> int:
    with system_session(reason="a test counts denials") as session:
        denied = AuditRecord.event == Event.ACCESS_DENIED.value
        return session.scalar(select(func.count()).where(denied)) or 0


def test_hash_of_it_gives_nobody_a_copy(app: Flask, cast: Cast, files: dict[str, MediaAsset]) -> None:
    editor, column = Browser(app, cast.yunqi.editor), _column(cast)
    forms, before, denied = forms_with(cast, files["secret"].sha256, column), copies(cast, files["secret"]), denials()

    answers = {name: editor.post(path, data) for name, (path, data) in forms.items()}

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(forms, 403)
    assert not any(files["secret"].sha256 in answer.text for answer in answers.values())
    assert (copies(cast, files["secret"]), denials()) == (before, denied + len(forms))


def test_whoever_may_see_it_may_copy_it(app: Flask, cast: Cast, files: dict[str, MediaAsset]) -> None:
    admin, column = Browser(app, cast.yunqi.admin), _column(cast)

    forms = forms_with(cast, files["secret"].sha256, column)

    assert {name: admin.post(*form).status_code < 400 for name, form in forms.items()} == dict.fromkeys(forms, True)


def test_hash_gives_nothing_where_the_request_was_let_in(
    app: Flask, cast: Cast, files: dict[str, MediaAsset], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: nobody looks at what a form names. The library itself does not know the file."""
    monkeypatch.setattr("portal.web.pipeline._named_things", lambda: iter(()))
    editor, column = Browser(app, cast.yunqi.editor), _column(cast)
    forms, before = forms_with(cast, files["secret"].sha256, column), copies(cast, files["secret"])

    for form in forms.values():
        editor.post(*form)

    assert copies(cast, files["secret"]) == before


def test_copy_would_be_seen(
    app: Flask, cast: Cast, files: dict[str, MediaAsset], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted in both: sessions beside the request's own forget for whom they read."""
    monkeypatch.setattr("portal.web.pipeline._named_things", lambda: iter(()))
    monkeypatch.setattr("portal.core.database.hide_from", lambda *_a, **_k: None)
    editor, column = Browser(app, cast.yunqi.editor), _column(cast)
    path, data = forms_with(cast, files["secret"].sha256, column)["crop"]

    answer = editor.post(path, data)

    assert answer.status_code == 200


def _column(cast: Cast) -> str:
    first = content.a_column(cast.yunqi.tenant)
    return str(content.a_column(cast.yunqi.tenant, "二级", first).object_id)


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
