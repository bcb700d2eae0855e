"""A reviewer who wrote content, at every door behind which content is decided on or put on air."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal.content.models import Revision, RevisionAuthor
from portal.core import unit_of_work
from portal.core.database import tenant_session
from portal.releases.models import Release
from portal.review import commands
from tests.attacks.log import newest, recorded
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.reviewing import HandedIn, hand_in


def written_by_the_reviewer(cast: Cast, *, urgent: bool = False) -> HandedIn:
    """A submission of which the reviewer, then still an editor, wrote a part."""
    handed_in = hand_in(cast.yunqi, "自己写的", urgent=urgent)
    with tenant_session(cast.yunqi.tenant.id, writes=True) as session:
        session.add(RevisionAuthor(revision_id=handed_in.saved[0].revision_id, user_id=cast.reviewer.id))
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()
    return handed_in


def standing(handed_in: HandedIn) -> tuple[str, int]:
    """The revision's state, and how many releases there are."""
    with tenant_session(handed_in.house.tenant.id) as session:
        revision = session.get_one(Revision, (handed_in.house.tenant.id, handed_in.saved[0].revision_id))
        return revision.state, len(session.scalars(select(Release)).all())


Door = Callable[[Browser, HandedIn], int]
DOORS: dict[str, Door] = {
    "approve": lambda browser, one: browser.post(one.desk, {"decision": "approve", "seen": one.seen}).status_code,
    "publish at the desk": lambda browser, one: (
        browser.post(one.desk, {"decision": "publish", "seen": one.seen}).status_code
    ),
    "return": lambda browser, one: (
        browser.post(one.desk, {"decision": "return", "seen": one.seen, "reason": "x"}).status_code
    ),
    "publish without approval": lambda browser, one: (
        browser.post(f"{one.house.path}/releases/next/{one.id}").status_code
    ),
    "publish what is chosen": lambda browser, one: (
        browser.post(
            f"{one.house.path}/releases/next", {"chosen": [saved.revision_id for saved in one.saved], "title": "x"}
        ).status_code
    ),
    "set a time": lambda browser, one: (
        browser.post(f"{one.house.path}/releases/next/{one.id}/time", {"publish_at": "2099-01-01T00:00"}).status_code
    ),
}


@pytest.mark.parametrize("urgent", [False, True], ids=["", "urgent"])
@pytest.mark.parametrize("door", DOORS)
def test_own_content_goes_through_no_door(app: Flask, cast: Cast, door: str, urgent: bool) -> None:
    handed_in = written_by_the_reviewer(cast, urgent=urgent)
    before, seen = newest(), standing(handed_in)

    status = DOORS[door](Browser(app, cast.reviewer), handed_in)

    assert standing(handed_in) == seen == ("submitted", 0)
    assert {"review.approved", "review.returned", "release.started"} & set(recorded("done", since=before)) == set()
    if door in {"approve", "publish at the desk", "return"}:
        assert (status, recorded("denied", since=before)) == (403, ["access.denied"])


def test_hash_of_another_revision_decides_nothing(app: Flask, cast: Cast) -> None:
    """Approval names what was seen: another hash, another revision, or the one of another submission."""
    mine, other = hand_in(cast.yunqi, "一"), hand_in(cast.yunqi, "二")
    browser = Browser(app, cast.reviewer)
    revision = mine.saved[0].revision_id
    claims = [
        f"{revision}:{'0' * 64}",
        f"{revision}:{other.saved[0].sha256}",
        other.seen[0],
        f"{revision}:",
        revision,
        "x:y",
    ]

    statuses = [browser.post(mine.desk, {"decision": "approve", "seen": [claim]}).status_code for claim in claims]

    assert all(status in {404, 409, 422} for status in statuses)
    assert (standing(mine)[0], standing(other)[0]) == ("submitted", "submitted")


def test_author_who_decides_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: nobody asks who wrote it."""

    class Nobody(dict[str, frozenset[str]]):
        def __missing__(self, key: str) -> frozenset[str]:
            return frozenset()

    monkeypatch.setattr(commands, "authors_of", lambda *_: Nobody())
    handed_in = written_by_the_reviewer(cast)

    status = DOORS["approve"](Browser(app, cast.reviewer), handed_in)

    assert (status, standing(handed_in)[0]) == (303, "approved")
