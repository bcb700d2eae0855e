"""Tables of what boxes report: telemetry, written many times a second and pruned by the clock."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.models import Base, Id, TenantOwned

_BEHIND = text("push_known <> push_number")


class BoxStatus(TenantOwned, Base):
    """The last heartbeat of a box: one row for each, its id being the box's, so that a heartbeat costs one update at any size of the fleet.

    `channel` is the one that the box was told last. `told_offline` says that its people were told that it is silent. `calls` counts what it called within the minute from `calls_since`.

    `push_number` counts the accounts that the box is to have had at the broker: every change of token, channel or state asks for another.
    `push_known` is the last one that the broker was told of, `push_open` whether that lets the box in.
    """

    __tablename__ = "box_status"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "id"], ["boxes.tenant_id", "boxes.id"]),
        Index("ix_box_status_push_behind", "tenant_id", sqlite_where=_BEHIND, postgresql_where=_BEHIND),
    )

    channel: Mapped[str] = mapped_column(String(32))
    boot: Mapped[str | None] = mapped_column(Id)
    count: Mapped[int] = mapped_column(BigInteger, default=0)
    seen_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    release: Mapped[str | None] = mapped_column(String(64))
    screen: Mapped[str | None] = mapped_column(String(8))
    uptime_seconds: Mapped[int] = mapped_column(BigInteger, default=0)
    free_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    firmware: Mapped[str] = mapped_column(String(64), default="")
    faults: Mapped[list[Any]] = mapped_column(default=list)
    told_offline: Mapped[bool] = mapped_column(default=False, server_default=false())
    calls_since: Mapped[datetime | None]
    calls: Mapped[int] = mapped_column(default=0)
    push_number: Mapped[int] = mapped_column(default=1, server_default="1")
    push_known: Mapped[int] = mapped_column(default=0, server_default="0")
    push_open: Mapped[bool] = mapped_column(default=False, server_default=false())


class BoxChannel(TenantOwned, Base):
    """A channel that a box was told; what stood in its documents is what the box can have played."""

    __tablename__ = "box_channels"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "box_id"], ["boxes.tenant_id", "boxes.id"]),
        UniqueConstraint("tenant_id", "box_id", "channel"),
    )

    box_id: Mapped[str] = mapped_column(Id)
    channel: Mapped[str] = mapped_column(String(32))
    group_id: Mapped[str] = mapped_column(Id)
    since: Mapped[datetime]


class CommandResult(TenantOwned, Base):
    """What became of a command; its id is the command's."""

    __tablename__ = "box_command_results"
    __table_args__ = (Index(None, "tenant_id", "box_id"),)

    box_id: Mapped[str] = mapped_column(Id)
    done_at: Mapped[datetime]
    ok: Mapped[bool]
    detail: Mapped[str] = mapped_column(String(500), default="")


class Screenshot(TenantOwned, Base):
    """A picture of what a box shows, made anew from what it sent; its id is that of the command that asked for it.

    `small` is the same for the wall, where there is one.
    """

    __tablename__ = "box_screenshots"
    __table_args__ = (Index(None, "tenant_id", "box_id", "taken_at"), Index(None, "taken_at"))

    box_id: Mapped[str] = mapped_column(Id)
    taken_at: Mapped[datetime]
    image: Mapped[bytes] = mapped_column(LargeBinary)
    small: Mapped[bytes | None] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]


class PlayBatch(TenantOwned, Base):
    """A batch of plays that has come; the same again counts no more."""

    __tablename__ = "play_batches"
    __table_args__ = (UniqueConstraint("tenant_id", "box_id", "batch"), Index(None, "came_at"))

    box_id: Mapped[str] = mapped_column(Id)
    batch: Mapped[str] = mapped_column(Id)
    sha256: Mapped[str] = mapped_column(String(64))
    plays: Mapped[int]
    accepted: Mapped[int]
    came_at: Mapped[datetime]


class PlayRow(TenantOwned, Base):
    """One play as a box reported it; kept for a while as the evidence of the sums."""

    __tablename__ = "plays"
    __table_args__ = (Index(None, "tenant_id", "box_id", "started_at"), Index(None, "started_at"))

    box_id: Mapped[str] = mapped_column(Id)
    list: Mapped[str] = mapped_column(String(8))
    item: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime]
    seconds: Mapped[int]
    completed: Mapped[bool]


class PlayDay(TenantOwned, Base):
    """The plays of one thing in one group on one business day, summed up; kept for good."""

    __tablename__ = "play_days"
    __table_args__ = (UniqueConstraint("tenant_id", "day", "group_id", "list", "item"), Index(None, "day"))

    day: Mapped[date]
    group_id: Mapped[str] = mapped_column(Id)
    list: Mapped[str] = mapped_column(String(8))
    item: Mapped[str] = mapped_column(String(64))
    plays: Mapped[int] = mapped_column(BigInteger)
    completed: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[int] = mapped_column(BigInteger)


class PlayBoxDay(TenantOwned, Base):
    """The plays of one thing on one box on one business day, summed up; kept as long as the plays themselves."""

    __tablename__ = "play_box_days"
    __table_args__ = (UniqueConstraint("tenant_id", "day", "box_id", "list", "item"), Index(None, "day"))

    day: Mapped[date]
    box_id: Mapped[str] = mapped_column(Id)
    list: Mapped[str] = mapped_column(String(8))
    item: Mapped[str] = mapped_column(String(64))
    plays: Mapped[int] = mapped_column(BigInteger)
    completed: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[int] = mapped_column(BigInteger)


class PlayName(TenantOwned, Base):
    """What a thing that boxes play was called when it was on air last, in release number `release`; kept for good, as its sums are.

    `part_of` is the playlist of an ad and the column of an item, by the object's id, `part_title` what that was called.
    """

    __tablename__ = "play_names"
    __table_args__ = (UniqueConstraint("tenant_id", "list", "item"),)

    list: Mapped[str] = mapped_column(String(8))
    item: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    part_of: Mapped[str | None] = mapped_column(Id)
    part_title: Mapped[str] = mapped_column(String(200))
    release: Mapped[int]
