"""What the portal forgets by the clock, and what it does not."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.accounts import attempts, certificate_files, jobs
from portal.accounts.attempts import Factor
from portal.accounts.commands.certificates import revoke_certificate
from portal.accounts.gate.models import SessionProof
from portal.accounts.models import SessionActivity, SignInAttempt, UserSession
from portal.accounts.queries import get_user
from portal.audit.events import Event
from portal.audit.models import AuditRecord
from portal.core import clock, outbox, unit_of_work
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import Database, commit, platform_session, system_session
from portal.core.ids import CertificateId, new_id
from portal.notify.models import Notice
from tests.world.authenticator import give_certificate
from tests.world.building import add_provinces, build_user
from tests.world.cast import staff_member


@pytest.fixture(autouse=True)
def _database(database: Database, tmp_path: Path) -> None:
    """Every test on both databases."""
    certificate_files.configure(tmp_path / "certificates")


def travel(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setattr(clock, "_offset", timedelta(days=days))


def count(table: type) -> int:
    with system_session(reason="a test") as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def a_session(user_id: str) -> None:
    """A session of this moment, that may live for a day, with what belongs to it."""
    at, session_id = clock.now(), new_id()
    row = UserSession(
        id=session_id, token_hash=session_id, user_id=user_id, auth_level=2, auth_method="password+totp",
        authenticated_at=at, created_at=at, expires_at=at + timedelta(days=1), address="192.0.2.1", user_agent="",
    )  # fmt: skip
    with platform_session(writes=True) as session:
        session.add(row)
        session.flush()
        session.add(SessionActivity(session_id=session_id, seen_at=at))
        session.add(SessionProof(session_id=session_id, proof="review", level=2, proven_at=at))
        session.flush()
        unit_of_work.work_of(session).changed.clear()  # what a sign-in asks and records is not what is tried here
        session.commit()


def test_old_tries_to_sign_in_are_forgotten_and_young_ones_count(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts.begin(Factor.PASSWORD, "lin", "192.0.2.1")
    travel(monkeypatch, 8)
    attempts.begin(Factor.PASSWORD, "lin", "192.0.2.1")
    before = count(SignInAttempt)  # each try counts for the account, the address and the whole portal

    jobs.forget_telemetry()

    assert (before, count(SignInAttempt)) == (6, 3)


def test_outbox_forgets_what_is_done_and_keeps_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    with platform_session(writes=True) as session:
        for number in (1, 2):
            outbox.post(session, "test", number=number)
        session.flush()
        session.scalars(select(outbox.OutboxRow)).first().done_at = clock.now()  # type: ignore[union-attr]
        commit(session)

    jobs.forget_telemetry()
    young = count(outbox.OutboxRow)
    travel(monkeypatch, 8)
    jobs.forget_telemetry()

    assert (young, count(outbox.OutboxRow)) == (2, 1)


def test_sessions_that_ended_long_ago_go_with_all_that_belongs_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    user = build_user("lin")
    a_session(user)
    travel(monkeypatch, 92)
    a_session(user)

    forgotten = jobs.forget_sessions()

    assert forgotten == 1
    assert [count(table) for table in (UserSession, SessionActivity, SessionProof)] == [1, 1, 1]
    with system_session(reason="a test") as session:
        wanted = select(AuditRecord).where(AuditRecord.event == Event.SESSIONS_FORGOTTEN.value)
        assert [row.details["count"] for row in session.scalars(wanted)] == [1]


def test_sessions_that_ended_lately_stay_and_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    a_session(build_user("lin"))
    travel(monkeypatch, 80)

    assert (jobs.forget_sessions(), count(UserSession)) == (0, 1)
    with system_session(reason="a test") as session:
        wanted = select(AuditRecord).where(AuditRecord.event == Event.SESSIONS_FORGOTTEN.value)
        assert session.scalars(wanted).all() == []


@pytest.mark.parametrize(("days", "told"), [(300, 0), (336, 1), (366, 0)])
def test_certificate_is_announced_once_before_it_runs_out(
    monkeypatch: pytest.MonkeyPatch, days: int, told: int
) -> None:
    add_provinces()
    give_certificate(staff_member("reviewer", Role.CENTER_REVIEWER))
    travel(monkeypatch, days)

    assert (jobs.remind_of_certificates(), jobs.remind_of_certificates()) == (told, 0)

    with system_session(reason="a test") as session:
        notices = session.scalars(select(Notice).order_by(Notice.key)).all()
        reminders = session.scalars(select(AuditRecord).where(AuditRecord.event == Event.REMINDER_SENT.value)).all()
    assert [(notice.key.rpartition(":")[2], notice.role) for notice in notices] == [
        ("owner", None),
        ("security", "security_admin"),
    ][: 2 * told]
    assert [reminder.details["kind"] for reminder in reminders] == ["certificate"] * told


def test_revoked_certificate_is_not_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    add_provinces()
    person = staff_member("reviewer", Role.CENTER_REVIEWER)
    certificate = give_certificate(person)
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        ask(ctx, Permission.USERS_MANAGE)
        revoke_certificate(ctx, get_user(session, person.id), CertificateId(certificate))
        commit(session)
    travel(monkeypatch, 340)

    assert jobs.remind_of_certificates() == 0
