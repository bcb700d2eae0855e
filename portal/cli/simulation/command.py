"""`portal simulate`: boxes that bind, poll, report and answer commands, and exit 1 on any violation of the contract."""

import json
import os
import sys

import click

from portal.cli.simulation.ears import Ears
from portal.cli.simulation.fleet import Fleet, simulate
from portal.cli.simulation.injecting import FAULTS
from portal.cli.simulation.line import line_to
from portal.cli.simulation.watch import Watch
from portal.core.settings import load_settings

_TENANT = "模拟企业"


@click.command("simulate")
@click.option("--boxes", type=click.IntRange(1, 100_000), required=True, help="How many boxes.")
@click.option("--seconds", type=click.FloatRange(0, 86_400), required=True, help="For how long, after all are bound.")
@click.option("--url", required=True, help="The portal's configured address.")
@click.option("--enterprise-id", help=f"Whose boxes they are; by default {_TENANT} of the demo data.")
@click.option("--installer-phone", help="A phone that an open installation job of the enterprise names.")
@click.option("--model", default="E900-S", show_default=True, help="Which model they say they are.")
@click.option("--herd", is_flag=True, help="Once all are bound they come back at one moment, as after an outage.")
@click.option("--inject", type=click.Choice(sorted(FAULTS)), help="A fault in the line, which has to be found.")
def simulate_boxes(  # noqa: PLR0913, PLR0917 - one for each option
    boxes: int,
    seconds: float,
    url: str,
    enterprise_id: str | None,
    installer_phone: str | None,
    model: str,
    herd: bool,
    inject: str | None,
) -> None:
    """Bind boxes and let them live; prints latencies, and exits with 1 on any violation of the contract."""
    if enterprise_id is None or installer_phone is None:
        enterprise_id, installer_phone = _of_the_demo()
    watch = Watch()
    around = FAULTS[inject] if inject else lambda send: send
    fleet = Fleet(boxes, seconds, url.rstrip("/"), enterprise_id, installer_phone, model, herd)
    ca_file = load_settings(os.environ).mqtt_ca_file
    ears = Ears(str(ca_file) if ca_file else None)
    simulate(fleet, lambda: around(line_to(fleet.url)), watch, ears.listen)
    ears.close()
    for line in watch.lines():
        click.echo(line)
    if watch.violations:
        sys.exit(1)


def _of_the_demo() -> tuple[str, str]:
    path = load_settings(os.environ).demo_file
    try:
        tenants = json.loads(path.read_text(encoding="utf-8"))["tenants"]
        found = next(each for each in tenants if each["name"].startswith(_TENANT))
    except (OSError, StopIteration) as error:
        raise click.ClickException(
            f"{path} names no {_TENANT}: give --enterprise-id and --installer-phone, or start with the demo data."
        ) from error
    return found["enterprise_id"], found["installer_phone"]
