"""The database in one file and back: SQLite by its own backup interface, PostgreSQL by pg_dump, pg_restore and psql."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from portal.cli.backup.archive import BackupRefused
from portal.core.files import sync_folder
from portal.core.row_security import MAINTENANCE

_EMPTY = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"


def dump(url: str, target: Path) -> None:
    """This function will write a consistent copy of the database to `target`, while the portal may go on writing."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(parsed.database))) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            _check_sqlite(copy)
        return
    _run(
        "pg_dump",
        parsed,
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--enable-row-security",
        f"--file={target}",
    )


def check(url: str, dumped: Path) -> None:
    """This function will raise `BackupRefused` where a dump for the database `url` is not whole."""
    if make_url(url).get_backend_name() == "sqlite":
        with closing(sqlite3.connect(dumped)) as copy:
            _check_sqlite(copy)
        return
    _run("pg_restore", None, "--list", str(dumped))


def load(url: str, dumped: Path) -> None:
    """This function will put what `dumped` holds in place of all that the database held, entirely or not at all."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _replace_sqlite(Path(str(parsed.database)), dumped)
        return
    script = dumped.with_suffix(".sql")
    _run("pg_restore", None, "--no-owner", "--no-privileges", f"--file={script}", str(dumped))
    quiet = ("--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    _run("psql", parsed, *quiet, "--single-transaction", f"--command={_EMPTY}", f"--file={script}")


def _check_sqlite(connection: sqlite3.Connection) -> None:
    try:
        found = connection.execute("PRAGMA integrity_check").fetchall()
        broken = connection.execute("PRAGMA foreign_key_check").fetchmany(1)
    except sqlite3.DatabaseError as error:
        raise BackupRefused(f"The database is damaged: {error}.") from error
    if found != [("ok",)] or broken:
        raise BackupRefused(f"The database is damaged: {found[0][0] if found != [('ok',)] else broken[0]}.")


def _replace_sqlite(path: Path, dumped: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.restored")
    shutil.copyfile(dumped, beside)
    descriptor = os.open(beside, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    for suffix in ("-wal", "-shm"):  # they belong to the database that goes, and would be played into the new one
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    beside.rename(path)
    sync_folder(path.parent)


def _run(program: str, url: URL | None, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise BackupRefused(
            f"{program} is not installed: apt-get install postgresql-client, of the server's version or later."
        )
    ended = subprocess.run([program, *arguments], env=_environment(url), capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        lines = ended.stderr.strip().splitlines() or ["no reason given"]
        raise BackupRefused(f"{program} failed: {lines[0]}")


def _environment(url: URL | None) -> dict[str, str]:
    """The way to the server in the environment: arguments of a program are seen by everybody on the machine."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if url is None:
        return given
    where = {
        "PGOPTIONS": f"-c {MAINTENANCE}",
        "PGHOST": url.query.get("host") or url.host,
        "PGPORT": url.query.get("port") or url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("sslmode"),
        "PGSSLROOTCERT": url.query.get("sslrootcert"),
    }
    return given | {name: str(value) for name, value in where.items() if value is not None}
