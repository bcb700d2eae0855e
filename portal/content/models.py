"""Tables of objects and their revisions."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.messages import Words
from portal.core.models import Base, Id, TenantOwned, WordsText
from portal.core.presence import AtPage


def _one_per_object(name: str, *states: str) -> Index:
    listed = ", ".join(f"'{state}'" for state in states)
    condition = text(f"state in ({listed})")
    return Index(
        f"uq_revisions_one_{name}",
        "tenant_id",
        "object_id",
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


class ContentObject(TenantOwned, Base):
    """A thing that stands, stood or will stand on the TV. `version` grows with every saved draft."""

    __tablename__ = "content_objects"
    __table_args__ = (Index(None, "tenant_id", "kind"),)

    kind: Mapped[str] = mapped_column(String(24))
    classification: Mapped[str] = mapped_column(String(12), default="public", server_default="public")
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    edited_at: Mapped[datetime]
    taken_down_at: Mapped[datetime | None]
    taken_down_reason: Mapped[str | None] = mapped_column(Text)
    purged_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Revision(TenantOwned, Base):
    """One state of an object's content; once submitted its content never changes.

    Law 2: that an object has at most one draft, one revision under way and one on air is said by the database. `deleted`
    is what the envelope says of itself, so that an index leads to what lies in the recycle bin; `sought` is the title and its
    pinyin, in which a search looks; `submission_id` is the set
    with which it was handed in, which its review keeps.
    """

    __tablename__ = "revisions"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "object_id"], ["content_objects.tenant_id", "content_objects.id"]),
        UniqueConstraint("tenant_id", "object_id", "number"),
        _one_per_object("draft", "draft"),
        _one_per_object("pending", "submitted", "approved"),
        _one_per_object("on_air", "published"),
        ForeignKeyConstraint(["tenant_id", "submission_id"], ["submissions.tenant_id", "submissions.id"]),
        Index(None, "tenant_id", "state", "submission_id"),
        Index(None, "state"),
        Index(None, "tenant_id", "deleted"),
    )

    object_id: Mapped[str] = mapped_column(Id)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    envelope: Mapped[dict[str, Any]]
    deleted: Mapped[bool] = mapped_column(default=False, server_default=false())
    sha256: Mapped[str] = mapped_column(String(64))
    title: Mapped[Words] = mapped_column(WordsText)
    sought: Mapped[str] = mapped_column(String(1200), default="")
    author_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    submitted_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    submitted_at: Mapped[datetime | None]
    submission_id: Mapped[str | None] = mapped_column(Id)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class RevisionAuthor(TenantOwned, Base):
    """Everybody who wrote on a revision: none of them may approve it."""

    __tablename__ = "revision_authors"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "revision_id"], ["revisions.tenant_id", "revisions.id"], ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "revision_id", "user_id"),
    )

    revision_id: Mapped[str] = mapped_column(Id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))


class DraftSitting(TenantOwned, Base):
    """Somebody's editing of one object, saved every few seconds: the record that is owed for it, with the last hash.

    `saves` counts those that are not recorded yet. The row goes when the record is made.
    """

    __tablename__ = "draft_sittings"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "object_id"], ["content_objects.tenant_id", "content_objects.id"]),
        UniqueConstraint("tenant_id", "object_id", "user_id"),
        Index(None, "saved_at"),
    )

    object_id: Mapped[str] = mapped_column(Id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    session_id: Mapped[str | None] = mapped_column(Id)
    role: Mapped[str] = mapped_column(String(24))
    auth_level: Mapped[int]
    auth_method: Mapped[str] = mapped_column(String(40))
    began_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    saves: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    title: Mapped[Words] = mapped_column(WordsText)


class EditorPresence(AtPage, TenantOwned, Base):
    """A page on which somebody edits an object now; one that was not seen for a while is nobody's any more."""

    __tablename__ = "editor_presence"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "object_id"], ["content_objects.tenant_id", "content_objects.id"]),
        UniqueConstraint("tenant_id", "object_id", "user_id", "page"),
        Index(None, "tenant_id", "seen_at"),
    )

    object_id: Mapped[str] = mapped_column(Id)
