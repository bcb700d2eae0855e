"""From draft to the files that boxes fetch: what a publication writes, in which order numbers grow, what it leaves out."""

import json
import os
from pathlib import Path

import pytest

from portal.catalog.features import Feature
from portal.content.commands import Entered, create_draft
from portal.content.kinds import Kind
from portal.core import outbox
from portal.core.ids import GroupId
from portal.releases import jobs
from portal.releases.site import site
from portal.releases.states import ReleaseKind
from portal.tenants.commands.groups import create_group, delete_group, move_group, rename_group, replace_channel
from portal.tenants.models import BoxGroup
from portal.tenants.queries import group_tree
from tests.world.airing import Desk, first_desk, pointer_file, shown
from tests.world.building import context, in_tenant, root_of
from tests.world.kept import kept
from tests.world.packages import end_grant, grant, resume, suspend


@pytest.fixture
def desk(installation: Path) -> Desk:
    return kept(first_desk)


def add_group(desk: Desk, name: str, parent: GroupId | None = None) -> GroupId:
    above = parent or root_of(desk.tenant)
    return in_tenant(desk.tenant, lambda ctx: create_group(ctx, above, name))


def channel_of(desk: Desk, group: GroupId) -> str:
    with context(desk.tenant) as ctx:
        return group_tree(ctx.session)[group].channel


def version_of(desk: Desk, group: GroupId) -> int:
    with context(desk.tenant) as ctx:
        return ctx.session.get_one(BoxGroup, (desk.tenant.id, group)).version


def work_off() -> None:
    """What the job worker does with what waits for it."""
    while outbox.drain():
        pass


# one publication


def test_published_marquee_reaches_the_channel(desk: Desk) -> None:
    release = desk.put_on_air(desk.save("热水检修"))

    assert desk.texts() == ["热水检修"]
    assert (release.number, release.kind, release.changed) == (1, ReleaseKind.PUBLISH, 1)
    assert (desk.release().state, desk.release().error) == ("published", None)


def test_publishing_lays_over_what_is_on_air(desk: Desk) -> None:
    first, second = desk.save("一"), desk.save("二")
    desk.put_on_air(first)
    desk.put_on_air(second)

    desk.put_on_air(desk.save("三", first))

    assert desk.texts() == ["三", "二"]
    assert desk.states(first) == ["superseded", "published"]


def test_urgent_marquee_goes_alone_ahead_of_everything_pending(desk: Desk) -> None:
    pending = desk.save("日常")
    desk.approved(pending)

    release = desk.put_on_air(desk.save("停水"), urgent=True)

    assert release.kind == ReleaseKind.URGENT
    assert desk.texts() == ["停水"]
    assert desk.states(pending) == ["approved"]


def test_deletion_takes_effect_when_it_is_published(desk: Desk) -> None:
    from portal.content.discarding import delete_object

    saved = desk.save("旧")
    desk.put_on_air(saved)
    version = desk.view(saved).object.version

    gone = in_tenant(desk.tenant, lambda ctx: delete_object(ctx, saved.object_id, version), desk.editor)
    before = desk.texts()
    assert gone is not None
    desk.put_on_air(gone)

    assert (before, desk.texts()) == (["旧"], [])


def test_pointer_names_document_release_and_predecessor(desk: Desk) -> None:
    desk.put_on_air(desk.save("一"))
    first = desk.pointers()[0].document_sha256
    desk.put_on_air(desk.save("二"))

    row = desk.pointers()[0]
    pointer = json.loads(pointer_file(row.channel).read_bytes())

    assert pointer_file(row.channel).read_bytes() == row.body.encode()
    assert (pointer["release"], pointer["previous"]) == (row.document_sha256, first)
    assert (pointer["sequence"], pointer["release_number"]) == (2, 2)
    assert pointer["enterprise_id"] == desk.tenant.enterprise_id


def test_every_publication_moves_sequence_and_time_of_every_channel(desk: Desk) -> None:
    add_group(desk, "城东区")
    desk.put_on_air(desk.save("一"))
    seen = {row.channel: (row.sequence, int(pointer_file(row.channel).stat().st_mtime)) for row in desk.pointers()}

    desk.put_on_air(desk.save("二"))
    desk.put_on_air(desk.save("三"))

    for row in desk.pointers():
        sequence, modified = seen[row.channel]
        assert row.sequence == sequence + 2
        assert int(pointer_file(row.channel).stat().st_mtime) >= modified + 2
        assert row.modified_at == int(pointer_file(row.channel).stat().st_mtime)


def test_equal_content_of_many_groups_is_one_file(desk: Desk) -> None:
    east = add_group(desk, "城东区")
    add_group(desk, "城西区")

    desk.put_on_air(desk.save("全体"))
    same = {row.document_sha256 for row in desk.pointers()}
    desk.put_on_air(desk.save("东区", targets=(east,)))

    assert len(same) == 1
    assert len({row.document_sha256 for row in desk.pointers()}) == 2
    assert desk.texts(channel_of(desk, east)) == ["东区", "全体"]


def test_same_content_again_is_the_same_file_under_a_new_sequence(desk: Desk) -> None:
    first = desk.save("一")
    desk.put_on_air(first)
    name = desk.pointers()[0].document_sha256
    desk.put_on_air(desk.save("二", first))

    desk.put_on_air(desk.save("一", first))

    assert (desk.pointers()[0].document_sha256, desk.pointers()[0].sequence) == (name, 3)
    assert len(list((site().root / "releases").glob("*.json"))) == 2


# what a tenant may show


def test_suspension_leaves_the_base_only_and_its_end_brings_everything_back(desk: Desk) -> None:
    desk.put_on_air(desk.save("欢迎"))
    suspend(desk.tenant)
    jobs.follow_entitlements()
    suspended = shown(desk.pointers()[0].channel)

    resume(desk.tenant)
    jobs.follow_entitlements()

    assert (suspended["features"], suspended["marquee"]) == (["base"], [])
    assert desk.texts() == ["欢迎"]
    assert (desk.release().number, desk.release().kind, desk.release().created_by_name) == (
        3,
        ReleaseKind.SYSTEM,
        "系统",
    )


def test_grant_and_its_end_are_followed(desk: Desk) -> None:
    desk.put_on_air(desk.save("欢迎"))
    given = grant(desk.tenant, Feature.LIVE)
    jobs.follow_entitlements()
    with_live = shown(desk.pointers()[0].channel)["features"]

    end_grant(desk.tenant, given)
    jobs.follow_entitlements()

    assert "live" in with_live
    assert "live" not in shown(desk.pointers()[0].channel)["features"]


def test_nothing_changes_without_a_change(desk: Desk) -> None:
    desk.put_on_air(desk.save("欢迎"))

    assert (jobs.follow_entitlements(), jobs.catch_up(), jobs.refresh(desk.tenant.id, jobs.BY_GROUPS)) == (0, 0, False)
    assert desk.release().number == 1


# groups


def test_new_group_gets_a_channel_with_what_it_shows(desk: Desk) -> None:
    desk.put_on_air(desk.save("欢迎"))

    group = add_group(desk, "城东区")
    work_off()

    assert desk.texts(channel_of(desk, group)) == ["欢迎"]
    assert desk.release().kind == ReleaseKind.SYSTEM


def test_moved_group_shows_what_its_new_place_shows(desk: Desk) -> None:
    east, west = add_group(desk, "城东区"), add_group(desk, "城西区")
    shop = add_group(desk, "湖滨店", east)
    desk.put_on_air(desk.save("东区", targets=(east,)), desk.save("西区", targets=(west,)))
    before = desk.texts(channel_of(desk, shop))

    version = version_of(desk, shop)
    in_tenant(desk.tenant, lambda ctx: move_group(ctx, shop, version, west))
    work_off()

    assert (before, desk.texts(channel_of(desk, shop))) == (["东区"], ["西区"])


def test_deleted_group_loses_its_channel(desk: Desk) -> None:
    group = add_group(desk, "城东区")
    desk.put_on_air(desk.save("欢迎"))
    channel, version = channel_of(desk, group), version_of(desk, group)

    in_tenant(desk.tenant, lambda ctx: delete_group(ctx, group, version))
    work_off()

    assert not pointer_file(channel).parent.exists()
    assert len(desk.pointers()) == 1


def test_replaced_channel_is_written_anew_and_the_old_one_is_gone(desk: Desk) -> None:
    """The content stays the same, so that only the channel's name can tell that a release is due."""
    desk.put_on_air(desk.save("欢迎"))
    root, old = root_of(desk.tenant), desk.pointers()[0].channel

    version = version_of(desk, root)
    in_tenant(desk.tenant, lambda ctx: replace_channel(ctx, root, version))
    work_off()

    new = desk.pointers()[0]
    assert new.channel != old
    assert not pointer_file(old).parent.exists()
    assert (desk.texts(new.channel), new.sequence) == (["欢迎"], 2)


def test_renamed_group_is_named_so_by_its_pointer(desk: Desk) -> None:
    desk.put_on_air(desk.save("欢迎"))
    root, version = root_of(desk.tenant), version_of(desk, root_of(desk.tenant))

    in_tenant(desk.tenant, lambda ctx: rename_group(ctx, root, version, "全国总部"))
    work_off()

    assert json.loads(pointer_file(desk.pointers()[0].channel).read_bytes())["group"]["name"] == "全国总部"


def test_groups_of_a_tenant_that_never_published_need_no_release(desk: Desk) -> None:
    add_group(desk, "城东区")
    work_off()

    assert desk.pointers() == []


def test_object_in_a_lost_place_is_left_out(desk: Desk) -> None:
    """An item whose column was never approved shows nothing, and does not stop the rest."""
    column = in_tenant(
        desk.tenant, lambda ctx: create_draft(ctx, Kind.COLUMN, Entered({"title": "酒店", "order": 1})), desk.editor
    )
    entered = Entered({"title": "餐饮", "order": 1, "parent": column.object_id})
    below = in_tenant(desk.tenant, lambda ctx: create_draft(ctx, Kind.COLUMN, entered), desk.editor)
    submission = desk.submit(column, below, desk.save("欢迎"))
    desk.approve(submission, below)

    desk.publish(submission)

    assert shown(desk.pointers()[0].channel)["zone"]["columns"] == []


# files


def test_repair_writes_what_is_missing_or_torn(desk: Desk) -> None:
    desk.put_on_air(desk.save("欢迎"))
    row = desk.pointers()[0]
    pointer_file(row.channel).unlink()
    document = site().root / "releases" / f"{row.document_sha256}.json"
    os.truncate(document, 10)

    written = jobs.repair_all()

    assert written == 2
    assert desk.texts() == ["欢迎"]
    assert jobs.repair_all() == 0
