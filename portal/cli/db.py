"""`portal db`: the schema, up and down."""

import os

import click

from portal.core.settings import Settings, load_settings


@click.group(short_help="Migrate the database.")
def db() -> None:
    """Migrate the database."""


@db.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database up to REVISION, the newest by default."""
    from portal.cli import migrations
    from portal.cli.startup import open_installation_keys

    settings = settings_with_folder()
    open_installation_keys(settings)
    migrations.upgrade(settings.database_url, revision)
    click.echo(_state(settings))


@db.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the database down to REVISION; `base` removes every table with all that it holds."""
    from portal.cli import migrations
    from portal.cli.startup import open_installation_keys

    settings = load_settings(os.environ)
    open_installation_keys(settings)
    migrations.downgrade(settings.database_url, revision)
    click.echo(_state(settings))


@db.command()
def current() -> None:
    """Say which revision the database is at."""
    click.echo(_state(load_settings(os.environ)))


def settings_with_folder() -> Settings:
    """This function will return the settings, with the folder for the installation's files in place, closed to others."""
    settings = load_settings(os.environ)
    settings.instance_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return settings


def _state(settings: Settings) -> str:
    from portal.cli import migrations

    at, head = migrations.current_revision(settings.database_url), migrations.head_revision()
    return f"{at or 'none'} (newest)" if at == head else f"{at or 'none'} (newest is {head})"
