"""Checkpoints by mail: to a server that really takes them, once a day and on demand; a server that is away is tried again."""

import email
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.policy import default
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from portal.administration import checkpoint_mail
from portal.audit import checkpoints
from portal.audit.notes import read_note
from portal.core import outbox
from portal.core.database import Database
from portal.core.settings import load_settings
from portal.core.settings_values import SettingsError
from portal.notify import mail
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.log import pending, write

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)


class _Server(socketserver.ThreadingTCPServer):
    """A mail server that takes everything (RFC 5321, the few commands that matter)."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.taken: list[tuple[list[str], Message]] = []


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        to: list[str] = []
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                to.append(line.decode().split("<")[1].split(">")[0])
            elif verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                data = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    data += part
                self.server.taken.append((to, email.message_from_bytes(data, policy=default)))  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture(autouse=True)
def _configured(server: _Server, tmp_path: Path) -> Iterator[None]:
    checkpoints.configure(tmp_path / "checkpoints")
    settings = load_settings(
        {
            "PORTAL_SMTP_URL": f"smtp://127.0.0.1:{server.server_address[1]}",
            "PORTAL_AUDIT_MAIL": "auditor@example.com, safe@example.com",
            "PORTAL_MAIL_FROM": "portal@example.com",
        }
    )
    mail.configure(settings)
    checkpoint_mail.configure(settings.audit_mail)
    yield
    mail.configure(load_settings({}))
    checkpoint_mail.configure(())


def test_checkpoint_is_sent_once_a_day(database: Database, server: _Server) -> None:
    with time_machine.travel(NOON, tick=False) as travelling:
        write(pending())
        taken = checkpoints.take_checkpoint()
        assert [checkpoint_mail.mail_daily(), checkpoint_mail.mail_daily()] == [1, 0]
        outbox.drain()
        travelling.move_to(NOON + timedelta(days=1), tick=False)
        assert checkpoint_mail.mail_daily() == 1
        outbox.drain()

    assert taken is not None
    assert len(server.taken) == 2
    to, message = server.taken[0]
    (attached,) = message.iter_attachments()  # type: ignore[attr-defined]
    assert to == ["auditor@example.com", "safe@example.com"]
    assert message["From"] == "portal@example.com"
    assert attached.get_filename() == "checkpoint-000000000001.txt"
    assert read_note(attached.get_content().replace("\r\n", "\n")) == read_note(taken.note)


def test_server_that_is_away_is_tried_again(database: Database, server: _Server) -> None:
    write(pending())
    checkpoints.take_checkpoint()
    checkpoint_mail.mail_daily()
    mail.configure(load_settings({"PORTAL_SMTP_URL": "smtp://127.0.0.1:1", "PORTAL_AUDIT_MAIL": "a@example.com"}))

    assert outbox.drain() == 0
    assert server.taken == []
    assert checkpoint_mail.last_sent() is None


def test_nobody_is_written_to_unless_somebody_is_named(database: Database, server: _Server) -> None:
    write(pending())
    checkpoints.take_checkpoint()
    checkpoint_mail.configure(())

    assert checkpoint_mail.mail_daily() == 0


def test_auditor_sends_one_now(cast: Cast, app: Flask, server: _Server) -> None:
    browser = Browser(app, cast.auditor)

    answer = browser.post("/admin/audit/checkpoints/mail", follow_redirects=True)
    outbox.drain()

    assert "正在寄出" in answer.text
    assert "auditor@example.com, safe@example.com" in answer.text
    assert len(server.taken) == 1
    assert "寄出检查点" in browser.get("/admin/audit?group=audit").text


def test_auditor_is_told_where_nobody_is_named(cast: Cast, app: Flask, server: _Server) -> None:
    checkpoint_mail.configure(())

    answer = Browser(app, cast.auditor).post("/admin/audit/checkpoints/mail", follow_redirects=True)

    assert "PORTAL_AUDIT_MAIL" in answer.text
    assert server.taken == []


def test_recipients_without_a_server_are_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="PORTAL_SMTP_URL"):
        load_settings({"PORTAL_AUDIT_MAIL": "a@example.com"})


@pytest.mark.parametrize("text", ["nobody", "a@b, c", "a b@c.d", ","])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        load_settings({"PORTAL_AUDIT_MAIL": text, "PORTAL_SMTP_URL": "smtp://127.0.0.1"})
