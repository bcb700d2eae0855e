"""Tables of the policy of modules and of what a session has proven beyond its sign-in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.models import Base, Id

GIVEN_AWAY = "given_away"  # the proof of a session that scripts work with: no person sits before it


class ModulePolicy(Base):
    """A module's demand where somebody changed it; without a row the default of `access.modules` holds."""

    __tablename__ = "module_policies"
    __table_args__ = (
        CheckConstraint("level in (2, 3)", name="known_level"),
        CheckConstraint("minutes is null or minutes between 1 and 720", name="minutes_within_a_session"),
    )

    module: Mapped[str] = mapped_column(String(32), primary_key=True)
    captcha: Mapped[str] = mapped_column(String(16))
    level: Mapped[int]
    minutes: Mapped[int | None]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class RolePolicy(Base):
    """How many minutes a session of a role may rest, where somebody changed it; else the installation's setting holds."""

    __tablename__ = "role_policies"
    __table_args__ = (CheckConstraint("idle_minutes between 1 and 720", name="idle_within_a_session"),)

    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    idle_minutes: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class SessionProof(Base):
    """What a session has proven since its sign-in: a factor again, or a page code at the door of one module."""

    __tablename__ = "session_proofs"

    session_id: Mapped[str] = mapped_column(Id, ForeignKey("user_sessions.id"), primary_key=True)
    proof: Mapped[str] = mapped_column(String(48), primary_key=True)
    level: Mapped[int]
    proven_at: Mapped[datetime]
