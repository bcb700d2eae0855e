"""Content that was approved and then changed by raw SQL: none of it goes on air, and the auditor is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from portal.audit.models import AuditRecord
from portal.content import stored
from portal.content.commands import Entered, save_draft
from portal.content.envelope import read_envelope
from portal.content.kinds import Kind
from portal.content.models import Revision
from portal.content.queries import get_object
from portal.core import clock
from portal.core.database import Database, tenant_session
from portal.releases.jobs import publish_due
from portal.releases.models import Release
from portal.review.models import Submission, SubmissionItem
from portal.review.submitting import Chosen, submit_for_review
from tests.attacks.log import newest, recorded
from tests.world.browser import Browser
from tests.world.building import in_tenant
from tests.world.cast import Cast
from tests.world.reviewing import HandedIn, acting, approve, hand_in

REVISIONS: Any = Revision.__table__
ITEMS: Any = SubmissionItem.__table__
SUBMISSIONS: Any = Submission.__table__
RECORDS: Any = AuditRecord.__table__
PLANTED = "没有人审过的话"


def change(database: Database, handed_in: HandedIn, *, words_alone: bool = False) -> tuple[str, str]:
    """Put other words into the approved revision, with or without the hash that covers them; returns the hash before and after."""
    revision = handed_in.saved[0].revision_id
    with database.engine.begin() as connection:
        row = connection.execute(select(REVISIONS).where(REVISIONS.c.id == revision)).one()
        envelope = {**row.envelope, "payload": {**row.envelope["payload"], "text": PLANTED}}
        sha256 = row.sha256 if words_alone else read_envelope(envelope).sha256
        values = {"envelope": envelope, "sha256": sha256, "title": PLANTED}
        connection.execute(update(REVISIONS).where(REVISIONS.c.id == revision).values(**values))
    stored._known.clear()  # noqa: SLF001 - as in a process that has not read it yet
    return str(row.sha256), sha256


def words(database: Database, handed_in: HandedIn) -> None:
    change(database, handed_in, words_alone=True)


def words_and_hash(database: Database, handed_in: HandedIn) -> None:
    change(database, handed_in)


def whole_submission(database: Database, handed_in: HandedIn) -> None:
    _before, sha256 = change(database, handed_in)
    with database.engine.begin() as connection:
        connection.execute(update(ITEMS).where(ITEMS.c.submission_id == handed_in.id).values(sha256=sha256))


def forged_record(database: Database, handed_in: HandedIn) -> None:
    """The log gets a copy of the approval's record over the other hash, which nobody can stamp."""
    before, sha256 = change(database, handed_in)
    with database.engine.begin() as connection:
        row = connection.execute(
            select(RECORDS).where(RECORDS.c.decided_on == before, RECORDS.c.event == "review.approved")
        ).one()
        last = connection.scalar(select(RECORDS.c.seq).order_by(RECORDS.c.seq.desc()).limit(1))
        connection.execute(insert(RECORDS).values(**{**row._mapping, "seq": last + 1000, "decided_on": sha256}))  # noqa: SLF001


Attack = Callable[[Database, HandedIn], None]
ATTACKS: list[Attack] = [words, words_and_hash, whole_submission, forged_record]


def publish(app: Flask, cast: Cast, handed_in: HandedIn) -> int:
    return Browser(app, cast.operator).post(f"{handed_in.house.path}/releases/next/{handed_in.id}").status_code


def releases(handed_in: HandedIn) -> int:
    with tenant_session(handed_in.house.tenant.id) as session:
        return len(session.scalars(select(Release)).all())


def test_what_was_approved_goes_on_air(app: Flask, cast: Cast) -> None:
    handed_in = hand_in(cast.yunqi, "审过的话")
    approve(cast, handed_in)

    assert publish(app, cast, handed_in) == 303
    assert releases(handed_in) == 1


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_changed_after_its_approval_goes_nowhere(app: Flask, cast: Cast, sqlite: Database, attack: Attack) -> None:
    handed_in = hand_in(cast.yunqi, "审过的话")
    approve(cast, handed_in)
    since = newest()

    attack(sqlite, handed_in)

    assert publish(app, cast, handed_in) == 503
    assert releases(handed_in) == 0
    assert "system.content_altered" in recorded("failed", since=since)


def test_clock_publishes_nothing_that_was_changed_and_says_so_once(cast: Cast, sqlite: Database) -> None:
    handed_in = hand_in(cast.yunqi, "审过的话")
    approve(cast, handed_in)
    whole_submission(sqlite, handed_in)
    with sqlite.engine.begin() as connection:
        past = clock.now() - timedelta(minutes=1)
        connection.execute(update(SUBMISSIONS).where(SUBMISSIONS.c.id == handed_in.id).values(publish_at=past))
    since = newest()

    assert (publish_due(), publish_due()) == (0, 0)

    assert releases(handed_in) == 0
    assert recorded("failed", since=since) == ["system.content_altered"]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_changed_after_it_was_on_air_does_not_come_back(
    app: Flask, cast: Cast, sqlite: Database, attack: Attack
) -> None:
    first = hand_in(cast.yunqi, "审过的话")
    approve(cast, first)
    assert publish(app, cast, first) == 303
    second = next_version(cast, first)
    approve(cast, second)
    assert publish(app, cast, second) == 303

    attack(sqlite, first)

    answer = Browser(app, cast.operator).post(f"{cast.yunqi.path}/releases/1/roll-back", {"reason": "试试"})
    assert answer.status_code == 503
    assert releases(first) == 2


def next_version(cast: Cast, first: HandedIn) -> HandedIn:
    """The same object once more with other words, handed in."""
    house, object_id = cast.yunqi, first.saved[0].object_id
    with tenant_session(house.tenant.id) as session:
        version = get_object(session, object_id).object.version
    payload = {"text": "改过的话"}
    saved = in_tenant(
        house.tenant,
        lambda ctx: save_draft(ctx, Kind.MARQUEE, object_id, version, Entered(payload)),
        acting(house.editor),
    )
    chosen = [Chosen(saved.object_id, saved.sha256)]
    made = in_tenant(house.tenant, lambda ctx: submit_for_review(ctx, chosen, title=""), acting(house.editor))
    return HandedIn(house, made, (saved,))


def test_approval_that_is_not_compared_would_be_seen(
    app: Flask, cast: Cast, sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: the state of the revision is enough."""
    monkeypatch.setattr("portal.releases.making.check_manifest", lambda *_: None)
    handed_in = hand_in(cast.yunqi, "审过的话")
    approve(cast, handed_in)

    whole_submission(sqlite, handed_in)

    assert publish(app, cast, handed_in) == 303
