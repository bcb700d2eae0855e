"""Recovery codes of one's own: made ten at a time, shown once, in place of all older ones."""

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts import queries, recovery
from portal.accounts.commands.factors import forget_recovery_codes
from portal.accounts.models import RecoveryCode
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Refused
from portal.core.ids import new_id
from portal.core.messages import N_
from portal.notify.commands import tell


def make_recovery_codes(ctx: Context) -> list[str]:
    """This function will make ten recovery codes for the actor and return them; older ones are worthless from then on.

    Only hashes are kept. Raises `Refused` (`no_factor`) for whoever has no second factor that they could stand in for.
    """
    ask(ctx, Permission.SELF_MANAGE)
    user = queries.get_user(ctx.session, str(ctx.actor.user_id))
    if not queries.second_factors(ctx.session, user).any:
        raise Refused("no_factor", N_("请先绑定动态口令或通行密钥，再生成恢复代码。"))
    forget_recovery_codes(ctx, user)
    codes = recovery.new_codes()
    now = clock.now()
    for code in codes:
        hashed = recovery.code_hash(user.id, recovery.folded(code) or "")
        ctx.session.add(RecoveryCode(user_id=user.id, code_hash=hashed, created_at=now))
    record(ctx, Event.RECOVERY_CODES_MADE, Target("user", user.id, user.username), count=len(codes))
    told = N_("您的账号生成了新的恢复代码，旧的作废。不是您本人的话，请马上改密码，并告诉管理员。")
    tell(ctx, told, key=f"recovery-codes:{new_id()}", user_id=user.id, link="/account")
    return codes
