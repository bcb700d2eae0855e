"""What Prometheus is told of releases."""

from portal.core.database import system_session
from portal.core.metrics import gauge
from portal.releases.queries import unfinished


@gauge("portal_publications_unfinished", "Releases that were decided and whose files are not all written.")
def count_unfinished() -> int:
    """This function will return how many publications are not finished, over all tenants."""
    with system_session(reason="how many publications are not finished") as system:
        return len(unfinished(system))
