"""The pure decision, against a model that does it the slow way, and its rules one by one."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.access.acl import (
    ANY_PERMISSION,
    ROOT,
    Decision,
    Effect,
    Entry,
    Index,
    Path,
    Place,
    Reach,
    Subject,
    Why,
    decide,
    presume,
)

ANNA, EDITORS, NIGHT = Subject("user", "anna"), Subject("role", "tenant_editor"), Subject("group", "night")
EAST, SHOP = Place("group", "east"), Place("group", "shop")
SECRET = Place("class", "sensitive")
SHOP_PATH: Path = (SHOP, EAST, ROOT)
SECRET_PATH: Path = (SECRET, ROOT)
EDIT = "content:edit"


def entry(place: Place, effect: Effect, subject: Subject, permission: str = EDIT, name: str = "1") -> Entry:
    return Entry(name, place, permission, effect, subject)


def allowed(*entries: Entry, paths: tuple[Path, ...] = (SHOP_PATH,), reach: Reach = Reach.HELD) -> Decision:
    return decide(Index(entries), (ANNA, NIGHT, EDITORS), EDIT, paths, reach)


def test_without_entries_the_policy_decides() -> None:
    assert allowed() == Decision(True, Why.POLICY_ALLOWS)
    assert allowed(reach=Reach.BY_LIST) == Decision(False, Why.NEEDS_ENTRY)
    assert allowed(reach=Reach.NONE) == Decision(False, Why.POLICY_REFUSES)


def test_no_entry_gives_what_the_policy_does_not() -> None:
    given_everything = entry(ROOT, Effect.ALLOW, ANNA, ANY_PERMISSION)

    assert allowed(given_everything, reach=Reach.NONE) == Decision(False, Why.POLICY_REFUSES)
    assert allowed(given_everything, reach=Reach.BY_LIST) == Decision(True, Why.LISTED, given_everything, ROOT)


def test_deny_of_one_group_wins_over_every_allow() -> None:
    for_her, for_all, against = (
        entry(SHOP, Effect.ALLOW, ANNA),
        entry(ROOT, Effect.ALLOW, EDITORS, ANY_PERMISSION),
        entry(EAST, Effect.DENY, NIGHT),
    )

    assert allowed(for_her, for_all, against) == Decision(False, Why.DENIED, against, EAST)


def test_deny_above_holds_below_and_not_beside() -> None:
    against = entry(EAST, Effect.DENY, EDITORS)

    assert allowed(against).allowed is False
    assert allowed(against, paths=((Place("group", "west"), ROOT),)).allowed is True


def test_list_is_closed_to_whom_it_does_not_name() -> None:
    other = entry(EAST, Effect.ALLOW, Subject("user", "bo"))

    assert allowed(other) == Decision(False, Why.NOT_LISTED, None, EAST)


def test_nearest_list_counts() -> None:
    above, here = entry(ROOT, Effect.ALLOW, Subject("user", "bo")), entry(SHOP, Effect.ALLOW, ANNA)

    assert allowed(above, here) == Decision(True, Why.LISTED, here, SHOP)
    assert allowed(above).allowed is False


def test_every_path_has_to_let_pass() -> None:
    here, secret = entry(SHOP, Effect.ALLOW, ANNA), entry(SECRET, Effect.ALLOW, Subject("user", "bo"))

    assert allowed(here, secret, paths=(SHOP_PATH, SECRET_PATH)) == Decision(False, Why.NOT_LISTED, None, SECRET)


def test_entry_for_another_permission_says_nothing() -> None:
    assert allowed(entry(ROOT, Effect.DENY, ANNA, "content:submit")) == Decision(True, Why.POLICY_ALLOWS)


def test_asked_of_nothing_in_particular_only_a_denial_of_the_whole_list_says_no() -> None:
    subjects = (ANNA, EDITORS)
    closed, against = entry(ROOT, Effect.ALLOW, Subject("user", "bo")), entry(ROOT, Effect.DENY, EDITORS)

    assert presume(Index([closed, entry(EAST, Effect.DENY, ANNA)]), subjects, EDIT).allowed is True
    assert presume(Index([against]), subjects, EDIT) == Decision(False, Why.DENIED, against, ROOT)


UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault
PLACES = st.sampled_from([ROOT, EAST, SHOP, SECRET, Place("object", "column")])
SUBJECTS = st.sampled_from([ANNA, EDITORS, NIGHT, Subject("user", "bo"), Subject("role", "tenant_admin")])
PERMISSIONS = st.sampled_from([EDIT, "content:submit", ANY_PERMISSION])
ENTRIES = st.lists(
    st.builds(Entry, st.uuids().map(str), PLACES, PERMISSIONS, st.sampled_from(Effect), SUBJECTS), max_size=12
)
PATHS = st.lists(st.lists(PLACES, max_size=3, unique=True).map(lambda places: (*places, ROOT)), min_size=1, max_size=3)


def naive(
    entries: list[Entry], subjects: tuple[Subject, ...], permission: str, paths: list[Path], reach: Reach
) -> bool:
    """The rules read aloud, over all entries, with no index."""
    relevant = [one for one in entries if one.permission in {permission, ANY_PERMISSION}]
    mine = [one for one in relevant if one.subject in subjects]
    if reach is Reach.NONE or any(one.effect is Effect.DENY and one.place in path for one in mine for path in paths):
        return False
    passed = []
    for path in paths:
        lists = [[one for one in relevant if one.effect is Effect.ALLOW and one.place == place] for place in path]
        nearest = next((listed for listed in lists if listed), None)
        if nearest is not None:
            passed.append(any(one.subject in subjects for one in nearest))
    return all(passed) and (bool(passed) or reach is Reach.HELD)


@UNHURRIED
@given(ENTRIES, st.lists(SUBJECTS, min_size=1, max_size=3, unique=True), PATHS, st.sampled_from(Reach))
def test_decision_is_that_of_the_naive_model(
    entries: list[Entry], subjects: list[Subject], paths: list[Path], reach: Reach
) -> None:
    who = tuple(subjects)

    assert decide(Index(entries), who, EDIT, paths, reach).allowed == naive(entries, who, EDIT, paths, reach)


@UNHURRIED
@given(ENTRIES, st.lists(SUBJECTS, min_size=1, max_size=3, unique=True), PATHS, st.sampled_from(Reach))
def test_decision_names_the_entry_that_decides(
    entries: list[Entry], subjects: list[Subject], paths: list[Path], reach: Reach
) -> None:
    """Without the entry that a denial names, and all others that deny her, she would not be denied by one."""
    found = decide(Index(entries), tuple(subjects), EDIT, paths, reach)

    if found.why in {Why.DENIED, Why.LISTED}:
        assert found.entry is not None
        assert found.entry.subject in subjects
        assert (found.entry.effect is Effect.DENY) == (found.why is Why.DENIED)
        assert any(found.entry.place in path for path in paths)
    if found.why is Why.NOT_LISTED:
        assert any(one.place == found.place and one.effect is Effect.ALLOW for one in entries)


@UNHURRIED
@given(ENTRIES, PATHS, st.sampled_from([Reach.HELD, Reach.BY_LIST]))
def test_one_more_denial_never_opens_anything(entries: list[Entry], paths: list[Path], reach: Reach) -> None:
    more = [*entries, entry(SHOP, Effect.DENY, ANNA)]
    who = (ANNA, EDITORS)

    assert (
        decide(Index(more), who, EDIT, paths, reach).allowed <= decide(Index(entries), who, EDIT, paths, reach).allowed
    )
