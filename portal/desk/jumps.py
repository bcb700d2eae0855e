"""The ways from a page to each change on the television, in the reader's language."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from portal.core.clock import SHANGHAI
from portal.desk.screens import Screen
from portal.desk.spots import Spot
from portal.releases.comparison import Difference
from portal.review.showing import place
from portal.web.formats import short_moment


@dataclass(frozen=True)
class Jump:
    """One change: where it is seen, what it is called, a sentence about when, and the address that shows its still."""

    spot: Spot
    place: str
    when: str
    href: str
    current: bool


def jumps_of(
    changes: Sequence[Difference], spots: Sequence[Spot], asked: str, address: Callable[[int], str]
) -> Sequence[Jump]:
    """This function will return a jump for every change that the televisions show; the one `asked` for, or the first, is current."""
    places = {change.number: place(change.either) for change in changes}
    numbers = [spot.number for spot in spots]
    here = int(asked) if asked.isdecimal() and int(asked) in numbers else next(iter(numbers), None)
    return [Jump(spot, places[spot.number], _when(spot), address(spot.number), spot.number == here) for spot in spots]


def screen_of(screens: Sequence[Screen], jumps: Sequence[Jump]) -> Screen:
    """This function will return the still picture for the current jump: the screen with its number, or the desktop."""
    here = next((jump.spot.number for jump in jumps if jump.current), None)
    return next((screen for screen in screens if here in screen.numbers), Screen("desktop", ()))


def _when(spot: Spot) -> str:
    if spot.over:
        return str(_("这一项的时段已经过去，电视上不会再出现。"))
    if not spot.at:
        return ""
    at = datetime.fromisoformat(spot.at).replace(tzinfo=SHANGHAI)
    return str(_("电视转到 %(at)s，这一项那时才出现。", at=short_moment(at)))
