"""Saving, discarding, deleting, restoring and arranging: what stays, what asks first, and who may."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.audit.models import AuditRecord
from portal.content.arranging import move_to_position, reorder, set_hidden
from portal.content.commands import APPROVAL_AT_STAKE, Entered, Saved, create_draft, restore_revision, save_draft
from portal.content.discarding import delete_object, discard_draft
from portal.content.kinds import Kind
from portal.content.queries import get_object, revisions_of
from portal.core.context import Actor, Context
from portal.core.database import Database, system_session, tenant_session
from portal.core.errors import Conflict, FeatureNotInPackage, Forbidden, Invalid, NotFound, Refused
from portal.core.ids import GroupId, new_id
from portal.media import storage
from portal.releases import site
from portal.tenants.commands.groups import create_group
from tests.world.airing import Desk, desk_of
from tests.world.building import actor, add_provinces, build_tenant, build_user, in_tenant, root_of
from tests.world.content import a_column, a_playlist, a_slot, an_entry, an_item, payloads, view_of
from tests.world.packages import suspend


@dataclass(frozen=True)
class Place:
    """A tenant with its desk, two groups beside each other, and somebody who edits one of them only."""

    desk: Desk
    east: GroupId
    west: GroupId
    group_editor: Actor

    def run(self, act: Callable[[Context], Any], who: Actor | None = None) -> Any:
        """This function will run `act` as the tenant's editor, or as `who`."""
        return in_tenant(self.desk.tenant, act, who or self.desk.editor)


@pytest.fixture
def place(database: Database, tmp_path: Path) -> Place:
    storage.use(storage.FolderStorage(tmp_path / "media"))
    site.configure(tmp_path / "pub")
    add_provinces()
    tenant = build_tenant()
    root = root_of(tenant)
    east = in_tenant(tenant, lambda ctx: create_group(ctx, root, "城东"))
    west = in_tenant(tenant, lambda ctx: create_group(ctx, root, "城西"))
    editor = actor(Role.GROUP_EDITOR, build_user("east"), tenant, group_id=east, groups=frozenset({east}))
    return Place(desk_of(tenant), east, west, editor)


def version(place: Place, saved: Saved) -> int:
    return view_of(place.desk.tenant, saved.object_id).object.version


def states(place: Place, saved: Saved) -> list[str]:
    return place.desk.states(saved)


def events(place: Place) -> list[str]:
    with system_session(reason="a test reads the log") as session:
        wanted = select(AuditRecord.event).where(AuditRecord.event.startswith("content.")).order_by(AuditRecord.seq)
        return list(session.scalars(wanted))


# saving


def test_saving_again_keeps_one_draft(place: Place) -> None:
    saved = place.desk.save("一")

    place.desk.save("二", saved)

    assert states(place, saved) == ["draft"]
    assert view_of(place.desk.tenant, saved.object_id).newest.title == "二"


def test_saving_what_is_on_air_makes_a_draft_beside_it(place: Place) -> None:
    saved = place.desk.save("一")
    place.desk.put_on_air(saved)

    place.desk.save("二", saved)

    assert states(place, saved) == ["published", "draft"]
    assert place.desk.texts() == ["一"]


def test_second_tab_is_told_and_changes_nothing(place: Place) -> None:
    saved = place.desk.save("一")
    read = version(place, saved)
    place.desk.save("二", saved)

    with pytest.raises(Conflict):
        place.run(lambda ctx: save_draft(ctx, Kind.MARQUEE, saved.object_id, read, Entered({"text": "三"})))

    assert view_of(place.desk.tenant, saved.object_id).newest.title == "二"


def test_approval_is_not_voided_without_leave(place: Place) -> None:
    saved = place.desk.save("一")
    place.desk.approved(saved)
    read = version(place, saved)
    edit = Entered({"text": "二"})

    with pytest.raises(Refused) as refused:
        place.run(lambda ctx: save_draft(ctx, Kind.MARQUEE, saved.object_id, read, edit))
    place.run(lambda ctx: save_draft(ctx, Kind.MARQUEE, saved.object_id, read, edit, void_approval=True))

    assert (refused.value.code, refused.value.status) == (APPROVAL_AT_STAKE, 409)
    assert states(place, saved) == ["voided", "draft"]
    assert events(place) == ["content.draft_saved", "content.approval_voided", "content.draft_saved"]


def test_file_that_the_tenant_does_not_have_is_refused(place: Place) -> None:
    with pytest.raises(Invalid) as refused:
        place.run(lambda ctx: create_draft(ctx, Kind.LOGO, Entered({"image": "a" * 64})))

    assert list(refused.value.errors) == ["image"]


def test_feature_that_is_not_held_refuses_every_write(place: Place) -> None:
    saved = place.desk.save("一")
    read = version(place, saved)
    suspend(place.desk.tenant)

    for act in (
        lambda ctx: create_draft(ctx, Kind.MARQUEE, Entered({"text": "二"})),
        lambda ctx: save_draft(ctx, Kind.MARQUEE, saved.object_id, read, Entered({"text": "二"})),
        lambda ctx: delete_object(ctx, saved.object_id, read),
        lambda ctx: discard_draft(ctx, saved.object_id, read),
        lambda ctx: set_hidden(ctx, {saved.object_id: read}, hidden=True),
    ):
        with pytest.raises(FeatureNotInPackage):
            place.run(act)

    assert states(place, saved) == ["draft"]


def test_second_object_at_a_place_is_refused_and_another_groups_is_not(place: Place) -> None:
    first = a_slot(place.desk.tenant, 3)
    payload = {**view_of(place.desk.tenant, first.object_id).envelope.to_json()["payload"], "title": "另一个"}

    with pytest.raises(Invalid) as refused:
        place.run(lambda ctx: create_draft(ctx, Kind.SLOT, Entered(payload)))
    place.run(lambda ctx: create_draft(ctx, Kind.SLOT, Entered(payload, targets=(place.east,))))

    assert list(refused.value.errors) == ["position"]
    assert [one["title"] for one in payloads(place.desk.tenant, Kind.SLOT)] == ["湖畔早餐", "另一个"]


# discarding and deleting


def test_discarding_leaves_what_is_on_air(place: Place) -> None:
    saved = place.desk.save("一")
    place.desk.put_on_air(saved)
    place.desk.save("二", saved)

    place.run(lambda ctx: discard_draft(ctx, saved.object_id, version(place, saved)))

    assert states(place, saved) == ["published"]


def test_discarding_twice_is_refused(place: Place) -> None:
    saved = place.desk.save("一")
    place.desk.put_on_air(saved)

    with pytest.raises(Refused) as refused:
        place.run(lambda ctx: discard_draft(ctx, saved.object_id, version(place, saved)))

    assert refused.value.code == "no_draft"


@pytest.mark.parametrize("act", [delete_object, discard_draft])
def test_what_nobody_saw_goes_to_the_bin_and_comes_back(place: Place, act: Callable[..., object]) -> None:
    saved = place.desk.save("一")

    place.run(lambda ctx: act(ctx, saved.object_id, version(place, saved)))
    gone = states(place, saved)
    place.run(
        lambda ctx: restore_revision(ctx, saved.object_id, saved.revision_id, version(place, saved)),
    )

    assert gone == ["withdrawn"]
    assert states(place, saved) == ["withdrawn", "draft"]
    assert view_of(place.desk.tenant, saved.object_id).envelope.shown


def test_deleting_what_is_on_air_waits_for_review(place: Place) -> None:
    saved = place.desk.save("一")
    place.desk.put_on_air(saved)

    deletion = place.run(lambda ctx: delete_object(ctx, saved.object_id, version(place, saved)))
    before = place.desk.texts()
    place.desk.put_on_air(deletion)

    assert before == ["一"]
    assert place.desk.texts() == []


@pytest.mark.parametrize("level", ["column", "item", "playlist"])
def test_what_is_needed_cannot_be_deleted(place: Place, level: str) -> None:
    tenant = place.desk.tenant
    first = a_column(tenant)
    second = a_column(tenant, "客房服务", first)
    an_item(tenant, second)
    playlist = a_playlist(tenant)
    an_entry(tenant, playlist)
    needed = {"column": first, "item": second, "playlist": playlist}[level]

    with pytest.raises(Refused) as refused:
        place.run(lambda ctx: delete_object(ctx, needed.object_id, version(place, needed)))

    assert (refused.value.code, refused.value.status) == ("still_needed", 409)


# restoring


def test_older_revision_becomes_the_draft(place: Place) -> None:
    saved = place.desk.save("一")
    place.desk.put_on_air(saved)
    newer = place.desk.save("二", saved)
    place.desk.put_on_air(newer)

    place.run(lambda ctx: restore_revision(ctx, saved.object_id, saved.revision_id, version(place, saved)))

    assert states(place, saved) == ["superseded", "published", "draft"]
    assert view_of(place.desk.tenant, saved.object_id).newest.title == "一"


def test_restoring_asks_before_it_voids_an_approval(place: Place) -> None:
    saved = place.desk.save("一")
    place.desk.put_on_air(saved)
    place.desk.approved(place.desk.save("二", saved))

    with pytest.raises(Refused) as refused:
        place.run(lambda ctx: restore_revision(ctx, saved.object_id, saved.revision_id, version(place, saved)))

    assert refused.value.code == APPROVAL_AT_STAKE


def test_revision_of_another_object_is_not_there(place: Place) -> None:
    one, other = place.desk.save("一"), place.desk.save("二")

    for revision_id in (other.revision_id, new_id(), "made up"):
        with pytest.raises(NotFound):
            place.run(lambda ctx, named=revision_id: restore_revision(ctx, one.object_id, named, version(place, one)))


# arranging


def test_reordering_changes_only_what_moved(place: Place) -> None:
    tenant = place.desk.tenant
    saved = [a_column(tenant, title, order=10 * n) for n, title in enumerate("甲乙丙丁", start=1)]
    ids = [one.object_id for one in saved]

    changed = place.run(lambda ctx: reorder(ctx, Kind.COLUMN, [ids[3], *ids[:3]]))

    assert [one.object_id for one in changed] == [ids[3]]
    orders = [(one["order"], one["title"]) for one in payloads(tenant, Kind.COLUMN)]
    assert [title for _, title in sorted(orders)] == ["丁", "甲", "乙", "丙"]


def test_columns_of_two_parents_are_not_one_order(place: Place) -> None:
    tenant = place.desk.tenant
    first = a_column(tenant)
    second = a_column(tenant, "客房服务", first)

    with pytest.raises(NotFound):
        place.run(lambda ctx: reorder(ctx, Kind.COLUMN, [second.object_id, first.object_id]))
    with pytest.raises(NotFound):
        place.run(lambda ctx: reorder(ctx, Kind.COLUMN, [first.object_id, new_id()]))


def test_two_slots_change_places_together(place: Place) -> None:
    tenant = place.desk.tenant
    first, second = a_slot(tenant, 1, "一"), a_slot(tenant, 2, "二")

    place.run(lambda ctx: move_to_position(ctx, Kind.SLOT, first.object_id, version(place, first), 2))

    assert {one["title"]: one["position"] for one in payloads(tenant, Kind.SLOT)} == {"一": 2, "二": 1}
    assert (states(place, first), states(place, second)) == (["draft"], ["draft"])


def test_slot_of_another_group_stays_where_it_is(place: Place) -> None:
    tenant = place.desk.tenant
    first = a_slot(tenant, 1, "一")
    a_slot(tenant, 2, "城西的", targets=(place.west,))

    place.run(lambda ctx: move_to_position(ctx, Kind.SLOT, first.object_id, version(place, first), 2))

    assert {one["title"]: one["position"] for one in payloads(tenant, Kind.SLOT)} == {"一": 2, "城西的": 2}


def test_swap_that_would_void_an_approval_changes_neither(place: Place) -> None:
    tenant = place.desk.tenant
    first, second = a_slot(tenant, 1, "一"), a_slot(tenant, 2, "二")
    place.desk.approved(second)

    with pytest.raises(Refused):
        place.run(lambda ctx: move_to_position(ctx, Kind.SLOT, first.object_id, version(place, first), 2))

    assert {one["title"]: one["position"] for one in payloads(tenant, Kind.SLOT)} == {"一": 1, "二": 2}
    assert states(place, second) == ["approved"]


def test_hiding_what_something_opens_is_refused(place: Place) -> None:
    tenant = place.desk.tenant
    column = a_column(tenant)
    payload = view_of(tenant, a_slot(tenant, 1).object_id).envelope.to_json()["payload"]
    opens = {**payload, "position": 2, "action": {"open": "column", "column": column.object_id}}
    place.run(lambda ctx: create_draft(ctx, Kind.SLOT, Entered(opens)))

    with pytest.raises(Invalid):
        place.run(lambda ctx: set_hidden(ctx, {column.object_id: version(place, column)}, hidden=True))


# group editors


def test_group_editor_adds_items_to_a_shared_column_for_the_own_group(place: Place) -> None:
    tenant = place.desk.tenant
    column = a_column(tenant, "客房服务", a_column(tenant))
    payload = {"column": column.object_id, "kind": "text", "title": "店内活动", "html": "<p>活动</p>", "seconds": 12}

    saved = place.run(
        lambda ctx: create_draft(ctx, Kind.ITEM, Entered(payload, targets=(place.east,))), place.group_editor
    )

    assert states(place, saved) == ["draft"]


@pytest.mark.parametrize("targets", ["none", "west", "both"])
def test_group_editor_cannot_aim_elsewhere(place: Place, targets: str) -> None:
    aimed = {"none": (), "west": (place.west,), "both": (place.east, place.west)}[targets]

    with pytest.raises(Forbidden):
        place.run(
            lambda ctx: create_draft(ctx, Kind.MARQUEE, Entered({"text": "一"}, targets=aimed)), place.group_editor
        )


def test_group_editor_can_do_nothing_to_a_shared_column(place: Place) -> None:
    tenant = place.desk.tenant
    column, other = a_column(tenant), a_column(tenant, "餐饮", order=20)
    read = version(place, column)
    renamed = Entered({"title": "改名"}, targets=(place.east,))

    for act in (
        lambda ctx: save_draft(ctx, Kind.COLUMN, column.object_id, read, renamed),
        lambda ctx: delete_object(ctx, column.object_id, read),
        lambda ctx: discard_draft(ctx, column.object_id, read),
        lambda ctx: set_hidden(ctx, {column.object_id: read}, hidden=True),
        lambda ctx: reorder(ctx, Kind.COLUMN, [other.object_id, column.object_id]),
    ):
        with pytest.raises(Forbidden):
            place.run(act, place.group_editor)

    assert view_of(tenant, column.object_id).object.version == read


def test_group_editor_edits_and_deletes_what_is_for_the_own_group(place: Place) -> None:
    tenant = place.desk.tenant
    saved = place.desk.save("一", targets=(place.east,))
    edited = Entered({"text": "二"}, targets=(place.east,))

    place.run(
        lambda ctx: save_draft(ctx, Kind.MARQUEE, saved.object_id, version(place, saved), edited), place.group_editor
    )
    place.run(lambda ctx: delete_object(ctx, saved.object_id, version(place, saved)), place.group_editor)

    with tenant_session(tenant.id) as session:
        assert not get_object(session, saved.object_id).is_living
        assert [revision.title for revision in revisions_of(session, saved.object_id)] == ["二"]
