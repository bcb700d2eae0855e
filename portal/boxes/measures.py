"""What Prometheus is told of the fleet: how many boxes are how, never which."""

from collections.abc import Mapping

from portal.boxes.queries import fleet
from portal.core import clock
from portal.core.database import system_session
from portal.core.metrics import gauge


@gauge("portal_boxes", "Bound boxes by how they are.", "health")
def count_boxes() -> Mapping[str, int]:
    """This function will return the number of boxes by health, over all tenants."""
    with system_session(reason="how the fleet is") as system:
        return {health.value: count for health, count in fleet.tally(system, None, clock.now()).health.items()}
