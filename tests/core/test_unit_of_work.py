"""The account of a transaction: nothing is written without a permission asked and a record kept."""

import pytest
from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.audit.models import AuditRecord
from portal.core import clock, unit_of_work
from portal.core.context import COMMAND_LINE, Context, TenantRef
from portal.core.database import Database, PortalSession, commit, platform_session, system_session
from portal.core.errors import Forbidden
from portal.core.unit_of_work import OWED, TELEMETRY, UnaskedWrite, UnrecordedWrite, work_of
from portal.tenants.models import Customer


def customer(name: str) -> Customer:
    return Customer(name=name, industry_code="1401001", created_at=clock.now())


def ask_and_record(ctx: Context, name: str = "甲") -> None:
    ask(ctx, Permission.CUSTOMERS_MANAGE)
    record(ctx, Event.CUSTOMER_CREATED, Target("customer", "1", name), name=name, industry_code="1401001")


def names(database: Database) -> list[str]:
    with platform_session() as session:
        return sorted(session.scalars(select(Customer.name)))


def recorded() -> list[str | None]:
    with system_session(reason="a test reads the log") as session:
        return [row.target_title for row in session.scalars(select(AuditRecord).order_by(AuditRecord.seq))]


def test_write_without_a_permission_asked_is_refused(database: Database) -> None:
    with platform_session(writes=True) as session:
        session.add(customer("甲"))
        record(
            Context(session, COMMAND_LINE),
            Event.CUSTOMER_CREATED,
            Target("customer", "1"),
            name="甲",
            industry_code="1",
        )
        with pytest.raises(UnaskedWrite, match="customers"):
            commit(session)

    assert (names(database), recorded()) == ([], [])


def test_write_that_recorded_nothing_is_refused(database: Database) -> None:
    with platform_session(writes=True) as session:
        ask(Context(session, COMMAND_LINE), Permission.CUSTOMERS_MANAGE)
        session.add(customer("甲"))
        with pytest.raises(UnrecordedWrite, match="customers"):
            commit(session)

    assert names(database) == []


def test_write_with_both_is_kept_with_its_record(database: Database) -> None:
    with platform_session(writes=True) as session:
        ask_and_record(Context(session, COMMAND_LINE))
        session.add(customer("甲"))
        commit(session)

    assert (names(database), recorded()) == (["甲"], ["甲"])


def test_permission_that_was_refused_does_not_count_as_asked(database: Database) -> None:
    tenant = TenantRef("t", "100000000001", "某", None)  # type: ignore[arg-type]
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE, tenant)
        with pytest.raises(Forbidden):
            ask(ctx, Permission.CUSTOMERS_MANAGE)
        with pytest.raises(Forbidden):
            ask(Context(session, COMMAND_LINE), Permission.CUSTOMERS_MANAGE, provided=False)

        assert work_of(session).asked == set()


def test_second_transaction_of_a_session_has_an_account_of_its_own(database: Database) -> None:
    with platform_session(writes=True) as session:
        ask_and_record(Context(session, COMMAND_LINE))
        session.add(customer("甲"))
        commit(session)
        session.add(customer("乙"))
        with pytest.raises(UnaskedWrite):
            commit(session)

    assert names(database) == ["甲"]


def test_rolled_back_transaction_leaves_no_account(database: Database) -> None:
    with platform_session(writes=True) as session:
        ask_and_record(Context(session, COMMAND_LINE))
        session.rollback()
        session.add(customer("甲"))
        with pytest.raises(UnaskedWrite):
            commit(session)

    assert (names(database), recorded()) == ([], [])


def test_savepoint_ends_nothing(database: Database) -> None:
    """What is asked and recorded before, inside and after one counts for the whole transaction, once."""
    done: list[str] = []
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        session.add(customer("甲"))
        with session.begin_nested():
            session.add(customer("乙"))
        work_of(session).after_commit.append(lambda: done.append("after"))
        undone = session.begin_nested()
        session.add(customer("丙"))
        undone.rollback()
        ask_and_record(ctx)
        commit(session)

    assert (names(database), recorded(), done) == (["乙", "甲"], ["甲"], ["after"])


def test_what_waits_for_the_commit_happens_after_it_and_only_then(database: Database) -> None:
    seen: list[list[str]] = []

    def wait(session: PortalSession) -> None:
        ask_and_record(Context(session, COMMAND_LINE))
        session.add(customer("甲"))
        work_of(session).after_commit.append(lambda: seen.append(names(database)))

    with platform_session(writes=True) as session:
        wait(session)
        session.rollback()
    with platform_session(writes=True) as session:
        wait(session)
        before = list(seen)
        commit(session)

    assert (before, seen) == ([], [["甲"]])


def test_reading_needs_neither(database: Database) -> None:
    with platform_session() as session:
        session.scalars(select(Customer)).all()
        commit(session)


def test_tables_that_need_no_account_are_few_and_known() -> None:
    assert {
        "session_activity",
        "sign_in_attempts",
        "spent_challenges",
        "captcha_challenges",
        "outbox",
        "alembic_version",
        "tenant_presence",
        "conversion_runs",
        "box_spent_proofs",
        "box_refusals",
        "box_status",
        "box_channels",
        "box_command_results",
        "box_screenshots",
        "play_batches",
        "plays",
        "play_days",
        "play_box_days",
        "play_names",
        "unfinished_uploads",
        "editor_presence",
        "review_presence",
    } == TELEMETRY
    assert {"draft_sittings"} == OWED


def test_records_without_a_log_to_take_them_are_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_of_work, "_appender", None)
    with platform_session(writes=True) as session:
        ask_and_record(Context(session, COMMAND_LINE))
        session.add(customer("甲"))
        with pytest.raises(UnrecordedWrite, match="no log"):
            commit(session)

    monkeypatch.undo()
    assert names(database) == []
