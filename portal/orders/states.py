"""The closed sets of words of this room."""

from enum import StrEnum

from portal.core.messages import N_, Message


class State(StrEnum):
    """Where a subscription stands at a moment; derived, never stored."""

    NOT_YET = "not_yet"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Terms(StrEnum):
    """How a subscription is paid: by the month, or as a group purchase (团购) with its first year in the boxes' price."""

    MONTHLY = "monthly"
    GROUP_PURCHASE = "group_purchase"


class ChangeKind(StrEnum):
    """What was requested for the first of the next month."""

    CHANGE = "change"
    CANCEL = "cancel"


class SuspensionReason(StrEnum):
    """Why a subscription rests."""

    ARREARS = "arrears"
    VIOLATION = "violation"


class ChargeKind(StrEnum):
    """What a charge at the time of the order is for."""

    FIRST_MONTH = "first_month"
    BOXES = "boxes"


STATE_LABELS: dict[State, Message] = {
    State.NOT_YET: N_("未生效"),
    State.ACTIVE: N_("生效中"),
    State.SUSPENDED: N_("已停用"),
    State.ENDED: N_("已终止"),
}
REASON_LABELS: dict[SuspensionReason, Message] = {
    SuspensionReason.ARREARS: N_("欠费"),
    SuspensionReason.VIOLATION: N_("违规"),
}
TERMS_LABELS: dict[Terms, Message] = {
    Terms.MONTHLY: N_("按月"),
    Terms.GROUP_PURCHASE: N_("团购"),
}
