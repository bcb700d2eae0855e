"""The kinds of release and what they are called."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.core.messages import N_, Message


class ReleaseState(StrEnum):
    """Decided and being written (发布中), or written and seen by boxes."""

    PUBLISHING = "publishing"
    PUBLISHED = "published"


class ReleaseKind(StrEnum):
    """Why a release was made."""

    PUBLISH = "publish"
    SCHEDULED = "scheduled"
    URGENT = "urgent"
    SYSTEM = "system"
    ROLLBACK = "rollback"
    TAKE_DOWN = "take_down"


LABELS: Mapping[ReleaseKind, Message] = MappingProxyType(
    {
        ReleaseKind.PUBLISH: N_("发布"),
        ReleaseKind.SCHEDULED: N_("定时发布"),
        ReleaseKind.URGENT: N_("加急发布"),
        ReleaseKind.SYSTEM: N_("系统发布"),
        ReleaseKind.ROLLBACK: N_("回滚"),
        ReleaseKind.TAKE_DOWN: N_("下架"),
    }
)
