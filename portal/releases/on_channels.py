"""What the channels point at, told to the rooms below."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.ids import GroupId
from portal.releases.models import Pointer, Release
from portal.releases.public_names import pointer_path
from portal.tenants import pointing
from portal.tenants.pointing import Pointing


@pointing.register
def on_channels(session: Session, channels: Mapping[GroupId, str]) -> Mapping[GroupId, Pointing]:
    """This function will return the pointer's address and the release on air of each group's channel; one query."""
    rows = session.execute(
        select(Pointer.channel, Release.number, Release.published_at).join(
            Release, (Release.tenant_id == Pointer.tenant_id) & (Release.id == Pointer.release_id)
        )
    )
    shown = {channel: (number, at) for channel, number, at in rows}
    return {
        group: Pointing(f"/pub/{pointer_path(channel)}", *shown.get(channel, (None, None)))
        for group, channel in channels.items()
    }
