"""How many boxes show which release. The room of the boxes, which stands above, registers how that is counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Adoption:
    """Bound boxes by the number of the release that they said they show, and how many there are in all."""

    by_release: Mapping[int, int]
    boxes: int

    def share(self, number: int) -> int:
        """This function will return how many of a hundred boxes show the release."""
        return round(100 * self.by_release.get(number, 0) / self.boxes) if self.boxes else 0


NOBODY = Adoption({}, 0)
Counter = Callable[[Session], Adoption]
_counter: Counter | None = None


def register(counter: Counter) -> Counter:
    """This function will make `counter`, given a tenant's session, what is asked from now on."""
    global _counter
    _counter = counter
    return counter


def adoption(session: Session) -> Adoption:
    """This function will count the boxes of the session's tenant by release; nobody's where no room knows of boxes."""
    return _counter(session) if _counter is not None else NOBODY
