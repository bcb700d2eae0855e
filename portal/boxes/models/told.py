"""The table of what people tell boxes to do."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.models import Base, Id, TenantOwned


class BoxCommand(TenantOwned, Base):
    """Something that one box is told to do with its next heartbeats; what became of it is reported (`reported.CommandResult`)."""

    __tablename__ = "box_commands"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "box_id"], ["boxes.tenant_id", "boxes.id"]),
        CheckConstraint("kind in ('resync', 'screenshot', 'restart')", name="kind"),
        Index(None, "tenant_id", "box_id", "told_at"),
    )

    box_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(12))
    told_at: Mapped[datetime]
    told_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
