"""A picture of an approved object, exchanged for another one of the library by raw SQL behind the hash that was approved."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from portal.content.kinds import Kind
from portal.core.database import Database
from portal.core.ids import new_id
from portal.media.models import MediaAsset
from portal.media.states import Purpose
from portal.releases import making
from portal.review.submitting import Chosen, submit_for_review
from tests.attacks.log import newest, recorded
from tests.attacks.test_approved_content import publish, releases
from tests.world import building
from tests.world.cast import Cast
from tests.world.content import draft
from tests.world.reviewing import HandedIn, acting, approve, hand_in

ASSETS: Any = MediaAsset.__table__
APPROVED, PLANTED = (20, 90, 100), (200, 20, 20)


@pytest.fixture
def picture(cast: Cast) -> HandedIn:
    """A splash frame whose picture was approved, and beside it in the library a picture that nobody has looked at."""
    tenant, who = cast.yunqi.tenant, acting(cast.yunqi.editor)
    building.add_picture(tenant, Purpose.FRAME, PLANTED)
    image = building.add_picture(tenant, Purpose.FRAME, APPROVED)
    saved = draft(tenant, Kind.FRAME, {"position": 1, "image": image}, who)
    chosen = [Chosen(saved.object_id, saved.sha256)]
    made = building.in_tenant(tenant, lambda ctx: submit_for_review(ctx, chosen, title=""), who)
    handed_in = HandedIn(cast.yunqi, made, (saved,))
    approve(cast, handed_in)
    return handed_in


def _rows(connection: Any) -> Iterator[Any]:
    """The rows of the approved picture and of the other one."""
    return iter(connection.execute(select(ASSETS).order_by(ASSETS.c.created_at.desc()).limit(2)).all())


def smaller_ones(database: Database) -> None:
    with database.engine.begin() as connection:
        approved, other = _rows(connection)
        connection.execute(update(ASSETS).where(ASSETS.c.id == approved.id).values(variants=other.variants))


def poster(database: Database) -> None:
    with database.engine.begin() as connection:
        approved, other = _rows(connection)
        connection.execute(update(ASSETS).where(ASSETS.c.id == approved.id).values(poster=other.variants[0]))


def row_of_another_upload(database: Database) -> None:
    """The other picture's row, with its own record, takes the hash that was approved."""
    with database.engine.begin() as connection:
        approved, other = _rows(connection)
        connection.execute(update(ASSETS).where(ASSETS.c.id == approved.id).values(sha256="0" * 64))
        connection.execute(update(ASSETS).where(ASSETS.c.id == other.id).values(sha256=approved.sha256))


def row_of_no_upload(database: Database) -> None:
    with database.engine.begin() as connection:
        approved, other = _rows(connection)
        connection.execute(update(ASSETS).where(ASSETS.c.id == approved.id).values(sha256="0" * 64))
        made = {**approved._mapping, "id": new_id(), "variants": other.variants}  # noqa: SLF001
        connection.execute(insert(ASSETS).values(**made))


Attack = Callable[[Database], None]
ATTACKS: list[Attack] = [smaller_ones, poster, row_of_another_upload, row_of_no_upload]


def test_picture_as_it_was_uploaded_goes_on_air(app: Flask, cast: Cast, picture: HandedIn) -> None:
    assert publish(app, cast, picture) == 303
    assert releases(picture) == 1


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_exchanged_picture_goes_nowhere(
    app: Flask, cast: Cast, sqlite: Database, picture: HandedIn, attack: Attack
) -> None:
    since = newest()

    attack(sqlite)

    assert publish(app, cast, picture) == 503
    assert releases(picture) == 0
    assert "system.content_altered" in recorded("failed", since=since)


def test_picture_that_is_on_air_is_compared_at_each_release(
    app: Flask, cast: Cast, sqlite: Database, picture: HandedIn
) -> None:
    assert publish(app, cast, picture) == 303
    other = hand_in(cast.yunqi, "别的话")
    approve(cast, other)

    smaller_ones(sqlite)

    assert publish(app, cast, other) == 503
    assert releases(picture) == 1


def test_library_that_is_believed_would_be_seen(
    app: Flask, cast: Cast, sqlite: Database, picture: HandedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: renditions are those that the library names."""
    monkeypatch.setattr(making, "check_renditions", lambda *_: None)

    smaller_ones(sqlite)

    assert publish(app, cast, picture) == 303
