"""The export that a stranger can check: one JSON object a line, a head, a record each, an end (docs/audit.md)."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from portal.audit.export.paths import Paths
from portal.audit.export.scope import Reading, Scope
from portal.audit.keys import current_sign_key
from portal.audit.leaf import leaf
from portal.audit.models import AuditRecord
from portal.audit.notes import read_note, verifier_key
from portal.audit.proofs import columns_of, opened_of, public_keys
from portal.core import clock
from portal.core.database import PortalSession

FORMAT: Final = "zone-portal/audit-export/1"


def written_lines(scope: Scope) -> Iterator[bytes]:
    """This function will yield the file, a batch of records at a time; its last line holds the SHA-256 of all lines before it, signed."""
    digest = sha256()
    with scope.session() as session:
        reading, paths = Reading(scope, session), Paths(scope.checkpoint.size)
        yield _counted(digest, [_head(session, scope)])
        for records in reading.batches():
            found = paths.of([record.seq for record in records])
            yield _counted(digest, [_line(record, found[record.seq], personal=scope.personal) for record in records])
        end = {"records": reading.count, "complete": reading.stopped_at is None, "stopped_at": reading.stopped_at}
        signature = b64encode(current_sign_key(session).private.sign(f"{FORMAT}\n{digest.hexdigest()}\n".encode()))
    yield _text({**end, "sha256": digest.hexdigest(), "signature": signature.decode()})


def _head(session: PortalSession, scope: Scope) -> dict[str, Any]:
    note = read_note(scope.checkpoint.note)
    keys = public_keys(session)
    name = note.checkpoint.origin
    return {
        "format": FORMAT,
        "made_at": clock.now().isoformat(timespec="seconds"),
        "tenant_id": scope.tenant.id if scope.tenant else None,
        "filters": scope.wanted.named(),
        "checkpoint": scope.checkpoint.note,
        "verifier_keys": [verifier_key(name, key) for key in keys.values() if note.is_signed_by(key)],
        "stamp_keys": {key_id: b64encode(key.public_bytes_raw()).decode() for key_id, key in keys.items()},
    }


def _line(record: AuditRecord, path: Sequence[bytes] | None, *, personal: bool) -> dict[str, Any]:
    line: dict[str, Any] = {
        "seq": record.seq,
        "leaf": b64encode(leaf(columns_of(record))).decode(),
        "path": None if path is None else [b64encode(each).decode() for each in path],
    }
    if personal:
        line["opened"] = opened_of(record) if record.opened.is_readable else None
    return line


def _counted(digest: Any, lines: Sequence[Mapping[str, Any]]) -> bytes:
    data = b"".join(_text(line) for line in lines)
    digest.update(data)
    return data


def _text(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
