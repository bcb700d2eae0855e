"""The fields of a step-up form, judged in the request that brought them: the page code first, before anything else."""

from collections.abc import Mapping

from portal.access.doors import Lack, StepUpRequired
from portal.accounts.attempts import TooManyTries
from portal.accounts.captcha import asking
from portal.accounts.gate.commands import stepping_up
from portal.accounts.gate.commands.stepping_up import PREFIX
from portal.accounts.proofs import SignInFailed
from portal.accounts.shown_factor import RECOVERY, shown_factor
from portal.core.context import Actor, RequestMeta


def prove(actor: Actor, lack: Lack, fields: Mapping[str, str], request: RequestMeta) -> str | None:
    """This function will judge what a form brings for a shut door; it returns the session's new token where a factor was proven.

    Raises `StepUpRequired`, which says what was wrong.
    """
    if lack.captcha:
        _check_captcha(actor, lack, fields, request)
    if lack.level is None:
        return None
    return _prove_factor(actor, lack, fields, request)


def _prove_factor(actor: Actor, lack: Lack, fields: Mapping[str, str], request: RequestMeta) -> str:
    """Whatever the person has: what it proves may still be less than the door asks, which is then said."""
    assert actor.user_id is not None  # noqa: S101 - sessions are people's
    shown = {name: text for name, text in fields.items() if name != PREFIX + RECOVERY}
    try:
        factor = shown_factor(actor.user_id, shown, request, PREFIX)
        return stepping_up.note_factor(actor, lack, factor, request)
    except SignInFailed as failed:
        raise StepUpRequired(lack, failed.message) from failed
    except TooManyTries as many:
        raise StepUpRequired(lack, many.message, many.status) from many


def _check_captcha(actor: Actor, lack: Lack, fields: Mapping[str, str], request: RequestMeta) -> None:
    try:
        right = asking.answered(lack.module, fields.get(stepping_up.CAPTCHA_FIELD, ""), request.address)
    except TooManyTries as many:
        raise StepUpRequired(lack, many.message, many.status) from many
    if not right:
        raise StepUpRequired(lack, asking.WRONG)
    stepping_up.note_captcha(actor, lack, request)
