"""Roll back, take down, set times and races: what may go on air, and what may not come back."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.accounts.commands.levels import set_tenant_level
from portal.core import clock
from portal.core.context import SYSTEM, Actor, Context
from portal.core.database import system_session, tenant_session
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound, PortalError, Refused
from portal.core.ids import RevisionId, SubmissionId, new_id
from portal.notify.models import Notice
from portal.notify.queries import sentence
from portal.releases import jobs
from portal.releases.by_itself import system_release
from portal.releases.commands.publishing import publish_revisions, publish_submission
from portal.releases.commands.rolling_back import plan_roll_back, roll_back
from portal.releases.commands.taking_down import lift_take_down, take_down
from portal.releases.models import Release
from portal.releases.queries import current_release, get_release, manifest_of
from portal.releases.states import ReleaseKind
from portal.tenants.commands.groups import create_group
from portal.tenants.queries import group_tree
from tests.world.airing import Desk, first_desk, shown
from tests.world.building import in_tenant, root_of
from tests.world.kept import kept
from tests.world.packages import resume, suspend
from tests.world.threads import at_once


@pytest.fixture
def desk(installation: Path) -> Desk:
    return kept(first_desk)


def by_reviewer(desk: Desk, act: Callable[[Context], object]) -> object:
    return in_tenant(desk.tenant, act, desk.reviewer)


def told(user: Actor) -> list[str]:
    with system_session(reason="a test reads what people were told") as session:
        wanted = select(Notice).where(Notice.user_id == user.user_id).order_by(Notice.created_at)
        return [str(sentence(notice)) for notice in session.scalars(wanted)]


# roll back


def test_roll_back_takes_newer_content_off_under_a_new_number(desk: Desk) -> None:
    first, second = desk.save("一"), desk.save("二")
    desk.put_on_air(first)
    desk.put_on_air(second)

    by_reviewer(desk, lambda ctx: roll_back(ctx, 1, "写错了"))

    assert desk.texts() == ["一"]
    release = desk.release()
    assert (release.number, release.kind, release.rolled_back_to, release.reason) == (
        3,
        ReleaseKind.ROLLBACK,
        1,
        "写错了",
    )
    assert desk.states(second) == ["rolled_back", "draft"]
    assert desk.pointers()[0].sequence == 3


def test_what_was_rolled_back_comes_back_only_by_a_new_submission(desk: Desk) -> None:
    saved = desk.save("一")
    desk.put_on_air(saved)
    newer = desk.save("二", saved)
    desk.put_on_air(newer)
    by_reviewer(desk, lambda ctx: roll_back(ctx, 1, "错"))

    with pytest.raises(Refused) as refused:
        by_reviewer(desk, lambda ctx: roll_back(ctx, 2, "又要"))
    with pytest.raises(Conflict):
        by_reviewer(desk, lambda ctx: publish_revisions(ctx, [newer.revision_id]))
    desk.put_on_air(desk.save("二", saved))

    assert refused.value.code == "nothing_to_roll_back"
    assert desk.states(saved) == ["superseded", "rolled_back", "published"]
    assert desk.texts() == ["二"]


def test_roll_back_says_before_what_it_will_do(desk: Desk) -> None:
    first = desk.save("一")
    desk.put_on_air(first)
    newer, second = desk.save("一改", first), desk.save("二")
    desk.put_on_air(newer, second)

    with tenant_session(desk.tenant.id) as session:
        on_air = manifest_of(current_release(session))
        plan = plan_roll_back(Context(session, desk.reviewer, desk.tenant), on_air, get_release(session, 1))

    assert plan.returning == (first.revision_id,)
    assert set(plan.leaving) == {newer.revision_id, second.revision_id}
    assert dict(plan.manifest) == {first.object_id: first.revision_id}


def test_roll_back_uses_todays_groups(desk: Desk) -> None:
    desk.put_on_air(desk.save("一"))
    desk.put_on_air(desk.save("二"))
    root = root_of(desk.tenant)
    group = in_tenant(desk.tenant, lambda ctx: create_group(ctx, root, "城东区"))

    by_reviewer(desk, lambda ctx: roll_back(ctx, 1, "错"))

    with tenant_session(desk.tenant.id) as session:
        channel = group_tree(session)[group].channel
    assert desk.texts(channel) == ["一"]


def test_roll_back_uses_todays_features(desk: Desk) -> None:
    desk.put_on_air(desk.save("一"))
    desk.put_on_air(desk.save("二"))
    suspend(desk.tenant)

    by_reviewer(desk, lambda ctx: roll_back(ctx, 1, "错"))
    during = desk.texts()
    resume(desk.tenant)
    jobs.follow_entitlements()

    assert (during, desk.texts()) == ([], ["一"])


def test_roll_back_needs_a_reason_and_a_release(desk: Desk) -> None:
    desk.put_on_air(desk.save("一"))

    with pytest.raises(Invalid):
        by_reviewer(desk, lambda ctx: roll_back(ctx, 1, "  "))
    with pytest.raises(NotFound):
        by_reviewer(desk, lambda ctx: roll_back(ctx, 7, "错"))


def test_roll_back_leaves_a_draft_and_a_pending_revision_alone(desk: Desk) -> None:
    saved = desk.save("一")
    desk.put_on_air(saved)
    desk.put_on_air(desk.save("二", saved))
    pending = desk.save("三", saved)
    submission = desk.approved(pending)

    by_reviewer(desk, lambda ctx: roll_back(ctx, 1, "错"))
    desk.publish(submission)

    assert desk.states(saved) == ["superseded", "rolled_back", "published"]


# take down


def test_taken_down_content_stays_down_until_that_is_lifted(desk: Desk) -> None:
    saved, other = desk.save("违规"), desk.save("别的")
    desk.put_on_air(saved)
    desk.put_on_air(other)

    by_reviewer(desk, lambda ctx: take_down(ctx, saved.object_id, "违法"))
    down = desk.texts()
    by_reviewer(desk, lambda ctx: roll_back(ctx, 1, "试试"))
    after_roll_back = desk.texts()
    draft = desk.save("改好", saved)
    submission = desk.approved(draft)
    with pytest.raises(Refused) as refused:
        desk.publish(submission)
    by_reviewer(desk, lambda ctx: lift_take_down(ctx, saved.object_id, "已整改"))
    desk.publish(submission)

    assert (down, after_roll_back) == (["别的"], [])
    assert (refused.value.status, refused.value.code) == (409, "taken_down")
    assert desk.texts() == ["改好"]
    assert "「违规」已被运营中心下架：违法" in told(desk.editor)


def test_taken_down_revision_does_not_come_back_by_a_later_roll_back(desk: Desk) -> None:
    saved = desk.save("违规")
    desk.put_on_air(saved, desk.save("别的"))
    by_reviewer(desk, lambda ctx: take_down(ctx, saved.object_id, "违法"))
    by_reviewer(desk, lambda ctx: lift_take_down(ctx, saved.object_id, "已整改"))

    with pytest.raises(Refused):
        by_reviewer(desk, lambda ctx: roll_back(ctx, 1, "试试"))

    assert desk.texts() == ["别的"]


def test_only_what_is_on_air_can_be_taken_down_and_only_what_is_down_be_let_back(desk: Desk) -> None:
    saved = desk.save("草稿")

    with pytest.raises(Refused):
        by_reviewer(desk, lambda ctx: take_down(ctx, saved.object_id, "违法"))
    with pytest.raises(NotFound):
        by_reviewer(desk, lambda ctx: lift_take_down(ctx, saved.object_id, "误会"))
    with pytest.raises(NotFound):
        by_reviewer(desk, lambda ctx: take_down(ctx, new_id(), "违法"))


def test_editors_can_neither_roll_back_nor_take_down_nor_release_as_the_system(desk: Desk) -> None:
    saved = desk.save("一")
    desk.put_on_air(saved)

    for act in (
        lambda ctx: roll_back(ctx, 1, "错"),
        lambda ctx: take_down(ctx, saved.object_id, "错"),
        lambda ctx: system_release(ctx, jobs.BY_GROUPS),
    ):
        with pytest.raises(Forbidden):
            in_tenant(desk.tenant, act, desk.editor)


# set times


def make_due(desk: Desk, monkeypatch: pytest.MonkeyPatch, later: timedelta) -> None:
    monkeypatch.setattr(clock, "_offset", later)


def test_submission_goes_on_air_at_its_set_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.approved(desk.save("定时"), publish_at=clock.now() + timedelta(hours=1))

    early = jobs.publish_due()
    make_due(desk, monkeypatch, timedelta(hours=2))
    due = jobs.publish_due()

    assert (early, due, jobs.publish_due()) == (0, 1, 0)
    assert desk.texts() == ["定时"]
    assert desk.release().kind == ReleaseKind.SCHEDULED


def test_set_time_lays_over_what_is_on_air_then(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.approved(desk.save("定时"), publish_at=clock.now() + timedelta(hours=1))
    desk.put_on_air(desk.save("其间"))

    make_due(desk, monkeypatch, timedelta(hours=2))
    jobs.publish_due()

    assert desk.texts() == ["其间", "定时"]


def test_object_that_shows_something_handed_in_later_is_skipped_and_both_sides_are_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    overtaken, other = desk.save("旧"), desk.save("别的")
    desk.approved(overtaken, other, publish_at=clock.now() + timedelta(hours=1))
    desk.put_on_air(desk.save("新", overtaken))

    make_due(desk, monkeypatch, timedelta(hours=2))
    jobs.publish_due()

    words = "「旧」没有随这次发布播出，因为现在播出的是更晚送审的内容。"
    assert desk.texts() == ["别的", "新"]
    assert desk.states(overtaken) == ["voided", "published"]
    assert words in told(desk.editor)
    assert words in told(desk.reviewer)


def test_reviewer_is_told_of_what_was_skipped_without_its_name_where_an_enterprise_asks_for_level_three(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    overtaken, other = desk.save("旧"), desk.save("别的")
    desk.approved(overtaken, other, publish_at=clock.now() + timedelta(hours=1))
    desk.put_on_air(desk.save("新", overtaken))
    in_tenant(desk.tenant, lambda ctx: set_tenant_level(ctx, 3))

    make_due(desk, monkeypatch, timedelta(hours=2))
    jobs.publish_due()

    assert [one for one in told(desk.editor) if "没有随这次发布播出" in one and "旧" in one] != []
    assert [one for one in told(desk.reviewer) if "没有随这次发布播出" in one and "旧" in one] == []
    assert [one for one in told(desk.reviewer) if "「限制查看的内容」没有随这次发布播出" in one] != []


def test_what_cannot_go_on_air_now_waits_and_keeps_nothing_else_waiting(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    down, free = desk.save("下架的"), desk.save("自由的")
    desk.put_on_air(down)
    by_reviewer(desk, lambda ctx: take_down(ctx, down.object_id, "违法"))
    again = desk.save("改好", down)
    desk.approved(again, free, publish_at=clock.now() + timedelta(hours=1))

    make_due(desk, monkeypatch, timedelta(hours=2))
    first = jobs.publish_due()
    shown_first = desk.texts()
    waiting = jobs.publish_due()
    by_reviewer(desk, lambda ctx: lift_take_down(ctx, down.object_id, "已整改"))
    jobs.publish_due()

    assert (first, shown_first, waiting) == (1, ["自由的"], 0)
    assert desk.texts() == ["改好", "自由的"]


# refusals


def test_publishing_names_what_is_there(desk: Desk) -> None:
    with pytest.raises(NotFound):
        by_reviewer(desk, lambda ctx: publish_revisions(ctx, [RevisionId(new_id())]))
    with pytest.raises(Refused) as nothing:
        by_reviewer(desk, lambda ctx: publish_revisions(ctx, []))
    with pytest.raises(NotFound):
        by_reviewer(desk, lambda ctx: publish_submission(ctx, new_id()))

    assert nothing.value.code == "nothing_to_publish"


def test_system_release_before_the_first_one_is_none(desk: Desk) -> None:
    assert in_tenant(desk.tenant, lambda ctx: system_release(ctx, jobs.BY_GROUPS), SYSTEM) is None


def test_manifest_of_a_release_never_changes(desk: Desk) -> None:
    saved = desk.save("一")
    desk.put_on_air(saved)
    desk.put_on_air(desk.save("二", saved))

    with tenant_session(desk.tenant.id) as session:
        assert manifest_of(get_release(session, 1)) == {saved.object_id: saved.revision_id}


# at once


def test_one_publication_of_a_tenant_at_a_time(desk: Desk) -> None:
    submissions = [desk.approved(desk.save(f"第{number}条")) for number in range(4)]
    refused: list[str] = []

    def publish(submission: SubmissionId) -> None:
        while True:
            try:
                desk.publish(submission)
            except Refused as running:
                refused.append(running.code)
            else:
                return

    ended = at_once(*[partial(publish, submission) for submission in submissions])

    assert ended == [None] * 4
    assert set(refused) <= {"publication_running"}
    with tenant_session(desk.tenant.id) as session:
        releases = list(session.scalars(select(Release).order_by(Release.number)))
    assert [release.number for release in releases] == [1, 2, 3, 4]
    assert [len(release.manifest) for release in releases] == [1, 2, 3, 4]
    assert len(shown(desk.pointers()[0].channel)["marquee"]) == 4


def test_editor_and_publisher_of_the_same_objects_never_wait_for_each_other(desk: Desk) -> None:
    """Publishing locks the tenant, then objects; handing in locks objects and refers to the tenant: no circle."""
    objects = [desk.save(f"第{number}条") for number in range(3)]
    desk.put_on_air(*objects)

    def keep_on(act: Callable[[int], object]) -> None:
        """What a rule refuses is an answer; a deadlock, or a row changed below one's feet, is not."""
        for number in range(6):
            with suppress(PortalError):
                act(number)

    def edit(number: int) -> None:
        desk.submit(*[desk.save(f"改{number}", saved) for saved in reversed(objects)])

    def take(number: int) -> None:
        by_reviewer(desk, lambda ctx: take_down(ctx, objects[number % 3].object_id, "试"))

    assert at_once(partial(keep_on, edit), partial(keep_on, take)) == [None, None]
    assert desk.texts() == []
