"""A coarse brake before everybody who proves who it is: so many requests a minute from one address, whatever they bring.

It spares the database what the limits of `attempts`, which count each try by name and factor, would write for a flood. It counts in this
process, and where there is Redis for all of them; the limits themselves stand in the database in any case.
"""

from flask import Flask, request

from portal.accounts.attempts import TooManyTries, site, subject
from portal.core.counting import seconds_left
from portal.web.client import client_address
from portal.web.hooks import counts

MOST_A_MINUTE = 600  # a hotel's whole staff may share one address
_BRAKED = ("/sign-in", "/welcome/", "/step-up/", "/captcha/", "/account/level")


def install(app: Flask) -> None:
    """This function will make `app` send away whoever asks too often."""

    @app.before_request
    def _brake() -> None:
        if not request.path.startswith(_BRAKED):
            return
        if counts().count(subject("brake", site(client_address()))) > MOST_A_MINUTE:
            raise TooManyTries(seconds_left())
