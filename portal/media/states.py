"""What a file is, and what it is for."""

from enum import StrEnum


class Kind(StrEnum):
    """A picture or a moving one."""

    IMAGE = "image"
    VIDEO = "video"


class Purpose(StrEnum):
    """The place on the TV that a file was prepared for; it decides about ratio and size."""

    LOGO = "logo"
    SLOT_LARGE = "slot_large"
    SLOT_MIDDLE = "slot_middle"
    SLOT_SMALL = "slot_small"
    ITEM = "item"
    AD = "ad"
    FRAME = "frame"
    ICON = "icon"
