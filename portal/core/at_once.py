"""Many things that mostly wait, done side by side: a disk forces many files down together for little more than the price of one, and a bucket answers many calls."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

THREADS: Final = 16

Item = TypeVar("Item")
Done = TypeVar("Done")


def at_once(act: Callable[[Item], Done], items: Iterable[Item]) -> list[Done]:
    """This function will do it for all items, several at a time, and return when the last one is done, or raise the first one's error.

    Each thread takes the next item when it has done one: work that is handed over one by one costs more than what is done.
    """
    several = tuple(items)
    if len(several) == 1:
        return [act(several[0])]
    waiting = iter(enumerate(several))
    done: dict[int, Done] = {}
    failed: dict[int, Exception] = {}

    def work() -> None:
        for number, item in waiting:
            try:
                done[number] = act(item)
            except Exception as error:  # noqa: BLE001 - the others are done all the same
                failed[number] = error

    with ThreadPoolExecutor(THREADS, thread_name_prefix="at-once") as pool:
        for working in [pool.submit(work) for _ in range(min(THREADS, len(several)))]:
            working.result()
    if failed:
        raise failed[min(failed)]
    return [done[number] for number in range(len(several))]
