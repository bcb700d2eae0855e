"""The tables of what a tenant has uploaded, and of videos that are being made fit for boxes."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.messages import Words
from portal.core.models import Base, Id, TenantOwned, WordsText
from portal.media.limits import NAME_CHARACTERS, TAG_CHARACTERS


class MediaAsset(TenantOwned, Base):
    """A picture or video of one tenant, named in content by the SHA-256 of its main rendition.

    `variants` and `poster` are `Rendition.as_json`; `original_sha256` is null for a video, of which nothing else is kept.
    `stored_bytes` counts all its files against the tenant's quota. A row with `deleted_at` lies in the recycle bin. `look` is alike for
    pictures that look alike, null where there is nothing to tell them by.
    """

    __tablename__ = "media_assets"
    __table_args__ = (
        UniqueConstraint("tenant_id", "sha256"),
        CheckConstraint("kind in ('image', 'video')", name="kind"),
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
        CheckConstraint("bytes > 0 and width > 0 and height > 0", name="sizes"),
        CheckConstraint("(kind = 'video') = (seconds is not null)", name="videos_have_seconds"),
        Index("ix_media_assets_shelf", "tenant_id", "deleted_at", "created_at", "stored_bytes"),
        Index(None, "tenant_id", "look"),
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
    look: Mapped[str | None] = mapped_column(String(16))
    uploaded_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class Conversion(TenantOwned, Base):
    """A video that boxes cannot play as it is: what became of it, or that it waits its turn.

    It is no asset before it is ready, so nothing can show it. `source_sha256` is the upload in the storage, held while `stage` is
    `waiting`; `seconds` is what the upload says of its length, or null. Who works on it, and how far, stands in `ConversionRun`.
    """

    __tablename__ = "conversions"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "asset_id"], ["media_assets.tenant_id", "media_assets.id"]),
        CheckConstraint("stage in ('waiting', 'ready', 'failed', 'cancelled')", name="stage"),
        CheckConstraint("(stage = 'ready') = (asset_id is not null)", name="ready_has_an_asset"),
        CheckConstraint("(stage = 'failed') = (reason is not null)", name="failed_has_a_reason"),
        Index(None, "stage"),
        Index(None, "tenant_id", "source_sha256"),
    )

    stage: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS))
    source_sha256: Mapped[str] = mapped_column(String(64))
    source_bytes: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float | None]
    reason: Mapped[Words | None] = mapped_column(WordsText)
    asset_id: Mapped[str | None] = mapped_column(Id)
    uploaded_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]


class ConversionRun(TenantOwned, Base):
    """Who works on the conversion of the same id, and how far: telemetry, written every second or so.

    `beat_at` is null while nobody does; a `holder` whose last beat is older than the lease is taken for dead.
    """

    __tablename__ = "conversion_runs"

    holder: Mapped[str | None] = mapped_column(Id)
    beat_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    percent: Mapped[int] = mapped_column(default=0)


class UnfinishedUpload(TenantOwned, Base):
    """An upload that has not arrived whole; its bytes lie in the folder of unfinished files under its id.

    `stamp` is what its person's browser knows the file again by; `reserved` counts against the tenant's quota. Telemetry: nothing is decided
    by it, and what the file becomes is recorded when it is taken in.
    """

    __tablename__ = "unfinished_uploads"
    __table_args__ = (
        CheckConstraint("bytes > 0 and reserved >= 0", name="sizes"),
        Index(None, "tenant_id", "user_id"),
    )

    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(NAME_CHARACTERS))
    bytes: Mapped[int] = mapped_column(BigInteger)
    reserved: Mapped[int] = mapped_column(BigInteger)
    stamp: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime]


class AppFile(TenantOwned, Base):
    """An Android app of one tenant, as read from its file; `signer_sha256` is the certificate whose signature was verified.

    `icon_sha256` names a picture of the library, or nothing.
    """

    __tablename__ = "app_files"
    __table_args__ = (
        UniqueConstraint("tenant_id", "sha256"),
        CheckConstraint("length(sha256) = 64 and length(signer_sha256) = 64", name="sha256_length"),
        CheckConstraint("bytes > 0 and version_code > 0", name="sizes"),
        Index(None, "tenant_id", "package"),
    )

    sha256: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int] = mapped_column(BigInteger)
    package: Mapped[str] = mapped_column(String(255))
    version_code: Mapped[int] = mapped_column(BigInteger)
    version_name: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(50))
    permissions: Mapped[list[Any]]
    min_sdk: Mapped[int]
    signer_sha256: Mapped[str] = mapped_column(String(64))
    icon_sha256: Mapped[str | None] = mapped_column(String(64))
    uploaded_by: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]


class MediaTag(TenantOwned, Base):
    """A word that people gave to one of their files."""

    __tablename__ = "media_tags"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "asset_id"], ["media_assets.tenant_id", "media_assets.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("tenant_id", "asset_id", "tag"),
        Index(None, "tenant_id", "tag"),
    )

    asset_id: Mapped[str] = mapped_column(Id)
    tag: Mapped[str] = mapped_column(String(TAG_CHARACTERS))
