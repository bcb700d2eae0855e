"""Where a person is signed in: the sessions whose very next request would be let in."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import and_, func

from portal.accounts.gate.models import RolePolicy
from portal.accounts.models import Membership, User, UserSession
from portal.accounts.queries import OpenSession, selecting_sessions, shown_session
from portal.accounts.rules import may_rest
from portal.core import clock
from portal.core.database import system_session
from portal.core.ids import TenantId, UserId


def live_sessions(user_id: UserId, idle: timedelta, tenant_id: TenantId | None = None) -> Sequence[OpenSession]:
    """This function will return a person's sessions, or those in one tenant, that have rested no longer than they may, the last used first.

    `idle` is how long a session may rest whose role has no time of its own. What has rested longer is ended by its next request.
    """
    seat = and_(Membership.tenant_id == UserSession.tenant_id, Membership.user_id == UserSession.user_id)
    statement = (
        selecting_sessions(user_id, tenant_id)
        .add_columns(RolePolicy.idle_minutes)
        .join(User, User.id == UserSession.user_id)
        .outerjoin(Membership, seat)
        .outerjoin(RolePolicy, RolePolicy.role == func.coalesce(Membership.role, User.staff_role))
    )
    with system_session(reason="a person's sessions, and how long the role of each may rest") as system:
        found = system.execute(statement).all()
    now = clock.now()
    return [shown_session(*row) for *row, minutes in found if row[1] + may_rest(minutes, idle) > now]
