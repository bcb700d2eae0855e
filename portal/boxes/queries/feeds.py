"""Which channel a box is told, and which sequence that channel has. A channel's files exist before its name is given away."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, exists, select
from sqlalchemy.orm import Session

from portal.core.ids import GroupId
from portal.releases.models import Pointer, Release
from portal.releases.public_names import signed_pointer_path
from portal.releases.site import site
from portal.releases.states import ReleaseState
from portal.tenants.models import BoxGroup

COLUMNS = (
    BoxGroup.channel.label("channel"),
    Pointer.channel.label("published_channel"),
    Pointer.sequence.label("published_sequence"),
    Release.state.label("release_state"),
)


@dataclass(frozen=True)
class Feed:
    """A channel, and the sequence of its pointer; 0 before the first."""

    channel: str
    sequence: int


def with_pointer(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """This function will join a group's pointer and its release to a statement that has the group and selects `COLUMNS`."""
    return statement.outerjoin(
        Pointer, and_(Pointer.tenant_id == BoxGroup.tenant_id, Pointer.group_id == BoxGroup.id)
    ).outerjoin(Release, and_(Release.tenant_id == Pointer.tenant_id, Release.id == Pointer.release_id))


def first_feed(session: Session, group_id: GroupId) -> Feed | None:
    """This function will return what a box that is being bound into a group is told; None while the channel's files are still to come.

    Before the tenant's first release there are no files to wait for: the channel answers 404 until then.
    """
    row = session.execute(with_pointer(select(*COLUMNS).select_from(BoxGroup)).where(BoxGroup.id == group_id)).one()
    if (feed := _written(row)) is not None:
        return feed
    never = row.published_channel is None and not session.scalar(select(exists(select(Release.id))))
    return Feed(row.channel, 0) if never else None


def next_feed(row: Row[Any], told: str) -> Feed:
    """This function will return what a box is told that was told the channel `told` last: the new one once it is there."""
    if (feed := _written(row)) is not None:
        return feed
    if row.published_channel == told:
        running = row.release_state == ReleaseState.PUBLISHING
        return Feed(told, row.published_sequence - 1 if running else row.published_sequence)
    return Feed(told, 0)


def _written(row: Row[Any]) -> Feed | None:
    """The group's channel, where its files are there. While a release is written they may be, from an earlier one."""
    if row.published_channel != row.channel:
        return None
    if row.release_state == ReleaseState.PUBLISHED:
        return Feed(row.channel, row.published_sequence)
    if site().holds(f"/pub/{signed_pointer_path(row.channel)}"):
        return Feed(row.channel, row.published_sequence - 1)
    return None
