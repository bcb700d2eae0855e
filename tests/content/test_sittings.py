"""Sittings: what is saved every few seconds is recorded when it begins and when it ends, by whom it was, with the last hash."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from portal.access.roles import Role
from portal.audit.models import AuditRecord
from portal.content.autosaving import autosave_draft
from portal.content.commands import Entered, Saved, save_draft
from portal.content.discarding import discard_draft
from portal.content.jobs import end_sittings
from portal.content.kinds import Kind
from portal.content.models import DraftSitting
from portal.content.sittings import LASTS, RESTS
from portal.core import clock
from portal.core.context import Actor
from portal.core.database import Database, system_session, tenant_session
from portal.core.ids import SessionId, new_id
from portal.media import storage
from portal.releases import site
from tests.world.airing import Desk, first_desk
from tests.world.building import actor, build_user, in_tenant
from tests.world.kept import kept


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    storage.use(storage.FolderStorage(tmp_path / "media"))
    site.configure(tmp_path / "pub")
    return kept(first_desk)


@pytest.fixture
def later() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller


def type_in(desk: Desk, saved: Saved, text: str, who: Actor | None = None) -> Saved:
    """This function will save as a page does by itself."""
    version = desk.view(saved).object.version
    return in_tenant(
        desk.tenant,
        lambda ctx: autosave_draft(ctx, Kind.MARQUEE, saved.object_id, version, Entered({"text": text})),
        who or desk.editor,
    )


def records(desk: Desk) -> list[tuple[str, str | None, str]]:
    """Event, whose it is, and the hash that was decided on, of everything about content."""
    with system_session(reason="a test reads the log") as session:
        wanted = select(AuditRecord).where(AuditRecord.event.like("content.%")).order_by(AuditRecord.seq)
        return [(row.event, row.actor_id, row.decided_on) for row in session.scalars(wanted)]


def sitting(desk: Desk) -> list[tuple[str, int]]:
    with tenant_session(desk.tenant.id) as session:
        return [(row.user_id, row.saves) for row in session.scalars(select(DraftSitting).order_by(DraftSitting.id))]


def test_sitting_ends_with_the_record_of_the_last_hash(desk: Desk, later: time_machine.Traveller) -> None:
    saved = desk.save("一")
    type_in(desk, saved, "一二")
    type_in(desk, saved, "一二三")
    last = type_in(desk, saved, "一二三四")
    before = records(desk)
    early = end_sittings()
    later.shift(RESTS)

    ended = end_sittings()

    assert (early, ended, end_sittings()) == (0, 1, 0)
    assert [event for event, _, _ in before] == ["content.draft_saved", "content.draft_saved"]
    assert records(desk)[2:] == [("content.draft_edited", desk.editor.user_id, last.sha256)]
    assert sitting(desk) == []


def test_one_save_needs_no_second_record(desk: Desk, later: time_machine.Traveller) -> None:
    saved = desk.save("一")
    type_in(desk, saved, "一二")
    before = records(desk)
    later.shift(RESTS)

    assert (end_sittings(), records(desk)) == (1, before)


def test_sitting_that_goes_on_is_recorded_in_between(desk: Desk, later: time_machine.Traveller) -> None:
    saved = desk.save("一")
    for minute in range(0, int(LASTS.total_seconds()) + 60, 60):
        type_in(desk, saved, f"第 {minute} 秒")
        later.shift(timedelta(seconds=60))

    assert end_sittings() == 1


@pytest.mark.parametrize("act", ["save", "discard", "submit"])
def test_act_on_the_object_comes_after_the_record_of_the_sitting(desk: Desk, act: str) -> None:
    saved = desk.save("一")
    type_in(desk, saved, "一二")
    last = type_in(desk, saved, "一二三")
    if act == "save":
        in_tenant(
            desk.tenant,
            lambda ctx: save_draft(ctx, Kind.MARQUEE, saved.object_id, last.version, Entered({"text": "按钮"})),
            desk.editor,
        )
    elif act == "discard":
        in_tenant(desk.tenant, lambda ctx: discard_draft(ctx, saved.object_id, last.version), desk.editor)
    else:
        desk.submit(last)

    assert ("content.draft_edited", desk.editor.user_id, last.sha256) in records(desk)[2:3]
    assert sitting(desk) == []


def test_each_sits_for_himself(desk: Desk) -> None:
    other = actor(Role.TENANT_EDITOR, build_user("other"), desk.tenant)
    saved = desk.save("一")
    type_in(desk, saved, "一二")
    mine = type_in(desk, saved, "一二三")

    type_in(desk, saved, "另一个人的", other)

    assert records(desk)[2:] == [
        ("content.draft_edited", desk.editor.user_id, mine.sha256),
        ("content.draft_saved", other.user_id, records(desk)[-1][2]),
    ]
    assert sitting(desk) == [(other.user_id, 0)]


def test_another_session_is_another_sitting(desk: Desk) -> None:
    saved = desk.save("一")
    elsewhere = replace(desk.editor, session_id=SessionId(new_id()))
    type_in(desk, saved, "一二")
    type_in(desk, saved, "一二三")

    type_in(desk, saved, "一二三四", elsewhere)

    assert [event for event, _, _ in records(desk)] == [
        "content.draft_saved",
        "content.draft_saved",
        "content.draft_edited",
        "content.draft_saved",
    ]


def test_page_saves_for_a_person_only(desk: Desk) -> None:
    saved = desk.save("一")

    with pytest.raises(ValueError, match="person"):
        type_in(desk, saved, "一二", Actor(None, "cli", "命令行", "cli", "system"))
