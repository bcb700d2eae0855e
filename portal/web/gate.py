"""The door of a module, in the order of a request: what its policy asks beyond being signed in.

A form sent to a shut door is not lost: the page that asks for more carries it, and sends it again, together with what it
asked for, to the very same address. So the proof is judged here, before the handler sees anything.
"""

from dataclasses import replace

from flask import request

from portal.access.doors import StepUpRequired
from portal.access.modules import Module
from portal.core.messages import Message
from portal.web.hooks import hooks
from portal.web.sessions import current_session
from portal.web.state import RequestState

TICKET = "signature_ticket"  # the field by which a form says that it carries a signature
SENT_ALONG = "step_up"  # the field by which a form says that it carries proofs


def take_signature(current: RequestState) -> None:
    """This function will judge the signature that the current form brings, if it does; what it is worth, the commit will say."""
    if request.method != "POST" or TICKET not in request.form:
        return
    found = hooks().deed_of(current.actor, request.form, current.meta)
    if isinstance(found, Message):
        current.signature_problem = found
    else:
        current.meta = replace(current.meta, deed=found)


def check_door(current: RequestState, module: Module | None) -> None:
    """This function will let the current request through the door of `module`, or raise `StepUpRequired`.

    Proofs that came with the form are judged first, each in a short transaction of its own.
    """
    if module is None or current.signed_in is None:
        return
    door = hooks().door
    at_door = door.look(current.actor, module, current.meta.address, current.tenant)
    if at_door.lack is not None and request.method == "POST" and SENT_ALONG in request.form:
        token = door.prove(current.actor, at_door.lack, request.form, current.meta)
        if token is not None:
            current_session().renew(token)
        at_door = door.look(current.actor, module, current.meta.address, current.tenant)
    if at_door.lack is not None:
        raise StepUpRequired(at_door.lack)
    current.actor = at_door.actor
