"""How an installation job can stand, and the steps of an enterprise ID on its way to the installer."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.core.messages import N_, Message


class JobState(StrEnum):
    """Boxes are bound at once only under an open job (进行中); 已满, 已过期 and 已关闭 let them wait."""

    OPEN = "open"
    FULL = "full"
    EXPIRED = "expired"
    CLOSED = "closed"


class Step(StrEnum):
    """To whom the enterprise ID is handed: the customer manager first, then the installer."""

    MANAGER = "manager"
    INSTALLER = "installer"


STATE_LABELS: Mapping[JobState, Message] = MappingProxyType(
    {
        JobState.OPEN: N_("进行中"),
        JobState.FULL: N_("已满"),
        JobState.EXPIRED: N_("已过期"),
        JobState.CLOSED: N_("已关闭"),
    }
)

STEP_LABELS: Mapping[Step, Message] = MappingProxyType({Step.MANAGER: N_("客户经理"), Step.INSTALLER: N_("装维员")})
