"""Tables of users, their factors, memberships, sessions and one-time links."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.crypto import Sealed
from portal.core.ids import new_id
from portal.core.models import Base, Id, Json, TenantOwned


class User(Base):
    """A person. `staff_role` is set for people of the center and the provinces; members have memberships instead."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint(
            "(staff_role = 'province') = (province_code is not null) or staff_role is null", name="province_has_code"
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(80), unique=True)
    display_name: Mapped[str] = mapped_column(String(60))
    pinyin: Mapped[str] = mapped_column(String(200), default="")
    staff_role: Mapped[str | None] = mapped_column(String(32))
    province_code: Mapped[str | None] = mapped_column(String(8), ForeignKey("provinces.code"))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_changed_at: Mapped[datetime | None]
    totp_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_enrolled_at: Mapped[datetime | None]
    totp_last_step: Mapped[int] = mapped_column(default=0)
    required_level: Mapped[int | None]
    disabled_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(8), default="zh")
    theme: Mapped[str] = mapped_column(String(8), default="auto")
    density: Mapped[str] = mapped_column(String(12), default="comfortable")
    hidden_columns: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    totp_secret = Sealed()

    __mapper_args__ = {"version_id_col": version}


class RoleLevel(Base):
    """The level of authentication that a role needs where somebody changed it; else the default of `levels` holds."""

    __tablename__ = "role_levels"

    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    level: Mapped[int]


class Passkey(Base):
    """A credential of a person's authenticator (WebAuthn); its private key never leaves that.

    The key of a demo account is in everybody's hands: it `is_copied`, and its counter says nothing.
    """

    __tablename__ = "passkeys"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[list[Any]] = mapped_column(Json, default=list)
    is_synced: Mapped[bool]
    is_copied: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    fell_back_at: Mapped[datetime | None]


class CertificateAuthority(Base):
    """The portal's own authority for people's certificates; there is one."""

    __tablename__ = "certificate_authorities"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    certificate: Mapped[str] = mapped_column(Text)
    key_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]

    key = Sealed()


class ClientCertificate(Base):
    """A certificate that the portal issued to a person; its private key was handed over and not kept.

    A demo account's lies in a file for everybody: it `is_copied`.
    """

    __tablename__ = "client_certificates"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    serial: Mapped[str] = mapped_column(String(40), unique=True)
    thumbprint: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    is_copied: Mapped[bool] = mapped_column(default=False)
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]


class FormerPassword(Base):
    """The hash of a password that was replaced, where the password profile forbids to come back to it."""

    __tablename__ = "former_passwords"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    replaced_at: Mapped[datetime]


class RecoveryCode(Base):
    """One of a person's ten recovery codes; only a keyed hash is kept, and that it was used."""

    __tablename__ = "recovery_codes"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SpentChallenge(Base):
    """A challenge that was answered, so that no answer counts twice; telemetry."""

    __tablename__ = "spent_challenges"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    spent_at: Mapped[datetime] = mapped_column(index=True)


class Membership(TenantOwned, Base):
    """A person's role in a tenant; a group editor's is limited to the subtree of `group_id`."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("tenant_id", "user_id"),
        ForeignKeyConstraint(["tenant_id", "group_id"], ["box_groups.tenant_id", "box_groups.id"]),
        CheckConstraint("(role = 'group_editor') = (group_id is not null)", name="group_editor_has_group"),
    )

    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    role: Mapped[str] = mapped_column(String(32))
    group_id: Mapped[str | None] = mapped_column(Id)
    required_level: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    user: Mapped[User] = relationship(lazy="raise", viewonly=True)

    __mapper_args__ = {"version_id_col": version}


class UserSession(Base):
    """A signed-in (or half signed-in: `auth_level` 0) browser, bound for life to one role and at most one tenant."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index(None, "user_id", "ended_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    tenant_id: Mapped[str | None] = mapped_column(Id, ForeignKey("tenants.id"))
    auth_level: Mapped[int]
    auth_method: Mapped[str] = mapped_column(String(64))
    authenticated_at: Mapped[datetime]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(300))


class SessionActivity(Base):
    """When a session was last used and what small things it carries (form token, flashed messages); telemetry."""

    __tablename__ = "session_activity"

    session_id: Mapped[str] = mapped_column(Id, ForeignKey("user_sessions.id"), primary_key=True)
    seen_at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class SignInAttempt(Base):
    """A failed or successful try, counted per account and per address; telemetry."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index(None, "subject", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    subject: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    succeeded: Mapped[bool]


class OneTimeLink(Base):
    """A link that lets a person set, once, what the account lacks, or a new password; only its hash is kept."""

    __tablename__ = "one_time_links"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
