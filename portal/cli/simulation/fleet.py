"""Many boxes at once: each thread leads the lives of some of them, whoever is due first."""

import heapq
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from portal.cli.simulation.box import BoxClient, Send
from portal.cli.simulation.ears import Listen
from portal.cli.simulation.life import Life
from portal.cli.simulation.watch import Broken, Later, Watch

_MOST_THREADS = 32
_LONGEST_NAP = 0.2
"""In seconds: so soon a box looks at what the broker said."""


@dataclass(frozen=True)
class Fleet:
    """What is simulated: how many boxes, for how long, at which portal, and who lets them in."""

    boxes: int
    seconds: float
    url: str
    enterprise_id: str
    phone: str
    model: str
    herd: bool = False


def simulate(fleet: Fleet, line: Callable[[], Send], watch: Watch, listen: Listen | None = None) -> None:
    """This function will bind the boxes and let them live for the given time; what they find wrong is noted in `watch`."""
    number = min(fleet.boxes, _MOST_THREADS)
    shares = [len(range(index, fleet.boxes, number)) for index in range(number)]
    back = threading.Barrier(number)
    threads = [threading.Thread(target=_lead, args=(fleet, share, line, watch, listen, back)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _lead(
    fleet: Fleet, share: int, line: Callable[[], Send], watch: Watch, listen: Listen | None, back: threading.Barrier
) -> None:
    try:
        lives = _settled(fleet, share, line, watch, listen)
    except BaseException:
        back.abort()  # nobody waits for a thread that is no more
        raise
    with suppress(threading.BrokenBarrierError):
        back.wait()  # a fleet that comes back does so at one moment
    if fleet.herd:
        for life in lives:
            life.come_back()
    _live(lives, time.monotonic() + fleet.seconds, watch)


def _settled(fleet: Fleet, share: int, line: Callable[[], Send], watch: Watch, listen: Listen | None) -> list[Life]:
    """Boxes that are bound and have done everything once."""
    send, lives = line(), []
    for _ in range(share):
        life = Life(BoxClient(send, fleet.url, model=fleet.model), watch, listen)
        if _begin(watch, life, fleet):
            lives.append(life)
    for life in lives:
        _try(watch, life.step)
    return lives


def _live(lives: Sequence[Life], over: float, watch: Watch) -> None:
    queue = [(life.due, index) for index, life in enumerate(lives)]
    heapq.heapify(queue)
    while queue and (now := time.monotonic()) < over:
        for life in lives:
            if life.is_told:
                _try(watch, life.step)
        due, index = queue[0]
        if due > now:
            time.sleep(min(due - now, over - now, _LONGEST_NAP))
            continue
        _try(watch, lives[index].step)
        heapq.heapreplace(queue, (max(lives[index].due, time.monotonic() + 1), index))


def _begin(watch: Watch, life: Life, fleet: Fleet) -> bool:
    """Bind a box, however often it is asked to come back; it then comes back when it was told to."""
    while True:
        try:
            return _try(watch, lambda: life.begin(fleet.enterprise_id, fleet.phone))
        except Later as later:
            watch.sent_away()
            time.sleep(later.seconds)


def _try(watch: Watch, act: Callable[[], None]) -> bool:
    try:
        act()
    except Broken as broken:
        watch.broken(str(broken))
    except OSError as error:
        watch.broken(f"no answer: {type(error).__name__}")
    else:
        return True
    return False
