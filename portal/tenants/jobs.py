"""What follows the creation of a tenant, in its own session."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import select

from portal.core import outbox, unit_of_work
from portal.core.context import SYSTEM, Actor, Context, RequestMeta
from portal.core.database import commit, tenant_session
from portal.core.ids import TenantId
from portal.core.logs import get_logger
from portal.tenants.commands.enterprises import TENANT_CREATED
from portal.tenants.commands.groups import create_group
from portal.tenants.models import Tenant
from portal.tenants.queries import get_tenant, group_tree, reference

ROOT_NAME = "全部分组"

_log = get_logger()


@outbox.handles(TENANT_CREATED)
def _create_root_group(tenant_id: str | None, payload: Mapping[str, Any]) -> None:
    if tenant_id is not None:
        make_root_group(TenantId(tenant_id))


def make_root_group(tenant_id: TenantId, actor: Actor = SYSTEM, request: RequestMeta | None = None) -> None:
    """This function will give a tenant its root group, unless it has one; two who try at once make one."""
    with tenant_session(tenant_id, writes=True) as session:
        session.scalars(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update(key_share=True)).one()
        if len(group_tree(session)):
            return
        tenant = reference(get_tenant(session, tenant_id))
        create_group(Context(session, actor, tenant, request or RequestMeta()), None, ROOT_NAME)
        commit(session)


def make_root_group_at_once(ctx: Context, tenant_id: TenantId) -> None:
    """This function will have the root group made right after the context's transaction, so that nobody meets a tenant without.

    It cannot be made inside: the tenant's tables open only to a session of the tenant's own. Should it fail, the outbox
    has the same thing to do.
    """
    unit_of_work.work_of(ctx.session).after_commit.append(partial(_try, tenant_id, ctx.request))


def _try(tenant_id: TenantId, request: RequestMeta) -> None:
    try:
        make_root_group(tenant_id, request=request)
    except Exception:  # noqa: BLE001 - the tenant is there; whatever happens now is done again by the outbox
        _log.exception("the root group is left to the outbox", tenant_id=tenant_id)
