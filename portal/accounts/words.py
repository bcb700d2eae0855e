"""How things of this room are called."""

from portal.accounts.models import User
from portal.accounts.officers import Asked
from portal.core.messages import N_, Message


def account_state(user: User, has_link: bool) -> Message:
    """This function will say whether somebody can sign in, waits for the first time, or cannot."""
    if user.disabled_at is not None:
        return N_("已停用")
    if user.password_hash is None:
        return N_("等待启用") if has_link else N_("链接已过期")
    return N_("已启用")


OUTCOMES = {"confirmed": N_("已确认"), "declined": N_("已否决"), "withdrawn": N_("已撤回")}


def outcome_word(asked: Asked) -> Message:
    """This function will say what came of something that takes two officers."""
    if asked.is_open:
        return N_("等待确认")
    return OUTCOMES.get(asked.row.outcome or "", N_("已过期"))
