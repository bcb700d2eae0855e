"""Reads of uploads that are not whole; each within the tenant of its session, and only one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.context import Context
from portal.core.errors import NotFound
from portal.core.ids import is_id
from portal.media import workshop
from portal.media.models import UnfinishedUpload
from portal.media.states import Purpose

FOLDER = "uploads"


@dataclass(frozen=True)
class OpenUpload:
    """An upload under way: how many of its bytes have arrived, and by what its person's browser knows the file again."""

    id: str
    name: str
    bytes: int
    offset: int
    purpose: Purpose
    stamp: str


def own_uploads(ctx: Context) -> Sequence[OpenUpload]:
    """This function will return the actor's uploads that are not whole, the oldest first."""
    wanted = select(UnfinishedUpload).where(UnfinishedUpload.user_id == ctx.actor.user_id)
    return [
        opened(row) for row in ctx.session.scalars(wanted.order_by(UnfinishedUpload.created_at, UnfinishedUpload.id))
    ]


def get_own_upload(ctx: Context, upload_id: str) -> UnfinishedUpload:
    """This function will return the actor's own upload; raises `NotFound` also for somebody else's."""
    wanted = select(UnfinishedUpload).where(
        UnfinishedUpload.id == upload_id, UnfinishedUpload.user_id == ctx.actor.user_id
    )
    found = ctx.session.scalar(wanted) if is_id(upload_id) and ctx.actor.user_id else None
    if found is None:
        raise NotFound
    return found


def opened(row: UnfinishedUpload) -> OpenUpload:
    """This function will return an upload with how far it is."""
    return OpenUpload(row.id, row.name, row.bytes, arrived(row.id), Purpose(row.purpose), row.stamp)


def arrived(upload_id: str) -> int:
    """This function will return how many bytes of an upload are here."""
    path = part_of(upload_id)
    return path.stat().st_size if path.is_file() else 0


def part_of(upload_id: str) -> Path:
    """This function will return where the bytes of an upload lie."""
    return workshop.path_of(FOLDER, f"{upload_id}.part")


def own_count(session: Session, user_id: str | None) -> int:
    """This function will return how many uploads of a person are not whole."""
    return session.scalar(select(func.count(UnfinishedUpload.id)).where(UnfinishedUpload.user_id == user_id)) or 0
