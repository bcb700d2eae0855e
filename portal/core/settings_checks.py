"""Settings that are right one by one and wrong together: unsafe, or contradicting each other."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from portal.core.settings_values import SettingsError, is_loopback

if TYPE_CHECKING:
    from portal.core.settings import Settings

_MINUTES_PER_HOUR = 60
_PROVEN = frozenset({"verify-full", "verify-ca"})
"""The modes of PostgreSQL's client in which the server has to prove itself by a certificate."""
_UNPROVEN_REDIS = frozenset({"ssl_cert_reqs", "ssl_check_hostname"})
"""What turns off that Redis proves itself by one."""


def check_settings(settings: "Settings") -> None:
    """This function will raise `SettingsError`, a sentence that says what to change, for the first thing that is wrong."""
    _check_address(settings)
    _check_connections(settings)
    _check_folders(settings)
    _check_mail(settings)
    _check_session_times(settings)
    _check_test_settings(settings)


def _check_address(settings: "Settings") -> None:
    if not settings.uses_https and not is_loopback(settings.host):
        raise SettingsError(
            f"PORTAL_HOST={settings.host} can be reached from other machines, but PORTAL_BASE_URL={settings.base_url} has no TLS, "
            "so passwords would cross the network in clear: listen on 127.0.0.1, or put a proxy with TLS in front and set "
            "PORTAL_BASE_URL to its https:// address."
        )
    if not settings.uses_https and not is_loopback(settings.public_host):
        raise SettingsError(
            f"PORTAL_BASE_URL={settings.base_url} is plain http for people on other machines: set it to the https:// address."
        )
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise SettingsError("PORTAL_TLS_CERTIFICATE and PORTAL_TLS_KEY go together: set both, or neither.")
    if settings.tls_certificate is not None and not settings.uses_https:
        raise SettingsError(
            f"PORTAL_TLS_CERTIFICATE is set, but PORTAL_BASE_URL={settings.base_url} is plain http: set it to the https:// address."
        )
    if settings.uses_https and settings.tls_certificate is None and not settings.trusted_proxies:
        raise SettingsError(
            "PORTAL_BASE_URL is https, which a proxy in front must end, but PORTAL_TRUSTED_PROXIES names none, so that everybody "
            "would seem to come from the proxy's address: set it to the address from which the proxy connects."
        )


def _check_connections(settings: "Settings") -> None:
    """To other machines over TLS alone, and to none that could be anybody's (ASVS 12.3)."""
    database = urlsplit(settings.database_url)
    options = dict(parse_qsl(database.query))
    host = database.hostname or options.get("host") or "localhost"
    is_near = settings.is_sqlite or host.startswith("/") or is_loopback(host)
    if not is_near and options.get("sslmode") not in _PROVEN:
        raise SettingsError(
            f"PORTAL_DATABASE_URL names {host}, another machine, without proving that it is the database: add "
            "?sslmode=verify-full (and &sslrootcert=FILE for an authority of your own), or use a socket of this machine."
        )
    _check_broker(settings)
    redis = urlsplit(settings.redis_url or "")
    if redis.scheme == "redis" and not is_loopback(redis.hostname or ""):
        raise SettingsError(
            f"PORTAL_REDIS_URL names {redis.hostname}, another machine, without TLS: begin it with rediss://."
        )
    if dict(parse_qsl(redis.query)).keys() & _UNPROVEN_REDIS:
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


def _check_mail(settings: "Settings") -> None:
    if settings.audit_mail and settings.smtp_url is None:
        raise SettingsError(
            "PORTAL_AUDIT_MAIL names who gets checkpoints, but there is no PORTAL_SMTP_URL to send them by: set it."
        )


def _check_folders(settings: "Settings") -> None:
    folders = {
        "PORTAL_MEDIA_DIR": settings.media_dir,
        "PORTAL_UNFINISHED_DIR": settings.unfinished_dir,
        "PORTAL_SECRET_FILE": settings.secret_file,
        "PORTAL_INSTANCE_DIR": settings.instance_dir,
        "PORTAL_DATABASE_URL": Path(settings.database_url.removeprefix("sqlite:///")) if settings.is_sqlite else None,
    }
    for name, path in folders.items():
        if path is not None and path.is_relative_to(settings.public_dir):
            raise SettingsError(
                f"{name}={path} lies in PORTAL_PUBLIC_DIR={settings.public_dir}, which everybody can read: move it elsewhere."
            )
    if settings.public_dir.is_relative_to(settings.media_dir):
        raise SettingsError(
            f"PORTAL_PUBLIC_DIR={settings.public_dir} lies in PORTAL_MEDIA_DIR={settings.media_dir}: give it a folder of its own."
        )


def _check_session_times(settings: "Settings") -> None:
    if settings.idle_minutes > settings.absolute_hours * _MINUTES_PER_HOUR:
        raise SettingsError(
            f"PORTAL_IDLE_MINUTES={settings.idle_minutes} is longer than PORTAL_ABSOLUTE_HOURS={settings.absolute_hours}: "
            "lower the first or raise the second."
        )


def _check_test_settings(settings: "Settings") -> None:
    in_use = settings.test_settings()
    if in_use and not settings.is_loopback:
        raise SettingsError(
            f"{' and '.join(in_use)} is for tests on this machine alone, but PORTAL_HOST={settings.host} with "
            f"PORTAL_BASE_URL={settings.base_url} can be reached from others: remove it, or listen on 127.0.0.1."
        )
