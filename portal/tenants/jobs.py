"""What follows the creation of a tenant, in its own session."""

from collections.abc import Mapping
from typing import Any

from portal.core import outbox
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, tenant_session
from portal.core.ids import TenantId
from portal.tenants.commands import TENANT_CREATED, create_group
from portal.tenants.queries import get_tenant, group_tree, reference

ROOT_NAME = "全部分组"


@outbox.handles(TENANT_CREATED)
def _create_root_group(tenant_id: str | None, payload: Mapping[str, Any]) -> None:
    if tenant_id is None:
        return
    with tenant_session(TenantId(tenant_id), writes=True) as session:
        if len(group_tree(session)):
            return
        tenant = reference(get_tenant(session, TenantId(tenant_id)))
        create_group(Context(session, COMMAND_LINE, tenant), None, ROOT_NAME)
        commit(session)
