"""Connections that settings ask for: to other machines over TLS alone, and to none that could be anybody's (ASVS 12.3)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from portal.core.settings_values import SettingsError, is_loopback

if TYPE_CHECKING:
    from portal.core.settings import Settings

_PROVEN = "verify-full"
"""The mode of PostgreSQL's client in which the server proves by a certificate that it is the very host of the address."""
_UNPROVEN_REDIS = frozenset({"ssl_cert_reqs", "ssl_check_hostname"})
"""What turns off that Redis proves itself by one."""


def check_connections(settings: "Settings") -> None:
    """This function will raise `SettingsError` for a connection by which a password could cross a network in clear, or reach a stranger."""
    if not settings.is_sqlite:
        _check_database(settings.database_url)
    _check_broker(settings)
    _check_redis(settings.redis_url or "")
    if settings.audit_mail and settings.smtp_url is None:
        raise SettingsError(
            "PORTAL_AUDIT_MAIL names who gets checkpoints, but there is no PORTAL_SMTP_URL to send them by: set it."
        )


def _check_database(url: str) -> None:
    """By what the driver makes of the address, for its options and the environment of libpq can name another host than it does."""
    given = _libpq_parameters(url)
    if "service" in given:
        raise SettingsError(
            "PORTAL_DATABASE_URL, or PGSERVICE, names a service, which could be on any machine: write its host, user and database "
            "into the address."
        )
    hosts = [*_each(given.get("hostaddr")), *_each(given.get("host"))]
    far = [host for host in hosts if not (host.startswith(("/", "@")) or is_loopback(host))]
    if far and given.get("sslmode") != _PROVEN:
        raise SettingsError(
            f"PORTAL_DATABASE_URL names {far[0]}, another machine, without proving that it is the database: add "
            "?sslmode=verify-full (and &sslrootcert=FILE for an authority of your own), or use a socket of this machine."
        )


def _libpq_parameters(url: str) -> Mapping[str, str]:
    """What libpq is told in the end: the address, its options over it, and below both the PG* variables of the environment."""
    from psycopg import pq
    from sqlalchemy import make_url
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    _, told = PGDialect_psycopg().create_connect_args(make_url(url))  # type: ignore[no-untyped-call]
    left_open = {
        option.keyword.decode(): option.val.decode() for option in pq.Conninfo.get_defaults() if option.val is not None
    }
    return {**left_open, **{name: str(value) for name, value in told.items()}}


def _each(hosts: str | None) -> list[str]:
    return [host.strip("[]") for host in (hosts or "").split(",") if host]


def _check_redis(url: str) -> None:
    redis = urlsplit(url)
    if redis.scheme == "redis" and not is_loopback(redis.hostname or ""):
        raise SettingsError(
            f"PORTAL_REDIS_URL names {redis.hostname}, another machine, without TLS: begin it with rediss://."
        )
    if parse_qs(redis.query, keep_blank_values=True).keys() & _UNPROVEN_REDIS:
        raise SettingsError(
            "PORTAL_REDIS_URL turns off that Redis proves who it is: take ssl_cert_reqs and ssl_check_hostname out of it, and name an "
            "authority of your own by ssl_ca_certs=FILE."
        )


def _check_broker(settings: "Settings") -> None:
    told = settings.mqtt_public_url or settings.mqtt_url
    if told is not None and is_loopback(urlsplit(told).hostname or "") and not is_loopback(settings.public_host):
        raise SettingsError(
            f"Boxes would be told a broker on {urlsplit(told).hostname}, which is themselves: set PORTAL_MQTT_PUBLIC_URL to the address, "
            "mqtts://HOST, at which they reach it."
        )
    if settings.mqtt_public_url is not None and settings.mqtt_url is None:
        raise SettingsError("PORTAL_MQTT_PUBLIC_URL is told to boxes, but there is no PORTAL_MQTT_URL: set it.")
