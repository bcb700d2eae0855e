"""Tables of boxes, of those that wait, and the registries of what must be unique over all tenants."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.crypto import Sealed
from portal.core.models import Base, Id, TenantOwned

_WAITING = text("state = 'waiting'")


class Box(TenantOwned, Base):
    """A box as it was bound; when it is bound again after an end, that is another row.

    `serial`, `model`, `firmware` are its own words at binding, `name` is what people call it (a room). `thumbprint` is that of its
    key (RFC 7638). It was let in by an installation job, with the installer's phone, or by a person.
    """

    __tablename__ = "boxes"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "group_id"], ["box_groups.tenant_id", "box_groups.id"]),
        ForeignKeyConstraint(["tenant_id", "job_id"], ["installation_jobs.tenant_id", "installation_jobs.id"]),
        CheckConstraint("state in ('bound', 'unbound', 'stolen')", name="state"),
        CheckConstraint("(state = 'bound') = (ended_at is null)", name="ended_has_time"),
        Index(None, "tenant_id", "group_id", "state"),
        Index(None, "tenant_id", "serial"),
        Index(None, "tenant_id", "job_id"),
        Index(None, "bound_at"),
        Index(None, "tenant_id", "state", "name"),
        Index(None, "state", "id"),
        Index(None, "tenant_id", "state", "model"),
    )

    group_id: Mapped[str] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(40), default="")
    pinyin: Mapped[str] = mapped_column(String(400), default="")
    serial: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(64))
    firmware: Mapped[str] = mapped_column(String(64))
    thumbprint: Mapped[str] = mapped_column(String(43))
    job_id: Mapped[str | None] = mapped_column(Id)
    installer_phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    installer_phone_lookup: Mapped[str | None] = mapped_column(String(64))
    bound_at: Mapped[datetime]
    bound_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(default=1)

    installer_phone = Sealed(lookup="phone")

    __mapper_args__ = {"version_id_col": version}


class BoxRequest(TenantOwned, Base):
    """A box that waits for somebody to confirm it (待确认); it reserves neither serial nor licence, and is forgotten after a day."""

    __tablename__ = "box_requests"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'confirmed', 'rejected')", name="state"),
        Index(
            "uq_box_requests_one_waiting",
            "tenant_id",
            "thumbprint",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index(None, "tenant_id", "state", "expires_at"),
    )

    state: Mapped[str] = mapped_column(String(10))
    serial: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(64))
    firmware: Mapped[str] = mapped_column(String(64))
    thumbprint: Mapped[str] = mapped_column(String(43))
    installer_phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    installer_phone_lookup: Mapped[str | None] = mapped_column(String(64))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))

    installer_phone = Sealed(lookup="phone")


class BoxSerial(Base):
    """The registry of serial numbers that are bound, or belong to a box reported stolen."""

    __tablename__ = "box_serials"

    serial: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenants.id"), index=True)
    box_id: Mapped[str] = mapped_column(Id)


class BoxKey(Base):
    """The registry of keys that are bound, or belong to a box reported stolen, by their thumbprint."""

    __tablename__ = "box_keys"

    thumbprint: Mapped[str] = mapped_column(String(43), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenants.id"), index=True)
    box_id: Mapped[str] = mapped_column(Id)


class BoxToken(Base):
    """The registry of tokens, by their hash; one that ended stays, so that its box is told so."""

    __tablename__ = "box_tokens"
    __table_args__ = (Index(None, "tenant_id", "box_id"), Index(None, "ended_at"))

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenants.id"))
    box_id: Mapped[str] = mapped_column(Id)
    thumbprint: Mapped[str] = mapped_column(String(43))
    issued_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BoxLicences(Base):
    """How many boxes of a tenant are bound: the one row that a binding takes a licence from."""

    __tablename__ = "box_licences"
    __table_args__ = (CheckConstraint("bound >= 0", name="bound_not_negative"),)

    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenants.id"), primary_key=True)
    bound: Mapped[int] = mapped_column(default=0)
