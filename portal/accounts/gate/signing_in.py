"""The door of the portal itself: whether signing in asks for a page code."""

from portal.access.modules import CaptchaPolicy, Module
from portal.accounts import rules, trouble
from portal.accounts.gate.queries import policy_of
from portal.core.database import platform_session


def captcha_is_due(typed_name: str, address: str) -> bool:
    """This function will tell whether a sign-in under this name from `address` must bring a page code.

    It looks at what was typed and not at accounts, so that the answer is alike for a name that is nobody's.
    """
    with platform_session() as session:
        policy = policy_of(session, Module.SIGN_IN).demand.captcha
        if policy is CaptchaPolicy.AFTER_TROUBLE:
            return trouble.is_about(session, rules.username(typed_name), address)
    return policy is CaptchaPolicy.ALWAYS
