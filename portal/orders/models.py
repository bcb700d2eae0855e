"""Tables of subscriptions, what was requested of them, their suspensions and charges, and of grants.

No row says what is in force; `rules` derives that from all of them and a moment.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.models import Base, Id, TenantOwned
from portal.orders.columns import Fen


def _one_of_those(name: str, columns: tuple[str, ...], condition: str) -> Index:
    """A unique index over the rows for which `condition` holds, on both databases."""
    return Index(name, *columns, unique=True, sqlite_where=text(condition), postgresql_where=text(condition))


class Subscription(TenantOwned, Base):
    """A tenant's package as ordered. It runs from `starts_at` until 00:00 of `ends_on`, or on and on."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        CheckConstraint("boxes > 0", name="has_boxes"),
        CheckConstraint("price >= 0", name="price_not_negative"),
        _one_of_those("uq_subscriptions_open", ("tenant_id",), "ends_on IS NULL"),
    )

    offering_code: Mapped[str] = mapped_column(String(32))
    boxes: Mapped[int]
    price: Mapped[Decimal] = mapped_column(Fen)
    price_reason: Mapped[str] = mapped_column(String(200), default="")
    price_approved_by: Mapped[str | None] = mapped_column(Id)
    terms: Mapped[str] = mapped_column(String(16))
    customer_class: Mapped[str] = mapped_column(String(16))
    industry_code: Mapped[str] = mapped_column(String(8))
    ordered_at: Mapped[datetime]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_on: Mapped[date | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)

    changes: Mapped[list["SubscriptionChange"]] = relationship(
        viewonly=True, lazy="raise", order_by="SubscriptionChange.requested_at, SubscriptionChange.id"
    )
    suspensions: Mapped[list["Suspension"]] = relationship(
        viewonly=True, lazy="raise", order_by="Suspension.started_at, Suspension.id"
    )

    __mapper_args__ = {"version_id_col": version}


class SubscriptionChange(TenantOwned, Base):
    """A change of package or a cancellation, requested for 00:00 of `effective_on`; of those requested the last one counts."""

    __tablename__ = "subscription_changes"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "subscription_id"], ["subscriptions.tenant_id", "subscriptions.id"]),
        CheckConstraint(
            "(kind = 'cancel') = (offering_code IS NULL) AND (offering_code IS NULL) = (boxes IS NULL)"
            " AND (offering_code IS NULL) = (price IS NULL) AND (offering_code IS NULL) = (terms IS NULL)",
            name="whole_or_cancel",
        ),
        CheckConstraint("boxes > 0", name="has_boxes"),
        _one_of_those(
            "uq_subscription_changes_counting",
            ("tenant_id", "subscription_id", "effective_on"),
            "replaced_at IS NULL AND withdrawn_at IS NULL",
        ),
    )

    subscription_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(8))
    offering_code: Mapped[str | None] = mapped_column(String(32))
    boxes: Mapped[int | None]
    price: Mapped[Decimal | None] = mapped_column(Fen)
    price_reason: Mapped[str] = mapped_column(String(200), default="")
    price_approved_by: Mapped[str | None] = mapped_column(Id)
    terms: Mapped[str | None] = mapped_column(String(16))
    effective_on: Mapped[date] = mapped_column(index=True)
    requested_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class Suspension(TenantOwned, Base):
    """A rest of a subscription, for arrears (欠费) or a violation (违规), at once and until it is resumed."""

    __tablename__ = "suspensions"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "subscription_id"], ["subscriptions.tenant_id", "subscriptions.id"]),
        CheckConstraint("ended_at >= started_at", name="ends_after_start"),
        _one_of_those("uq_suspensions_open", ("tenant_id", "subscription_id"), "ended_at IS NULL"),
    )

    subscription_id: Mapped[str] = mapped_column(Id)
    reason: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(200), default="")
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None] = mapped_column(index=True)


class Grant(TenantOwned, Base):
    """One more feature for one tenant (深度定制), until the end of `ends_on` unless ended earlier.

    `packages` limits the feature `apps` to the named ones; empty, nothing is limited.
    """

    __tablename__ = "grants"
    __table_args__ = (CheckConstraint("price >= 0", name="price_not_negative"),)

    feature: Mapped[str] = mapped_column(String(16))
    packages: Mapped[list[Any]] = mapped_column(default=list)
    reason: Mapped[str] = mapped_column(String(200))
    price: Mapped[Decimal] = mapped_column(Fen)
    granted_at: Mapped[datetime]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_on: Mapped[date] = mapped_column(index=True)
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Charge(TenantOwned, Base):
    """What an order costs at once, computed when it is entered: the rest of the month, or the boxes of a group purchase."""

    __tablename__ = "charges"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "subscription_id"], ["subscriptions.tenant_id", "subscriptions.id"]),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        Index(None, "tenant_id", "subscription_id"),
    )

    subscription_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(16))
    covers_from: Mapped[date]
    covers_until: Mapped[date]
    boxes: Mapped[int]
    unit_amount: Mapped[Decimal] = mapped_column(Fen)
    amount: Mapped[Decimal] = mapped_column(Fen)
    charged_at: Mapped[datetime]
