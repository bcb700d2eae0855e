"""Numbers that put things in order: as few of them as possible change, because every change has to be reviewed. Pure."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from portal.content.limits import ORDER_MAX

STEP: Final = 10
"""The room left between two neighbours, so that most moves change one number only."""

Place = tuple[int, str]


def next_order(orders: Sequence[int]) -> int:
    """This function will return the number of what comes after all of `orders`."""
    return min(max(orders, default=0) + STEP, ORDER_MAX)


def new_orders(current: Mapping[str, int], wanted: Sequence[str]) -> dict[str, int]:
    """This function will return the numbers that change, by id, so that (number, id) sorts as `wanted`.

    `current` has the number of every id in `wanted`. Where no room is left between two that stay, all are numbered anew.
    """
    places = [(current[one], one) for one in wanted]
    stay = _longest_rising(places)
    orders = dict.fromkeys(wanted, -1)
    for index in stay:
        orders[wanted[index]] = current[wanted[index]]
    if not _fill(orders, wanted, stay):
        orders = {one: STEP * (index + 1) for index, one in enumerate(wanted)}
    return {one: order for one, order in orders.items() if order != current[one]}


def _fill(orders: dict[str, int], wanted: Sequence[str], stay: Sequence[int]) -> bool:
    """Give those that move numbers strictly between their neighbours that stay; tells whether there was room."""
    fences = [-1, *stay, len(wanted)]
    for left, right in pairwise(fences):
        moved = wanted[left + 1 : right]
        low = orders[wanted[left]] if left >= 0 else -1
        high = orders[wanted[right]] if right < len(wanted) else low + STEP * (len(moved) + 1)
        if moved and (high - low - 1 < len(moved) or high > ORDER_MAX):
            return False
        for index, one in enumerate(moved, start=1):
            orders[one] = low + (high - low) * index // (len(moved) + 1)
    return True


def _longest_rising(places: Sequence[Place]) -> list[int]:
    """This function will return the indices of a longest rising subsequence (patience sorting)."""
    tails: list[Place] = []
    ends: list[int] = []
    before: list[int] = []
    for index, place in enumerate(places):
        at = bisect_left(tails, place)
        before.append(ends[at - 1] if at else -1)
        tails[at : at + 1] = [place]
        ends[at : at + 1] = [index]
    chain: list[int] = []
    step = ends[-1] if ends else -1
    while step >= 0:
        chain.append(step)
        step = before[step]
    return chain[::-1]
