"""`portal init`: a new installation, and the links with which its three officers set up their accounts."""

import click

from portal.core.settings import Settings


@click.command()
def init() -> None:
    """Create database and keys, and print a one-time link for each of the three officers.

    There is no default password. Run again, it prints new links for those who have not set up their accounts, and refuses once
    all three have.
    """
    from portal.cli.db import settings_with_folder

    settings = settings_with_folder()
    _prepare(settings)
    _print_links(settings)


def _prepare(settings: Settings) -> None:
    from portal.cli import migrations
    from portal.cli.purpose import is_demo
    from portal.core.database import database
    from portal.installation import open_installation
    from portal.tenants.reference_data import fill_provinces

    migrations.upgrade(settings.database_url)
    if is_demo(settings):
        raise click.ClickException("This is the demo's database, whose accounts are public: begin with a new one.")
    open_installation(settings)
    fill_provinces(database().engine)


def _print_links(settings: Settings) -> None:
    from portal.accounts.commands.first_officers import appoint_first_officers
    from portal.accounts.commands.links import VALID_FOR
    from portal.core import clock
    from portal.core.context import COMMAND_LINE, Context
    from portal.core.database import commit, database, platform_session
    from portal.core.errors import Refused
    from portal.web.i18n import in_english

    try:
        with platform_session(writes=True) as session:
            appointed = appoint_first_officers(Context(session, COMMAND_LINE))
            commit(session)
    except Refused as refused:
        raise click.ClickException(in_english(refused.message)) from refused
    finally:
        database().dispose()
    for role, issued in appointed:
        click.echo(f"{role}  {issued.username}  {settings.base_url.rstrip('/')}/welcome/{issued.token}")
    until = (clock.now() + VALID_FOR).astimezone(clock.SHANGHAI)
    click.echo(
        f"Each link works once, until {until:%Y-%m-%d %H:%M}, and enrols a passkey. Give each to its officer alone; then run "
        "`portal serve` and have all three set up. The secret file is created: put it into your backup.",
        err=True,
    )
    click.echo(
        "Before the first box: `portal keys root FILE` makes the root key that vouches for what boxes read. Keep FILE off this machine, twice.",
        err=True,
    )
