"""What is on air, changed by raw SQL: the next release leaves it out of all channels or is not made, and no pointer to it is signed."""

import json
from datetime import timedelta
from hashlib import sha256 as sha256_of
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.core import clock
from portal.core.canonical import canonical
from portal.core.database import Database, tenant_session
from portal.releases import alarm, approved, by_itself, jobs, publisher, renewal
from portal.releases.models import Pointer, Release, ReleaseDocument
from portal.releases.public_gzip import gzip_of
from portal.releases.site import site
from tests.attacks.log import newest, recorded
from tests.attacks.test_approved_content import (
    ATTACKS,
    PLANTED,
    Attack,
    change,
    next_version,
    publish,
    releases,
    whole_submission,
)
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.reviewing import HandedIn, approve, hand_in

RELEASES: Any = Release.__table__
POINTERS: Any = Pointer.__table__
DOCUMENTS: Any = ReleaseDocument.__table__


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm, "_sounded", set())


@pytest.fixture
def on_air(app: Flask, cast: Cast) -> HandedIn:
    """Something that was approved and is on air."""
    handed_in = hand_in(cast.yunqi, "审过的话")
    approve(cast, handed_in)
    assert publish(app, cast, handed_in) == 303
    publisher.rest()
    return handed_in


def something_else(cast: Cast) -> HandedIn:
    """Something of the same enterprise that is approved as it stands."""
    handed_in = hand_in(cast.yunqi, "别的话")
    approve(cast, handed_in)
    return handed_in


def published() -> str:
    """All that boxes can fetch."""
    publisher.rest()
    files = [path for path in Path(site().root).rglob("*") if path.is_file() and path.suffix in {".json", ".jws"}]
    return "".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_what_stays_on_air_is_compared_at_each_release(
    app: Flask, cast: Cast, sqlite: Database, on_air: HandedIn, attack: Attack
) -> None:
    other, since = something_else(cast), newest()

    attack(sqlite, on_air)

    assert publish(app, cast, other) == 503
    assert (releases(on_air), PLANTED in published()) == (1, False)
    assert "system.content_altered" in recorded("failed", since=since)


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "它在数据库里被改动过"), ("en", "it was changed in the database")]
)
def test_center_is_told_in_its_language(
    app: Flask, cast: Cast, sqlite: Database, on_air: HandedIn, language: str, said: str
) -> None:
    other = something_else(cast)
    whole_submission(sqlite, on_air)
    operator = Browser(app, cast.operator)
    operator.post("/preferences", {"lang": language})

    answer = operator.post(f"{cast.yunqi.path}/releases/next/{other.id}")

    assert answer.status_code == 503
    assert said in answer.text


def test_clock_meets_it_too_and_the_center_finds_a_message(
    app: Flask, cast: Cast, sqlite: Database, on_air: HandedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_itself, "shown_by_channels", lambda _pointers: None)  # as if the package had changed
    whole_submission(sqlite, on_air)
    since = newest()

    made = [jobs.refresh(cast.yunqi.tenant.id, jobs.BY_PACKAGE) for _ in range(2)]

    assert (made, releases(on_air)) == ([False, False], 1)
    assert recorded("failed", since=since) == ["system.content_altered"]
    assert "有内容在数据库里被改动过" in Browser(app, cast.operator).get("/notices").text


def test_altered_content_is_taken_down_and_the_rest_goes_on(
    app: Flask, cast: Cast, sqlite: Database, on_air: HandedIn
) -> None:
    """Taking it off air needs no approval of it, and nothing else waits for a database that is mended."""
    other = something_else(cast)
    whole_submission(sqlite, on_air)
    address = f"{cast.yunqi.path}/releases/take-down/{on_air.saved[0].object_id}"

    taken = Browser(app, cast.operator).post(address, {"reason": "被改动"}).status_code

    assert (taken, publish(app, cast, other)) == (303, 303)
    assert PLANTED not in published()


def test_manifest_that_was_changed_is_the_ground_of_nothing(
    app: Flask, cast: Cast, sqlite: Database, on_air: HandedIn
) -> None:
    """Words that were approved once, and that nobody has put on air again."""
    second = next_version(cast, on_air)
    approve(cast, second)
    assert publish(app, cast, second) == 303
    other, old = something_else(cast), on_air.saved[0]
    with sqlite.engine.begin() as connection:
        manifest = {old.object_id: old.revision_id}
        connection.execute(update(RELEASES).where(RELEASES.c.number == 2).values(manifest=manifest))

    assert publish(app, cast, other) == 503
    assert releases(on_air) == 2


def test_older_manifest_that_was_changed_does_not_come_back(
    app: Flask, cast: Cast, sqlite: Database, on_air: HandedIn
) -> None:
    for _ in range(2):
        following = next_version(cast, on_air)
        approve(cast, following)
        assert publish(app, cast, following) == 303
    with sqlite.engine.begin() as connection:
        wanted = select(RELEASES.c.manifest).where(RELEASES.c.number == 1)
        manifest = connection.execute(wanted).scalar_one()
        connection.execute(update(RELEASES).where(RELEASES.c.number == 2).values(manifest=manifest))

    answer = Browser(app, cast.operator).post(f"{cast.yunqi.path}/releases/2/roll-back", {"reason": "试试"})

    assert answer.status_code == 503


def test_release_of_before_contents_were_recorded_is_compared_one_by_one(
    app: Flask, cast: Cast, sqlite: Database, on_air: HandedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approved, "_vouches", lambda *_: False)

    assert publish(app, cast, something_else(cast)) == 303
    whole_submission(sqlite, on_air)
    assert publish(app, cast, something_else(cast)) == 503


def _point_elsewhere(database: Database, *, unsigned: bool) -> None:
    """Let every pointer lead to a document that nobody made, and be due for its signature."""
    data = canonical({"assets": [], "desktop": PLANTED})
    sha256 = sha256_of(data).hexdigest()
    with database.engine.begin() as connection:
        document = dict(connection.execute(select(DOCUMENTS)).mappings().first() or {})
        document |= {"id": f"{document['id'][:-4]}ffff", "sha256": sha256, "size": len(data), "body": gzip_of(data)}
        connection.execute(DOCUMENTS.insert().values(document))
        for row in connection.execute(select(POINTERS)).all():
            body = json.loads(row.body) | {"release": sha256, "url": f"/pub/releases/{sha256}.json", "bytes": len(data)}
            values = {"body": json.dumps(body), "document_sha256": sha256, "valid_until": clock.now() - timedelta(1)}
            values |= {"jws": None} if unsigned else {}
            connection.execute(update(POINTERS).where(POINTERS.c.id == row.id).values(values))


@pytest.mark.parametrize("unsigned", [False, True])
def test_pointer_that_we_have_not_signed_is_not_signed_when_it_is_due(
    cast: Cast, sqlite: Database, on_air: HandedIn, unsigned: bool
) -> None:
    since = newest()
    _point_elsewhere(sqlite, unsigned=unsigned)

    assert renewal.renew_due() == 1

    assert (PLANTED in published(), "审过的话" in published()) == (False, True)
    with tenant_session(cast.yunqi.tenant.id) as session:
        release, pointers = (
            session.scalars(select(Release).order_by(Release.number.desc())).first(),
            session.scalars(select(Pointer)).all(),
        )
        assert release is not None
        assert (release.kind, release.number) == ("system", 2)
        assert {row.release_id for row in pointers} == {release.id}
    assert recorded("failed", since=since) == ["system.content_altered"]


def test_pointer_and_content_that_were_both_changed_are_left_alone(
    cast: Cast, sqlite: Database, on_air: HandedIn
) -> None:
    _point_elsewhere(sqlite, unsigned=False)
    whole_submission(sqlite, on_air)

    assert renewal.renew_due() == 0
    assert (PLANTED in published(), releases(on_air)) == (False, 1)


def _only_what_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approved, "_vouches", lambda *_: True)


def _whatever_stands_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "_is_ours", lambda *_: True)


def test_comparison_of_what_is_added_alone_would_be_seen(
    app: Flask, cast: Cast, sqlite: Database, on_air: HandedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only_what_is_added(monkeypatch)
    other = something_else(cast)

    change(sqlite, on_air)

    assert publish(app, cast, other) == 303
    assert PLANTED in published()


def test_renewal_that_signs_whatever_stands_there_would_be_seen(
    cast: Cast, sqlite: Database, on_air: HandedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    _whatever_stands_there(monkeypatch)
    _point_elsewhere(sqlite, unsigned=False)

    renewal.renew_due()

    assert PLANTED in published()
