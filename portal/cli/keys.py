"""`portal keys`: the keys that seal fields, listed, rotated, retired."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click

from portal.core.secret_file import KeyFile


@click.group(short_help="List, rotate and retire the keys.")
def keys() -> None:
    """List, rotate and retire the keys that seal fields."""


@keys.command("list")
def list_keys() -> None:
    """Say which keys there are, which one is active, and how many values still need each."""
    from portal.core import crypto
    from portal.core.database import system_session
    from portal.keys.queries import count_by_key

    with _opened():
        ring = crypto.vault().ring
        with system_session(reason="keys that are needed") as session:
            needed = count_by_key(session)
    for key in reversed(ring.keys):
        state = "active" if key == ring.active else "old"
        click.echo(f"{key.id}  {state:<6}  since {_day(key.made_at):<16}  seals {needed.get(key.id, 0)} values")
    for key_id in sorted(needed.keys() - {key.id for key in ring.keys}):
        click.echo(f"{key_id}  LOST    {needed[key_id]} values cannot be opened: bring this key back", err=True)
    if needed.keys() - {key.id for key in ring.keys}:
        raise SystemExit(1)


@keys.command()
def rotate() -> None:
    """Make a new key the active one, also in running processes; the job worker then seals every value anew."""
    from portal.core.context import COMMAND_LINE
    from portal.keys import commands

    with _opened() as file:
        key_id = commands.rotate(COMMAND_LINE, file)
    click.echo(f"{key_id} is active, also for what runs. Back up {file.path} now: older copies do not hold this key.")
    click.echo(
        "The job worker seals every value anew; `portal keys list` says how many still need an older key.", err=True
    )


@keys.command()
@click.argument("key_id")
def retire(key_id: str) -> None:
    """Take the old key KEY_ID out of the ring for good; what it still seals is sealed anew first."""
    from portal.core.context import COMMAND_LINE
    from portal.keys import commands

    with _opened() as file:
        commands.retire(COMMAND_LINE, file, key_id)
    click.echo(f"{key_id} is gone from {file.path}.")


@contextmanager
def _opened() -> Iterator[KeyFile]:
    """The installation's database, keys and models; what a rule refuses is said in a sentence."""
    from portal.cli.startup import check_installation
    from portal.core import database
    from portal.core.settings import load_settings
    from portal.keys.commands import StillNeeded

    settings = load_settings(os.environ)
    check_installation(settings)
    opened = database.Database(settings.database_url)
    database.use(opened)
    try:
        yield KeyFile(settings.secret_file)
    except StillNeeded as needed:
        raise click.ClickException(str(needed)) from needed
    finally:
        opened.dispose()


def _day(at: datetime | None) -> str:
    from portal.core.clock import SHANGHAI

    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else "the beginning"
