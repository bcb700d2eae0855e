"""Telling boxes at once: each channel's signed pointer as a retained message of an MQTT broker.

Boxes that hear nothing poll; a broker that is away is tried again by the outbox and keeps no publication waiting.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from portal.core.database import database
from portal.core.installation import fact
from portal.core.settings import Settings
from portal.releases.broker import Broker, Line, NoAccounts, PushFailed
from portal.releases.broker_accounts import provision, retire, topic

FACT: Final = "broker"
HERE: Final = "here"
AWAY: Final = "away"
_FACT_SECONDS: Final = 5.0
_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 60.0
_CONNECTIONS_TO_BE_LET_IN: Final = 2


@dataclass
class _Post:
    """The broker of this process, what boxes are told of it, whether it keeps accounts, and until when it is not tried again."""

    broker: Broker
    told_url: str
    has_accounts: bool = False
    times_found: int = 0
    pause: float = 0.0
    until: float = 0.0
    is_here: bool = False
    asked_at: float = 0.0


_post: _Post | None = None


def configure(settings: Settings) -> None:
    """This function will make the settings' broker the one that this process tells of new pointers."""
    global _post
    _post = None
    if settings.mqtt_url is not None:
        ca_file = str(settings.mqtt_ca_file) if settings.mqtt_ca_file else None
        told = settings.mqtt_public_url or _without_login(settings.mqtt_url)
        _post = _Post(Broker.at(settings.mqtt_url, ca_file), told)


def is_on() -> bool:
    """This function will tell whether there is a broker."""
    return _post is not None


def is_here() -> bool:
    """This function will tell whether the broker answers, as the job worker found last; what was read is good for a few seconds."""
    if _post is None:
        return False
    if time.monotonic() - _post.asked_at >= _FACT_SECONDS:
        _post.is_here, _post.asked_at = fact(database().engine, FACT) == HERE, time.monotonic()
    return _post.is_here


def told_url() -> str:
    """This function will return the address of the broker that boxes are told; raises `RuntimeError` where there is none."""
    return _configured().told_url


def tell(messages: Mapping[str, bytes]) -> None:
    """This function will publish by channel what goes out by topic; without a broker nothing happens. Raises as `connected` does."""
    if _post is not None and messages:
        with connected() as line:
            line.publish({topic(channel): data for channel, data in messages.items()})


def forget(channel: str) -> None:
    """This function will take a channel's message away, and the right to read it; without a broker nothing happens."""
    if _post is None:
        return
    with connected() as line:
        line.publish({topic(channel): b""})
        if _post.has_accounts:
            retire(line, [channel])


@contextmanager
def connected() -> Iterator[Line]:
    """This function will give a line to the broker; raises `PushFailed` or `OSError`, and at once where it was away a moment ago.

    A broker that lets connections hang would otherwise hold up whoever has more to tell than one message.
    """
    post = _configured()
    if time.monotonic() < post.until:
        raise PushFailed("the broker was away a moment ago")
    try:
        with post.broker.line() as line:
            yield line
    except (PushFailed, OSError):
        post.pause = min(max(2 * post.pause, _FIRST_PAUSE), _LONGEST_PAUSE)
        post.until = time.monotonic() + post.pause
        raise
    post.pause = post.until = 0.0


def has_accounts() -> bool:
    """This function will tell whether boxes can be given accounts at the broker, as far as this process has found out."""
    return _post is not None and _post.has_accounts


def times_found() -> int:
    """This function will return how often this process found out: whenever the broker may not be as it was left."""
    return _configured().times_found


def find_accounts() -> bool:
    """This function will find out whether the broker keeps accounts that the portal may administer, and see to the portal's own rights.

    Raises `PushFailed` or `OSError` where the broker is away.
    """
    post = _configured()
    post.has_accounts = False
    post.times_found += 1
    if post.broker.username is None:
        return False
    for _ in range(_CONNECTIONS_TO_BE_LET_IN):
        with connected() as line:
            post.has_accounts = _provisioned(line, post.broker.username)
        if post.has_accounts:
            return True
    return False


def _provisioned(line: Line, username: str) -> bool:
    try:
        return provision(line, username)
    except NoAccounts:
        return False


def _configured() -> _Post:
    if _post is None:
        raise RuntimeError("there is no broker")
    return _post


def _without_login(url: str) -> str:
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, where, "", "", ""))
