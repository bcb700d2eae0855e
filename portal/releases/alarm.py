"""The alarm where nobody is there to read an error page: content that is not what was approved, met by the clock."""

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.audit.events import Event
from portal.audit.log import record_failure
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, tenant_session
from portal.core.ids import TenantId
from portal.core.logs import get_logger
from portal.core.messages import N_
from portal.notify.commands import tell
from portal.tenants.queries import get_tenant, reference

_log = get_logger()
_sounded: set[tuple[str, str]] = set()  # the clock looks again and again, and the log need not say so each time


def sound(tenant_id: TenantId, sha256: str) -> None:
    """This function will tell the auditor, by the log, and the center, by a message, that the content `sha256` of a tenant was altered.

    The caller has no transaction open that writes: the alarm has its own.
    """
    _log.error("content is not what its approval says", tenant=tenant_id, sha256=sha256)
    if (tenant_id, sha256) in _sounded:
        return
    _sounded.add((tenant_id, sha256))
    with tenant_session(tenant_id, writes=True) as session:
        tenant = reference(get_tenant(session, tenant_id))
        ctx = Context(session, SYSTEM, tenant)
        ask(ctx, Permission.RELEASES_SYSTEM)
        tell(
            ctx,
            N_(
                "「%(name)s」有内容在数据库里被改动过，改动的没有播出，也不会播出。请联系系统管理员。", name=tenant.name
            ),
            key=f"content_altered:{tenant_id}:{sha256}",
            role=Role.CENTER_OPERATOR,
            link=f"/e/{tenant.enterprise_id}/releases",
        )
        record_failure(ctx, Event.CONTENT_ALTERED, sha256=sha256)
        commit(session)
