"""The calls of the contract (`docs/boxes.md`), one view each."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.boxes.api.intake import JSON, KILOBYTE, begin, read, with_nonce
from portal.boxes.api.parts import LARGEST, Sent, read_parts
from portal.boxes.api.problems import problem
from portal.boxes.commands import answering, playing, reporting
from portal.boxes.commands.binding import Bound, Outcome, Turned, bind
from portal.boxes.commands.looking import look_up
from portal.boxes.entering import enter, find_caller
from portal.boxes.errors import Fault, Unfit
from portal.boxes.listening import offer_of
from portal.boxes.pictures import draw_anew
from portal.boxes.queries.feeds import Feed
from portal.boxes.queries.shown import shown_to
from portal.boxes.rules import heartbeat_seconds, poll_seconds
from portal.boxes.schemas import Binding, Done, Heartbeat, Lookup, Plays, check_typed
from portal.boxes.transactions import Caller, in_call, in_short_call
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.context import BOX, TenantRef
from portal.core.database import database, platform_session, tenant_session
from portal.core.ids import BoxId
from portal.core.tenancy import TenantScope
from portal.media.scanning import KeptOut, scan_bytes
from portal.releases.pointer import moment_text
from portal.releases.signing.ring import current_root
from portal.tenants.queries import find_tenant
from portal.web.access import box_only

blueprint = Blueprint("box_calls", __name__, url_prefix="/box/v1")

_SAID: Final = {
    "bound_elsewhere": (409, "This key is bound to another enterprise."),
    "serial_bound": (409, "This serial number is bound with another key."),
    "no_licence_left": (409, "No licence of the enterprise's subscription is left."),
    "wrong_box_type": (422, "The enterprise's package is for another type of box."),
}


@blueprint.post("/lookups")
@box_only
def lookups() -> Response:
    """This function will tell the installer's box whose enterprise ID it was given (查询)."""
    caller = begin(4 * KILOBYTE)
    asked, _ = read(Lookup)
    check_typed(asked)
    job = in_call(caller, None, lambda ctx: look_up(ctx.session, asked, ctx.request.address))
    if job is None:
        return problem(404, "unknown_enterprise", "No open installation job of this enterprise ID names this phone.")
    told = {"enterprise_id": asked.enterprise_id, "name": job.customer_name, "installer_phone": asked.installer_phone}
    return with_nonce(_json(told), caller)


@blueprint.post("/bindings")
@box_only
def bindings() -> Response:
    """This function will bind the box, or let it wait (上报)."""
    caller = begin(4 * KILOBYTE)
    asked, _ = read(Binding)
    check_typed(asked)
    tenant = _tenant(asked.enterprise_id)
    outcome = in_call(caller, tenant, lambda ctx: bind(ctx, asked, caller.proof.thumbprint))
    if isinstance(outcome, Turned):
        status, said = _SAID[outcome.code]
        return problem(status, outcome.code, said)
    return with_nonce(_bound_or_waiting(outcome), caller)


@blueprint.post("/heartbeats")
@box_only
def heartbeats() -> Response:
    """This function will keep how the box is and tell it what it needs to know."""
    caller = begin(16 * KILOBYTE)
    token = find_caller(caller)
    beat, _ = read(Heartbeat)
    with database().looking(TenantScope(token.tenant.id)) as look:
        known = enter(look, token)
        told = reporting.tell(look, known)
    if reporting.follows(known, told.feed):
        in_call(caller, token.tenant, lambda ctx: reporting.keep_heartbeat(ctx.session, known, beat, told.feed))
    else:
        in_short_call(caller, token.tenant, lambda on: reporting.keep_heartbeat(on, known, beat, told.feed))
    answer = {
        **_of_box(known.id, told.feed, token.root, offer_of(known, told.feed)),
        "sequence": told.feed.sequence,
        "commands": [{"id": command, "kind": kind} for command, kind in told.commands],
    }
    return with_nonce(_json(answer), caller)


@blueprint.post("/plays")
@box_only
def plays() -> Response:
    """This function will count a batch of plays, once."""
    caller = begin(256 * KILOBYTE)
    token = find_caller(caller)
    batch, sha256 = read(Plays)
    with tenant_session(token.tenant.id) as session:
        known = enter(session, token)
        shown = shown_to(session, token.tenant.id, known.id)

    def keep(session: Session) -> playing.Counted | None:
        reporting.count_call(session, known)
        return playing.keep_plays(session, known, batch, sha256, shown)

    counted = in_call(caller, token.tenant, lambda ctx: keep(ctx.session))
    if counted is None:
        return problem(409, "batch_changed", "This batch came before with other bytes.")
    told = {"accepted": counted.accepted, "rejected": counted.rejected, "duplicate": counted.duplicate}
    return with_nonce(_json(told, HTTPStatus.ACCEPTED), caller)


@blueprint.post("/screenshots")
@box_only
def screenshots() -> Response:
    """This function will keep a picture of what the box shows, where somebody asked for one."""
    caller = begin(LARGEST, "multipart/form-data")
    token = find_caller(caller)
    sent = read_parts()
    with tenant_session(token.tenant.id) as session:
        known = enter(session, token)
        answering.check_screenshot(session, known, sent.command)
    # before the transaction: nothing is scanned or drawn under SQLite's lock
    _let_pass(caller, token.tenant, sent)
    picture = draw_anew(sent.image)

    def keep(session: Session) -> None:
        reporting.count_call(session, known)
        answering.keep_screenshot(session, known, sent.command, picture)

    in_call(caller, token.tenant, lambda ctx: keep(ctx.session))
    return with_nonce(Response(status=HTTPStatus.CREATED), caller)


@blueprint.post("/commands/<command_id>/done")
@box_only
def done(command_id: str) -> Response:
    """This function will note what became of a command."""
    caller = begin(4 * KILOBYTE)
    token = find_caller(caller)
    said, _ = read(Done)
    with tenant_session(token.tenant.id) as session:
        known = enter(session, token)

    def keep(session: Session) -> None:
        reporting.count_call(session, known)
        answering.finish_command(session, known, command_id, said)

    in_call(caller, token.tenant, lambda ctx: keep(ctx.session))
    return with_nonce(Response(status=HTTPStatus.NO_CONTENT), caller)


def _let_pass(caller: Caller, tenant: TenantRef, sent: Sent) -> None:
    """A box may be anybody's by now: its picture passes the installation's scanner like every other file."""
    try:
        scan_bytes(BOX, caller.meta, tenant, sent.image, f"{sent.command}.jpg")
    except KeptOut as kept:
        if kept.status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        raise Unfit([Fault("#/image", str(kept.message))], kept.code, kept.message) from kept


def _tenant(enterprise_id: str) -> TenantRef | None:
    with platform_session() as session:
        return find_tenant(session, enterprise_id)


def _bound_or_waiting(outcome: Outcome) -> Response:
    if not isinstance(outcome, Bound):
        waits = {"state": "waiting", "retry_seconds": catalogue().boxes.retry_seconds}
        return _json(waits, HTTPStatus.ACCEPTED)
    with platform_session() as session:
        found = current_root(session)
    root = None if found is None else found.public_jwk
    told = {
        "state": "bound",
        "box_id": outcome.box_id,
        "token": outcome.token,
        **_of_box(
            outcome.box_id, outcome.feed, root, None
        ),  # the broker hears of the box, or of its new account, right after
        "message": "信息上报成功",
    }
    return _json(told, HTTPStatus.CREATED if outcome.first else HTTPStatus.OK)


def _of_box(
    box_id: BoxId, feed: Feed, root: Mapping[str, Any] | None, push: Mapping[str, str] | None
) -> dict[str, Any]:
    """What every answer to a bound box says; one without `push` polls."""
    return {
        "channel": feed.channel,
        "root": root,
        "now": moment_text(clock.now()),
        "poll_seconds": poll_seconds(box_id),
        "heartbeat_seconds": heartbeat_seconds(box_id),
        "push": push,
    }


def _json(told: Mapping[str, Any], status: int = HTTPStatus.OK) -> Response:
    return Response(json.dumps(told, ensure_ascii=False), status, content_type=JSON)
