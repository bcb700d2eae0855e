"""`portal keys`: the keys that seal fields and those that sign what boxes read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.core.secret_file import KeyFile

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(short_help="List, rotate and retire the keys.")
def keys() -> None:
    """The keys that seal fields, and those that sign what boxes read."""


@keys.command("list")
def list_keys() -> None:
    """Say which keys there are, which are active, and how many values still need each of those that seal."""
    from portal.core import crypto
    from portal.core.database import system_session
    from portal.keys.queries import count_by_key

    with _opened():
        ring = crypto.vault().ring
        with system_session(reason="keys that are needed") as session:
            needed = count_by_key(session)
            signing = [*_signing_lines(session), *_audit_lines(session)]
    for key in reversed(ring.keys):
        state = "active" if key == ring.active else "old"
        click.echo(f"{key.id}  {state:<6}  since {_day(key.made_at):<16}  seals {needed.get(key.id, 0)} values")
    for line in signing:
        click.echo(line)
    for key_id in sorted(needed.keys() - {key.id for key in ring.keys}):
        click.echo(f"{key_id}  LOST    {needed[key_id]} values cannot be opened: bring this key back", err=True)
    if needed.keys() - {key.id for key in ring.keys}:
        raise SystemExit(1)


@keys.command()
@click.option("--release", is_flag=True, help="The keys that sign what boxes read, in place of those that seal fields.")
@click.option("--audit", is_flag=True, help="The key that signs the log's stamps and checkpoints.")
@click.option("--root", type=_FILE, help="The file of the root key, which signs the list of release keys.")
def rotate(release: bool, audit: bool, root: Path | None) -> None:
    """Make a new key the active one, also in running processes; the job worker then seals every value anew."""
    if release and audit:
        raise click.UsageError("say --release or --audit, not both")
    if release:
        _rotate_release(root)
        return
    if audit:
        _rotate_audit()
        return
    from portal.core.context import COMMAND_LINE
    from portal.keys import commands

    with _opened() as file:
        key_id = commands.rotate(COMMAND_LINE, file)
    click.echo(f"{key_id} is active, also for what runs. Back up {file.path} now: older copies do not hold this key.")
    click.echo(
        "The job worker seals every value anew; `portal keys list` says how many still need an older key.", err=True
    )


@keys.command()
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--old", type=_FILE, help="The file of the root key that boxes rely on now, which vouches for another one."
)
def root(path: Path, old: Path | None) -> None:
    """Make the root key, write it to FILE, and sign the list of release keys; then move FILE off this machine."""
    from portal.cli.root_file import keep, read
    from portal.core.context import COMMAND_LINE
    from portal.releases.signing import commands

    with _opened():
        if old is None:
            kid = commands.make_root(COMMAND_LINE, lambda private: keep(path, private))
        else:
            kid = commands.replace_root(COMMAND_LINE, read(old), lambda private: keep(path, private))
    click.echo(
        f"The root key {kid} is in {path}. Move it to two places off this machine: boxes trust it, and whoever has it."
    )


@keys.command("show-root")
def show_root() -> None:
    """Print the root key's public part, which box makers need."""
    import json

    from portal.core.database import platform_session
    from portal.releases.signing.ring import current_root

    with _opened(), platform_session() as session:
        found = current_root(session)
    if found is None:
        raise click.ClickException("There is no root key yet: run `portal keys root FILE`.")
    click.echo(json.dumps(found.public_jwk, indent=1))


# One key in sixty-four has a name that begins with a dash; it is a name all the same, and no option.
@keys.command(context_settings={"ignore_unknown_options": True})
@click.argument("kid")
@click.option(
    "--root", type=_FILE, required=True, help="The file of the root key, which signs the list of release keys."
)
@click.option("--reason", required=True, help="Why, for the log.")
def revoke(kid: str, root: Path, reason: str) -> None:
    """Revoke the release key KID for good: boxes reject what it signed, and every pointer is signed anew."""
    from portal.cli.root_file import read
    from portal.core.context import COMMAND_LINE
    from portal.releases.renewal import renew_all
    from portal.releases.signing import commands

    with _opened():
        made = commands.revoke_release_key(COMMAND_LINE, read(root), kid, reason)
        renewed = renew_all()
    click.echo(
        f"{kid} is revoked. New keys: {', '.join(made) or 'none'}. Signed anew: the pointers of {renewed} enterprises."
    )


def _rotate_audit() -> None:
    from portal.core.context import COMMAND_LINE, Context
    from portal.core.database import commit, platform_session
    from portal.keys.commands import rotate_audit_key

    with _opened(), platform_session(writes=True) as session:
        made = rotate_audit_key(Context(session, COMMAND_LINE))
        commit(session)
    click.echo(
        f"{made} signs stamps and checkpoints from now on. Hand out its verifier key: `portal keys list` prints it."
    )


def _rotate_release(root: Path | None) -> None:
    from portal.cli.root_file import read
    from portal.core.context import COMMAND_LINE
    from portal.releases.renewal import renew_all
    from portal.releases.signing import commands

    if root is None:
        raise click.UsageError("the root key signs the list of release keys: say --root FILE")
    with _opened():
        made = commands.rotate_release_keys(COMMAND_LINE, read(root))
        renewed = renew_all()
    click.echo(f"New release keys: {', '.join(made)}. Signed anew: the pointers of {renewed} enterprises.")


def _signing_lines(session: "Session") -> list[str]:
    """The keys that sign, newest first, and what is lacking."""
    from portal.releases.signing.ring import current_root, newest_key_set, release_keys

    lines = [
        f"{row.kid}  {row.state:<7}  {row.algorithm:<7}  since {_day(row.made_at)}" for row in release_keys(session)
    ]
    known, newest = current_root(session), newest_key_set(session)
    lines.append(
        f"{known.kid}  root     its private part is not here" if known else "no root key: run `portal keys root FILE`"
    )
    if newest is not None:
        lines.append(f"list of release keys: version {newest.version}, {'signed' if newest.jws else 'NOT signed'}")
    return lines


def _audit_lines(session: "Session") -> list[str]:
    """The keys of the log: those that sign, newest first, with what verifiers take, and how many seal."""
    from portal.audit.key_list import key_list

    found = key_list(session)
    lines = [
        f"{key.id}  {'audit' if key.last_seq is None else 'retired'}  since {_day(key.made_at)}"
        f"{'' if key.last_seq is None else f', up to record {key.last_seq}'}  {key.verifier}"
        for key in found.signing
    ]
    return [*lines, f"keys of records: {found.sealing} in use, {found.destroyed} destroyed"]


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
    from portal.installation import open_installation
    from portal.keys.commands import StillNeeded
    from portal.releases import publisher
    from portal.releases.signing.commands import KeysRefused

    settings = load_settings(os.environ)
    check_installation(settings)
    open_installation(settings)
    try:
        yield KeyFile(settings.secret_file)
    except (StillNeeded, KeysRefused) as refused:
        raise click.ClickException(str(refused)) from refused
    finally:
        publisher.rest()
        database.database().dispose()


def _day(at: datetime | None) -> str:
    from portal.core.clock import SHANGHAI

    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else "the beginning"
