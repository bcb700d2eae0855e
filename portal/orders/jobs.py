"""Reminders of renewals: the tenant's administrators and the province hear of each once, three months ahead."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, system_session, tenant_session
from portal.core.jobs import every
from portal.core.messages import N_, Message
from portal.notify.commands import tell
from portal.notify.models import Notice
from portal.orders.answers import RenewalDue
from portal.orders.queries import renewals_due
from portal.tenants.queries import get_tenant, reference

_HOUR = 3600


@every(seconds=_HOUR)
def remind_of_renewals() -> int:
    """This function will announce every renewal that is near and was not announced yet; returns how many."""
    with system_session(reason="renewals that must be announced") as session:
        due = renewals_due(session, clock.today())
        keys = select(Notice.key).where(Notice.key.in_([_key(one, Role.TENANT_ADMIN) for one in due]))
        told = set(session.scalars(keys))
    return sum(_remind(one) for one in due if _key(one, Role.TENANT_ADMIN) not in told)


def _remind(due: RenewalDue) -> bool:
    """Of two workers at once one tells: the keys of messages are unique."""
    try:
        with tenant_session(due.tenant_id, writes=True) as session:
            tenant = reference(get_tenant(session, due.tenant_id))
            ctx = Context(session, SYSTEM, tenant)
            ask(replace(ctx, tenant=None), Permission.SYSTEM_MAINTAIN)
            for role, message, link in _messages(due, tenant.name, tenant.enterprise_id, tenant.province_code):
                tell(ctx, message, key=_key(due, role), role=role, link=link)
            target = Target("subscription", due.subscription_id, catalogue().offering(due.offering_code).name.zh)
            record(ctx, Event.REMINDER_SENT, target, kind="renewal", due_on=due.renews_on.isoformat())
            commit(session)
    except IntegrityError:
        return False
    return True


def _messages(
    due: RenewalDue, name: str, enterprise_id: str, province_code: str | None
) -> Iterable[tuple[Role, Message, str]]:
    package = catalogue().offering(due.offering_code).name.words
    own = N_("「%(package)s」将于 %(day)s 自动续订，不续订请在此之前退订。", package=package, day=due.renews_on)
    theirs = N_("%(tenant)s 的「%(package)s」将于 %(day)s 自动续订。", tenant=name, package=package, day=due.renews_on)
    yield Role.TENANT_ADMIN, own, f"/e/{enterprise_id}/package"
    # 全国 tenants have no province; the center takes its place.
    yield Role.PROVINCE if province_code else Role.CENTER_OPERATOR, theirs, f"/e/{enterprise_id}/orders"


def _key(due: RenewalDue, role: Role) -> str:
    return f"renewal:{due.subscription_id}:{due.renews_on.isoformat()}:{role.value}"
