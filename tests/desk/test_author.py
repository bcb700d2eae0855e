"""Whoever wrote or handed in content is told so before, and refused anyway."""

from flask import Flask

from portal.content.models import RevisionAuthor
from portal.core import unit_of_work
from portal.core.database import tenant_session
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.reviewing import HandedIn, hand_in


def note_as_author(cast: Cast, handed_in: HandedIn) -> None:
    """A reviewer who wrote on the revision when still an editor."""
    with tenant_session(handed_in.house.tenant.id, writes=True) as session:
        session.add(RevisionAuthor(revision_id=handed_in.saved[0].revision_id, user_id=cast.reviewer.id))
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()


def test_author_is_told_before(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    note_as_author(cast, handed_in)

    page = Browser(app, cast.reviewer).get(handed_in.desk).text

    assert ('name="decision"' in page, "请由另一位审核员决定" in page) == (False, True)


def test_author_is_refused_anyway(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    note_as_author(cast, handed_in)

    answer = Browser(app, cast.reviewer).post(handed_in.desk, {"decision": "publish", "seen": handed_in.seen})

    assert (answer.status_code, "自己编辑或送审的内容不能自己审核" in answer.text) == (403, True)


def test_another_reviewer_may_decide(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "一")
    note_as_author(cast, handed_in)

    answer = Browser(app, cast.second_reviewer).post(handed_in.desk, {"decision": "approve", "seen": handed_in.seen})

    assert answer.status_code == 303
