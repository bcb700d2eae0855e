"""Whom a call comes from: by a key, by a token. The registries know no tenant's fence; what they name is read inside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, bindparam, exists, select
from sqlalchemy.orm import Session

from portal.boxes.models.bound import Box, BoxKey, BoxSerial, BoxToken
from portal.boxes.states import BoxState
from portal.core.context import TenantRef
from portal.core.database import Ground
from portal.core.ids import BoxId, TenantId
from portal.core.prepared import Prepared
from portal.core.tokens import token_hash
from portal.orders.models import Suspension
from portal.orders.queries import entitlement
from portal.orders.states import State
from portal.releases.signing.models import RootKey
from portal.tenants.models import Tenant


@dataclass(frozen=True)
class Owner:
    """The tenant and the box that a registry names."""

    tenant_id: TenantId
    box_id: BoxId


@dataclass(frozen=True)
class Token:
    """A token that was issued once, whose it is, which key it belongs to, and whether it has ended; beside it the root key of today."""

    tenant: TenantRef
    box_id: BoxId
    thumbprint: str
    ended: bool
    root: Mapping[str, Any] | None = None


_BY_TOKEN: Final = Prepared(
    lambda _: (
        select(
            BoxToken.tenant_id,
            BoxToken.box_id,
            BoxToken.thumbprint,
            BoxToken.ended_at,
            Tenant.enterprise_id,
            Tenant.short_name,
            Tenant.province_code,
            select(RootKey.public_jwk).where(RootKey.current).scalar_subquery().label("root"),
        )
        .join(Tenant, Tenant.id == BoxToken.tenant_id)
        .where(BoxToken.token_hash == bindparam("token_hash"))
    )
)


def find_token(on: Ground, token: str) -> Token | None:
    """This function will return what is known of a token, or None for one that was never issued; one query."""
    for row in _BY_TOKEN.rows(on, {"token_hash": token_hash(token)}):
        tenant = TenantRef(TenantId(row.tenant_id), row.enterprise_id, row.short_name, row.province_code)
        return Token(tenant, BoxId(row.box_id), row.thumbprint, row.ended_at is not None, row.root)
    return None


def owner_of_key(session: Session, thumbprint: str) -> Owner | None:
    """This function will return whose key this is, bound or reported stolen, or None."""
    row = session.get(BoxKey, thumbprint, populate_existing=True)
    return Owner(TenantId(row.tenant_id), BoxId(row.box_id)) if row else None


def owner_of_serial(session: Session, serial: str) -> Owner | None:
    """This function will return whose serial number this is, bound or reported stolen, or None."""
    row = session.get(BoxSerial, serial, populate_existing=True)
    return Owner(TenantId(row.tenant_id), BoxId(row.box_id)) if row else None


def bound_box(session: Session, box_id: BoxId) -> Box | None:
    """This function will return the tenant's box if it is bound now; in a session that writes it stays so until the transaction ends.

    Whoever unbinds it or reports it stolen waits meanwhile, and then ends what the box was given.
    """
    wanted = select(Box).where(Box.id == box_id, Box.state == BoxState.BOUND.value).with_for_update()
    return session.scalar(wanted.execution_options(populate_existing=True))


def is_suspended(session: Session, tenant_id: TenantId, at: datetime) -> bool:
    """This function will tell whether the session's tenant is suspended; one small query where nothing rests."""
    return bool(session.scalar(select(rests_at(tenant_id, at)))) and has_rest(session, tenant_id, at)


def rests_at(tenant_id: Any, at: Any) -> ColumnElement[bool]:
    """This function will return the condition that some suspension is open at `at`; whether the tenant rests, `has_rest` says."""
    return exists().where(
        Suspension.tenant_id == tenant_id,
        Suspension.started_at <= at,
        Suspension.ended_at.is_(None) | (Suspension.ended_at > at),
    )


def has_rest(session: Session, tenant_id: TenantId, at: datetime) -> bool:
    """This function will tell whether the tenant is suspended at `at`, by all that its orders say."""
    return entitlement(session, tenant_id, at).state is State.SUSPENDED
