"""`portal worker`: the process that does background work."""

import os

import click

from portal.core.settings import Settings, load_settings

_MINUTE = 60


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
    """This function will work on jobs until a signal ends the process; on a demo the demo's boxes are one of them."""
    from portal.cli.purpose import is_demo
    from portal.core import metrics
    from portal.core.jobs import every, run_worker
    from portal.installation import open_installation

    open_installation(settings)
    if is_demo(settings) and settings.is_loopback:
        from portal.cli.demo.hearing import keep_heard

        every(seconds=_MINUTE)(keep_heard)
    if metrics.is_on() and settings.metrics_address is not None:
        from portal.cli import prometheus

        prometheus.listen(*settings.metrics_address)
    run_worker()
