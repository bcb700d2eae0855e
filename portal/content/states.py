"""The life of a revision: its states, the acts that move it, and from where each act may start."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.core.errors import Conflict
from portal.core.messages import N_, Message


class RevisionState(StrEnum):
    """Where a revision stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    VOIDED = "voided"
    ROLLED_BACK = "rolled_back"


class Act(StrEnum):
    """What can happen to a revision."""

    EDIT = "edit"
    DISCARD = "discard"
    SHELVE = "shelve"
    LAY_ASIDE = "lay_aside"
    SUBMIT = "submit"
    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    RETURN = "return"
    VOID = "void"
    PUBLISH = "publish"
    REPUBLISH = "republish"
    TAKE_DOWN = "take_down"
    ROLL_BACK = "roll_back"


_S = RevisionState

# Act -> the states it may start from, and the one it leads to. An edit keeps a draft a draft; a discarded draft is gone, a
# shelved one, which was all there was of its object, lies in the recycle bin; one that lost a conflict is laid aside and can be brought back.
TRANSITIONS: Mapping[Act, tuple[frozenset[RevisionState], RevisionState | None]] = MappingProxyType(
    {
        Act.EDIT: (frozenset({_S.DRAFT}), _S.DRAFT),
        Act.DISCARD: (frozenset({_S.DRAFT}), None),
        Act.SHELVE: (frozenset({_S.DRAFT}), _S.WITHDRAWN),
        Act.LAY_ASIDE: (frozenset({_S.DRAFT}), _S.WITHDRAWN),
        Act.SUBMIT: (frozenset({_S.DRAFT}), _S.SUBMITTED),
        Act.SUPERSEDE: (frozenset({_S.SUBMITTED, _S.PUBLISHED}), _S.SUPERSEDED),
        Act.WITHDRAW: (frozenset({_S.SUBMITTED, _S.APPROVED}), _S.WITHDRAWN),
        Act.APPROVE: (frozenset({_S.SUBMITTED}), _S.APPROVED),
        Act.RETURN: (frozenset({_S.SUBMITTED}), _S.RETURNED),
        Act.VOID: (frozenset({_S.APPROVED}), _S.VOIDED),
        Act.PUBLISH: (frozenset({_S.APPROVED}), _S.PUBLISHED),
        Act.REPUBLISH: (frozenset({_S.SUPERSEDED}), _S.PUBLISHED),
        Act.TAKE_DOWN: (frozenset({_S.PUBLISHED}), _S.WITHDRAWN),
        Act.ROLL_BACK: (frozenset({_S.PUBLISHED}), _S.ROLLED_BACK),
    }
)

PENDING = frozenset({_S.SUBMITTED, _S.APPROVED})
WORKING = (_S.DRAFT, _S.SUBMITTED, _S.APPROVED, _S.PUBLISHED)

LABELS: Mapping[RevisionState, Message] = MappingProxyType(
    {
        _S.DRAFT: N_("草稿"),
        _S.SUBMITTED: N_("待审核"),
        _S.APPROVED: N_("已通过"),
        _S.RETURNED: N_("已退回"),
        _S.PUBLISHED: N_("已发布"),
        _S.SUPERSEDED: N_("已替代"),
        _S.WITHDRAWN: N_("已撤回"),
        _S.VOIDED: N_("已作废"),
        _S.ROLLED_BACK: N_("已回滚"),
    }
)


def can(state: RevisionState, act: Act) -> bool:
    """This function will tell whether `act` may happen to a revision in `state`."""
    return state in TRANSITIONS[act][0]


def after(state: RevisionState, act: Act) -> RevisionState | None:
    """This function will return the state to which `act` leads, None where nothing is left; raises `Conflict`."""
    if not can(state, act):
        raise Conflict(N_("这份内容现在是「%(state)s」，不能这样操作。", state=LABELS[state]), code="wrong_state")
    return TRANSITIONS[act][1]
