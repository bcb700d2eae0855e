"""What is seen to before anything runs: the database, and settings that go with a demo only."""

import signal
import subprocess
import sys

import click

from portal.cli import migrations
from portal.cli.metadata import load_metadata
from portal.cli.purpose import is_demo
from portal.core.settings import Settings, check_startup
from portal.keys.opening import open_keys


def prepare_database(settings: Settings) -> None:
    """This function will migrate the database and, where it holds nothing, load the demo data into it.

    Loading runs in a process of its own: what it leaves in memory would be carried by every server process.
    """
    url = settings.database_url
    if migrations.current_revision(url) != migrations.head_revision():
        open_installation_keys(settings)  # a migration may have to seal what was plain
        migrations.upgrade(url)
    if migrations.is_empty(url):
        click.echo("A new database: loading the demo data, once ...")
        # On SIGTERM as on Ctrl-C an exception, in which subprocess ends the child too.
        before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        loaded = subprocess.run([sys.executable, "-m", "portal.cli.main", "demo"], check=False)
        signal.signal(signal.SIGTERM, before)
        if loaded.returncode != 0:
            sys.exit(loaded.returncode)  # the child has said why


def check_installation(settings: Settings) -> None:
    """This function will raise `SettingsError` where the portal must not run.

    It must not on a database of another version, without the keys that sealed it, or with a setting for tests outside the demo.
    """
    migrations.require_current(settings.database_url)
    check_startup(settings, is_demo_database=is_demo(settings))
    open_installation_keys(settings)


def open_installation_keys(settings: Settings) -> None:
    """This function will open the installation's keys and try them on the database; raises `SettingsError`."""
    load_metadata()
    open_keys(settings, migrations.migration_engine(settings.database_url))
