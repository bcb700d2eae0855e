"""Which channel a box was told: kept with its status, and for good in the list of those it has had; the broker follows."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.boxes.commands.inserting import insert_new
from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxChannel, BoxStatus
from portal.boxes.queries.feeds import COLUMNS, Feed, next_feed, with_pointer
from portal.core import clock
from portal.core.ids import BoxId, GroupId, new_id
from portal.tenants.models import BoxGroup


def note_channel(session: Session, box: BoxId, group: GroupId, channel: str) -> None:
    """This function will note that a box is told a channel of its group."""
    insert_new(
        session,
        BoxChannel,
        tenant_id=_tenant(session),
        id=new_id(),
        box_id=box,
        channel=channel,
        group_id=group,
        since=clock.now(),
    )
    session.execute(
        update(BoxStatus).where(BoxStatus.tenant_id == _tenant(session), BoxStatus.id == box).values(channel=channel),
        execution_options={"synchronize_session": False},
    )
    want_account(session, box)


def want_account(session: Session, box: BoxId) -> None:
    """This function will have the box's account at the broker changed, or ended, soon after the transaction: what it had is no longer right."""
    session.execute(
        update(BoxStatus)
        .where(BoxStatus.tenant_id == _tenant(session), BoxStatus.id == box)
        .values(push_number=BoxStatus.push_number + 1),
        execution_options={"synchronize_session": False},
    )


def current_feed(session: Session, box: Box) -> Feed:
    """This function will return what a bound box is told now, noting it where that is another channel than before."""
    told = session.scalars(select(BoxStatus.channel).where(BoxStatus.id == box.id)).one()
    row = session.execute(with_pointer(select(*COLUMNS).select_from(BoxGroup)).where(BoxGroup.id == box.group_id)).one()
    feed = next_feed(row, told)
    if feed.channel != told:
        note_channel(session, BoxId(box.id), GroupId(box.group_id), feed.channel)
    return feed


def _tenant(session: Session) -> str:
    return session.scope.tenant_id  # type: ignore[attr-defined,no-any-return]
