"""The page on which somebody reads what is about to be decided and signs it; the form that was sent goes along."""

import json

from flask import make_response, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal.accounts import ceremony, passkeys, queries, signatures
from portal.accounts.gate.signing import FIELDS
from portal.accounts.gate.views.step_up import OURS
from portal.accounts.passkeys import Credential
from portal.audit import sentences
from portal.audit.deeds import Decision, SignatureRequired
from portal.audit.views.vocabulary import WORDS
from portal.core.database import platform_session
from portal.core.ids import UserId
from portal.core.messages import Message
from portal.web.client import client_certificate
from portal.web.errors import answer, wants_json
from portal.web.state import state
from portal.web.views import same_site


def answer_unsigned(unsigned: SignatureRequired) -> Response:
    """This function will show what is to be signed, and carry the form; a caller that is no page is told in JSON."""
    if wants_json() or request.headers.get("HX-Request") == "true":
        return answer(unsigned.status, unsigned.code, unsigned.message)
    session.pop("_flashes", None)  # nothing was done yet that somebody could be told of
    actor, files = state().actor, [file.filename for file in request.files.values() if file.filename]
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in OURS and name not in FIELDS]
    with platform_session() as reader:
        held = queries.second_factors(reader, queries.get_user(reader, str(actor.user_id)))
    body = render_template(
        "gate/sign.html",
        decisions=[(sentences.title(each.event), _summary(each), each.decided_on) for each in unsigned.decisions],
        ticket=signatures.sealed_ticket(actor, unsigned.ticket, unsigned.digest),
        request_json=_request(UserId(str(actor.user_id)), unsigned.digest) if held.passkeys else "",
        has_certificate=held.certificates > 0 and client_certificate() is not None,
        action=request.full_path.rstrip("?"),
        kept=kept,
        files=files,
        problem=state().signature_problem,
        back=same_site(request.referrer) or url_for("home"),
    )
    return make_response(body, unsigned.status)


def _summary(decision: Decision) -> Message:
    return sentences.summary(decision.event, decision.target, decision.details, WORDS)


def _request(user_id: UserId, digest: bytes) -> str:
    """What the browser is asked: a signature over the digest by one of the person's own passkeys."""
    with platform_session() as reader:
        held = queries.passkeys_of(reader, user_id)
    allowed = [Credential(row.credential_id, row.public_key, row.sign_count, tuple(row.transports)) for row in held]
    return json.dumps(passkeys.prove_options(ceremony.site(), digest, allowed))
