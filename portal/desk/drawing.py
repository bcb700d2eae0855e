"""What every drawn television of the desk shares."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from portal.core import clock

PICTURES = 6
"""How many pictures of one comparison are drawn; whoever changes more columns than that reads the table."""


def asset_url(sha256: str) -> str:
    """This function will return the console's own address of a file, which works before anything is published."""
    return url_for("media.file", sha256=sha256)


def published(*documents: Mapping[str, Any]) -> Callable[[str], str]:
    """This function will return what gives the address of a file of these published documents: where boxes fetch it.

    Anybody may see it there who may see the release, also the province, which has no business in the tenant's library.
    """
    addresses = {asset["sha256"]: asset["url"] for document in documents for asset in document["assets"]}
    return lambda sha256: addresses.get(sha256) or asset_url(sha256)


def local(at: datetime | None = None) -> datetime:
    """This function will return a moment, or without one the present, in China Standard Time, as the TV's clock shows it."""
    return (at or clock.now()).astimezone(clock.SHANGHAI)
