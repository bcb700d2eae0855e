"""Tables of submissions."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.messages import Words
from portal.core.models import Base, Id, TenantOwned, WordsText
from portal.core.presence import AtPage


class Submission(TenantOwned, Base):
    """A set of revisions handed in together, with an optional moment at which it is to go on air."""

    __tablename__ = "submissions"
    __table_args__ = (Index(None, "closed_at", "submitted_at"), Index(None, "tenant_id", "submitted_at"))

    title: Mapped[Words] = mapped_column(WordsText)
    pinyin: Mapped[str] = mapped_column(String(400), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    urgent: Mapped[bool] = mapped_column(default=False)
    publish_at: Mapped[datetime | None] = mapped_column(index=True)
    submitted_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    submitted_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class SubmissionItem(TenantOwned, Base):
    """One revision of a submission; `sha256` is what was handed in, and a decision names it. Its state is the revision's."""

    __tablename__ = "submission_items"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "submission_id"], ["submissions.tenant_id", "submissions.id"]),
        ForeignKeyConstraint(["tenant_id", "revision_id"], ["revisions.tenant_id", "revisions.id"]),
        UniqueConstraint("tenant_id", "revision_id"),
        Index(None, "tenant_id", "submission_id"),
    )

    submission_id: Mapped[str] = mapped_column(Id)
    revision_id: Mapped[str] = mapped_column(Id)
    object_id: Mapped[str] = mapped_column(Id)
    position: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    before_id: Mapped[str | None] = mapped_column(Id)
    decided_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")


class SubmissionComment(TenantOwned, Base):
    """What somebody wrote about one object of a submission; `role` is what the person was then. It is never changed."""

    __tablename__ = "submission_comments"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "submission_id"], ["submissions.tenant_id", "submissions.id"]),
        ForeignKeyConstraint(["tenant_id", "item_id"], ["submission_items.tenant_id", "submission_items.id"]),
        Index(None, "tenant_id", "submission_id"),
    )

    submission_id: Mapped[str] = mapped_column(Id)
    item_id: Mapped[str] = mapped_column(Id)
    author_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    role: Mapped[str] = mapped_column(String(24))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]


class ReviewPresence(AtPage, TenantOwned, Base):
    """A page of the desk on which somebody looks at a submission now; one that was not seen for a while is nobody's any more."""

    __tablename__ = "review_presence"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "submission_id"], ["submissions.tenant_id", "submissions.id"]),
        UniqueConstraint("tenant_id", "submission_id", "user_id", "page"),
        Index(None, "seen_at"),
    )

    submission_id: Mapped[str] = mapped_column(Id)
