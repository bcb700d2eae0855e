"""What the center does with boxes of many enterprises at once: in each enterprise one transaction of its own, recorded in its log."""

from collections.abc import Collection

from sqlalchemy import select

from portal.boxes.commands.managing import tell_those_bound
from portal.boxes.models.bound import Box
from portal.boxes.states import BoxState, CommandKind
from portal.catalog.catalogue import catalogue
from portal.core.context import Actor, Context, RequestMeta
from portal.core.database import commit, system_session, tenant_session
from portal.core.errors import Refused
from portal.core.ids import BoxId, TenantId
from portal.core.messages import N_
from portal.tenants.models import Tenant
from portal.tenants.queries import reference


def tell_everywhere(actor: Actor, meta: RequestMeta, box_ids: Collection[BoxId], kind: CommandKind) -> int:
    """This function will tell those of the boxes that are bound, whosever they are, and return how many; raises `Refused`.

    The actor is asked for the right in every enterprise. What is done in one stays done where another one fails: a command that
    comes twice does no harm, and one that is told already is not told again.
    """
    most = catalogue().boxes.command_rounds
    if len(box_ids) > most:
        raise Refused("too_many_boxes", N_("一次最多 %(n)d 台，请先筛选。", n=most))
    with system_session(reason="whose the boxes are that the center tells something") as session:
        wanted = select(Box.tenant_id, Box.id).where(Box.id.in_(set(box_ids)), Box.state == BoxState.BOUND.value)
        by_tenant: dict[str, list[BoxId]] = {}
        for tenant_id, box_id in session.execute(wanted):
            by_tenant.setdefault(tenant_id, []).append(BoxId(box_id))
        tenants = session.scalars(select(Tenant).where(Tenant.id.in_(by_tenant))).all()
        references = [reference(tenant) for tenant in tenants]
    told = 0
    for tenant in references:
        with tenant_session(TenantId(tenant.id), writes=True) as session:
            told += tell_those_bound(Context(session, actor, tenant, meta), by_tenant[tenant.id], kind)
            commit(session)
    return told
