"""What there is over all tenants, for the staff: each kind is one bounded query in a system session, asked only of whoever may see it.

A province finds its own enterprises and what is theirs, as on its lists.
"""

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from portal.access.checks import may
from portal.access.permissions import Permission
from portal.access.policy import allows, own_province
from portal.access.roles import LABELS, Role
from portal.accounts.queries import staff
from portal.boxes.queries import fleet
from portal.core import clock
from portal.core.context import Actor, Context
from portal.core.messages import N_
from portal.desk.queries import entries
from portal.search.found import Hit, Kind, bounded
from portal.tenants.applications.queries import narrowed, visible_to
from portal.tenants.applications.states import STATE_LABELS, ApplicationState
from portal.tenants.models import Tenant
from portal.tenants.queries import customers, tenants

Search = Callable[[Session, Actor, str, int], Kind]


def everywhere(ctx: Context, system: Session, text: str, most: int) -> Iterator[Kind]:
    """This function will return what `text` finds, `most` of a kind; `system` is a session over all tenants."""
    for permission, search in _SEARCHES:
        if may(ctx, permission):
            yield bounded(search(system, ctx.actor, text, most), most)


def _enterprises(system: Session, actor: Actor, text: str, most: int) -> Kind:
    rows = system.scalars(tenants(text, own_province(actor)).order_by(Tenant.pinyin, Tenant.id).limit(most + 1))
    hits = [Hit(row.name, row.enterprise_id, "dashboard.tenant", {"enterprise_id": row.enterprise_id}) for row in rows]
    return Kind("enterprises", N_("企业"), "building", hits, "tenants.index")


def _customers(system: Session, actor: Actor, text: str, most: int) -> Kind:
    manages = allows(actor, Permission.CUSTOMERS_MANAGE, None)
    hits = [
        Hit(
            row.name,
            row.industry_code,
            *(("customers.edit", {"customer_id": row.id}) if manages else ("customers.index", {"q": row.name})),
        )
        for row in system.scalars(customers(text, own_province(actor)).limit(most + 1))
    ]
    return Kind("customers", N_("客户名录"), "users", hits, "customers.index")


def _applications(system: Session, actor: Actor, text: str, most: int) -> Kind:
    hits = [
        Hit(
            row.group_name or N_("未命名"),
            STATE_LABELS[ApplicationState(row.state)],
            "applications.show",
            {"application_id": row.id},
        )
        for row in system.scalars(narrowed(visible_to(actor), text).limit(most + 1))
    ]
    return Kind("applications", N_("企业ID申请"), "file-certificate", hits, "applications.index")


def _waiting(system: Session, actor: Actor, text: str, most: int) -> Kind:
    """What waits in the actor's queue and nothing else: what lists keep from the actor is not named here either."""
    wanted = text.casefold()
    found = [
        entry
        for entry, _load in entries(system, actor)
        if wanted in str(entry.submission.title).casefold() or wanted in entry.submission.pinyin
    ]
    hits = [
        Hit(
            entry.submission.title,
            entry.tenant.short_name,
            "desk.submission",
            {"enterprise_id": entry.tenant.enterprise_id, "submission_id": entry.submission.id},
        )
        for entry in found[: most + 1]
    ]
    return Kind("waiting", N_("待审核"), "clipboard-check", hits)


def _boxes(system: Session, actor: Actor, text: str, most: int) -> Kind:
    wanted = fleet.boxes(fleet.Wanted(text, province=own_province(actor)), clock.now())
    rows = system.scalars(wanted.limit(most + 1)).all()
    owners = fleet.tenants_of(system, [row.tenant_id for row in rows])
    hits = [
        Hit(
            row.name or row.serial,
            owners[row.tenant_id].short_name,
            "boxes.box",
            {"enterprise_id": owners[row.tenant_id].enterprise_id, "box_id": row.id},
        )
        for row in rows
    ]
    return Kind("boxes", N_("机顶盒"), "device-tv", hits, "fleet.index")


def _people(system: Session, actor: Actor, text: str, most: int) -> Kind:
    hits = [
        Hit(row.display_name, LABELS[Role(row.staff_role or "")], "users.edit", {"user_id": row.id})
        for row in system.scalars(staff(text).limit(most + 1))
    ]
    return Kind("people", N_("账号"), "user", hits, "users.index")


_SEARCHES: tuple[tuple[Permission, Search], ...] = (
    (Permission.TENANTS_VIEW, _enterprises),
    (Permission.CUSTOMERS_VIEW, _customers),
    (Permission.APPLICATIONS_VIEW, _applications),
    (Permission.REVIEW_QUEUE, _waiting),
    (Permission.FLEET_VIEW, _boxes),
    (Permission.USERS_VIEW, _people),
)
