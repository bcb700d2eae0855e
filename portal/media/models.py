"""The table of what a tenant has uploaded."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.models import Base, Id, TenantOwned
from portal.media.limits import NAME_CHARACTERS


class MediaAsset(TenantOwned, Base):
    """A picture or video of one tenant, named in content by the SHA-256 of its main rendition.

    `variants` and `poster` are `Rendition.as_json`; `original_sha256` is null for a video, of which nothing else is kept.
    `stored_bytes` counts all its files against the tenant's quota. A row with `deleted_at` lies in the recycle bin.
    """

    __tablename__ = "media_assets"
    __table_args__ = (
        UniqueConstraint("tenant_id", "sha256"),
        CheckConstraint("kind in ('image', 'video')", name="kind"),
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
        CheckConstraint("bytes > 0 and width > 0 and height > 0", name="sizes"),
        CheckConstraint("(kind = 'video') = (seconds is not null)", name="videos_have_seconds"),
        Index("ix_media_assets_shelf", "tenant_id", "deleted_at", "created_at", "stored_bytes"),
    )

    sha256: Mapped[str] = mapped_column(String(64))
    original_sha256: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    purpose: Mapped[str | None] = mapped_column(String(16))
    type: Mapped[str] = mapped_column(String(32))
    bytes: Mapped[int] = mapped_column(BigInteger)
    stored_bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int]
    height: Mapped[int]
    seconds: Mapped[float | None]
    poster: Mapped[dict[str, Any] | None]
    variants: Mapped[list[Any]]
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS))
    pinyin: Mapped[str] = mapped_column(String(8 * NAME_CHARACTERS), default="")
    uploaded_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
