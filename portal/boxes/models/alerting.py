"""The table of when and whom a tenant wants to be told that boxes are silent."""

from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.models import Base, TenantOwned


class BoxAlerts(TenantOwned, Base):
    """A tenant's own choice; its id is the tenant's, so there is one. Without a row the defaults of `rules` hold.

    `roles` are those that are told, none of them for nobody.
    """

    __tablename__ = "box_alerts"
    __table_args__ = (CheckConstraint("after_minutes > 0", name="after_minutes_positive"),)

    after_minutes: Mapped[int]
    roles: Mapped[list[Any]]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
