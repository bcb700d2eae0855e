"""The ten places of the first desktop page: how large each is on the TV, and so for what a picture is made fit."""

from collections.abc import Mapping
from typing import Final

from portal.content.limits import SLOT_POSITIONS
from portal.core.messages import N_, Message
from portal.media.limits import SHAPES, Shape
from portal.media.states import Purpose

# One large tile, a square of four middle ones beside it, a row of small ones below.
_LARGE, _LAST_MIDDLE = 1, 5

SIZE_LABELS: Final[Mapping[Purpose, Message]] = {
    Purpose.SLOT_LARGE: N_("大格"),
    Purpose.SLOT_MIDDLE: N_("中格"),
    Purpose.SLOT_SMALL: N_("小格"),
}


def purpose_of(position: int) -> Purpose:
    """This function will return what a picture at a position (1 to the last) is made fit for."""
    if position == _LARGE:
        return Purpose.SLOT_LARGE
    return Purpose.SLOT_MIDDLE if position <= _LAST_MIDDLE else Purpose.SLOT_SMALL


def shape_of(position: int) -> Shape:
    """This function will return the size in pixels of a position on a 1920x1080 screen."""
    return SHAPES[purpose_of(position)]


def is_position(number: object) -> bool:
    """This function will tell whether there is a position of this number."""
    return isinstance(number, int) and 1 <= number <= SLOT_POSITIONS
