"""The stamps of a submission: of handing it in, and of every decision over what was handed in."""

from sqlalchemy.orm import Session

from portal.audit.stamps import Stamp, stamps_of
from portal.review.queries import SubmissionView


def submission_stamps(session: Session, view: SubmissionView) -> list[Stamp]:
    """This function will return the stamps of a submission, newest first; those of other contents of its objects are not among them."""
    objects = [item.item.object_id for item in view.items]
    return stamps_of(session, [view.id], contents=objects, over=[item.item.sha256 for item in view.items])
