"""`portal audit`: checking the log and taking checkpoints of it."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from portal.accounts import signatures
from portal.audit import checkpoints
from portal.audit.models import AuditCheckpoint, AuditHead
from portal.audit.verify.findings import CannotCheck
from portal.audit.verify.opening import Outside
from portal.audit.verify.run import verify_log
from portal.core import database
from portal.core.settings import Settings, load_settings
from portal.core.settings_values import SettingsError

CLEAN, TAMPERED, UNCHECKED = 0, 1, 2
_MOST_SHOWN = 20
# below that, starting processes costs more than they bring
_WORTH_PROCESSES = 50_000


@click.group(short_help="Check the operation log.")
def audit() -> None:
    """Check the operation log, and take checkpoints of it."""


def _exits_unchecked(command: Callable[..., None]) -> Callable[..., None]:
    """Whatever keeps the log from being checked is neither clean nor tampered with."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except (CannotCheck, SettingsError, SQLAlchemyError, OSError) as error:
            click.echo(f"could not check: {error}", err=True)
            raise SystemExit(UNCHECKED) from error

    return run


@audit.command()
@click.option(
    "--checkpoint", "files", type=Path, multiple=True, help="A checkpoint kept elsewhere; may be given again."
)
@click.option("--stamps", is_flag=True, help="Check the signature of every form stamp too.")
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="How many to work with.")
@_exits_unchecked
def verify(files: tuple[Path, ...], stamps: bool, processes: int) -> None:
    """Check the whole log: exit code 0 clean, 1 tampered with, 2 could not be checked.

    Every checkpoint in the database, in PORTAL_AUDIT_DIR and in FILES has to be one of this log's.
    """
    signatures.register()
    with _opened(load_settings(os.environ)):
        outside = [_read(path) for path in (*files, *_handed_out())]
        with _executor(processes) as executor:
            report = verify_log(outside=outside, stamps=stamps, executor=executor)
    stamped = "every stamp" if stamps else "stamps not checked"
    click.echo(f"{report.records:,} records, {report.checkpoints:,} checkpoints, {stamped}")
    for finding in report.findings[:_MOST_SHOWN]:
        click.echo(f"TAMPERED {finding}")
    if report.findings:
        raise SystemExit(TAMPERED)
    click.echo("clean")


@audit.command()
@click.option("--mail", is_flag=True, help="Have it sent to PORTAL_AUDIT_MAIL too.")
@_exits_unchecked
def checkpoint(mail: bool) -> None:
    """Take a checkpoint now, hand it out to PORTAL_AUDIT_DIR and print it."""
    with _opened(load_settings(os.environ)):
        taken = _mailed() if mail else checkpoints.take_checkpoint()
    if taken is None:
        raise CannotCheck("the log has no records yet")
    click.echo(taken.note, nl=False)
    click.echo(f"in {checkpoints.folder() / checkpoints.file_name(taken)}", err=True)


def _mailed() -> AuditCheckpoint:
    from portal.administration.checkpoint_mail import mail_checkpoint
    from portal.core import outbox
    from portal.core.context import COMMAND_LINE, Context
    from portal.core.errors import Refused
    from portal.web.i18n import in_english

    try:
        with database.platform_session(writes=True) as session:
            taken = mail_checkpoint(Context(session, COMMAND_LINE))
            database.commit(session)
    except Refused as refused:
        raise CannotCheck(in_english(refused.message)) from refused
    outbox.drain()
    return taken


@contextmanager
def _opened(settings: Settings) -> Iterator[None]:
    """The installation with its database; a lost secret is not made anew, it would fit no key of the log."""
    from portal.cli import migrations
    from portal.core.secret_file import read_secret
    from portal.installation import open_installation

    read_secret(settings.secret_file, may_create=False)
    try:
        migrations.require_current(settings.database_url)
    except SQLAlchemyError as error:
        raise CannotCheck(f"the database does not answer: {str(error).splitlines()[0]}") from error
    open_installation(settings)
    try:
        yield
    finally:
        database.database().dispose()


def _read(path: Path) -> Outside:
    try:
        return Outside(str(path), path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise CannotCheck(f"{path} is not a checkpoint: it is not UTF-8") from error


def _handed_out() -> list[Path]:
    return sorted(checkpoints.folder().glob("checkpoint-*.txt"))


@contextmanager
def _executor(processes: int) -> Iterator[Executor | None]:
    """Processes to share the work, where there is enough of it."""
    with database.platform_session() as session:
        size = session.scalar(select(AuditHead.size)) or 0
    if processes == 1 or size < _WORTH_PROCESSES:
        yield None
        return
    url = database.database().url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _use_database, (url,)) as executor:
        yield executor


def _use_database(url: str) -> None:
    database.use(database.Database(url, pool_size=1))
