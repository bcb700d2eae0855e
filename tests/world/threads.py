"""Several acts at the same moment."""

import threading
from collections.abc import Callable


def at_once(*acts: Callable[[], object]) -> list[Exception | None]:
    """This function will run the acts in threads that start together and return what each raised, or None."""
    start = threading.Barrier(len(acts))
    ended: list[Exception | None] = [None] * len(acts)

    def run(index: int) -> None:
        start.wait()
        try:
            acts[index]()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            ended[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended
