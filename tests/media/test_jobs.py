"""What is swept away, and what must never be."""

import os
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine

from portal.core import clock
from portal.core.ids import MediaId
from portal.core.messages import N_
from portal.media import usage
from portal.media.commands import add_image, add_video, delete_media
from portal.media.jobs import remove_unheld
from portal.media.models import MediaAsset
from portal.media.queries import asset_info
from portal.media.states import Purpose
from portal.media.storage import FolderStorage
from portal.media.usage import Use
from tests.media.conftest import Space
from tests.media.pictures import drawing, encoded

ORPHAN = "0" * 64


def add(space: Space) -> MediaAsset:
    with space.work() as ctx:
        return add_image(ctx, encoded(drawing(900, 600)), "大堂.png", Purpose.SLOT_LARGE)


def throw_away(space: Space, asset: MediaAsset) -> None:
    with space.work() as ctx:
        delete_media(ctx, MediaId(asset.id))


def files(asset: MediaAsset) -> set[str]:
    return {each.sha256 for each in asset_info(asset).files} | ({asset.original_sha256} - {None})


def kept(store: FolderStorage) -> set[str]:
    return {path.name for path in store.folder.glob("??/*")}


def make_old(store: FolderStorage) -> None:
    then = time.time() - 2 * 24 * 3600
    for path in store.folder.glob("??/*"):
        os.utime(path, (then, then))


def test_remove_unheld_takes_files_without_a_row(hotel: Space, store: FolderStorage, clip: Path) -> None:
    image = add(hotel)
    with hotel.work() as ctx:
        video = add_video(ctx, clip, "大堂.mp4")
    store.put(ORPHAN, BytesIO(b"its upload was refused"))
    make_old(store)

    removed = remove_unheld()

    assert removed == 1
    assert kept(store) == files(image) | files(video)


def test_remove_unheld_spares_files_whose_row_may_be_on_its_way(hotel: Space, store: FolderStorage) -> None:
    store.put(ORPHAN, BytesIO(b"just uploaded"))

    assert remove_unheld() == 0
    assert kept(store) == {ORPHAN}


def test_remove_unheld_keeps_the_recycle_bin(hotel: Space, store: FolderStorage) -> None:
    asset = add(hotel)
    throw_away(hotel, asset)
    make_old(store)

    assert remove_unheld() == 0
    assert kept(store) == files(asset)


def test_remove_unheld_empties_the_recycle_bin_after_its_days(hotel: Space, store: FolderStorage) -> None:
    asset = add(hotel)
    throw_away(hotel, asset)

    with time_machine.travel(clock.now() + timedelta(days=31)):
        removed = remove_unheld()

    assert removed == len(files(asset)) == 3
    assert kept(store) == set()


def test_remove_unheld_keeps_what_another_tenant_holds(hotel: Space, shop: Space, store: FolderStorage) -> None:
    asset = add(hotel)
    add(shop)
    throw_away(hotel, asset)

    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert remove_unheld() == 0

    assert kept(store) == files(asset)


def test_remove_unheld_keeps_what_is_used_after_all(
    hotel: Space, store: FolderStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = add(hotel)
    throw_away(hotel, asset)

    def find(session: object, shas: list[str]) -> list[Use]:
        return [Use(each, N_("发布"), "第 3 版") for each in shas]

    monkeypatch.setattr(usage, "_finders", [find])

    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert remove_unheld() == 0
    assert kept(store) == files(asset)


def test_an_upload_after_the_sweep_is_whole_again(hotel: Space, store: FolderStorage) -> None:
    asset = add(hotel)
    throw_away(hotel, asset)
    with time_machine.travel(clock.now() + timedelta(days=31)):
        remove_unheld()
        again = add(hotel)

    assert (again.id, again.deleted_at) == (asset.id, None)
    assert kept(store) == files(again)
