"""The life of an application: its states, the acts that move it, and from where each act may start."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.core.errors import Conflict
from portal.core.messages import N_, Message


class ApplicationState(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What can happen to an application."""

    DRAFT = "draft"
    CHANGE = "change"
    SUBMIT = "submit"
    TAKE_BACK = "take_back"
    RETURN = "return"
    APPROVE = "approve"
    GIVE_UP = "give_up"


_S = ApplicationState

# Act -> the states it may start from, and the one it leads to; None keeps the state.
TRANSITIONS: Mapping[Act, tuple[frozenset[ApplicationState], ApplicationState | None]] = MappingProxyType(
    {
        Act.CHANGE: (frozenset({_S.DRAFT, _S.RETURNED}), None),
        Act.SUBMIT: (frozenset({_S.DRAFT, _S.RETURNED}), _S.SUBMITTED),
        Act.TAKE_BACK: (frozenset({_S.SUBMITTED}), _S.DRAFT),
        Act.RETURN: (frozenset({_S.SUBMITTED}), _S.RETURNED),
        Act.APPROVE: (frozenset({_S.SUBMITTED}), _S.APPROVED),
        Act.GIVE_UP: (frozenset({_S.DRAFT, _S.RETURNED}), _S.WITHDRAWN),
    }
)

WRITING = frozenset({Act.DRAFT, Act.CHANGE, Act.SUBMIT})

STATE_LABELS: Mapping[ApplicationState, Message] = MappingProxyType(
    {
        _S.DRAFT: N_("草稿"),
        _S.SUBMITTED: N_("待审批"),
        _S.RETURNED: N_("已退回"),
        _S.APPROVED: N_("已通过"),
        _S.WITHDRAWN: N_("已作废"),
    }
)

ACT_LABELS: Mapping[Act, Message] = MappingProxyType(
    {
        Act.DRAFT: N_("起草"),
        Act.CHANGE: N_("修改"),
        Act.SUBMIT: N_("提交"),
        Act.TAKE_BACK: N_("撤回修改"),
        Act.RETURN: N_("退回"),
        Act.APPROVE: N_("通过"),
        Act.GIVE_UP: N_("作废"),
    }
)


def may_start(state: ApplicationState, act: Act) -> bool:
    """This function will tell whether `act` may happen to an application in `state`."""
    return state in TRANSITIONS[act][0]


def after(state: ApplicationState, act: Act) -> ApplicationState:
    """This function will return the state that `act` leads to; raises `Conflict` where it may not start from `state`."""
    before, leads_to = TRANSITIONS[act]
    if state not in before:
        raise Conflict(
            N_("这份申请现在是「%(state)s」，不能这样做。", state=STATE_LABELS[state]), code="application_moved_on"
        )
    return leads_to or state
