"""The recycle bin: what lies in it, coming back, and being thrown away after its days."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import record
from portal.audit.models import AuditRecord
from portal.content.jobs import purge_recycled
from portal.content.kinds import Kind
from portal.content.models import ContentObject, Revision
from portal.content.queries import revisions_of
from portal.content.recycling import KEPT_FOR, recycled
from portal.content.usage import file_uses, group_use
from portal.core import clock
from portal.core.context import Context
from portal.core.database import system_session, tenant_session
from portal.core.errors import Refused
from portal.core.ids import MediaId, ObjectId
from portal.media.commands import MediaInUse, delete_media
from portal.media.models import MediaAsset
from portal.media.queries import find_media
from portal.releases.commands.publishing import publish_revisions
from portal.review.commands import Decision, Verdict, decide
from portal.review.submitting import Chosen, submit_for_review
from portal.tenants.commands.groups import delete_group
from portal.tenants.models import BoxGroup
from tests.world.browser import Browser
from tests.world.building import actor, in_tenant
from tests.world.cast import Cast
from tests.world.content import Full, draft, view_of


@pytest.fixture
def later() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller


def delete(full: Full, app: Flask, name: str, room: str) -> None:
    browser = Browser(app, full.house.editor)
    answer = browser.post(full.at(f"{room}/{{{name}}}/delete"), {"version": full.version(name)})
    assert answer.status_code == 303


def on_air(full: Full, cast: Cast, *names: str) -> None:
    """This function will hand in, approve and publish the newest drafts of objects."""
    tenant = full.house.tenant
    editor = actor(full.house.editor.role, full.house.editor.id, tenant)
    reviewer, operator = actor(cast.reviewer.role, cast.reviewer.id), actor(cast.operator.role, cast.operator.id)
    newest = [view_of(tenant, full.ids[name]).newest for name in names]
    chosen = [Chosen(ObjectId(one.object_id), one.sha256) for one in newest]
    submission = in_tenant(tenant, lambda ctx: submit_for_review(ctx, chosen, title="送审"), editor)
    decisions = [Decision(one.id, one.sha256, Verdict.APPROVE) for one in newest]
    in_tenant(tenant, lambda ctx: decide(ctx, submission, decisions), reviewer)
    in_tenant(tenant, lambda ctx: publish_revisions(ctx, [one.id for one in newest]), operator)


def in_bin(full: Full) -> list[tuple[str, str]]:
    with tenant_session(full.house.tenant.id) as session:
        return [(one.object.kind, one.state.value) for one in recycled(session)]


def deletions(full: Full) -> list[tuple[bool, bool]]:
    """What the columns and the envelopes of all revisions say."""
    with tenant_session(full.house.tenant.id) as session:
        return [(row.deleted, row.envelope["deleted"]) for row in session.scalars(select(Revision))]


def is_purged(full: Full, name: str) -> bool:
    with tenant_session(full.house.tenant.id) as session:
        row = session.scalars(select(ContentObject).where(ContentObject.id == full.ids[name])).one()
    return row.purged_at is not None


def test_bin_is_empty_at_first(full: Full, app: Flask) -> None:
    page = Browser(app, full.house.editor).get(full.at("recycle-bin")).text

    assert (in_bin(full), "回收站是空的" in page) == ([], True)


def test_what_nobody_saw_lies_in_the_bin_and_comes_back(full: Full, app: Flask) -> None:
    delete(full, app, "marquee", "marquee")
    browser = Browser(app, full.house.editor)
    page = browser.get(full.at("recycle-bin")).text

    answer = browser.post(full.at("{marquee}/restore"), {"version": full.version("marquee")})

    assert ("热水检修" in page, in_bin(full)) == (True, [])
    assert (answer.status_code, answer.location) == (303, full.at("recycle-bin"))
    assert view_of(full.house.tenant, full.ids["marquee"]).state == "draft"


def test_deletion_under_way_lies_in_the_bin_without_a_date(full: Full, app: Flask, cast: Cast) -> None:
    on_air(full, cast, "marquee")

    delete(full, app, "marquee", "marquee")

    page = Browser(app, full.house.editor).get(full.at("recycle-bin")).text
    assert in_bin(full) == [("marquee", "draft")]
    assert "删除还没发布，屏幕上可能还在" in page


def test_withdrawn_deletion_of_what_stays_on_air_is_not_in_the_bin(full: Full, app: Flask, cast: Cast) -> None:
    on_air(full, cast, "marquee")
    delete(full, app, "marquee", "marquee")

    Browser(app, full.house.editor).post(full.at("marquee/{marquee}/discard"), {"version": full.version("marquee")})

    assert in_bin(full) == []


def test_columns_say_of_every_revision_what_its_envelope_says(full: Full, app: Flask, cast: Cast) -> None:
    on_air(full, cast, "marquee")
    delete(full, app, "marquee", "marquee")
    delete(full, app, "logo", "logo")

    found = deletions(full)

    assert [one for one in found if one[0] != one[1]] == []
    assert {column for column, _envelope in found} == {False, True}


def test_thrown_away_after_its_days_and_not_before(
    full: Full, app: Flask, cast: Cast, later: time_machine.Traveller
) -> None:
    on_air(full, cast, "marquee")
    delete(full, app, "marquee", "marquee")
    on_air(full, cast, "marquee")
    delete(full, app, "frame", "splash")

    later.shift(KEPT_FOR - timedelta(minutes=1))
    early = purge_recycled()
    later.shift(timedelta(minutes=2))
    due = purge_recycled()
    again = purge_recycled()

    assert (early, due, again) == (0, 2, 0)
    assert (is_purged(full, "marquee"), is_purged(full, "frame"), is_purged(full, "logo")) == (True, True, False)
    with system_session(reason="a test reads the log") as session:
        wanted = select(AuditRecord).where(AuditRecord.event == "content.object_purged").order_by(AuditRecord.seq)
        records = [(one.actor_username, one.details["kind"], one.tenant_id) for one in session.scalars(wanted)]
    tenant_id = full.house.tenant.id
    assert sorted(records) == [("system", "frame", tenant_id), ("system", "marquee", tenant_id)]


def test_what_was_thrown_away_keeps_its_revisions_and_cannot_come_back(
    full: Full, app: Flask, later: time_machine.Traveller
) -> None:
    delete(full, app, "frame", "splash")
    version = full.version("frame")
    later.shift(KEPT_FOR + timedelta(minutes=1))
    purge_recycled()

    browser = Browser(app, full.house.editor)
    answer = browser.post(full.at("{frame}/restore"), {"version": version})

    assert answer.status_code == 404
    assert browser.get(full.at("{frame}/history")).status_code == 404
    with tenant_session(full.house.tenant.id) as session:
        assert len(revisions_of(session, ObjectId(full.ids["frame"]))) == 1


def test_deletion_that_is_not_on_air_yet_is_never_thrown_away(
    full: Full, app: Flask, cast: Cast, later: time_machine.Traveller
) -> None:
    on_air(full, cast, "marquee")
    delete(full, app, "marquee", "marquee")
    later.shift(KEPT_FOR * 3)

    assert purge_recycled() == 0


def test_restoring_into_a_place_that_was_taken_is_refused(full: Full, app: Flask) -> None:
    delete(full, app, "frame", "splash")
    again = draft(full.house.tenant, Kind.FRAME, {"position": 1, "image": full.payload("logo")["image"]})
    browser = Browser(app, full.house.editor)

    answer = browser.post(full.at("{frame}/restore"), {"version": full.version("frame")})

    assert again.object_id != full.ids["frame"]
    assert (answer.status_code, "同一分组的这一帧已经有图片。" in answer.text) == (422, True)


def test_restoring_an_item_whose_column_is_gone_is_refused(full: Full, app: Flask) -> None:
    browser = Browser(app, full.house.editor)
    for name, room in (("item", "zone/items"), ("second", "zone/columns")):
        browser.post(full.at(f"{room}/{{{name}}}/delete"), {"version": full.version(name)})

    answer = browser.post(full.at("{item}/restore"), {"version": full.version("item")})

    assert (answer.status_code, "所属栏目不存在或已删除。" in answer.text) == (422, True)


# history


def test_older_revision_is_shown_and_restored(full: Full, app: Flask, cast: Cast) -> None:
    on_air(full, cast, "marquee")
    browser = Browser(app, full.house.editor)
    browser.post(full.at("marquee/{marquee}"), {"text": "新的", "colour": "#ffffff", "speed": "slow", "edge": "top", "priority": "0", "version": full.version("marquee")})  # fmt: skip
    older = view_of(full.house.tenant, full.ids["marquee"]).on_air
    assert older is not None

    page = browser.get(full.at(f"{{marquee}}/history?revision={older.id}")).text
    answer = browser.post(full.at("{marquee}/restore"), {"version": full.version("marquee"), "revision": older.id})

    assert ("第 1 版" in page, "第 2 版" in page, older.sha256 in page) == (True, True, True)
    assert (answer.status_code, answer.location) == (303, full.at("{marquee}/history"))
    assert full.payload("marquee")["text"] == "热水检修"


def test_history_does_not_stand_under_the_recycle_bin(full: Full, app: Flask) -> None:
    page = Browser(app, full.house.editor).get(full.at("{marquee}/history")).text

    assert re.findall(r'title="([^"]*)" aria-current="page"', page) == []


def test_history_leads_back_to_the_list_of_its_kind(full: Full, app: Flask) -> None:
    page = Browser(app, full.house.editor).get(full.at("{marquee}/history")).text

    crumbs = re.search(r'<nav class="crumbs".*?</nav>', page, re.DOTALL)
    assert crumbs is not None
    assert re.findall(r'<a href="([^"]*)">([^<]*)</a>', crumbs[0]) == [(full.at("marquee/"), "跑马灯")]


def test_revision_of_another_object_cannot_be_restored(full: Full, app: Flask) -> None:
    other = view_of(full.house.tenant, full.ids["logo"]).newest

    answer = Browser(app, full.house.editor).post(
        full.at("{marquee}/restore"), {"version": full.version("marquee"), "revision": other.id}
    )

    assert answer.status_code == 404


# what cannot go


def test_file_in_a_draft_on_air_or_in_the_bin_cannot_be_deleted(full: Full, app: Flask, cast: Cast) -> None:
    tenant, image = full.house.tenant, full.payload("logo")["image"]
    editor = actor(full.house.editor.role, full.house.editor.id, tenant)

    def where() -> list[str]:
        with tenant_session(tenant.id) as session:
            return [str(use.where) for use in file_uses(session, [image])]

    drafted = where()
    on_air(full, cast, "logo")
    published = where()
    delete(full, app, "logo", "logo")
    both = where()

    assert (drafted, published, sorted(both)) == (["草稿"], ["已发布"], ["回收站", "已发布"])
    with tenant_session(tenant.id) as session:
        media = find_media(session, image)
    assert media is not None
    with pytest.raises(MediaInUse):
        in_tenant(tenant, lambda ctx: delete_media(ctx, MediaId(media.id)), editor)


def test_file_that_only_the_past_shows_may_go(full: Full, app: Flask, later: time_machine.Traveller) -> None:
    image = full.payload("slot")["image"]
    delete(full, app, "slot", "slots")
    later.shift(KEPT_FOR + timedelta(minutes=1))
    purge_recycled()

    with tenant_session(full.house.tenant.id) as session:
        assert list(file_uses(session, [image])) == []


def test_restoring_what_shows_a_deleted_file_is_refused(full: Full, app: Flask) -> None:
    tenant, image = full.house.tenant, full.payload("frame")["image"]
    delete(full, app, "frame", "splash")
    with tenant_session(tenant.id) as session:
        media = find_media(session, image)
    assert media is not None

    def throw_away(ctx: Context) -> None:
        ask(ctx, Permission.MEDIA_DELETE)
        row = ctx.session.scalars(select(MediaAsset).where(MediaAsset.id == media.id)).one()
        row.deleted_at = clock.now()
        record(ctx, Event.MEDIA_DELETED, name=row.name, sha256=row.sha256)

    in_tenant(tenant, throw_away, actor(full.house.editor.role, full.house.editor.id, tenant))

    answer = Browser(app, full.house.editor).post(full.at("{frame}/restore"), {"version": full.version("frame")})

    assert (answer.status_code, "图片或视频不在媒体库里，请重新选择。" in answer.text) == (422, True)


def test_group_that_content_is_aimed_at_cannot_be_deleted(full: Full) -> None:
    tenant, shop = full.house.tenant, full.house.shop
    draft(tenant, Kind.MARQUEE, {"text": "湖滨"}, targets=(shop,))
    admin = actor(full.house.admin.role, full.house.admin.id, tenant)
    with tenant_session(tenant.id) as session:
        free = group_use(session, full.house.elsewhere)
        version = session.scalars(select(BoxGroup).where(BoxGroup.id == shop)).one().version

    with pytest.raises(Refused) as refused:
        in_tenant(tenant, lambda ctx: delete_group(ctx, shop, version), admin)

    assert free is None
    assert str(refused.value.message) == "「湖滨」还投放在这个分组，请先改投别处或删除它。"
