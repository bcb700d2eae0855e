"""The system administrator's pages: settings without secrets, background work with its retry, storage."""

import re
import shutil
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access.acl import Acl, Effect, Place, Subject
from portal.access.roles import Role
from portal.administration.commands.entries import NewEntry, add_entry
from portal.administration.system import HIDDEN, SETTING_LABELS, disks, settings_lines
from portal.administration.work_words import CLOCKWORK, WORK, interval
from portal.audit.models import AuditRecord
from portal.core import outbox
from portal.core.context import Context
from portal.core.database import commit, platform_session, system_session
from portal.core.ids import new_id
from portal.core.jobs import recurring
from portal.core.settings import Settings, load_settings
from tests.world import building
from tests.world.browser import Browser
from tests.world.cast import Cast

PAGES = ("/admin/system/settings", "/admin/system/jobs", "/admin/system/storage")


def put_work(error: str | None) -> str:
    with platform_session(writes=True) as session:
        outbox.post(session, "forget_channel", channel="0" * 32)
        session.flush()
        row = session.scalars(select(outbox.OutboxRow).where(outbox.OutboxRow.kind == "forget_channel")).one()
        row.last_error = error
        commit(session)
    return row.id


def retries() -> list[dict[str, object]]:
    with system_session(reason="a test reads the log") as session:
        return [row.details for row in session.scalars(select(AuditRecord)) if row.event == "system.job_retried"]


def test_pages_are_the_system_administrators_alone(cast: Cast, app: Flask) -> None:
    people = [cast.system_admin, cast.security_admin, cast.auditor, cast.app_admin, cast.operator, cast.yunqi.admin]

    answers = {page: [Browser(app, one).get(page).status_code for one in people] for page in PAGES}

    assert list(answers.values()) == [[200, 403, 403, 403, 403, 403]] * len(PAGES)


def test_every_setting_has_words_and_no_private_one_shows_its_value(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "PORTAL_INSTANCE_DIR": str(tmp_path),
            "PORTAL_DATABASE_URL": "postgresql://portal:topsecret@db/portal?sslmode=verify-full",
        }
    )

    lines = {line.variable: line.value for line in settings_lines(settings)}

    assert set(SETTING_LABELS) == {item.name for item in fields(Settings)}
    assert lines["PORTAL_DATABASE_URL"] == HIDDEN
    assert "topsecret" not in str(lines)


def test_all_background_work_has_words(app: Flask) -> None:
    assert set(CLOCKWORK) == {one.name for one in recurring()}
    assert set(WORK) == set(outbox.handlers())


@pytest.mark.parametrize(
    ("seconds", "said"), [(5, "每 5 秒"), (90, "每 90 秒"), (60, "每 1 分钟"), (86400, "每 24 小时")]
)
def test_interval_is_said_in_hours_minutes_or_seconds(seconds: float, said: str) -> None:
    assert str(interval(seconds)) == said


def test_private_setting_is_on_no_page(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.system_admin).get(PAGES[0]).text

    assert "PORTAL_DATABASE_URL" in page
    assert "sqlite:///" not in page


def test_failed_work_is_shown_and_retried(cast: Cast, app: Flask) -> None:
    row, browser = put_work("OSError: no room"), Browser(app, cast.system_admin)
    assert "OSError: no room" in browser.get(PAGES[1]).text

    answer = browser.post(f"/admin/system/jobs/{row}/retry")

    assert answer.status_code == 303
    assert retries() == [{"kind": "forget_channel", "attempts": 0}]


def test_work_that_never_failed_is_left_alone(cast: Cast, app: Flask) -> None:
    row, browser = put_work(None), Browser(app, cast.system_admin)

    answers = [browser.post(f"/admin/system/jobs/{one}/retry").status_code for one in (row, new_id())]

    assert (answers, retries()) == ([303, 404], [])


@pytest.mark.parametrize(("area", "expected"), [("jobs", [200, 403, 200]), ("settings", [403, 200, 200])])
def test_system_list_closes_one_area(cast: Cast, app: Flask, area: str, expected: list[int]) -> None:
    with platform_session(writes=True) as session:
        ctx = Context(session, building.actor(Role.SECURITY_ADMIN, cast.security_admin.id))
        person = Subject("user", cast.system_admin.id)
        add_entry(ctx, Acl.SYSTEM, NewEntry(Place("area", area), "*", Effect.DENY, person))
        commit(session)
    browser = Browser(app, cast.system_admin)

    assert [browser.get(page).status_code for page in PAGES] == expected


def test_system_list_names_an_area_only_for_what_is_about_it(cast: Cast, app: Flask) -> None:
    entry = {"effect": "deny", "subject": "role:system_admin", "permission": "settings:view", "place": "area:jobs"}
    right = {**entry, "place": "area:settings"}
    browser = Browser(app, cast.security_admin)

    answers = [browser.post("/admin/access/system/entries", one).status_code for one in (entry, right)]

    assert answers == [422, 303]


def test_folders_that_share_a_disk_are_measured_once(cast: Cast, app: Flask) -> None:
    page = Browser(app, cast.system_admin).get(PAGES[2]).text

    rows = re.findall(r"<tr><th.*?</tr>", page, re.DOTALL)
    assert [(row.count("<small"), row.count('class="num"')) for row in rows] == [(3, 2)]


def test_disks_apart_are_measured_apart(tmp_path: Path) -> None:
    elsewhere = Path("/proc")
    assert elsewhere.stat().st_dev != tmp_path.stat().st_dev
    settings = load_settings({"PORTAL_INSTANCE_DIR": str(tmp_path), "PORTAL_PUBLIC_DIR": str(elsewhere / "pub")})

    found = disks(settings)

    assert [[folder.path for folder in disk.folders] for disk in found] == [
        [settings.media_dir, tmp_path],
        [elsewhere / "pub"],
    ]
    assert found[1].free == shutil.disk_usage(elsewhere).free
