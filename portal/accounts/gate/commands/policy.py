"""Changing what the door of a module asks, and how long the sessions of a role may rest."""

from portal.access.checks import ask
from portal.access.modules import DOORS, LEVELS, LONGEST_MINUTES, Demand, Module
from portal.access.permissions import Permission
from portal.access.roles import LABELS, Role
from portal.accounts.gate.models import ModulePolicy, RolePolicy
from portal.accounts.gate.queries import policy_of, rest_of
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid, Refused
from portal.core.messages import N_, Message


def change_policy(ctx: Context, module: Module, demand: Demand, *, version: int) -> None:
    """This function will make `demand` what the door of `module` asks, from the very next request on.

    Raises `Invalid` for `level` and `minutes`, `Conflict` where `version` is not the newest, and `Refused` with
    `would_shut_out` where the actor could not pass the door of the policies themselves any more.
    """
    ask(ctx, Permission.MODULES_MANAGE)
    _check(module, demand)
    if module is Module.MODULE_POLICY and demand.level > ctx.actor.auth_level:
        raise Refused(
            "would_shut_out", N_("您自己还没有用这个级别登录过，改了就进不来了。请先用通行密钥或证书确认身份。")
        )
    stored = policy_of(ctx.session, module)
    if stored.version != version:
        raise Conflict
    if stored.demand == demand:
        return
    row = ctx.session.get(ModulePolicy, module)
    if row is None:
        row = ModulePolicy(module=module)
        ctx.session.add(row)
    row.captcha, row.level, row.minutes, row.changed_at = demand.captcha, demand.level, demand.minutes, clock.now()
    record(
        ctx,
        Event.MODULE_POLICY_CHANGED,
        Target("module", module, str(DOORS[module].label)),
        module=module,
        captcha=demand.captcha,
        level=demand.level,
        minutes=demand.minutes,
    )


def change_rest(ctx: Context, role: Role, minutes: int | None, *, version: int) -> None:
    """This function will let sessions of `role` rest for so many minutes, from the very next request on; None is the default again.

    Raises `Invalid` for `minutes` and `Conflict` where `version` is not the newest.
    """
    ask(ctx, Permission.MODULES_MANAGE)
    if minutes is not None and not 1 <= minutes <= LONGEST_MINUTES:
        raise Invalid({"minutes": N_("分钟数要在 1 到 %(most)d 之间，留空用默认值。", most=LONGEST_MINUTES)})
    stored = rest_of(ctx.session, role)
    if stored.version != version:
        raise Conflict
    if stored.minutes == minutes:
        return
    row = ctx.session.get(RolePolicy, role)
    if minutes is None:
        ctx.session.delete(row)
    elif row is None:
        ctx.session.add(RolePolicy(role=role, idle_minutes=minutes))
    else:
        row.idle_minutes = minutes
    record(ctx, Event.ROLE_POLICY_CHANGED, Target("role", role, str(LABELS[role])), role=role, minutes=minutes)


def _check(module: Module, demand: Demand) -> None:
    errors: dict[str, Message] = {}
    if demand.level not in LEVELS or (module is Module.SIGN_IN and demand.level != LEVELS[0]):
        errors["level"] = N_("请选择一个认证级别。")
    if demand.minutes is not None and not 1 <= demand.minutes <= LONGEST_MINUTES:
        errors["minutes"] = N_("分钟数要在 1 到 %(most)d 之间，留空表示本次登录内一直有效。", most=LONGEST_MINUTES)
    if errors:
        raise Invalid(errors)
