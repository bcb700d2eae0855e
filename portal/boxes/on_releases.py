"""How many boxes show which release, told to the room of the releases."""

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxStatus
from portal.boxes.states import BoxState
from portal.releases import adoption
from portal.releases.adoption import Adoption
from portal.releases.models import Pointer, Release


@adoption.register
def count_by_release(session: Session) -> Adoption:
    """This function will count bound boxes by the release that they show; one query.

    Every publication raises the sequence of each channel by one, so the steps between what a box shows and what its channel
    points at are as many releases.
    """
    number = case((BoxStatus.sequence > 0, Release.number - Pointer.sequence + BoxStatus.sequence))
    shown = (
        select(number.label("shown_release"), func.count(Box.id))
        .join(BoxStatus, (BoxStatus.tenant_id == Box.tenant_id) & (BoxStatus.id == Box.id))
        .outerjoin(Pointer, (Pointer.tenant_id == Box.tenant_id) & (Pointer.group_id == Box.group_id))
        .outerjoin(Release, (Release.tenant_id == Pointer.tenant_id) & (Release.id == Pointer.release_id))
        .where(Box.state == BoxState.BOUND.value)
        .group_by("shown_release")
    )
    rows = session.execute(shown).all()
    told = {release: boxes for release, boxes in rows if release is not None}
    return Adoption(told, sum(boxes for _, boxes in rows))
