"""Tables of releases, their documents and the pointers of channels."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.messages import Message, Words
from portal.core.models import Base, Id, TenantOwned, WordsText

_PUBLISHING = text("state = 'publishing'")


class Release(TenantOwned, Base):
    """A manifest with a number: for each object the one revision on air. It never changes once made, but for its state.

    `manifest` maps object ids to revision ids, `channels` box group ids to the SHA-256 of the document they got. Of a tenant
    one release at a time may be publishing, says the database.
    """

    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        CheckConstraint("state in ('publishing', 'published')", name="state"),
        Index(
            "uq_releases_one_publishing",
            "tenant_id",
            unique=True,
            sqlite_where=_PUBLISHING,
            postgresql_where=_PUBLISHING,
        ),
        Index(None, "state"),
    )

    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    base_id: Mapped[str | None] = mapped_column(Id)
    rolled_back_to: Mapped[int | None]
    manifest: Mapped[dict[str, Any]]
    channels: Mapped[dict[str, Any]]
    features: Mapped[list[Any]]
    changed: Mapped[int]
    title: Mapped[Words] = mapped_column(WordsText)
    reason: Mapped[Words] = mapped_column(WordsText, default="")
    created_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    created_by_name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def maker(self) -> Words:
        """Who made it: a person's name, or our own word for the portal, which the reader's language may replace."""
        return Message(self.created_by_name) if self.created_by is None else self.created_by_name


class ReleaseDocument(TenantOwned, Base):
    """The bytes of a compiled zone document (gzip), kept so that a lost or torn file can be written again."""

    __tablename__ = "release_documents"
    __table_args__ = (UniqueConstraint("tenant_id", "sha256"),)

    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Pointer(TenantOwned, Base):
    """What a channel points at: the bytes of its pointer, the same signed, and the whole second its files are dated with.

    `jws` is null only in rows of before there were signatures, until they are renewed.

    `group_id` is no foreign key: a group may be deleted, and the next system release then takes its channel away.
    """

    __tablename__ = "pointers"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "release_id"], ["releases.tenant_id", "releases.id"]),
        UniqueConstraint("tenant_id", "group_id"),
        Index(None, "valid_until"),
    )

    group_id: Mapped[str] = mapped_column(Id)
    channel: Mapped[str] = mapped_column(String(32), ForeignKey("channels.channel"), unique=True)
    sequence: Mapped[int]
    release_id: Mapped[str] = mapped_column(Id)
    document_sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    jws: Mapped[str | None] = mapped_column(Text)
    valid_until: Mapped[datetime | None]
    modified_at: Mapped[int]
