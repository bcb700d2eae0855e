"""Where a person is signed in: the sessions whose very next request would be let in."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from portal.accounts.gate.models import RolePolicy
from portal.accounts.models import Membership, User, UserSession
from portal.accounts.queries import OpenSession, open_sessions
from portal.accounts.rules import may_rest
from portal.core import clock
from portal.core.database import system_session
from portal.core.ids import SessionId, TenantId, UserId


def live_sessions(
    session: Session, user_id: UserId, idle: timedelta, tenant_id: TenantId | None = None
) -> Sequence[OpenSession]:
    """This function will return a person's sessions, or those in one tenant, that have rested no longer than they may, the last used first.

    `idle` is how long a session may rest whose role has no time of its own. What has rested longer is ended by its next request.
    """
    found = open_sessions(session, user_id, tenant_id)
    minutes, now = _minutes_of([each.id for each in found]), clock.now()
    return [each for each in found if each.seen_at + may_rest(minutes.get(each.id), idle) > now]


def _minutes_of(session_ids: Sequence[SessionId]) -> Mapping[SessionId, int | None]:
    """How many minutes the role of each session may rest."""
    seat = and_(Membership.tenant_id == UserSession.tenant_id, Membership.user_id == UserSession.user_id)
    wanted = (
        select(UserSession.id, RolePolicy.idle_minutes)
        .join(User, User.id == UserSession.user_id)
        .outerjoin(Membership, seat)
        .outerjoin(RolePolicy, RolePolicy.role == func.coalesce(Membership.role, User.staff_role))
        .where(UserSession.id.in_(session_ids))
    )
    with system_session(reason="how long the roles of a person's sessions may rest") as system:
        return {SessionId(one): minutes for one, minutes in system.execute(wanted)}
