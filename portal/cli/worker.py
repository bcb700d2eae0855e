"""`portal worker`: the process that does background work."""

import os

import click

from portal.core.settings import Settings, load_settings


@click.command()
def worker() -> None:
    """Run a job worker in the foreground."""
    from portal.cli.startup import check_installation
    from portal.core.running import running

    settings = load_settings(os.environ)
    with running(settings):
        check_installation(settings)
        main(settings)


def main(settings: Settings) -> None:
    """This function will work on jobs until a signal ends the process."""
    from portal.core.jobs import run_worker
    from portal.factory import open_installation

    open_installation(settings)
    run_worker()
