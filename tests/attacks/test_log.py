"""The operation log under somebody who can write to the database: what people do goes on being recorded, and the change is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.orm import Session

from portal.audit import checkpoints
from portal.audit.models import AuditHead, AuditRecord
from portal.audit.verify import chunks
from portal.audit.verify.opening import Outside
from portal.audit.verify.run import verify_log
from portal.core import database as databases
from portal.core import tenancy
from portal.core.database import tenant_session
from portal.core.tenancy import INFRASTRUCTURE, LogIsClosed
from tests.attacks.log import newest
from tests.world.browser import Browser
from tests.world.cast import Cast

RECORDS: Any = AuditRecord.__table__
HEAD: Any = AuditHead.__table__
VICTIM = 5


def change(connection: Connection) -> None:
    connection.execute(update(RECORDS).where(RECORDS.c.seq == VICTIM).values(outcome="denied"))


def take_out(connection: Connection) -> None:
    connection.execute(delete(RECORDS).where(RECORDS.c.seq == VICTIM))


def swap(connection: Connection) -> None:
    rows = [dict(row) for row in connection.execute(select(RECORDS).where(RECORDS.c.seq.in_([5, 6]))).mappings()]
    for row, other in zip(rows, reversed(rows), strict=True):
        given = {name: value for name, value in other.items() if name not in {"seq", "id"}}
        connection.execute(update(RECORDS).where(RECORDS.c.seq == row["seq"]).values(given))


def cut(connection: Connection) -> None:
    last = connection.scalar(select(HEAD.c.size))
    connection.execute(delete(RECORDS).where(RECORDS.c.seq > (last or 0) - 3))


def forge_head(connection: Connection) -> None:
    connection.execute(update(HEAD).values(peaks=bytes(32)))


ATTACKS: dict[str, Callable[[Connection], None]] = {
    "changed": change, "taken out": take_out, "swapped": swap, "cut": cut, "head forged": forge_head,
}  # fmt: skip


def work(app: Flask, cast: Cast) -> Browser:
    """Things that people do, and a checkpoint over them that was handed out."""
    browser = Browser(app, cast.yunqi.admin)
    for theme in ("dark", "light", "dark"):
        browser.post("/preferences", {"theme": theme})
    checkpoints.take_checkpoint()
    return browser


def told(kept: list[Outside] | None = None) -> bool:
    return verify_log(outside=kept or [], stamps=True).findings != ()


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    checkpoints.configure(tmp_path / "checkpoints")


@pytest.mark.parametrize("attack", ATTACKS)
def test_change_by_raw_sql_is_told(app: Flask, cast: Cast, attack: str) -> None:
    work(app, cast)
    assert not told()

    with databases.database().engine.begin() as connection:
        ATTACKS[attack](connection)

    assert told()


def test_change_is_told_on_the_records_own_page(app: Flask, cast: Cast) -> None:
    work(app, cast)
    auditor = Browser(app, cast.auditor)
    before = auditor.get(f"/admin/audit/records/{VICTIM}").text

    with databases.database().engine.begin() as connection:
        change(connection)
    after = auditor.get(f"/admin/audit/records/{VICTIM}")

    assert after.status_code == 200
    assert ("is-broken" in before, "is-broken" in after.text) == (False, True)


def test_log_that_is_compared_with_itself_would_be_seen(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: the check believes the hashes that records keep, and no stamp is looked at."""
    work(app, cast)
    with databases.database().engine.begin() as connection:
        change(connection)
    monkeypatch.setattr(chunks, "_wrong_with", lambda *_, **__: None)
    honest = chunks.leaf_hash

    def believed(leaf: bytes) -> bytes:
        with databases.database().engine.connect() as connection:
            nodes = connection.scalar(select(RECORDS.c.nodes).where(RECORDS.c.seq == VICTIM))
        return bytes(nodes[:32]) if b'"denied"' in leaf and nodes is not None else honest(leaf)

    monkeypatch.setattr(chunks, "leaf_hash", believed)

    assert not told()


@pytest.mark.parametrize("page", ["/preferences", "/account/password"])
def test_nothing_is_done_where_the_log_cannot_be_written(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    browser, before = Browser(app, cast.yunqi.admin), newest()
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    with databases.database().engine.begin() as connection:
        connection.execute(update(HEAD).values(size=HEAD.c.size - 1))  # the next number is taken already

    answer = browser.post(
        page, {"theme": "dark", "current": "correct horse battery staple", "password": "another good long password"}
    )

    assert answer.status_code in {409, 500, 503}
    assert newest() == before
    with databases.database().engine.connect() as connection:
        themes = connection.exec_driver_sql("SELECT theme FROM users WHERE username = 'alice'").scalar_one()
    assert themes != "dark"


def test_no_page_of_the_portal_changes_a_record(app: Flask, cast: Cast) -> None:
    """Nobody has a right by which records are changed, the auditor least of all: there is no such address.

    What can be posted carries out, mails, or changes the key of what is yet to come.
    """
    rules = [
        rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/admin/audit") or "/audit/" in rule.rule
    ]

    assert {rule.endpoint for rule in rules if rule.methods and rule.methods & {"POST", "PUT", "PATCH", "DELETE"}} == {
        "audit_export.index",
        "audit_export.tenant",
        "audit_proofs.checkpoints_export",
        "checkpoint_mail.send",
        "keys.rotate_audit",
    }


def by_row(session: Session) -> None:
    session.scalars(select(AuditRecord)).first().outcome = "denied"  # type: ignore[union-attr]
    session.flush()


def by_deleting(session: Session) -> None:
    session.delete(session.scalars(select(AuditRecord)).first())
    session.flush()


def by_adding(session: Session) -> None:
    session.add(AuditHead(id=2, log_id="x", size=0, peaks=b""))
    session.flush()


def by_statement(session: Session) -> None:
    session.execute(delete(AuditRecord))


def past_the_fences(session: Session) -> None:
    session.execute(update(AuditHead).values(size=0), execution_options={INFRASTRUCTURE: True})


@pytest.mark.parametrize("way", [by_row, by_deleting, by_adding, by_statement, past_the_fences])
def test_no_session_writes_into_the_log(cast: Cast, way: Callable[[Session], None]) -> None:
    """Code of ours that went astray: a view, a job or a command of the one that may read it."""
    before = newest()

    with tenant_session(cast.yunqi.tenant.id, writes=True) as session, pytest.raises(LogIsClosed):
        way(session)

    assert newest() == before
    assert not told()


def test_session_that_writes_into_the_log_would_be_seen(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: rows of the log are rows like any other."""
    monkeypatch.setattr(tenancy, "AppendOnly", ())

    with tenant_session(cast.yunqi.tenant.id, writes=True) as session:
        by_row(session)
        session.connection().commit()

    assert told()
