"""What a file is, what it is for, and where a video stands that is made fit for boxes."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.core.errors import Conflict
from portal.core.messages import N_


class Kind(StrEnum):
    """A picture, a moving one, or an app; apps stand in a table of their own."""

    IMAGE = "image"
    VIDEO = "video"
    APP = "app"


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


class Stage(StrEnum):
    """Where the conversion of a video stands; whether a waiting one is being worked on says its run."""

    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What can happen to a conversion."""

    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"


# Only what waits can still become something; every end is final.
STEPS: Mapping[Step, tuple[frozenset[Stage], Stage]] = MappingProxyType(
    {
        Step.FINISH: (frozenset({Stage.WAITING}), Stage.READY),
        Step.FAIL: (frozenset({Stage.WAITING}), Stage.FAILED),
        Step.CANCEL: (frozenset({Stage.WAITING}), Stage.CANCELLED),
    }
)


def stage_after(stage: Stage, step: Step) -> Stage:
    """This function will return the stage to which `step` leads; raises `Conflict` where the conversion has already ended."""
    possible, then = STEPS[step]
    if stage not in possible:
        raise Conflict(N_("这个视频已经处理完了，请刷新页面看结果。"), code="wrong_stage")
    return then
