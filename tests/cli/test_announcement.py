import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from portal.cli.announcement import _PASSKEYS, announce
from portal.core.settings import load_settings

ACCOUNTS = [
    {
        "role": "auditor",
        "username": "shen",
        "password": "pass-word",
        "totp_secret": "JBSWY3DP",
        "passkey": {"rp_id": "localhost"},
    },
    {"role": "center_reviewer", "username": "lin", "password": "long-pass-word", "totp_secret": None, "passkey": None},
]


class Elsewhere(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", "http://nowhere.invalid/sign-in")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Elsewhere) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def settings(tmp_path, server):
    (tmp_path / "demo.json").write_text(json.dumps({"accounts": ACCOUNTS}))
    return load_settings({"PORTAL_INSTANCE_DIR": str(tmp_path), "PORTAL_PORT": str(server.server_port)})


def test_demo_is_announced_with_its_accounts(settings, capsys):
    announce(settings, with_accounts=True)

    assert capsys.readouterr().out == (
        f"\n  http://localhost:{settings.port}\n\n"
        "Demo accounts (one-time codes come from the TOTP secret):\n"
        "  role             username  password        totp_secret  passkey\n"
        "  auditor          shen      pass-word       JBSWY3DP     yes\n"
        "  center_reviewer  lin       long-pass-word  -            -\n"
        f"{_PASSKEYS.format(demo=settings.demo_file)}\n"
        "Ctrl-C stops it.\n"
    )


def test_demo_below_the_working_folder_is_named_from_there(settings, capsys, monkeypatch):
    monkeypatch.chdir(settings.instance_dir.parent)

    announce(settings, with_accounts=True)

    assert f" {settings.instance_dir.name}/demo.json." in capsys.readouterr().out


def test_demo_on_https_names_its_own_authority_and_certificates(settings, capsys, monkeypatch):
    monkeypatch.setattr("portal.cli.announcement._answers", lambda _: True)

    announce(replace(settings, tls_certificate=settings.instance_dir / "server.pem"), with_accounts=True)

    printed = capsys.readouterr().out
    assert f"Trust {settings.instance_dir}/certificates/ca.pem for this address." in printed
    assert f"Everybody's own certificate is {settings.instance_dir}/demo/USERNAME.p12," in printed


def test_demo_is_announced_with_its_televisions(settings, capsys):
    channels = [{"group": "总部", "channel": "0" * 32}, {"group": "一店", "channel": "1" * 32}]
    tenants = [{"name": "云栖酒店", "channels": channels}, {"name": "还没有发布", "channels": []}]
    settings.demo_file.write_text(json.dumps({"accounts": ACCOUNTS, "tenants": tenants}))

    announce(settings, with_accounts=True)

    televisions = [line for line in capsys.readouterr().out.splitlines() if "/tv/" in line]
    assert televisions == [f"  http://localhost:{settings.port}/tv/?channel={'0' * 32}  云栖酒店"]


def test_portal_with_real_data_is_announced_without_accounts(settings, capsys):
    announce(settings, with_accounts=False)

    assert capsys.readouterr().out == f"\n  http://localhost:{settings.port}\n\nCtrl-C stops it.\n"


def test_server_that_does_not_answer_is_not_announced(tmp_path, capsys):
    settings = load_settings({"PORTAL_INSTANCE_DIR": str(tmp_path), "PORTAL_PORT": "1"})

    announce(settings, with_accounts=True)

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "The server does not answer on 127.0.0.1, port 1; see the lines above.\n"
