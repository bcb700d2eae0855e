"""A file of the library as a page is told of it that waits for the file: to be chosen in the field where it was dropped."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from portal.core.ids import MediaId
from portal.media.models import MediaAsset
from portal.media.queries import get_media


@dataclass(frozen=True)
class Arrived:
    """A file that can be chosen: its hash, whether it is an image or a video, its name, and the still picture of it."""

    sha256: str
    kind: str
    name: str
    still: str


def arrived_file(session: Session, media_id: str) -> dict[str, Any]:
    """This function will return an `Arrived` as JSON; raises `NotFound`."""
    row: MediaAsset = get_media(session, MediaId(media_id))
    still = row.poster["sha256"] if row.poster else row.sha256
    return asdict(Arrived(row.sha256, row.kind, row.name, still))
