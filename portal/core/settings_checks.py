"""Settings that are right one by one and wrong together: unsafe, or contradicting each other."""

from pathlib import Path
from typing import TYPE_CHECKING

from portal.core.settings_connections import check_connections
from portal.core.settings_values import SettingsError, is_loopback

if TYPE_CHECKING:
    from portal.core.settings import Settings

_MINUTES_PER_HOUR = 60


def check_settings(settings: "Settings") -> None:
    """This function will raise `SettingsError`, a sentence that says what to change, for the first thing that is wrong."""
    _check_address(settings)
    check_connections(settings)
    _check_folders(settings)
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
    if settings.tls_certificate is None and not is_loopback(settings.host):
        raise SettingsError(
            f"PORTAL_HOST={settings.host} can be reached from other machines in plain http, past the proxy and between it and the portal: "
            "listen on 127.0.0.1, or serve https there too (PORTAL_TLS_CERTIFICATE and PORTAL_TLS_KEY)."
        )
    if settings.uses_https and settings.tls_certificate is None and not settings.trusted_proxies:
        raise SettingsError(
            "PORTAL_BASE_URL is https, which a proxy in front must end, but PORTAL_TRUSTED_PROXIES names none, so that everybody "
            "would seem to come from the proxy's address: set it to the address from which the proxy connects."
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
