"""A coarse brake before everybody who proves who it is: so many requests a minute from one address, whatever they bring.

It spares the database what the limits of `attempts`, which count each try by name and factor, would write for a flood. It counts in this
process, and where there is Redis for all of them; the limits themselves stand in the database in any case.
"""

from flask import Flask, current_app, request

from portal.accounts.attempts import TooManyTries, site, subject
from portal.core.counting import Counts, seconds_left
from portal.web.client import client_address

MOST_A_MINUTE = 600  # a hotel's whole staff may share one address
COUNTS = "portal_counts"
_BRAKED = ("/sign-in", "/welcome/", "/step-up/", "/captcha/", "/account/level")


def install(app: Flask, counts: Counts) -> None:
    """This function will make `app` send away whoever asks too often."""
    app.extensions[COUNTS] = counts

    @app.before_request
    def _brake() -> None:
        if not request.path.startswith(_BRAKED):
            return
        counts: Counts = current_app.extensions[COUNTS]
        if counts.count(subject("brake", site(client_address()))) > MOST_A_MINUTE:
            raise TooManyTries(seconds_left())
