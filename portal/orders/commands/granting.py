"""Granting one tenant one more feature (深度定制, 一事一议), and ending a grant early."""

import re
from datetime import date

from portal.access.checks import ask
from portal.access.governing import module_paths
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.catalog.catalogue import catalogue
from portal.catalog.features import Feature
from portal.catalog.gating import BASE_ONLY
from portal.catalog.money import to_fen
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import NotFound, Refused
from portal.core.ids import new_id
from portal.core.messages import N_, Message
from portal.orders import rows
from portal.orders.commands import checks
from portal.orders.commands.locking import lock_orders
from portal.orders.models import Grant
from portal.orders.requests import GrantRequest

_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+")
_PACKAGES_MAX = 50
_PACKAGE_LENGTH_MAX = 255


def grant_feature(ctx: Context, request: GrantRequest) -> str:
    """This function will give the tenant a feature through a last day, and return the grant's id.

    It opens while the tenant's subscription is active. Raises `Invalid` for the fields: an unknown feature, `base`, which
    every package has, packages for a feature that cannot be limited, no reason, an end before the beginning.
    """
    ask(ctx, Permission.GRANTS_MANAGE)
    now = clock.now()
    checks.raise_if(_errors(request, clock.business_date(now)))
    ask(ctx, Permission.GRANTS_MANAGE, about=module_paths(request.feature))
    lock_orders(ctx)
    grant = Grant(
        id=new_id(),
        feature=Feature(request.feature),
        packages=sorted(set(request.packages)),
        reason=request.reason.strip(),
        price=request.price,
        granted_at=now,
        starts_at=now if request.starts_on is None else max(now, clock.start_of(request.starts_on)),
        ends_on=request.ends_on,
    )
    ctx.session.add(grant)
    record(
        ctx,
        Event.GRANT_GIVEN,
        _target(grant),
        feature=grant.feature,
        packages=grant.packages,
        reason=grant.reason,
        price=str(to_fen(grant.price)),
        ends_on=grant.ends_on.isoformat(),
    )
    return grant.id


def end_grant(ctx: Context, grant_id: str) -> None:
    """This function will end a grant now, before its last day; raises `NotFound`, and `Refused` with `grant_over`."""
    ask(ctx, Permission.GRANTS_MANAGE)
    lock_orders(ctx)
    grant = ctx.session.get(Grant, (ctx.tenant_id, grant_id), populate_existing=True)
    if grant is None:
        raise NotFound
    ask(ctx, Permission.GRANTS_MANAGE, about=module_paths(grant.feature))
    now = clock.now()
    if rows.grant_ends_at(grant) <= now:
        raise Refused("grant_over", N_("这项授权已经结束。"), status=409)
    grant.ended_at = now
    record(ctx, Event.GRANT_ENDED, _target(grant), feature=grant.feature)


def _errors(request: GrantRequest, today: date) -> dict[str, Message]:
    entry = catalogue().features.get(Feature(request.feature)) if request.feature in set(Feature) else None
    errors: dict[str, Message] = {}
    if entry is None:
        errors["feature"] = N_("没有这项功能。")
    elif entry.feature in BASE_ONLY:
        errors["feature"] = N_("每个套餐都含这项功能。")
    elif request.packages and not entry.limitable:
        errors["packages"] = N_("这项功能不能按应用限定。")
    elif len(request.packages) > _PACKAGES_MAX or not all(map(_is_package, request.packages)):
        errors["packages"] = N_("请填写应用包名，如 cn.com.example.app，最多 %(n)d 个。", n=_PACKAGES_MAX)
    return errors | _term_errors(request, today)


def _term_errors(request: GrantRequest, today: date) -> dict[str, Message]:
    errors: dict[str, Message] = {}
    if not request.reason.strip():
        errors["reason"] = N_("请写明理由。")
    elif len(request.reason) > checks.TEXT_MAX:
        errors["reason"] = checks.too_long()
    if error := checks.price_error(request.price):
        errors["price"] = error
    if request.starts_on is not None and request.starts_on < today:
        errors["starts_on"] = N_("开始日不能早于今天。")
    if request.ends_on < (request.starts_on or today):
        errors["ends_on"] = N_("结束日不能早于开始日。")
    return errors


def _is_package(name: str) -> bool:
    return len(name) <= _PACKAGE_LENGTH_MAX and _PACKAGE.fullmatch(name) is not None


def _target(grant: Grant) -> Target:
    return Target("grant", grant.id, catalogue().features[Feature(grant.feature)].name.zh)
