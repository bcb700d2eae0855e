"""What the package gives the tenant whose page is open."""

from portal.core.errors import NotFound
from portal.orders.rules.entitlement import Entitlement
from portal.web.state import state


def held() -> Entitlement:
    """This function will return what the pipeline read at the beginning of this very request; `NotFound` outside of a tenant."""
    found = state().entitled
    if not isinstance(found, Entitlement):
        raise NotFound
    return found
