"""Where a deletion stands."""

from enum import StrEnum

from portal.core.messages import N_, Message


class DeletionState(StrEnum):
    """Asked, waiting for its day, being done, done; or ended before that."""

    ASKED = "asked"
    WAITING = "waiting"
    WIPING = "wiping"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


OPEN = (DeletionState.ASKED, DeletionState.WAITING, DeletionState.WIPING)
UNDOABLE = (DeletionState.ASKED, DeletionState.WAITING)

STATE_LABELS: dict[DeletionState, Message] = {
    DeletionState.ASKED: N_("等待确认"),
    DeletionState.WAITING: N_("等待期，可撤回"),
    DeletionState.WIPING: N_("正在清除"),
    DeletionState.DONE: N_("已删除"),
    DeletionState.WITHDRAWN: N_("已撤回"),
    DeletionState.DECLINED: N_("已否决"),
}
