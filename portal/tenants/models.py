"""Tables of customers, tenants, box groups and channels."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.crypto import Sealed
from portal.core.ids import new_id
from portal.core.models import Base, Id, TenantOwned


class Province(Base):
    """One of the 31 provinces (省公司)."""

    __tablename__ = "provinces"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(16), unique=True)


class Customer(Base):
    """A legal entity (客户); it may own several enterprise IDs."""

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    industry_code: Mapped[str] = mapped_column(String(8))
    contact_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_phone_lookup: Mapped[str | None] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    contact_name = Sealed()
    contact_phone = Sealed(lookup="phone")

    __mapper_args__ = {"version_id_col": version}


class Tenant(Base):
    """The registry of tenants: enterprise ID, names, owner. `province_code` is null for tenants of the center (全国).

    `applied_by` is the province that applied for the enterprise ID and hands it over, whoever owns the tenant.
    From `closed_at` on the tenant is being wiped: it exists for nobody any more, and nothing is written for it.
    """

    __tablename__ = "tenants"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    enterprise_id: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(40))
    pinyin: Mapped[str] = mapped_column(String(400), default="")
    customer_id: Mapped[str] = mapped_column(Id, ForeignKey("customers.id"), index=True)
    scope: Mapped[str] = mapped_column(String(8))
    business_type: Mapped[str] = mapped_column(String(16))
    province_code: Mapped[str | None] = mapped_column(String(8), ForeignKey("provinces.code"), index=True)
    applied_by: Mapped[str | None] = mapped_column(String(8), ForeignKey("provinces.code"))
    server_address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    required_level: Mapped[int] = mapped_column(default=2, server_default="2")
    created_at: Mapped[datetime]
    publication_lock: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    server_address = Sealed()

    __mapper_args__ = {"version_id_col": version}


_OPEN = text("state in ('asked', 'waiting', 'wiping')")


class TenantDeletion(Base):
    """The deletion of an enterprise: who asked and who confirmed it, until when it can be undone, how far it is.

    It outlives the tenant, so `tenant_id` is no foreign key; of a deleted one nothing is left here but its ids, which are never
    given again. `user_ids` are the people who belonged to nobody else, until they are gone too.
    """

    __tablename__ = "tenant_deletions"
    __table_args__ = (
        CheckConstraint("state in ('asked', 'waiting', 'wiping', 'done', 'withdrawn', 'declined')", name="state"),
        CheckConstraint("confirmed_by is null or confirmed_by <> asked_by", name="two_people"),
        CheckConstraint("(state = 'asked') = (confirmed_at is null and ended_at is null)", name="asked_until_answered"),
        Index("uq_tenant_deletions_one_open", "tenant_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index(None, "state", "due_at"),
        Index(None, "enterprise_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    tenant_id: Mapped[str] = mapped_column(Id)
    enterprise_id: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(16))
    extent: Mapped[dict[str, Any]]
    user_ids: Mapped[list[Any]]
    asked_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    confirmed_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    confirmed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class BoxGroup(TenantOwned, Base):
    """A node of a tenant's tree of box groups; the root stands for the whole tenant. Each has one channel."""

    __tablename__ = "box_groups"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "parent_id"], ["box_groups.tenant_id", "box_groups.id"]),
        UniqueConstraint("tenant_id", "parent_id", "name"),
        CheckConstraint("parent_id is null or parent_id <> id", name="not_own_parent"),
    )

    parent_id: Mapped[str | None] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(40))
    pinyin: Mapped[str] = mapped_column(String(400), default="")
    position: Mapped[int] = mapped_column(default=0)
    channel: Mapped[str] = mapped_column(String(32), ForeignKey("channels.channel"), unique=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Channel(Base):
    """The registry of channels, unique across tenants; a replaced one stays known so that it is never given again."""

    __tablename__ = "channels"

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Id, ForeignKey("tenants.id"), index=True)
    group_id: Mapped[str] = mapped_column(Id)
    retired_at: Mapped[datetime | None]
