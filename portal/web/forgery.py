"""Forms that come without the token of their page: refused, and recorded like other denials, but never by the dozen."""

from flask import request

from portal.audit.events import Event
from portal.audit.log import DENIED, record_apart
from portal.core.counting import Counts
from portal.core.crypto import vault
from portal.core.logs import get_logger
from portal.web.hooks import counts
from portal.web.sessions import current_session
from portal.web.state import state

# Whoever wants to fill the log needs no account for it. What is beyond is still refused, and stands in the lines of the server.
MOST_OF_AN_ADDRESS, MOST_OF_ALL = 10, 100

_log = get_logger()


def record_forgery() -> None:
    """This function will record that the current request brought no token of ours, so many a minute at most."""
    current, signed_in = state(), current_session().signed_in
    if _are_many(counts(), current.meta.address):
        _log.warning("a form without its token, not recorded: there are many", request_id=current.meta.request_id)
        return
    record_apart(
        signed_in.actor if signed_in else current.actor,
        current.meta,
        signed_in.tenant if signed_in else None,
        Event.ACCESS_DENIED,
        outcome=DENIED,
        permission="",
        method=request.method,
        path=request.path[:200],
        code="csrf",
    )


def _are_many(counted: Counts, address: str) -> bool:
    place = vault().fingerprint(address, "forms without a token")
    return counted.count(f"forgery:{place}") > MOST_OF_AN_ADDRESS or counted.count("forgery") > MOST_OF_ALL
