"""One's own account: a new password, a new dynamic token. Both ask for the current password first."""

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts import attempts, passwords, profile, queries
from portal.accounts.commands.links import code_step
from portal.accounts.commands.sessions import end_sessions
from portal.accounts.proofs import prove_current
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Invalid
from portal.core.messages import N_


def change_password(ctx: Context, current: str, new: str) -> None:
    """This function will set the actor's password and end all other sessions.

    Raises `Invalid` for the fields `current` and `password`, and `TooManyTries`.
    """
    attempt = prove_current(ctx.actor.username, current, ctx.request)
    hashed = passwords.hash_password(profile.check_new(ctx.actor.username, new))
    ask(ctx, Permission.SELF_MANAGE)
    user = queries.get_user(ctx.session, str(ctx.actor.user_id))
    attempts.succeeded(ctx.session, [attempt])
    profile.set_password(ctx.session, user, hashed)
    record(ctx, Event.PASSWORD_CHANGED, Target("user", user.id, user.username))
    end_sessions(ctx, user, "factors_changed", keep=ctx.actor.session_id)


def enrol_totp(ctx: Context, current: str, secret: str, typed_code: str) -> None:
    """This function will make `secret` the actor's dynamic token, proven by a code of it, and end all other sessions.

    Raises `Invalid` for the fields `current` and `code`, and `TooManyTries`.
    """
    attempt = prove_current(ctx.actor.username, current, ctx.request)
    step = code_step(secret, typed_code)
    if step is None:
        raise Invalid({"code": N_("这不是新二维码现在的 6 位数字，请再看一眼身份验证器。")})
    ask(ctx, Permission.SELF_MANAGE)
    user = queries.get_user(ctx.session, str(ctx.actor.user_id))
    attempts.succeeded(ctx.session, [attempt])
    user.totp_secret, user.totp_last_step, user.totp_enrolled_at = secret, step, clock.now()
    record(ctx, Event.TOTP_ENROLLED, Target("user", user.id, user.username))
    end_sessions(ctx, user, "factors_changed", keep=ctx.actor.session_id)
