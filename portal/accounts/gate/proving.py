"""The fields of a step-up form, judged in the request that brought them: the page code first, before anything else."""

from collections.abc import Mapping

from portal.access.doors import Lack, StepUpRequired
from portal.accounts.attempts import TooManyTries
from portal.accounts.captcha import asking
from portal.accounts.gate.commands import stepping_up
from portal.core.context import Actor, RequestMeta


def prove(actor: Actor, lack: Lack, fields: Mapping[str, str], request: RequestMeta) -> str | None:
    """This function will judge what a form brings for a shut door; it returns the session's new token where a factor was proven.

    Raises `StepUpRequired`, which says what was wrong.
    """
    if lack.captcha:
        _check_captcha(actor, lack, fields, request)
    if lack.level is None:
        return None
    if lack.level > stepping_up.CODE_LEVEL:
        raise StepUpRequired(lack)
    return stepping_up.prove_code(actor, lack, fields.get(stepping_up.CODE_FIELD, ""), request)


def _check_captcha(actor: Actor, lack: Lack, fields: Mapping[str, str], request: RequestMeta) -> None:
    try:
        right = asking.answered(lack.module, fields.get(stepping_up.CAPTCHA_FIELD, ""), request.address)
    except TooManyTries as many:
        raise StepUpRequired(lack, many.message, many.status) from many
    if not right:
        raise StepUpRequired(lack, asking.WRONG)
    stepping_up.note_captcha(actor, lack, request)
