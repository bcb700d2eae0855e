"""The library, its filters, what documents are told, quotas: each within one tenant."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.core.database import Database, tenant_session
from portal.core.errors import NotFound
from portal.core.ids import MediaId
from portal.media.commands import add_image, add_video, delete_media
from portal.media.models import MediaAsset
from portal.media.queries import (
    SORTS,
    asset_infos,
    find_media,
    get_media,
    media_list,
    quota,
)
from portal.media.states import Kind, Purpose
from tests.media.conftest import Space
from tests.media.pictures import drawing, encoded
from tests.world.counting import counted_queries


def add(space: Space, name: str, size: tuple[int, int] = (400, 300), purpose: Purpose = Purpose.ITEM) -> MediaAsset:
    with space.work() as ctx:
        return add_image(ctx, encoded(drawing(*size)), name, purpose)


@pytest.fixture
def library(hotel: Space, shop: Space, clip: Path) -> dict[str, MediaAsset]:
    made = {
        "hall": add(hotel, "大堂 Lobby.png"),
        "logo": add(hotel, "100%_店标.png", (360, 120), Purpose.LOGO),
        "gone": add(hotel, "旧大堂.png", (500, 300)),
        "foreign": add(shop, "大堂 外人.png", (640, 360)),
    }
    with hotel.work() as ctx:
        made["film"] = add_video(ctx, clip, "大堂.mp4")
    with hotel.work() as ctx:
        delete_media(ctx, MediaId(made["gone"].id))
    return made


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, ["100%_店标.png", "大堂 Lobby.png", "大堂.mp4"]),
        ({"kind": Kind.VIDEO}, ["大堂.mp4"]),
        ({"kind": Kind.IMAGE}, ["100%_店标.png", "大堂 Lobby.png"]),
        ({"purpose": Purpose.LOGO}, ["100%_店标.png"]),
        ({"search": "大堂"}, ["大堂 Lobby.png", "大堂.mp4"]),
        ({"search": "  LOBBY "}, ["大堂 Lobby.png"]),
        ({"search": "datang"}, ["大堂 Lobby.png", "大堂.mp4"]),
        ({"search": "da tang"}, ["大堂 Lobby.png", "大堂.mp4"]),
        ({"search": "%_"}, ["100%_店标.png"]),
        ({"search": "外人"}, []),
        ({"search": "大堂", "kind": Kind.VIDEO}, ["大堂.mp4"]),
        ({"deleted": True}, ["旧大堂.png"]),
    ],
)
def test_media_list_filters(
    wanted: dict[str, object], names: list[str], hotel: Space, library: dict[str, MediaAsset]
) -> None:
    with tenant_session(hotel.tenant.id) as session:
        found = session.scalars(media_list(**wanted)).all()  # type: ignore[arg-type]

    assert sorted(row.name for row in found) == names


@pytest.mark.parametrize("sort", SORTS)
def test_media_list_sorts_by_every_key_and_counts_in_the_own_tenant(
    sort: str, hotel: Space, library: dict[str, MediaAsset]
) -> None:
    statement = media_list()

    with tenant_session(hotel.tenant.id) as session:
        rows = session.scalars(statement.order_by(SORTS[sort])).all()
        total = session.scalar(select(func.count()).select_from(statement.subquery()))

    assert total == len(rows) == 3
    values = [value for row in rows if (value := getattr(row, SORTS[sort].key)) is not None]
    assert sort == "name" or values == sorted(values)


def test_get_media_knows_the_own_tenants_assets_only(hotel: Space, library: dict[str, MediaAsset]) -> None:
    with tenant_session(hotel.tenant.id) as session:
        assert get_media(session, MediaId(library["gone"].id)).name == "旧大堂.png"
        for media_id in (library["foreign"].id, "made up", ""):
            with pytest.raises(NotFound):
                get_media(session, MediaId(media_id))


def test_find_media_knows_the_own_tenants_hashes_only(hotel: Space, library: dict[str, MediaAsset]) -> None:
    with tenant_session(hotel.tenant.id) as session:
        assert find_media(session, library["hall"].sha256) is not None
        assert find_media(session, library["foreign"].sha256) is None


def test_asset_infos_tells_of_own_files_in_two_queries_whatever_is_asked(
    hotel: Space, library: dict[str, MediaAsset], database: Database
) -> None:
    shas = {row.sha256 for row in library.values()} | {"0" * 64}

    with tenant_session(hotel.tenant.id) as session, counted_queries() as statements:
        infos = asset_infos(session, shas)

    own = {name: row for name, row in library.items() if name != "foreign"}
    assert set(infos) == {row.sha256 for row in own.values()}
    assert {name: infos[row.sha256].deleted for name, row in own.items()} == {
        "hall": False, "logo": False, "gone": True, "film": False,
    }  # fmt: skip
    # one among pictures and videos, one among apps
    assert len([each for each in statements if each.startswith("SELECT")]) == 2
    film = infos[library["film"].sha256]
    assert (film.kind, film.seconds, film.type) == (Kind.VIDEO, 1.0, "video/mp4")


def test_asset_infos_of_nothing_asks_nothing(hotel: Space, database: Database) -> None:
    with tenant_session(hotel.tenant.id) as session, counted_queries() as statements:
        assert asset_infos(session, []) == {}

    assert statements == []


def test_quota_counts_the_tenants_bytes_with_the_recycle_bin(hotel: Space, library: dict[str, MediaAsset]) -> None:
    with tenant_session(hotel.tenant.id) as session:
        found = quota(session)

    own = [row.stored_bytes for name, row in library.items() if name != "foreign"]
    assert found.used == sum(own)
    assert found.left == found.limit - found.used


def test_quota_of_a_new_tenant_is_unused(hotel: Space) -> None:
    with tenant_session(hotel.tenant.id) as session:
        assert quota(session).used == 0
