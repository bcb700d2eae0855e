"""Tables of hand-overs, of installation jobs, and of the installers that each of them names."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.crypto import Sealed
from portal.core.models import Base, Id, TenantOwned


class InstallationJob(TenantOwned, Base):
    """So many places for boxes in one group, for the installers named, until the end of `last_on`.

    `places_taken` is counted by single conditional statements beside the version, so that a box that takes a place and a
    person who changes the job do not stand in each other's way. No row says how the job stands; `rules.job_state` does.
    """

    __tablename__ = "installation_jobs"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "group_id"], ["box_groups.tenant_id", "box_groups.id"]),
        CheckConstraint("places > 0", name="has_places"),
        CheckConstraint("places_taken BETWEEN 0 AND places", name="places_suffice"),
        Index(None, "tenant_id", "group_id"),
    )

    group_id: Mapped[str] = mapped_column(Id)
    places: Mapped[int]
    places_taken: Mapped[int] = mapped_column(default=0)
    last_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(200), default="")
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    phones: Mapped[list["InstallerPhone"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by="InstallerPhone.id"
    )

    __mapper_args__ = {"version_id_col": version}


class InstallerPhone(TenantOwned, Base):
    """An installer (装维人员) whom a job names; a box asks by the number's keyed hash."""

    __tablename__ = "installer_phones"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "job_id"], ["installation_jobs.tenant_id", "installation_jobs.id"]),
        UniqueConstraint("tenant_id", "job_id", "phone_lookup"),
        Index(None, "tenant_id", "phone_lookup"),
    )

    job_id: Mapped[str] = mapped_column(Id)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone_lookup: Mapped[str] = mapped_column(String(64))

    name = Sealed()
    phone = Sealed(lookup="phone")


class HandOver(TenantOwned, Base):
    """The enterprise ID handed on (交接): by whom, to the customer manager or to an installer; the latter opens a job."""

    __tablename__ = "hand_overs"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "job_id"], ["installation_jobs.tenant_id", "installation_jobs.id"]),
        CheckConstraint("(step = 'installer') = (job_id IS NOT NULL)", name="installer_has_job"),
    )

    step: Mapped[str] = mapped_column(String(12))
    to_name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    to_phone_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(String(200), default="")
    by_user_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    by_name: Mapped[str] = mapped_column(String(60))
    by_role: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    job_id: Mapped[str | None] = mapped_column(Id)

    to_name = Sealed()
    to_phone = Sealed()
