"""Stepping up: the page that asks for more at a module's door, and leads back to exactly what was wanted."""

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access.doors import StepUpRequired
from portal.access.modules import DOORS, Module
from portal.access.permissions import Permission
from portal.accounts.captcha import asking
from portal.accounts.gate.commands.stepping_up import CAPTCHA_FIELD, PREFIX
from portal.accounts.queries import SecondFactors, get_user, second_factors
from portal.accounts.shown_factor import FIELDS
from portal.accounts.states import TWO_FACTORS
from portal.core.database import platform_session
from portal.core.errors import NotFound
from portal.web.access import needs
from portal.web.client import client_certificate
from portal.web.errors import answer, wants_json
from portal.web.gate import SENT_ALONG, check_door
from portal.web.state import state
from portal.web.views import same_site

blueprint = Blueprint("gate", __name__)

OURS = frozenset({"csrf_token", SENT_ALONG, CAPTCHA_FIELD, *(PREFIX + name for name in FIELDS)})


@blueprint.route("/step-up/<module>", methods=["GET", "POST"])
@needs(Permission.SELF_MANAGE)
def step_up(module: str) -> Response:
    """This function will ask for what is lacking at the door of a module, and lead on to where one wanted to go."""
    try:
        check_door(state(), _known(module))
    except StepUpRequired as shut:
        return _answer_json(shut) if wants_json() else _page(shut, request.full_path.rstrip("?"), [])
    if wants_json():
        return jsonify(module=module)
    return redirect(same_site(request.args.get("next")) or url_for("home"), 303)


def answer_shut(shut: StepUpRequired) -> Response:
    """This function will answer whoever came to a shut door: lead to the page above, or carry the form that was sent.

    A caller that is no page is told in JSON, htmx by the header with which it goes there.
    """
    if wants_json():
        return _answer_json(shut)
    if request.headers.get("HX-Request") == "true":
        response = answer(shut.status, shut.code, shut.message)
        response.headers["HX-Redirect"] = _address(shut, request.headers.get("HX-Current-URL"))
        return response
    if request.method in {"GET", "HEAD"}:
        return redirect(_address(shut, request.full_path.rstrip("?")), 303)
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in OURS]
    return _page(shut, request.full_path.rstrip("?"), kept)


def _page(shut: StepUpRequired, action: str, kept: list[tuple[str, str]]) -> Response:
    held = _held()
    has_certificate = held.certificates > 0 and client_certificate() is not None
    body = render_template(
        "gate/step_up.html",
        held=held,
        has_certificate=has_certificate,
        by_code=shut.lack.level == TWO_FACTORS,
        can_prove=bool(held.passkeys or has_certificate or (held.totp and shut.lack.level == TWO_FACTORS)),
        door=DOORS[shut.lack.module],
        lack=shut.lack,
        problem=shut.problem,
        action=action,
        kept=kept,
        files=[file.filename for file in request.files.values() if file.filename],
        captcha=asking.shown(shut.lack.module) if shut.lack.captcha else None,
        back=same_site(request.referrer) or url_for("home"),
    )
    return make_response(body, 200 if request.method != "POST" else shut.status)


def _held() -> SecondFactors:
    with platform_session() as reader:
        return second_factors(reader, get_user(reader, str(state().actor.user_id)))


def _answer_json(shut: StepUpRequired) -> Response:
    response = answer(shut.status, shut.code, shut.message)
    response.headers["Link"] = f'<{url_for("gate.step_up", module=shut.lack.module)}>; rel="authenticate"'
    return response


def _address(shut: StepUpRequired, wanted: str | None) -> str:
    return url_for("gate.step_up", module=shut.lack.module, next=same_site(wanted))


def _known(module: str) -> Module:
    try:
        return Module(module)
    except ValueError:
        raise NotFound from None
