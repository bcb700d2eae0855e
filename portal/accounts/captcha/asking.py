"""Page codes in a request: the browser's own picture on a page, and the judgement of what was typed."""

import secrets
from base64 import b64encode
from dataclasses import dataclass

from flask import current_app, session, url_for

from portal.accounts import attempts
from portal.accounts.attempts import Factor
from portal.accounts.captcha import drawing, rules
from portal.accounts.captcha.commands import Holder, is_right, pose
from portal.audit.events import Event
from portal.audit.log import FAILED, record_apart
from portal.core.database import commit, platform_session
from portal.core.messages import N_
from portal.web.sessions import current_session
from portal.web.state import state

WRONG = N_("校验码不对或已过期，已换了一张，请重新输入。")
ASKED = N_("失败次数较多，请再输入下面的校验码。")
_BROWSER = "browser"


@dataclass(frozen=True)
class ShownCaptcha:
    """A page code on a page: its picture, and where another one is drawn or spoken."""

    picture: str
    redraw: str
    speak: str


def shown(action: str) -> ShownCaptcha:
    """This function will draw a new page code for this browser and action."""
    picture = b64encode(drawn(action)).decode()
    return ShownCaptcha(
        f"data:image/png;base64,{picture}",
        url_for("captcha.picture", action=action),
        url_for("captcha.sound", action=action),
    )


def drawn(action: str) -> bytes:
    """This function will pose a new page code and return its picture; raises `TooManyTries` where an address asks for too many."""
    attempts.count_drawing(state().meta.address)
    code = current_app.config["TEST_CAPTCHA"] or rules.new_drawn_code()
    picture = drawing.draw(code)
    pose(holder(action), code)
    return picture


def spoken(action: str) -> bytes:
    """This function will pose a new page code and return its sound, as `drawn` does; a code for tests of letters is spoken as digits are."""
    attempts.count_drawing(state().meta.address)
    fixed = current_app.config["TEST_CAPTCHA"]
    code = rules.new_spoken_code()
    sound = drawing.speak(code)
    pose(holder(action), fixed or code)
    return sound


def answered(action: str, typed: str, address: str) -> bool:
    """This function will tell whether this browser typed its page code; a wrong one is counted, and either is used up.

    Raises `TooManyTries`.
    """
    whose = holder(action)
    attempt = attempts.begin(Factor.CAPTCHA, whose.hashed, address)
    if not is_right(whose, typed):
        record_apart(state().actor, state().meta, None, Event.CAPTCHA_FAILED, outcome=FAILED, module=action)
        return False
    with platform_session(writes=True) as opened:
        attempts.succeeded(opened, [attempt])
        commit(opened)
    return True


def holder(action: str) -> Holder:
    """This function will return whom a page code of this browser is for: the session, or the visitor until one signs in."""
    signed_in = current_session().signed_in
    if signed_in is not None:
        return Holder(signed_in.session_id, action)
    if _BROWSER not in session:
        session[_BROWSER] = secrets.token_urlsafe(16)
    return Holder(session[_BROWSER], action)
