"""The table of transitions, as it is drawn in the domain rules."""

import pytest

from portal.content.states import LABELS, TRANSITIONS, Act, RevisionState, after, can
from portal.core.errors import Conflict

S = RevisionState

ALLOWED = {
    (S.DRAFT, Act.EDIT): S.DRAFT,
    (S.DRAFT, Act.DISCARD): None,
    (S.DRAFT, Act.SHELVE): S.WITHDRAWN,
    (S.DRAFT, Act.LAY_ASIDE): S.WITHDRAWN,
    (S.DRAFT, Act.SUBMIT): S.SUBMITTED,
    (S.SUBMITTED, Act.SUPERSEDE): S.SUPERSEDED,
    (S.SUBMITTED, Act.WITHDRAW): S.WITHDRAWN,
    (S.SUBMITTED, Act.APPROVE): S.APPROVED,
    (S.SUBMITTED, Act.RETURN): S.RETURNED,
    (S.APPROVED, Act.WITHDRAW): S.WITHDRAWN,
    (S.APPROVED, Act.VOID): S.VOIDED,
    (S.APPROVED, Act.PUBLISH): S.PUBLISHED,
    (S.PUBLISHED, Act.SUPERSEDE): S.SUPERSEDED,
    (S.PUBLISHED, Act.TAKE_DOWN): S.WITHDRAWN,
    (S.PUBLISHED, Act.ROLL_BACK): S.ROLLED_BACK,
    (S.SUPERSEDED, Act.REPUBLISH): S.PUBLISHED,
}


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("state", list(S))
def test_act_leads_where_the_domain_rules_say(state: RevisionState, act: Act) -> None:
    if (state, act) in ALLOWED:
        assert after(state, act) is ALLOWED[state, act]
        return

    assert not can(state, act)
    with pytest.raises(Conflict) as refused:
        after(state, act)
    assert refused.value.code == "wrong_state"
    assert str(LABELS[state]) in str(refused.value.message)


def test_every_act_has_a_transition_and_every_state_a_name() -> None:
    assert set(TRANSITIONS) == set(Act)
    assert set(LABELS) == set(S)


def test_what_was_rolled_back_withdrawn_returned_or_voided_never_comes_back() -> None:
    dead_ends = {state for state in S if not any(can(state, act) for act in Act)}

    assert dead_ends == {S.RETURNED, S.WITHDRAWN, S.VOIDED, S.ROLLED_BACK}
