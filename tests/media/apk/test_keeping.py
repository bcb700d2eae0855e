"""How long an app's file is kept: as long as something shows it, and a month."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from portal.core import clock
from portal.core.database import tenant_session
from portal.core.messages import N_
from portal.media import queries, usage
from portal.media.apk.commands import take_app
from portal.media.apk.jobs import forget_unused_apps
from portal.media.jobs import remove_unheld
from portal.media.models import AppFile
from portal.media.storage import FolderStorage
from portal.media.usage import Use
from tests.media.conftest import Space, hotel, shop, store
from tests.world import apks

DATA = apks.apk()  # a signature has something random in it

__all__ = ["hotel", "shop", "store"]


def take(space: Space, folder: Path) -> AppFile:
    path = folder / "app.apk"
    path.write_bytes(DATA)
    with space.work() as ctx:
        return take_app(ctx, path)


def kept(space: Space, store: FolderStorage) -> tuple[int, int]:
    """How many apps the tenant has, and how many files there are after the sweep of a later day."""
    for path in store.folder.glob("??/*"):
        os.utime(path, (0, 0))
    remove_unheld()
    with tenant_session(space.tenant.id) as session:
        return len(session.scalars(select(AppFile)).all()), len(list(store.folder.glob("??/*")))


def test_the_same_file_is_one_app_and_counts_once(hotel: Space, tmp_path: Path) -> None:
    first, again = take(hotel, tmp_path), take(hotel, tmp_path)

    with tenant_session(hotel.tenant.id) as session:
        used = queries.quota(session).used
    assert (again.id, used) == (first.id, first.bytes)


def test_an_unused_app_stays_for_a_month(hotel: Space, tmp_path: Path, store: FolderStorage) -> None:
    take(hotel, tmp_path)
    early = (forget_unused_apps(), kept(hotel, store))

    with time_machine.travel(clock.now() + timedelta(days=31)):
        late = (forget_unused_apps(), kept(hotel, store))

    assert (early, late) == ((0, (1, 1)), (1, (0, 0)))


def test_a_used_app_stays(
    hotel: Space, shop: Space, tmp_path: Path, store: FolderStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = take(hotel, tmp_path)
    take(shop, tmp_path)
    of_hotel = hotel.tenant.id

    def find(session: object, shas: list[str]) -> list[Use]:
        return [Use(sha, N_("草稿"), "x") for sha in shas if session.scope.tenant_id == of_hotel]

    monkeypatch.setattr(usage, "_finders", [find])
    with time_machine.travel(clock.now() + timedelta(days=31)):
        count = forget_unused_apps()
        left = kept(hotel, store)

    assert (count, left) == (1, (1, 1))
    assert store.exists(row.sha256)
