"""Handing in, withdrawing and deciding, as the domain rules say."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.access.roles import Role
from portal.audit.models import AuditRecord
from portal.content.commands import APPROVAL_AT_STAKE, Entered, Saved, create_draft, restore_revision, save_draft
from portal.content.kinds import Kind
from portal.content.queries import authors_of, get_revision
from portal.core import clock
from portal.core.context import Actor, Context
from portal.core.database import Database, system_session, tenant_session
from portal.core.errors import Conflict, FeatureNotInPackage, Forbidden, Invalid, NotFound, Refused
from portal.core.ids import SubmissionId, new_id
from portal.media import storage
from portal.notify.models import Notice
from portal.releases import site
from portal.releases.commands.publishing import publish_submission
from portal.review.commands import Decision, Verdict, decide, reschedule, withdraw_submission
from portal.review.queries import due_submissions, get_submission, queue
from portal.review.submitting import Chosen, submit_for_review
from tests.world.airing import Desk, first_desk
from tests.world.building import actor, build_user, in_tenant
from tests.world.kept import kept
from tests.world.packages import resume, suspend
from tests.world.threads import at_once


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    storage.use(storage.FolderStorage(tmp_path / "media"))
    site.configure(tmp_path / "pub")
    return kept(first_desk)


def decision(saved: Saved, verdict: Verdict = Verdict.APPROVE, reason: str = "") -> Decision:
    return Decision(saved.revision_id, saved.sha256, verdict, reason)


def by(desk: Desk, who: Actor, act: Callable[[Context], object]) -> object:
    return in_tenant(desk.tenant, act, who)


def notices(*, role: str | None = None, user_id: str | None = None) -> list[str]:
    with system_session(reason="a test reads what people were told") as session:
        wanted = select(Notice).where(Notice.role == role, Notice.user_id == user_id).order_by(Notice.created_at)
        return [notice.text % notice.params for notice in session.scalars(wanted)]


def is_closed(desk: Desk, submission: SubmissionId) -> bool:
    with tenant_session(desk.tenant.id) as session:
        return get_submission(session, submission).submission.closed_at is not None


# handing in


def test_newer_submission_supersedes_the_older_and_tells_the_reviewers(desk: Desk) -> None:
    first = desk.save("一")
    older = desk.submit(first)
    second = desk.save("二", first)

    desk.submit(second, title="更新")

    assert desk.states(first) == ["superseded", "submitted"]
    assert is_closed(desk, older)
    told = notices(role="center_reviewer")
    assert f"{desk.tenant.name} 的「一」有了更新的送审，旧的一份不用再审。" in told


def test_decision_about_a_superseded_revision_answers_409(desk: Desk) -> None:
    first = desk.save("一")
    older = desk.submit(first)
    desk.submit(desk.save("二", first))

    with pytest.raises(Conflict) as refused:
        desk.approve(older, first)

    assert (refused.value.status, refused.value.code) == (409, "already_decided")


def test_decision_that_names_an_old_hash_answers_409(desk: Desk) -> None:
    saved = desk.save("一")
    submission = desk.submit(saved)

    with pytest.raises(Conflict) as refused:
        desk.approve(submission, replace(saved, sha256="0" * 64))

    assert (refused.value.status, refused.value.code) == (409, "content_changed")
    assert desk.states(saved) == ["submitted"]


def test_draft_that_changed_after_it_was_seen_is_not_handed_in(desk: Desk) -> None:
    seen = desk.save("一")
    desk.save("二", seen)

    with pytest.raises(Conflict) as refused:
        desk.submit(seen)

    assert refused.value.code == "draft_changed"


def test_set_that_would_not_fit_together_is_not_handed_in(desk: Desk) -> None:
    column = in_tenant(
        desk.tenant, lambda ctx: create_draft(ctx, Kind.COLUMN, Entered({"title": "酒店", "order": 1})), desk.editor
    )
    below = in_tenant(
        desk.tenant,
        lambda ctx: create_draft(ctx, Kind.COLUMN, Entered({"title": "餐饮", "order": 1, "parent": column.object_id})),
        desk.editor,
    )

    with pytest.raises(Invalid) as refused:
        desk.submit(below)

    assert list(refused.value.errors) == [below.object_id]
    desk.submit(column, below)


def test_urgent_is_for_one_marquee_alone(desk: Desk) -> None:
    one, other = desk.save("一"), desk.save("二")

    with pytest.raises(Refused) as refused:
        desk.submit(one, other, urgent=True)

    assert refused.value.code == "urgent_is_for_one_marquee"
    desk.submit(one, urgent=True)


def test_set_time_in_the_past_is_refused_at_its_field(desk: Desk) -> None:
    saved = desk.save("一")

    with pytest.raises(Invalid) as refused:
        desk.submit(saved, publish_at=clock.now() - timedelta(seconds=1))

    assert list(refused.value.errors) == ["publish_at"]


def test_nothing_or_a_made_up_object_cannot_be_handed_in(desk: Desk) -> None:
    with pytest.raises(Refused):
        desk.submit()
    with pytest.raises(NotFound):
        by(desk, desk.editor, lambda ctx: submit_for_review(ctx, [Chosen(new_id(), "0" * 64)], title=""))  # type: ignore[arg-type]


def test_object_chosen_twice_is_handed_in_once(desk: Desk) -> None:
    saved = desk.save("一")

    submission = desk.submit(saved, saved)

    with tenant_session(desk.tenant.id) as session:
        assert len(get_submission(session, submission).items) == 1


# editing what waits


def test_editing_a_submitted_object_makes_a_draft_beside_it(desk: Desk) -> None:
    saved = desk.save("一")
    desk.submit(saved)

    desk.save("二", saved)

    assert desk.states(saved) == ["submitted", "draft"]


def test_editing_an_approved_object_asks_first_and_voids_at_the_first_saved_change(desk: Desk) -> None:
    saved = desk.save("一")
    submission = desk.approved(saved)
    version = desk.view(saved).object.version
    entered = Entered({"text": "二"})

    with pytest.raises(Refused) as asked:
        by(desk, desk.editor, lambda ctx: save_draft(ctx, Kind.MARQUEE, saved.object_id, version, entered))
    untouched = desk.states(saved)
    desk.save("二", saved)

    assert (asked.value.status, asked.value.code) == (409, APPROVAL_AT_STAKE)
    assert untouched == ["approved"]
    assert desk.states(saved) == ["voided", "draft"]
    with pytest.raises(Refused):
        desk.publish(submission)


def test_editing_what_is_on_air_touches_nothing_on_air(desk: Desk) -> None:
    saved = desk.save("一")
    desk.put_on_air(saved)

    desk.save("二", saved)

    assert desk.states(saved) == ["published", "draft"]
    assert desk.texts() == ["一"]


# withdrawing


def test_withdrawing_gives_the_content_back_as_a_draft(desk: Desk) -> None:
    saved = desk.save("一")
    submission = desk.approved(saved)

    by(desk, desk.editor, lambda ctx: withdraw_submission(ctx, submission))

    view = desk.view(saved)
    assert desk.states(saved) == ["withdrawn", "draft"]
    assert view.draft is not None
    assert view.draft.sha256 == saved.sha256
    assert is_closed(desk, submission)


def test_withdrawing_leaves_a_draft_begun_meanwhile_alone(desk: Desk) -> None:
    saved = desk.save("一")
    submission = desk.submit(saved)
    newer = desk.save("二", saved)

    by(desk, desk.editor, lambda ctx: withdraw_submission(ctx, submission))

    view = desk.view(saved)
    assert view.draft is not None
    assert view.draft.sha256 == newer.sha256


def test_withdrawing_twice_is_refused(desk: Desk) -> None:
    submission = desk.submit(desk.save("一"))
    by(desk, desk.editor, lambda ctx: withdraw_submission(ctx, submission))

    with pytest.raises(Refused) as refused:
        by(desk, desk.editor, lambda ctx: withdraw_submission(ctx, submission))

    assert (refused.value.status, refused.value.code) == (409, "nothing_to_withdraw")


# deciding


def test_submission_is_decided_object_by_object(desk: Desk) -> None:
    good, bad = desk.save("好"), desk.save("坏")
    submission = desk.submit(good, bad)

    decisions = [decision(good), decision(bad, Verdict.RETURN, "错字")]
    by(desk, desk.reviewer, lambda ctx: decide(ctx, submission, decisions))

    assert desk.states(good) == ["approved"]
    assert desk.states(bad) == ["returned", "draft"]
    assert notices(user_id=desk.editor.user_id) == ["「坏」被退回：错字"]
    assert not is_closed(desk, submission)
    desk.publish(submission)
    assert is_closed(desk, submission)


def test_return_needs_a_reason(desk: Desk) -> None:
    saved = desk.save("一")
    submission = desk.submit(saved)

    with pytest.raises(Invalid) as refused:
        by(desk, desk.reviewer, lambda ctx: decide(ctx, submission, [decision(saved, Verdict.RETURN, " ")]))

    assert list(refused.value.errors) == ["reason"]


def test_decision_without_anything_chosen_or_about_another_submission_is_refused(desk: Desk) -> None:
    submission, other = desk.submit(desk.save("一")), desk.save("二")
    desk.submit(other)

    with pytest.raises(Refused):
        desk.approve(submission)
    with pytest.raises(NotFound):
        desk.approve(submission, other)


def as_reviewer(who: Actor) -> Actor:
    assert who.user_id is not None
    return actor(Role.CENTER_REVIEWER, who.user_id)


def test_author_cannot_approve_what_another_one_handed_in(desk: Desk) -> None:
    author = actor(Role.TENANT_EDITOR, build_user("author"), desk.tenant)
    saved = in_tenant(desk.tenant, lambda ctx: create_draft(ctx, Kind.MARQUEE, Entered({"text": "一"})), author)
    submission = desk.submit(saved)

    with pytest.raises(Forbidden):
        by(desk, as_reviewer(author), lambda ctx: decide(ctx, submission, [decision(saved)]))


def test_submitter_cannot_approve_what_another_one_wrote(desk: Desk) -> None:
    submitter = actor(Role.TENANT_ADMIN, build_user("submitter"), desk.tenant)
    saved = desk.save("一")
    chosen = [Chosen(saved.object_id, saved.sha256)]
    submission = in_tenant(desk.tenant, lambda ctx: submit_for_review(ctx, chosen, title=""), submitter)

    with pytest.raises(Forbidden):
        by(desk, as_reviewer(submitter), lambda ctx: decide(ctx, submission, [decision(saved)]))


def written_by_two(desk: Desk) -> tuple[Saved, Actor]:
    writer = actor(Role.TENANT_ADMIN, build_user("co-writer"), desk.tenant)
    first = in_tenant(desk.tenant, lambda ctx: create_draft(ctx, Kind.MARQUEE, Entered({"text": "合写"})), writer)
    return desk.save("合写完", first), writer


def test_co_writer_cannot_approve(desk: Desk) -> None:
    saved, writer = written_by_two(desk)
    submission = desk.submit(saved)

    with pytest.raises(Forbidden):
        by(desk, as_reviewer(writer), lambda ctx: decide(ctx, submission, [decision(saved)]))


@pytest.mark.parametrize("way", ["returned", "withdrawn", "restored"])
def test_co_writer_cannot_approve_what_came_back(desk: Desk, way: str) -> None:
    saved, writer = written_by_two(desk)
    older = desk.submit(saved)
    if way == "returned":
        desk.send_back(older, saved)
    elif way == "withdrawn":
        by(desk, desk.editor, lambda ctx: withdraw_submission(ctx, older))
    else:
        desk.approve(older, saved)
        desk.publish(older)
        desk.put_on_air(desk.save("别的", saved))
        version = desk.view(saved).object.version
        by(
            desk,
            desk.editor,
            lambda ctx: restore_revision(ctx, saved.object_id, saved.revision_id, version),
        )
    draft = desk.view(saved).draft
    assert draft is not None
    again = Saved(saved.object_id, draft.id, 0, draft.sha256)  # type: ignore[arg-type]
    submission = desk.submit(again)

    with pytest.raises(Forbidden):
        by(desk, as_reviewer(writer), lambda ctx: decide(ctx, submission, [decision(again)]))
    desk.approve(submission, again)


def test_authors_are_everybody_who_wrote_or_handed_in(desk: Desk) -> None:
    saved, writer = written_by_two(desk)
    desk.submit(saved)

    with tenant_session(desk.tenant.id) as session:
        revision = get_revision(session, saved.revision_id)
        assert authors_of(session, [revision])[saved.revision_id] == {writer.user_id, desk.editor.user_id}


# at once


@pytest.mark.parametrize("verdicts", [(Verdict.APPROVE, Verdict.APPROVE), (Verdict.APPROVE, Verdict.RETURN)])
def test_of_two_reviewers_at_once_one_wins_and_the_other_is_told(desk: Desk, verdicts: tuple[Verdict, Verdict]) -> None:
    saved = desk.save("一")
    submission = desk.submit(saved)

    def act(who: Actor, verdict: Verdict) -> Callable[[], object]:
        return lambda: by(desk, who, lambda ctx: decide(ctx, submission, [decision(saved, verdict, "理由")]))

    ended = at_once(act(desk.reviewer, verdicts[0]), act(desk.second, verdicts[1]))

    losers = [error for error in ended if error is not None]
    assert [(type(error), getattr(error, "code", "")) for error in losers] == [(Conflict, "already_decided")]
    with system_session(reason="a test counts decisions") as session:
        events = select(AuditRecord.event).where(AuditRecord.event.in_(["review.approved", "review.returned"]))
        assert len(session.scalars(events).all()) == 1


def test_two_reviewers_of_two_objects_close_their_submission_together(desk: Desk) -> None:
    one, other = desk.save("一"), desk.save("二")
    submission = desk.submit(one, other)

    def send_back(who: Actor, saved: Saved) -> Callable[[], object]:
        return lambda: by(desk, who, lambda ctx: decide(ctx, submission, [decision(saved, Verdict.RETURN, "改")]))

    ended = at_once(send_back(desk.reviewer, one), send_back(desk.second, other))

    assert ended == [None, None]
    assert is_closed(desk, submission)


def test_reviewer_who_waited_for_a_newer_submission_sees_it(desk: Desk) -> None:
    """What the reviewer's transaction read before it waited for the object must not count."""
    saved = desk.save("一")
    submission = desk.submit(saved)
    newer = desk.save("二", saved)

    ended = at_once(lambda: desk.approve(submission, saved), lambda: desk.submit(newer))

    assert [type(error) for error in ended if error is not None] in ([], [Conflict])
    assert desk.states(saved)[-1] == "submitted"
    assert desk.states(saved)[0] in {"superseded", "voided"}


# packages


def test_what_the_package_no_longer_holds_waits_blocked_and_comes_back_with_its_approval(desk: Desk) -> None:
    undecided, approved = desk.save("待审"), desk.save("已过")
    waiting, passed = desk.submit(undecided), desk.approved(approved)
    suspend(desk.tenant)

    with pytest.raises(Refused) as blocked:
        desk.approve(waiting, undecided)
    with pytest.raises(Refused) as unpublished:
        desk.publish(passed)
    assert (blocked.value.status, blocked.value.code) == (409, "blocked")
    assert unpublished.value.code == "blocked"
    assert (desk.states(undecided), desk.states(approved)) == (["submitted"], ["approved"])

    resume(desk.tenant)
    desk.approve(waiting, undecided)
    desk.publish(passed)

    assert desk.texts() == ["已过"]


def test_draft_of_a_lost_feature_is_kept_and_writes_name_the_feature(desk: Desk) -> None:
    saved = desk.save("草稿")
    suspend(desk.tenant)

    with pytest.raises(FeatureNotInPackage) as refused:
        desk.save("改", saved)
    with pytest.raises(FeatureNotInPackage):
        desk.submit(saved)

    assert (refused.value.status, refused.value.code, refused.value.feature) == (
        403,
        "feature_not_in_package",
        "marquee",
    )
    assert desk.states(saved) == ["draft"]
    resume(desk.tenant)
    desk.submit(saved)


# the queue and set times


def test_queue_shows_urgent_first_and_counts_what_waits(desk: Desk) -> None:
    calm, decided, urgent = desk.save("慢"), desk.save("过"), desk.save("急")
    desk.approve(desk.submit(calm, decided, title="日常"), decided)
    desk.submit(urgent, title="加急", urgent=True)

    with system_session(reason="a test reads the queue") as session:
        found = [(entry.submission.title, entry.waiting, entry.total) for entry in queue(session)]

    assert found == [("加急", 1, 1), ("日常", 1, 2)]


def test_rescheduled_submission_is_due_at_the_new_time(desk: Desk) -> None:
    at = clock.now() + timedelta(hours=1)
    submission = desk.approved(desk.save("一"), publish_at=at)
    by(desk, desk.reviewer, lambda ctx: reschedule(ctx, submission, at + timedelta(hours=1)))

    with system_session(reason="a test reads what is due") as session:
        assert due_submissions(session, at) == []
        assert due_submissions(session, at + timedelta(hours=1)) == [(desk.tenant.id, submission)]


def test_decisions_made_together_count_together(desk: Desk) -> None:
    """A decision about two objects of which one cannot be decided leaves both as they were."""
    good, bad = desk.save("好"), desk.save("坏")
    submission = desk.submit(good, bad)

    decisions = [decision(good), decision(bad, Verdict.RETURN, "")]

    with pytest.raises(Invalid):
        by(desk, desk.reviewer, lambda ctx: decide(ctx, submission, decisions))

    assert (desk.states(good), desk.states(bad)) == (["submitted"], ["submitted"])


def test_editor_cannot_publish_or_decide(desk: Desk) -> None:
    saved = desk.save("一")
    submission = desk.submit(saved)

    with pytest.raises(Forbidden):
        by(desk, desk.editor, lambda ctx: decide(ctx, submission, [decision(saved)]))
    with pytest.raises(Forbidden):
        by(desk, desk.editor, lambda ctx: publish_submission(ctx, submission))
