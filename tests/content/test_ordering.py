"""Numbers that put things in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.content.limits import ORDER_MAX
from portal.content.ordering import new_orders, next_order

KNOWN = {"a": 10, "b": 20, "c": 30, "d": 40}


@pytest.mark.parametrize(
    ("wanted", "changed"),
    [
        (["a", "b", "c", "d"], {}),
        (["b", "a", "c", "d"], {"b": 4}),
        (["a", "c", "b", "d"], {"c": 15}),
        (["d", "a", "b", "c"], {"d": 4}),
        (["b", "c", "d", "a"], {"a": 50}),
    ],
)
def test_one_move_changes_one_number(wanted: list[str], changed: dict[str, int]) -> None:
    assert new_orders(KNOWN, wanted) == changed


def test_all_are_numbered_anew_where_no_room_is_left() -> None:
    assert new_orders({"a": 1, "b": 2, "c": 3}, ["a", "c", "b"]) == {"a": 10, "c": 20, "b": 30}


def test_equal_numbers_keep_the_order_of_ids() -> None:
    assert new_orders({"a": 0, "b": 0, "c": 0}, ["a", "b", "c"]) == {}


@given(
    st.lists(st.integers(0, ORDER_MAX), min_size=1, max_size=12).flatmap(
        lambda n: st.tuples(st.just(n), st.permutations(range(len(n))))
    )
)
def test_result_sorts_as_wanted(drawn: tuple[list[int], list[int]]) -> None:
    numbers, permutation = drawn
    current = {chr(97 + index): number for index, number in enumerate(numbers)}
    wanted = [chr(97 + index) for index in permutation]

    result = {**current, **new_orders(current, wanted)}

    assert sorted(current, key=lambda one: (result[one], one)) == wanted
    assert all(0 <= number <= ORDER_MAX for number in result.values())


def test_next_stands_after_all() -> None:
    assert (next_order([]), next_order([10, 30]), next_order([ORDER_MAX])) == (10, 40, ORDER_MAX)
