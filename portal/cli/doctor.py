"""`portal doctor`: is this installation well?"""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import click

from portal.core import clock
from portal.core.settings import Settings, check_startup, load_settings
from portal.core.settings_values import SettingsError

_MIN_FREE_BYTES = 1 << 30
_CLOCK_TOLERANCE = timedelta(seconds=30)


class Ill(Exception):
    """A check found something that somebody has to mend; the text is the reason."""


class Weak(Exception):
    """A check found something that works and should be better; the text says what."""


@click.command()
def doctor() -> None:
    """Look for what is wrong with this installation; exit code 1 and the reasons where something is.

    What works and should be better is told as `weak` and counts as well.
    """
    settings = load_settings(os.environ)
    checks: dict[str, Callable[[], str]] = {
        "configuration": partial(_configuration, settings),
        "exposure": partial(_exposure, settings),
        "migrations": partial(_migrations, settings),
        "database": partial(_purpose, settings),
        "tenants": partial(_tenants, settings),
        "storage": partial(_storage, settings),
        "bucket": partial(_bucket, settings),
        "keys": partial(_keys, settings),
        "signatures": partial(_signatures, settings),
        "broker": partial(_broker, settings),
        "scanner": partial(_scanner, settings),
        "sign-in": partial(_sign_in, settings),
        "redis": partial(_redis, settings),
        "clock": partial(_clock, settings),
    }
    results = [_report(name, check) for name, check in checks.items()]
    if not all(results):
        raise SystemExit(1)


def _report(name: str, check: Callable[[], str]) -> bool:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        line = check()
    except Weak as weakness:
        click.echo(f"weak  {name}: {weakness}")
        return True
    except (Ill, SettingsError, OSError) as error:
        click.echo(f"ILL   {name}: {error}")
        return False
    except SQLAlchemyError as error:
        click.echo(f"ILL   {name}: the database does not answer: {str(error).splitlines()[0]}")
        return False
    click.echo(f"well  {name}: {line}")
    return True


def _configuration(settings: Settings) -> str:
    from portal.cli.purpose import is_demo

    if settings.test_settings():
        check_startup(settings, is_demo_database=_exists(settings) and is_demo(settings))
        return "for tests: " + ", ".join(f"{name}={text}" for name, text in settings.test_settings().items())
    return f"{settings.base_url}, listening on {settings.host}, port {settings.port}"


def _exposure(settings: Settings) -> str:
    from portal.cli.exposure import weaknesses

    if found := weaknesses(settings):
        raise Weak("; ".join(found))
    return "this machine alone can reach it" if settings.is_loopback else "behind TLS, with the proxies named"


def _exists(settings: Settings) -> bool:
    """Whether asking the database would not create it, as SQLite does."""
    return not settings.is_sqlite or Path(settings.database_url.removeprefix("sqlite:///")).exists()


def _migrations(settings: Settings) -> str:
    from portal.cli import migrations

    if not _exists(settings):
        raise Ill("there is no database yet: run `portal db upgrade`")
    migrations.require_current(settings.database_url)
    return f"at {migrations.head_revision()}, the newest"


def _purpose(settings: Settings) -> str:
    from portal.cli.purpose import is_demo

    if not _exists(settings):
        raise Ill("there is no database yet: run `portal db upgrade`")
    return "the demo database: its accounts are public" if is_demo(settings) else "not a demo database"


def _tenants(settings: Settings) -> str:
    from portal.cli.metadata import load_metadata
    from portal.cli.migrations import migration_engine
    from portal.core import row_security

    if settings.is_sqlite:
        return "kept apart by the portal; SQLite has no row-level security"
    load_metadata()
    with migration_engine(settings.database_url).connect() as connection:
        unfenced = row_security.unfenced_tables(connection)
        bypasses = row_security.bypasses(connection)
        role = connection.engine.url.username
    if unfenced:
        raise Ill(f"no row-level security on {', '.join(unfenced)}: run `portal db upgrade`")
    if bypasses:
        raise Weak(
            f"the database role {role} bypasses row-level security, so sessions step down to {row_security.FENCED_ROLE}; "
            "connect as a role that owns the database and has neither SUPERUSER nor BYPASSRLS"
        )
    return "kept apart by the portal and by row-level security"


def _storage(settings: Settings) -> str:
    from portal.core.files import free_bytes, write_durably

    for folder in (settings.instance_dir, settings.public_dir, settings.media_dir):
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        if not os.access(existing, os.W_OK | os.X_OK):
            raise Ill(f"{folder} cannot be written by this user: change its owner or the setting")
        if folder.exists():
            probe = folder / f".doctor-{os.getpid()}"
            write_durably(probe, b"", 0o600)
            probe.unlink()
        if free_bytes(existing) < _MIN_FREE_BYTES:
            raise Ill(f"less than {_MIN_FREE_BYTES >> 30} GiB is free on the disk of {folder}: make room")
    return "writable, with room"


def _bucket(settings: Settings) -> str:
    from portal.releases.bucket import BucketAway
    from portal.releases.bucket_check import weaknesses

    if settings.public_s3_url is None:
        return "not used: published files lie in their folder alone"
    try:
        found = weaknesses(settings.public_s3_url)
    except BucketAway as error:
        raise Ill(f"the bucket cannot be used ({error.why}): mend it or PORTAL_PUBLIC_S3_URL") from error
    if found:
        raise Weak("; ".join(found))
    return "it takes, lists and loses files as we say, and strangers cannot list it"


def _keys(settings: Settings) -> str:
    from portal.cli.startup import open_installation_keys
    from portal.core import crypto

    if not _exists(settings):
        raise Ill("there is no database yet: run `portal db upgrade`")
    open_installation_keys(settings)
    ring = crypto.vault().ring
    old = f", {len(ring.keys) - 1} older" if len(ring.keys) > 1 else ""
    return f"{settings.secret_file} opens this database: {ring.active.id} active{old}; is the file in your backup?"


def _signatures(settings: Settings) -> str:
    from portal.cli.migrations import migration_engine, require_current
    from portal.releases.signing.health import weaknesses

    if not _exists(settings):
        raise Ill("there is no database yet: run `portal db upgrade`")
    require_current(settings.database_url)
    with migration_engine(settings.database_url).connect() as connection:
        found = weaknesses(connection, settings.public_dir, clock.now())
    if found:
        raise Weak("; ".join(found))
    return "the root key vouches for the release keys, and every pointer is valid"


def _broker(settings: Settings) -> str:
    from portal.cli.broker_check import weaknesses
    from portal.cli.migrations import migration_engine

    if settings.mqtt_url is None:
        return "there is none: boxes poll"
    _migrations(settings)
    with migration_engine(settings.database_url).connect() as connection:
        found = weaknesses(settings, connection)
    if found:
        raise Weak("; ".join(found))
    return "it takes our messages, and knows every box that is bound"


def _scanner(settings: Settings) -> str:
    from portal.media import scanning

    if settings.scan_command is None:
        return "there is none: uploads are drawn anew or read in bounds, and no scanner looks at them"
    scanning.configure(settings.scan_command)
    verdicts = scanning.try_out()
    if verdicts.harmless is scanning.Verdict.UNCHECKED:
        raise Ill("the scanner does not answer, so every upload is refused: mend it or PORTAL_SCAN_COMMAND")
    if verdicts.harmless is scanning.Verdict.FOUND:
        raise Ill(
            "the scanner finds something in a harmless file, so every upload is refused: mend it or PORTAL_SCAN_COMMAND"
        )
    if verdicts.eicar is not scanning.Verdict.FOUND:
        raise Weak(
            "the scanner lets the EICAR test file pass, which every scanner for malware knows: has it its signatures?"
        )
    return "it lets a harmless file pass and finds the EICAR test file"


def _sign_in(settings: Settings) -> str:
    from sqlalchemy import select

    from portal.accounts.models import RoleLevel
    from portal.accounts.states import ONE_FACTOR
    from portal.cli.migrations import migration_engine

    _migrations(settings)
    with migration_engine(settings.database_url).connect() as connection:
        weak = connection.scalars(select(RoleLevel.role).where(RoleLevel.level == ONE_FACTOR)).all()
    if weak:
        raise Weak(f"a password alone lets in: {', '.join(sorted(weak))}; raise the level under 认证级别")
    return f"everybody needs a second factor; passwords follow the profile {settings.password_profile}"


def _redis(settings: Settings) -> str:
    from portal.core.shared_counts import RedisAway, check_redis

    if settings.redis_url is None:
        return "not used: each process counts alone how often an address tries to sign in"
    try:
        check_redis(settings.redis_url)
    except RedisAway as error:
        raise Ill(f"Redis does not answer ({error}): each process counts alone; mend it or PORTAL_REDIS_URL") from error
    return "counts for all processes how often an address tries to sign in"


def _clock(settings: Settings) -> str:
    from sqlalchemy import text

    from portal.cli.migrations import migration_engine

    if settings.is_sqlite:
        return f"{clock.now():%Y-%m-%d %H:%M:%S} UTC"
    with migration_engine(settings.database_url).connect() as connection:
        theirs: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    apart = abs(clock.now() - theirs)
    if apart > _CLOCK_TOLERANCE:
        raise Ill(f"this machine and the database are {apart.total_seconds():.0f} s apart: run a time service on both")
    return f"{clock.now():%Y-%m-%d %H:%M:%S} UTC, as on the database"
