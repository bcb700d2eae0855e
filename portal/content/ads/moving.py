"""Acts on the week of the ad loop: a block is dragged, a playlist is dropped on an hour. Both are drafts of schedule entries."""

from datetime import date

from portal.content.commands import Entered, Saved, create_draft, save_draft
from portal.content.envelope import Envelope
from portal.content.kinds import Kind
from portal.content.queries import get_object
from portal.content.schedule.moving import Move, moved
from portal.content.schedule.windows import MIDNIGHT, Window
from portal.core.context import Context
from portal.core.errors import Refused
from portal.core.messages import N_


def move_block(
    ctx: Context, object_id: str, version: int, move: Move, *, void_approval: bool = False
) -> tuple[Saved, Envelope]:
    """This function will save an entry's windows after one of its blocks was moved, and return what it held before.

    Raises `Refused` where the entry is not on there, and as `save_draft` does.
    """
    before = get_object(ctx.session, object_id, Kind.SCHEDULE_ENTRY).envelope
    windows = moved(before.windows, move)
    if windows is None:
        raise Refused("not_on", N_("这个时候它不播，或者一直在播，请打开它改时段。"), status=409)
    return save_draft(
        ctx, Kind.SCHEDULE_ENTRY, object_id, version, _entered(before, windows), void_approval=void_approval
    ), before


def put_back(ctx: Context, object_id: str, version: int, windows: tuple[Window, ...]) -> Saved:
    """This function will give an entry the windows that it had; raises as `save_draft` does."""
    now = get_object(ctx.session, object_id, Kind.SCHEDULE_ENTRY).envelope
    return save_draft(ctx, Kind.SCHEDULE_ENTRY, object_id, version, _entered(now, windows))


def place(ctx: Context, playlist: str, day: date, start: int, minutes: int, targets: tuple[str, ...]) -> Saved:
    """This function will schedule a playlist weekly from minute `start` on the weekday of `day`; raises as `create_draft` does."""
    end = min(start + minutes, MIDNIGHT)
    window = Window(days=(day.isoweekday(),), start=start, end=end)
    payload = {"playlist": playlist, "priority": 0}
    return create_draft(ctx, Kind.SCHEDULE_ENTRY, Entered(payload, targets, (window.to_json(),)))


def _entered(envelope: Envelope, windows: tuple[Window, ...]) -> Entered:
    payload = envelope.to_json()["payload"]
    return Entered(payload, envelope.targets, tuple(window.to_json() for window in windows), envelope.hidden)
