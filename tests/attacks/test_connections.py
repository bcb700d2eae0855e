"""Somebody on the way to the database, Redis, the broker, the mail server or the bucket: nothing that proves us is told to whom is not proven.

On the settings alone: an address that names a machine elsewhere in any of the ways in which its driver reads one.
"""

import hashlib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy.exc import OperationalError

from portal.core import settings_connections
from portal.core.database import Database
from portal.core.settings import load_settings
from portal.core.settings_values import SettingsError
from portal.core.shared_counts import RedisAway, check_redis
from portal.notify.mail import Post
from portal.releases.broker import Broker, PushFailed
from portal.releases.bucket import Bucket, BucketAway
from tests.world.broker import certificate
from tests.world.impostor import (
    Impostor,
    Line,
    as_broker,
    as_database,
    as_mail_server,
    as_mail_server_with_starttls,
    as_whoever_is_told_first,
    impostor,
)

SECRET = "the-password-of-the-portal"
ELSEWHERE = "mail.elsewhere.example"


def to_database(port: int, authority: Path) -> None:
    _open_database(port, f"sslmode=verify-full&sslrootcert={authority}")


def _open_database(port: int, options: str) -> None:
    url = f"postgresql://portal:{SECRET}@localhost:{port}/portal?{options}"
    database = Database(load_settings({"PORTAL_DATABASE_URL": url}).database_url)
    database.engine.connect().close()


def to_redis(port: int, authority: Path, more: str = "") -> None:
    url = f"rediss://:{SECRET}@localhost:{port}/0?ssl_ca_certs={authority}"
    check_redis(str(load_settings({"PORTAL_REDIS_URL": url}).redis_url) + more)


def to_broker(port: int, authority: Path) -> None:
    url = load_settings({"PORTAL_MQTT_URL": f"mqtts://portal:{SECRET}@localhost:{port}"}).mqtt_url
    with Broker.at(str(url), str(authority)).line():
        pass


def to_mail_server(port: int, _authority: Path) -> None:
    _send_by(f"smtps://portal:{SECRET}@localhost:{port}")


def to_mail_server_with_starttls(port: int, _authority: Path) -> None:
    _send_by(f"smtp://portal:{SECRET}@{ELSEWHERE}:{port}")


def _send_by(url: str) -> None:
    Post(str(load_settings({"PORTAL_SMTP_URL": url}).smtp_url), "portal@example.com").send(["a@example.com"], "a", "b")


def to_bucket(port: int, authority: Path) -> None:
    url = f"s3://portal:{SECRET}@localhost:{port}/zone?ca={authority}"
    address = load_settings({"PORTAL_PUBLIC_S3_URL": url}).public_s3_url
    assert address is not None
    body = SECRET.encode()
    Bucket(address).put("a", body, hashlib.md5(body, usedforsecurity=False).digest(), [])


@dataclass(frozen=True)
class Way:
    """How the portal goes to one of them, what it says when it does not trust, and how an impostor would talk to it."""

    go: Callable[[int, Path], None]
    refusal: tuple[type[Exception], ...]
    talk: Callable[[Impostor, Line], None]
    host: str = "localhost"


WAYS = {
    "database": Way(to_database, (OperationalError,), as_database),
    "redis": Way(to_redis, (RedisAway,), as_whoever_is_told_first),
    "broker": Way(to_broker, (OSError, PushFailed), as_broker),
    "mail": Way(to_mail_server, (OSError,), as_mail_server),
    "mail with STARTTLS": Way(to_mail_server_with_starttls, (OSError,), as_mail_server_with_starttls, ELSEWHERE),
    "bucket": Way(to_bucket, (BucketAway,), as_whoever_is_told_first),
}


@pytest.fixture(autouse=True)
def _way(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The way to the mail server elsewhere leads here: the name is another machine's, the wire an impostor's."""
    honest = socket.getaddrinfo

    def led_astray(host: Any, *more: Any, **named: Any) -> Any:
        return honest("127.0.0.1" if host == ELSEWHERE else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", led_astray)
    return


ASTRAY = {
    "an option over the host": "postgresql://u:p@localhost/d?host=db.example.com",
    "an address beside the host": "postgresql://u:p@localhost/d?hostaddr=10.0.0.9",
    "the second of two hosts": "postgresql://u:p@/d?host=/run/postgresql,db.example.com",
    "the second of two options": "postgresql://u:p@/d?host=localhost&host=db.example.com",
    "two modes, the last of which is proven": "postgresql://u:p@db.example.com/d?sslmode=disable&sslmode=verify-full",
    "a service of another file": "postgresql://u:p@/d?service=far",
}


@pytest.mark.parametrize("how", ASTRAY)
def test_address_that_leads_elsewhere_in_plain_does_not_start(how: str) -> None:
    with pytest.raises(SettingsError, match=r"PORTAL_DATABASE_URL.*(another machine|any machine)"):
        load_settings({"PORTAL_DATABASE_URL": ASTRAY[how]})


@pytest.mark.parametrize(("name", "value"), [("PGHOSTADDR", "10.0.0.9"), ("PGHOST", "db.example.com")])
def test_environment_of_libpq_leads_nowhere_either(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=f"names {value}, another machine"):
        load_settings({"PORTAL_DATABASE_URL": "postgresql://u:p@/d"})


def test_address_that_is_read_by_its_host_alone_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: the host of the address is believed, and not what its driver makes of it."""
    monkeypatch.setattr(
        settings_connections, "_libpq_parameters", lambda url: {"host": urlsplit(url).hostname or "localhost"}
    )

    assert load_settings({"PORTAL_DATABASE_URL": ASTRAY["an option over the host"]})


def folder(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


@pytest.mark.parametrize("who", ["of an unknown authority", "of another host", "without any"])
@pytest.mark.parametrize("name", WAYS)
def test_impostor_is_told_nothing(name: str, who: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    way = WAYS[name]
    known = certificate(folder(tmp_path, "known"), "neighbour.example" if who == "of another host" else way.host)
    shown = {
        "of an unknown authority": lambda: certificate(folder(tmp_path, "own"), way.host),
        "of another host": lambda: known,
        "without any": lambda: None,
    }[who]()
    monkeypatch.setenv("SSL_CERT_FILE", str(known))  # mail knows the authorities of the machine alone

    with impostor(way.talk, shown) as somebody:
        with pytest.raises(way.refusal):
            way.go(somebody.port, known)

        assert not somebody.hears(SECRET)


def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: TLS, and whoever is at its other end."""
    honest = ssl.create_default_context

    def blind(*given: Any, **named: Any) -> ssl.SSLContext:
        context = honest(*given, **named)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    monkeypatch.setattr(ssl, "create_default_context", blind)


FAULTS: dict[str, Callable[[int, Path], None]] = {
    "database": lambda port, _: _open_database(port, "sslmode=require"),
    "redis": lambda port, authority: to_redis(port, authority, more="&ssl_cert_reqs=none&ssl_check_hostname=false"),
    "broker": to_broker,
    "mail": to_mail_server,
    "mail with STARTTLS": to_mail_server_with_starttls,
}


@pytest.mark.parametrize("name", FAULTS)
def test_connection_that_believes_anybody_would_be_seen(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = WAYS[name]
    known = certificate(folder(tmp_path, "known"), way.host)
    trusting(monkeypatch)

    with impostor(way.talk, certificate(folder(tmp_path, "own"), way.host)) as somebody:
        with pytest.raises(Exception, match=r"\S"):
            FAULTS[name](somebody.port, known)

        assert somebody.hears(SECRET)
