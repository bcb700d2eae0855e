"""The payload of a marquee."""

from typing import Annotated, Literal

from pydantic import Field

from portal.content.fields import LINE, Colour, Payload, Priority
from portal.content.limits import MARQUEE_CHARACTERS

Speed = Literal["slow", "normal", "fast"]
Edge = Literal["top", "bottom"]


class Marquee(Payload):
    """A message that runs over the desktop, and over the ad loop where `over_ads` says so.

    `urgent` lets it be published alone, ahead of everything pending; it does not change how it looks.
    """

    text: Annotated[str, Field(min_length=1, max_length=MARQUEE_CHARACTERS), LINE]
    colour: Colour = "#ffffff"
    speed: Speed = "normal"
    edge: Edge = "bottom"
    priority: Priority = 0
    urgent: bool = False
    over_ads: bool = False
