"""Tables of the room: appointments of officers, the access lists and the user groups that they may name."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.ids import new_id
from portal.core.models import Base, Id, TenantOwned


class Appointment(Base):
    """What one officer asked for about an officer's account, and what another one of another office said to it.

    `user_id` is null for an account that will be opened when the appointment is confirmed.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint("(decided_by is null) = (outcome is null)", name="decided_with_outcome"),
        CheckConstraint("decided_by <> proposed_by or outcome = 'withdrawn'", name="two_people"),
        CheckConstraint("decided_as <> proposed_as or outcome <> 'confirmed'", name="two_offices"),
        Index(None, "decided_at", "expires_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    act: Mapped[str] = mapped_column(String(16))
    role: Mapped[str] = mapped_column(String(32))
    username: Mapped[str] = mapped_column(String(80))
    display_name: Mapped[str] = mapped_column(String(60))
    user_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(String(300))
    proposed_by: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    proposed_as: Mapped[str] = mapped_column(String(32))
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    decided_as: Mapped[str | None] = mapped_column(String(32))
    decided_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class AccessList(Base):
    """One access list; `stamp` is a new one after every change of it, so that what was read of it before is known as old.

    `key` is the list's name, for an information list with the tenant's id behind it.
    """

    __tablename__ = "access_lists"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    stamp: Mapped[str] = mapped_column(Id)


class _EntryColumns:
    """What an entry says, whichever table it stands in. Entries are added and removed, never changed."""

    place_type: Mapped[str] = mapped_column(String(12))
    place_id: Mapped[str] = mapped_column(String(40))
    permission: Mapped[str] = mapped_column(String(40))
    effect: Mapped[str] = mapped_column(String(8))
    subject_type: Mapped[str] = mapped_column(String(8))
    subject_id: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))


_SAID_ONCE = ("place_type", "place_id", "permission", "subject_type", "subject_id")


class AccessEntry(_EntryColumns, Base):
    """An entry of the system, user or application list."""

    __tablename__ = "access_entries"
    __table_args__ = (UniqueConstraint("acl", *_SAID_ONCE, name="uq_access_entries_said_once"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    acl: Mapped[str] = mapped_column(String(12))


class InformationEntry(_EntryColumns, TenantOwned, Base):
    """An entry of a tenant's information list."""

    __tablename__ = "information_entries"
    __table_args__ = (UniqueConstraint("tenant_id", *_SAID_ONCE, name="uq_information_entries_said_once"),)


class StaffGroup(Base):
    """A group of staff accounts (用户组)."""

    __tablename__ = "staff_groups"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class StaffGroupMember(Base):
    """That a staff account belongs to a group."""

    __tablename__ = "staff_group_members"

    group_id: Mapped[str] = mapped_column(Id, ForeignKey("staff_groups.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), primary_key=True, index=True)


class MemberGroup(TenantOwned, Base):
    """A group of a tenant's members (用户组)."""

    __tablename__ = "member_groups"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    name: Mapped[str] = mapped_column(String(60))
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class MemberGroupMember(TenantOwned, Base):
    """That a member belongs to a group of the own tenant."""

    __tablename__ = "member_group_members"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "group_id"], ["member_groups.tenant_id", "member_groups.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["memberships.tenant_id", "memberships.user_id"]),
        UniqueConstraint("tenant_id", "group_id", "user_id"),
        Index(None, "tenant_id", "user_id"),
    )

    group_id: Mapped[str] = mapped_column(Id)
    user_id: Mapped[str] = mapped_column(Id)


class SupportSession(TenantOwned, Base):
    """That somebody of the center may look into the tenant: why, until when, how it ended. Bound to one signed-in session."""

    __tablename__ = "support_sessions"
    __table_args__ = (Index(None, "session_id", "expires_at"), Index(None, "ended_at", "expires_at"))

    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    session_id: Mapped[str] = mapped_column(Id, ForeignKey("user_sessions.id"))
    reason: Mapped[str] = mapped_column(String(300))
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(16))
    ended_by: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
