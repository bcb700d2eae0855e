"""Who asks, for which tenant, in which request: the first argument of every command."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.ids import GroupId, SessionId, TenantId, UserId, new_id


@dataclass(frozen=True)
class TenantRef:
    """The tenant in whose space a request moves, as far as access decisions need it.

    `province_code` is the province that owns it, None where the center does; `applied_by` the one that applied for its ID;
    `required_level` the level of authentication that it asks for.
    """

    id: TenantId
    enterprise_id: str
    name: str
    province_code: str | None
    applied_by: str | None = None
    required_level: int = 2


@dataclass(frozen=True)
class Support:
    """A support session: until when somebody of the center may look into one tenant."""

    id: str
    tenant: TenantRef
    ends_at: datetime


@dataclass(frozen=True)
class Actor:
    """A person or the system itself, with the role it has in this request.

    `support` is the support session that somebody of the center has opened. `role` and `layer` are the values of `access.roles`; `group_id` is the root of a group editor's own subtree and
    `groups` all of that subtree, the root included. `holds_key` says that the person has a passkey or certificate to sign with.
    """

    user_id: UserId | None
    username: str
    display_name: str
    role: str
    layer: str
    province_code: str | None = None
    tenant_id: TenantId | None = None
    group_id: GroupId | None = None
    groups: frozenset[GroupId] = frozenset()
    session_id: SessionId | None = None
    auth_level: int = 0
    auth_method: str = ""
    authenticated_at: datetime | None = None
    holds_key: bool = False
    support: Support | None = None


SYSTEM = Actor(user_id=None, username="system", display_name="系统", role="system", layer="system")
BOX = Actor(user_id=None, username="box", display_name="机顶盒", role="system", layer="system")
COMMAND_LINE = Actor(user_id=None, username="cli", display_name="命令行", role="cli", layer="system")


@dataclass(frozen=True)
class RequestMeta:
    """Where a request came from, for the record; `address` is the socket's unless a trusted proxy says otherwise.

    `deed` is the person's own signature (`audit.deeds.Deed`) that the request has brought for what it decides.
    """

    request_id: str = field(default_factory=new_id)
    address: str = ""
    user_agent: str = ""
    deed: object = field(default=None, repr=False)


@dataclass(frozen=True)
class Context:
    """One actor's request: its session, its tenant if it moves in one, and where it came from."""

    session: Session
    actor: Actor
    tenant: TenantRef | None = None
    request: RequestMeta = field(default_factory=RequestMeta)

    @property
    def enterprise(self) -> TenantRef:
        """The tenant that the request moves in; raises `RuntimeError` where it moves in none."""
        if self.tenant is None:
            raise RuntimeError("this request moves in no tenant")
        return self.tenant

    @property
    def tenant_id(self) -> TenantId:
        """The id of `enterprise`."""
        return self.enterprise.id
