"""`portal backup FOLDER` and `portal restore FOLDER`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.core.settings import Settings

if TYPE_CHECKING:
    from portal.cli.backup.archive import About


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def backup(folder: Path) -> None:
    """Write a sealed backup of database, media and published files into FOLDER, also while the portal runs."""
    from portal.cli.backup import making
    from portal.cli.backup.archive import BackupRefused
    from portal.cli.startup import check_installation
    from portal.core.settings import load_settings

    settings = load_settings(os.environ)
    check_installation(settings)
    try:
        path = making.make(settings, folder)
    except BackupRefused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"{path} ({path.stat().st_size:,} bytes), read back whole.")
    click.echo(f"It opens only with {settings.secret_file}: keep a copy of that file, and keep it elsewhere.", err=True)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace what this installation holds.")
@click.option("--check", is_flag=True, help="Only read the backup to its end, and say whether it is whole.")
def restore(folder: Path, replace: bool, check: bool) -> None:
    """Bring back the backup in FOLDER; the portal must not run meanwhile."""
    from portal.cli.backup import archive, making
    from portal.cli.backup.archive import BackupRefused
    from portal.cli.db import settings_with_folder
    from portal.core import crypto
    from portal.core.running import stopped
    from portal.core.secret_file import read_secret

    settings = settings_with_folder()
    try:
        if check:
            crypto.configure(read_secret(settings.secret_file, may_create=False))
            members = making.verify(folder / archive.NAME)
            click.echo(f"{folder / archive.NAME} is whole: {members} files.")
            return
        with stopped(settings):
            about = _bring_back(settings, folder, replace=replace)
    except BackupRefused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"The backup of {about.made_at} is back. Every session has ended; start the portal now.")


def _bring_back(settings: Settings, folder: Path, *, replace: bool) -> "About":
    from portal.cli import migrations
    from portal.cli.backup import after, restoring
    from portal.cli.startup import open_installation_keys
    from portal.core import database
    from portal.core.secret_file import read_secret
    from portal.installation import open_installation
    from portal.releases import publisher

    read_secret(settings.secret_file, may_create=False)  # a new secret opens no backup
    about = restoring.restore(settings, folder, replace=replace)
    open_installation_keys(settings)
    migrations.upgrade(settings.database_url)
    open_installation(settings)
    after.settle(about)
    publisher.rest()
    database.database().dispose()
    return about
