"""How many boxes show which release, told to the room of the releases."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxStatus
from portal.boxes.queries.conditions import of_the_box, shown_release, with_feed
from portal.boxes.states import BoxState
from portal.releases import adoption
from portal.releases.adoption import Adoption


@adoption.register
def count_by_release(session: Session) -> Adoption:
    """This function will count bound boxes by the release that they show; one query."""
    shown = with_feed(select(shown_release().label("shown_release"), func.count(Box.id)).join(BoxStatus, of_the_box()))
    wanted = shown.where(Box.state == BoxState.BOUND.value).group_by("shown_release")
    rows = session.execute(wanted).all()
    told = {release: boxes for release, boxes in rows if release is not None}
    return Adoption(told, sum(boxes for _, boxes in rows))
