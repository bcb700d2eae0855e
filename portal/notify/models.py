"""The table of messages."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.ids import new_id
from portal.core.models import Base, Id, TenantTagged


class Notice(TenantTagged, Base):
    """One message, for a person (`user_id`), or for all of a role in the tenant or, without a tenant, of the staff."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "user_id", "read_at"), Index(None, "role", "read_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    user_id: Mapped[str | None] = mapped_column(Id)
    role: Mapped[str | None] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    params: Mapped[dict[str, Any]]
    link: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
