"""One record with its slip and its proof, the checkpoints, and what a verifier elsewhere needs of both."""

import json
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as WerkzeugResponse

from portal.access.permissions import Permission
from portal.audit import queries, sentences, words
from portal.audit.checkpoints import file_name
from portal.audit.drawing import drawn
from portal.audit.models import AuditCheckpoint, AuditRecord
from portal.audit.notes import read_note, verifier_key
from portal.audit.proofs import Proof, evidence, proof_of, prove_consistency, public_keys
from portal.audit.queries import checkpoints_before, get_checkpoint, get_record
from portal.audit.stamps import stamp_of
from portal.audit.views.log import details_of, summary_of
from portal.core.database import system_session
from portal.core.messages import N_
from portal.web.access import needs
from portal.web.exports import Column, Sheet, hand_out_sheets
from portal.web.rendering import translated
from portal.web.state import ctx

blueprint = Blueprint("audit_proofs", __name__)

_ALL, _OWN = "/admin/audit", "/e/<enterprise:enterprise_id>/audit"
_SHOWN_BELOW = 2


@blueprint.get(f"{_ALL}/records/<int:seq>")
@needs(Permission.AUDIT_VIEW)
def record(seq: int) -> str:
    """This function will show one record of the whole log with its proof."""
    with system_session(reason="audit page") as session:
        return _record_page(session, seq, across=True)


@blueprint.get(f"{_OWN}/records/<int:seq>")
@needs(Permission.TENANT_AUDIT_VIEW)
def tenant_record(seq: int) -> str:
    """This function will show one record of the tenant with its proof."""
    return _record_page(ctx().session, seq, across=False)


@blueprint.get(f"{_ALL}/records/<int:seq>.json")
@needs(Permission.AUDIT_VIEW)
def record_evidence(seq: int) -> Response:
    """This function will hand out all that is needed to check a record elsewhere."""
    with system_session(reason="audit page") as session:
        return _evidence(session, seq)


@blueprint.get(f"{_OWN}/records/<int:seq>.json")
@needs(Permission.TENANT_AUDIT_VIEW)
def tenant_record_evidence(seq: int) -> Response:
    """This function will hand out all that is needed to check a record of the tenant elsewhere."""
    return _evidence(ctx().session, seq)


@blueprint.get(f"{_ALL}/checkpoints")
@needs(Permission.AUDIT_VIEW)
def checkpoints() -> str:
    """This function will list the newest checkpoints, with the key by which anybody can check them."""
    with system_session(reason="audit page") as session:
        found = checkpoints_before(session)
        keys = _verifier_keys(session, found)
    return render_template(
        "audit/checkpoints.html",
        checkpoints=[(one, read_note(one.note).checkpoint.root.hex()) for one in found],
        keys=keys,
        crumbs=[(_("操作日志"), url_for("audit.index")), (_("检查点"), None)],
    )


@blueprint.post(f"{_ALL}/checkpoints")
@needs(Permission.AUDIT_VIEW, reads=True)
def checkpoints_export() -> WerkzeugResponse:
    """This function will hand out the newest checkpoints as a list, to be compared with what was handed out before."""
    with system_session(reason="checkpoints of the log, as a file") as session:
        found = checkpoints_before(session)
    columns: list[Column[AuditCheckpoint]] = [
        Column(_("时间"), 20, lambda one: one.created_at),
        Column(_("记录数"), 12, lambda one: one.size),
        Column(_("根"), 70, lambda one: read_note(one.note).checkpoint.root.hex()),
        Column(_("送出"), 20, lambda one: one.handed_out_at or N_("等待送出")),
    ]
    return hand_out_sheets("checkpoints", N_("检查点"), [Sheet(_("检查点"), found, columns)])


@blueprint.get(f"{_ALL}/checkpoints/<int:size>.txt")
@needs(Permission.AUDIT_VIEW)
def checkpoint(size: int) -> Response:
    """This function will hand out one checkpoint as it was signed."""
    with system_session(reason="audit page") as session:
        found = get_checkpoint(session, size)
    return _download(found.note, "text/plain; charset=utf-8", file_name(found))


@blueprint.get(f"{_ALL}/checkpoints/<int:old>-<int:new>.json")
@needs(Permission.AUDIT_VIEW)
def consistency(old: int, new: int) -> Response:
    """This function will hand out the proof that the log of the newer checkpoint began as that of the older one."""
    with system_session(reason="audit page") as session:
        first, second = get_checkpoint(session, min(old, new)), get_checkpoint(session, max(old, new))
    path = [each.hex() for each in prove_consistency(first.size, second.size)]
    proof = {"format": "zone-portal/audit-consistency/1", "old": first.note, "new": second.note, "path": path}
    return _json(proof, f"consistency-{first.size}-{second.size}.json")


def _record_page(session: Session, seq: int, *, across: bool) -> str:
    found = get_record(session, _possible(seq))
    proof = proof_of(session, found)
    tenants = queries.tenant_names(session, [found.tenant_id]) if across else {}
    return render_template(
        "audit/record.html",
        record=found,
        stamp=stamp_of(found),
        proof=proof,
        drawing=drawn(proof.inclusion) if proof.inclusion else None,
        across=across,
        tenant_name=tenants.get(found.tenant_id or "", ""),
        title=sentences.title(found.event),
        summary=summary_of(found),
        details=details_of(found),
        outcome=words.OUTCOMES[found.outcome],
        layer=words.LAYERS.get(found.actor_layer),
        checkpoints=checkpoints_before(session, proof.inclusion.checkpoint.size, _SHOWN_BELOW)
        if proof.inclusion
        else [],
        evidence_href=_href("record_evidence", across=across, seq=seq),
        crumbs=_crumbs(found, across=across),
    )


def _crumbs(found: AuditRecord, *, across: bool) -> list[tuple[str, str | None]]:
    back = url_for("audit.index" if across else "audit.tenant")
    return [(_("操作日志"), back), (f"#{found.seq:,} {translated(sentences.title(found.event))}", None)]


def _href(name: str, *, across: bool, **values: Any) -> str:
    return url_for(f"audit_proofs.{'' if across else 'tenant_'}{name}", **values)


def _evidence(session: Session, seq: int) -> Response:
    found = get_record(session, _possible(seq))
    proof: Proof = proof_of(session, found)
    return _json(evidence(found, proof), f"record-{found.seq:012d}.json")


def _verifier_keys(session: Session, found: list[AuditCheckpoint]) -> list[str]:
    if not found:
        return []
    name = read_note(found[0].note).checkpoint.origin
    return [verifier_key(name, public) for public in public_keys(session).values()]


def _possible(seq: int) -> int:
    # a larger number fits no column; the record of number 0 does not exist either
    return seq if seq < queries.LARGEST_NUMBER else 0


def _json(value: object, name: str) -> Response:
    return _download(json.dumps(value, ensure_ascii=False, indent=1), "application/json", name)


def _download(text: str, kind: str, name: str) -> Response:
    return Response(text, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
