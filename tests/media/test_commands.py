"""Taking in, throwing away, bringing back: permissions, records, one asset per file and tenant, nothing said to others."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from portal.access.roles import Role
from portal.audit.models import AuditRecord
from portal.core import clock, faults
from portal.core import database as databases
from portal.core.canonical import canonical_sha256
from portal.core.database import Database, system_session, tenant_session
from portal.core.errors import Conflict, Forbidden, NotFound, Refused
from portal.core.files import DiskFull
from portal.core.ids import MediaId, new_id
from portal.core.messages import N_
from portal.core.unit_of_work import UnaskedWrite
from portal.media import commands, queries, usage
from portal.media.commands import MediaInUse, add_image, add_video, delete_media, refit_image, restore_media
from portal.media.models import MediaAsset
from portal.media.queries import asset_info, get_media
from portal.media.states import Purpose
from portal.media.storage import FolderStorage
from portal.media.usage import Use
from tests.media.conftest import Space
from tests.media.pictures import drawing, encoded

PHOTO = encoded(drawing(1320, 600), "JPEG")


def added(space: Space, data: bytes = PHOTO, name: str = "大堂.jpg", purpose: Purpose = Purpose.ITEM) -> MediaAsset:
    with space.work() as ctx:
        return add_image(ctx, data, name, purpose)


def binned(space: Space) -> MediaAsset:
    asset = added(space)
    with space.work() as ctx:
        delete_media(ctx, MediaId(asset.id))
    return asset


def held(space: Space) -> list[MediaAsset]:
    with tenant_session(space.tenant.id) as session:
        return list(session.scalars(select(MediaAsset).order_by(MediaAsset.id)))


def events() -> list[str]:
    with system_session(reason="what was recorded") as session:
        return list(session.scalars(select(AuditRecord.event).order_by(AuditRecord.seq)))


@pytest.fixture
def use_of_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(session: object, shas: list[str]) -> list[Use]:
        return [Use(sha256, N_("草稿"), "大堂", "object") for sha256 in shas]

    monkeypatch.setattr(usage, "_finders", [])
    usage.register_usage(find)  # type: ignore[arg-type]


def test_add_image_keeps_row_files_and_record(hotel: Space, store: FolderStorage) -> None:
    asset = added(hotel)

    info = asset_info(asset)
    assert [(row.id, row.name, row.kind, row.purpose) for row in held(hotel)] == [
        (asset.id, "大堂.jpg", "image", "item")
    ]
    assert (asset.pinyin, asset.type, asset.width, asset.height) == ("datang.jpg dt.", "image/jpeg", 1320, 600)
    assert [each.width for each in info.variants] == [1320, 1280]
    assert asset.original_sha256 is not None
    files = {each.sha256 for each in info.files} | {asset.original_sha256}
    assert asset.stored_bytes == sum(store.size(each) for each in files)
    assert events() == ["media.added"]


def test_add_image_records_name_kind_and_hash(hotel: Space) -> None:
    asset = added(hotel)

    with system_session(reason="what was recorded") as session:
        row = session.scalars(select(AuditRecord)).one()
    files = [
        {"sha256": asset.sha256, "bytes": asset.bytes, "type": asset.type, "width": asset.width, "height": asset.height}
    ]
    made = canonical_sha256(files + [each for each in asset.variants if each["sha256"] != asset.sha256])
    assert row.details == {"name": "大堂.jpg", "kind": "image", "sha256": asset.sha256, "renditions": made}
    assert (row.target_type, row.target_id, row.target_title) == ("media_asset", asset.id, "大堂.jpg")


def test_add_image_again_returns_the_same_asset(hotel: Space) -> None:
    first = added(hotel)
    second = added(hotel, name="又一次.jpg")

    assert (second.id, second.name) == (first.id, "大堂.jpg")
    assert len(held(hotel)) == 1
    assert events() == ["media.added"]


def test_add_image_for_another_place_is_another_asset(hotel: Space) -> None:
    ids = {added(hotel, purpose=purpose).id for purpose in (Purpose.ITEM, Purpose.SLOT_LARGE, Purpose.SLOT_SMALL)}

    assert len(ids) == 3


def test_add_image_again_takes_the_asset_out_of_the_recycle_bin(hotel: Space) -> None:
    asset = binned(hotel)

    again = added(hotel)

    assert (again.id, again.deleted_at) == (asset.id, None)
    assert events() == ["media.added", "media.deleted", "media.restored"]


def test_add_image_does_the_same_work_for_a_file_that_another_tenant_has(
    hotel: Space, shop: Space, store: FolderStorage
) -> None:
    first = added(hotel)
    inode = Path(store.path_or_url(first.sha256)).stat().st_ino

    second = added(shop)

    assert second.sha256 == first.sha256
    assert second.id != first.id
    assert Path(store.path_or_url(first.sha256)).stat().st_ino != inode, "it was written anew"
    assert [row.id for row in held(hotel)] == [first.id]
    assert [row.id for row in held(shop)] == [second.id]


def test_add_image_refused_keeps_nothing(hotel: Space, store: FolderStorage) -> None:
    with pytest.raises(Refused), hotel.work() as ctx:
        add_image(ctx, b"text", "大堂.png", Purpose.ITEM)

    assert held(hotel) == []
    assert not store.folder.exists()
    assert events() == []


def test_add_image_on_a_full_disk_keeps_no_row(hotel: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(faults.VARIABLE, f"media.put.written{faults.DISK_FULL}")

    with pytest.raises(DiskFull), hotel.work() as ctx:
        add_image(ctx, PHOTO, "大堂.jpg", Purpose.ITEM)

    assert held(hotel) == []


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.TENANT_ADMIN, True),
        (Role.TENANT_EDITOR, True),
        (Role.GROUP_EDITOR, True),
        (Role.CENTER_REVIEWER, False),
        (Role.PROVINCE, False),
        (Role.AUDITOR, False),
    ],
)
def test_add_image_asks_for_the_permission_before_any_work(
    role: Role, allowed: bool, hotel: Space, store: FolderStorage
) -> None:
    def attempt() -> None:
        with hotel.work(role) as ctx:
            add_image(ctx, PHOTO, "大堂.jpg", Purpose.ITEM)

    if allowed:
        attempt()
    else:
        with pytest.raises(Forbidden):
            attempt()

    assert len(held(hotel)) == int(allowed)
    assert store.folder.exists() == allowed


def test_add_image_refuses_a_member_of_another_tenant(hotel: Space, shop: Space) -> None:
    with pytest.raises(Forbidden), hotel.work(member_of=shop.tenant.id) as ctx:
        add_image(ctx, PHOTO, "大堂.jpg", Purpose.ITEM)


def test_add_image_holds_no_lock_while_it_draws(hotel: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    open_transactions: list[bool] = []
    real = commands.prepare_image

    with hotel.work() as ctx:

        def watched(data: bytes, purpose: Purpose) -> object:
            open_transactions.append(ctx.session.in_transaction())
            return real(data, purpose)

        monkeypatch.setattr(commands, "prepare_image", watched)
        add_image(ctx, PHOTO, "大堂.jpg", Purpose.ITEM)

    assert open_transactions == [False]


def test_add_image_over_the_quota_is_refused(hotel: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    first = added(hotel)
    monkeypatch.setattr(queries, "TENANT_BYTES", first.stored_bytes + 1000)

    with pytest.raises(Refused) as refusal, hotel.work() as ctx:
        add_image(ctx, encoded(drawing(700, 700)), "菜单.png", Purpose.ITEM)

    assert refusal.value.code == "media_quota"
    assert len(held(hotel)) == 1


def test_add_image_counts_only_the_own_tenants_bytes(
    hotel: Space, shop: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = added(hotel)
    monkeypatch.setattr(queries, "TENANT_BYTES", first.stored_bytes)

    added(shop)

    assert len(held(shop)) == 1


def test_add_image_twice_at_once_leaves_one_row(hotel: Space) -> None:
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def upload() -> None:
        together.wait()
        try:
            outcomes.append(added(hotel).id)
        except Conflict as conflict:
            outcomes.append(conflict.code)

    threads = [threading.Thread(target=upload) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(held(hotel)) == 1
    assert len(outcomes) == 2
    assert set(outcomes) - {"conflict"} == {held(hotel)[0].id}


def test_add_video_keeps_row_files_and_record(hotel: Space, store: FolderStorage, clip: Path) -> None:
    before = sorted(clip.parent.iterdir())

    with hotel.work() as ctx:
        asset = add_video(ctx, clip, "大堂.mp4")

    info = asset_info(asset)
    assert (asset.kind, asset.type, asset.purpose, asset.original_sha256) == ("video", "video/mp4", None, None)
    assert (info.width, info.height, info.seconds, info.variants) == (320, 180, 1.0, ())
    assert info.poster is not None
    assert (info.poster.type, info.poster.width) == ("image/jpeg", 320)
    assert [store.size(each.sha256) for each in info.files] == [asset.bytes, info.poster.bytes]
    assert asset.stored_bytes == asset.bytes + info.poster.bytes
    assert events() == ["media.added"]
    assert sorted(clip.parent.iterdir()) == before, "the upload stays, temporary files are gone"


def test_add_video_again_returns_the_same_asset(hotel: Space, clip: Path) -> None:
    with hotel.work() as ctx:
        first = add_video(ctx, clip, "大堂.mp4")
    with hotel.work() as ctx:
        second = add_video(ctx, clip, "又一次.mp4")

    assert second.id == first.id


def test_add_video_refused_leaves_no_temporary_files(hotel: Space, tmp_path: Path, clip: Path) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    broken = folder / "cut.mp4"
    broken.write_bytes(clip.read_bytes()[:-100])

    with pytest.raises(Refused), hotel.work() as ctx:
        add_video(ctx, broken, "大堂.mp4")

    assert [path.name for path in folder.iterdir()] == ["cut.mp4"]
    assert held(hotel) == []


def test_refit_image_makes_the_picture_for_another_place(hotel: Space) -> None:
    small = added(hotel, purpose=Purpose.SLOT_SMALL)

    with hotel.work() as ctx:
        large = refit_image(ctx, MediaId(small.id), Purpose.SLOT_LARGE)

    assert (small.width, small.height) == (326, 190)
    assert (large.width, large.height, large.purpose, large.name) == (852, 486, "slot_large", "大堂.jpg")


def test_refit_image_for_the_same_place_returns_the_same_asset(hotel: Space) -> None:
    logo = added(hotel, data=encoded(drawing(720, 240)), purpose=Purpose.LOGO)

    with hotel.work() as ctx:
        again = refit_image(ctx, MediaId(logo.id), Purpose.LOGO)

    assert again.id == logo.id


def test_refit_image_knows_no_videos_no_strangers_no_made_up_ids(hotel: Space, shop: Space, clip: Path) -> None:
    foreign = added(shop)
    with hotel.work() as ctx:
        video = add_video(ctx, clip, "大堂.mp4")

    for media_id in (foreign.id, video.id, new_id()):
        with pytest.raises(NotFound), hotel.work() as ctx:
            refit_image(ctx, MediaId(media_id), Purpose.LOGO)


def test_delete_media_puts_it_into_the_recycle_bin(hotel: Space, store: FolderStorage) -> None:
    asset = binned(hotel)

    assert [row.deleted_at is None for row in held(hotel)] == [False]
    assert store.exists(asset.sha256)
    assert events() == ["media.added", "media.deleted"]


def test_delete_media_twice_is_recorded_once(hotel: Space) -> None:
    asset = binned(hotel)

    with hotel.work() as ctx:
        delete_media(ctx, MediaId(asset.id))

    assert events() == ["media.added", "media.deleted"]


@pytest.mark.usefixtures("use_of_everything")
def test_delete_media_is_refused_while_something_uses_it(hotel: Space) -> None:
    asset = added(hotel)

    with pytest.raises(MediaInUse) as refusal, hotel.work() as ctx:
        delete_media(ctx, MediaId(asset.id))

    assert (refusal.value.code, refusal.value.status) == ("media_in_use", 409)
    assert refusal.value.uses == (Use(asset.sha256, N_("草稿"), "大堂", "object"),)
    assert held(hotel)[0].deleted_at is None


@pytest.mark.parametrize("role", [Role.GROUP_EDITOR, Role.CENTER_OPERATOR, Role.CENTER_REVIEWER])
def test_delete_and_restore_media_ask_for_the_permission(role: Role, hotel: Space) -> None:
    asset = binned(hotel)

    for command in (delete_media, restore_media):
        with pytest.raises(Forbidden), hotel.work(role) as ctx:
            command(ctx, MediaId(asset.id))


def test_delete_and_restore_media_know_no_strangers(hotel: Space, shop: Space) -> None:
    foreign = binned(shop)

    for command in (delete_media, restore_media):
        with pytest.raises(NotFound), hotel.work() as ctx:
            command(ctx, MediaId(foreign.id))

    assert [row.deleted_at is None for row in held(shop)] == [False]


def test_restore_media_brings_it_back(hotel: Space) -> None:
    asset = binned(hotel)

    with hotel.work() as ctx:
        restore_media(ctx, MediaId(asset.id))

    assert held(hotel)[0].deleted_at is None
    assert events() == ["media.added", "media.deleted", "media.restored"]


@pytest.mark.parametrize(("days", "there"), [(29, True), (31, False)])
def test_restore_media_works_for_thirty_days(days: int, there: bool, hotel: Space) -> None:
    asset = binned(hotel)

    with time_machine.travel(clock.now() + timedelta(days=days)), tenant_session(hotel.tenant.id) as session:
        if there:
            assert get_media(session, MediaId(asset.id)).id == asset.id
        else:
            with pytest.raises(NotFound):
                get_media(session, MediaId(asset.id))


def test_a_write_without_the_command_is_stopped(hotel: Space, database: Database) -> None:
    asset = added(hotel)

    with tenant_session(hotel.tenant.id, writes=True) as session:
        get_media(session, MediaId(asset.id)).name = "anders"
        with pytest.raises(UnaskedWrite):
            databases.commit(session)

    assert held(hotel)[0].name == "大堂.jpg"
