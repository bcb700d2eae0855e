"""What every drawn television of the desk shares."""

from datetime import datetime

from flask import url_for

from portal.core import clock

PICTURES = 6
"""How many pictures of one comparison are drawn; whoever changes more columns than that reads the table."""


def asset_url(sha256: str) -> str:
    """This function will return the console's own address of a file, which works before anything is published."""
    return url_for("media.file", sha256=sha256)


def local(at: datetime | None = None) -> datetime:
    """This function will return a moment, or without one the present, in China Standard Time, as the TV's clock shows it."""
    return (at or clock.now()).astimezone(clock.SHANGHAI)
