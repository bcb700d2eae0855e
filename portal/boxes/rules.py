"""What a box is told of itself, and what its reports must hold. Pure."""

from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from portal.boxes.schemas import Play
from portal.catalog.catalogue import catalogue
from portal.core.ids import BoxId

COMMAND_LIFE: Final = timedelta(minutes=catalogue().boxes.command_minutes)
"""For how long a box is told a command again and again."""

ANSWER_LIFE: Final = 2 * COMMAND_LIFE
"""For how long a picture may follow: a box may have heard the command last thing."""


def own_seconds(seconds: int, box_id: BoxId, purpose: str) -> int:
    """This function will return `seconds` with the box's own jitter: always the same for the box, spread evenly over the fleet."""
    most = seconds * catalogue().boxes.jitter_percent // 100
    drawn = int.from_bytes(sha256(f"{purpose}:{box_id}".encode()).digest()[:4])
    return seconds - most + drawn % (2 * most + 1)


def poll_seconds(box_id: BoxId) -> int:
    """This function will return how often the box fetches its pointer."""
    return own_seconds(catalogue().boxes.poll_seconds, box_id, "poll")


def heartbeat_seconds(box_id: BoxId) -> int:
    """This function will return how often the box reports how it is."""
    return own_seconds(catalogue().boxes.heartbeat_seconds, box_id, "heartbeat")


def offline_after() -> timedelta:
    """This function will return after how long without a heartbeat a box counts as offline."""
    rules = catalogue().boxes
    return timedelta(seconds=rules.heartbeat_seconds * rules.offline_after_heartbeats)


def counts(play: Play, shown: Collection[tuple[str, str]], bound_at: datetime, now: datetime) -> bool:
    """This function will tell whether a play counts: of something the box can have shown, since it was bound, at a possible time."""
    rules = catalogue().boxes
    return (
        (play.list, play.id) in shown
        and play.started_at >= bound_at.replace(microsecond=0)  # boxes are told the time in whole seconds
        and play.started_at >= now - timedelta(days=rules.play_days)
        and play.started_at <= now + timedelta(minutes=rules.play_ahead_minutes)
    )
