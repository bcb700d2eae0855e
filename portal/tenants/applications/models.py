"""Tables of applications and of what happened to each. They belong to the platform: their enterprise comes to be at their end."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.crypto import Sealed
from portal.core.ids import new_id
from portal.core.models import Base, Id

_IS_SUBMITTED = text("state = 'submitted'")


class Application(Base):
    """A province's application for an enterprise ID, with its seven fields; of two under one name only one waits at a time."""

    __tablename__ = "enterprise_applications"
    __table_args__ = (
        Index(
            "uq_enterprise_applications_waiting",
            "group_name",
            unique=True,
            sqlite_where=_IS_SUBMITTED,
            postgresql_where=_IS_SUBMITTED,
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    province_code: Mapped[str] = mapped_column(String(8), ForeignKey("provinces.code"), index=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    group_name: Mapped[str] = mapped_column(String(200))
    pinyin: Mapped[str] = mapped_column(String(800), default="")
    sub_product_code: Mapped[str] = mapped_column(String(32))
    scope: Mapped[str] = mapped_column(String(8))
    contact_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_phone_lookup: Mapped[str | None] = mapped_column(String(64), index=True)
    applicant_phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    applicant_phone_lookup: Mapped[str | None] = mapped_column(String(64), index=True)
    server_address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    submitted_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    submitted_at: Mapped[datetime | None] = mapped_column(index=True)
    # not `tenant_id`, which would be part of the place at which the sealed fields open, and comes only at the end
    opened_id: Mapped[str | None] = mapped_column(Id, ForeignKey("tenants.id"), unique=True)
    version: Mapped[int] = mapped_column(default=1)

    contact_name = Sealed()
    contact_phone = Sealed(lookup="phone")
    applicant_phone = Sealed(lookup="phone")
    server_address = Sealed()

    __mapper_args__ = {"version_id_col": version}


class ApplicationStep(Base):
    """One act on an application: who, when, and the reason of a return."""

    __tablename__ = "enterprise_application_steps"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    application_id: Mapped[str] = mapped_column(Id, ForeignKey("enterprise_applications.id"), index=True)
    act: Mapped[str] = mapped_column(String(12))
    by_user_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    by_name: Mapped[str] = mapped_column(String(60))
    by_role: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")
