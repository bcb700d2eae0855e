"""Simulated boxes that listen at the broker they are told of: each with the account that it was given, no more of them than one machine bears."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from portal.releases.broker import Broker, Listener

MOST: Final = 200
"""Every ear is a connection and a thread; the boxes beyond go on polling, as boxes may."""


class Ear(Protocol):
    """Something that listens until it is closed."""

    def close(self) -> None:
        """This function will stop listening."""


# takes the offer of an answer, and what is to be done with each message
Listen = Callable[[Mapping[str, str], Callable[[bytes], None]], Ear | None]


@dataclass
class Ears:
    """The listening boxes of a fleet; `ca_file` is the authority of a broker that no public one vouches for."""

    ca_file: str | None = None
    _open: list[Listener] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def listen(self, offer: Mapping[str, str], hand_over: Callable[[bytes], None]) -> Ear | None:
        """This function will let one more box listen, None where there are enough."""
        with self._lock:
            if len(self._open) >= MOST:
                return None
            broker = Broker.at(offer["url"], self.ca_file, (offer["username"], offer["password"]))
            made = Listener(broker, offer["topic"], hand_over)
            self._open.append(made)
            return made

    def close(self) -> None:
        """This function will end all of them."""
        for each in self._open:
            each.close()
