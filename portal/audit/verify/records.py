"""Going through the records chunk by chunk, joining the tree as it goes."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, func, select

from portal.audit.models import AuditRecord
from portal.audit.tree import Frontier
from portal.audit.verify.chunks import CHUNK, Checked, check_chunk, read_chunk
from portal.audit.verify.findings import Fault, Finding
from portal.audit.verify.opening import Log, snapshot

_records: Any = AuditRecord.__table__


def check_records(connection: Connection, log: Log, *, stamps: bool, executor: Executor | None) -> Mapping[int, bytes]:
    """This function will check every record and return the roots at the sizes of the checkpoints, as far as the records are whole."""
    whole, roots = Frontier(), {}
    for checked in _chunks(connection, log, stamps=stamps, executor=executor):
        for size, peaks in checked.at.items():
            roots[size] = _joined(whole, peaks, size - whole.size).root()
        before = whole.size
        above = whole.join(checked.peaks, checked.size) if checked.size else b""
        if checked.found is None and checked.size == CHUNK and above != checked.above:
            last = before + checked.size
            checked.found = Finding(
                Fault.HASH, last, "the hashes of the tree that it keeps are not those of the records before it"
            )
        if checked.found:
            log.findings.append(checked.found)
            return roots
    if log.last > log.size:
        log.findings.append(Finding(Fault.ADDED, log.size + 1, f"the log's head ends with record {log.size}"))
    elif log.rows and (whole.size, whole.joined) != (log.size, log.peaks):
        log.findings.append(Finding(Fault.HASH, 0, "its head holds other hashes than its records give"))
    return roots


def _joined(whole: Frontier, peaks: Sequence[bytes], size: int) -> Frontier:
    joined = Frontier(whole.size, list(whole.peaks))
    joined.join(peaks, size)
    return joined


def _chunks(connection: Connection, log: Log, *, stamps: bool, executor: Executor | None) -> Iterable[Checked]:
    low = connection.scalar(select(func.min(_records.c.seq)))
    if low is not None and low < 1:
        yield Checked(found=Finding(Fault.ADDED, low, "numbers begin with 1"))
        return
    keys = log.publics if stamps else None
    spans = [(first, min(first + CHUNK - 1, log.size)) for first in range(1, log.size + 1, CHUNK)]
    check = partial(_check_span, sizes=log.sizes, signed_from=log.signed_from)
    if executor is None:
        yield from (check(connection, span, keys=keys) for span in spans)
    else:
        raw = {name: key.public_bytes_raw() for name, key in log.publics.items()} if stamps else None
        yield from executor.map(partial(_check_apart, sizes=log.sizes, signed_from=log.signed_from, raw=raw), spans)


def _check_span(
    connection: Connection,
    span: tuple[int, int],
    *,
    sizes: frozenset[int],
    signed_from: int,
    keys: Mapping[str, Ed25519PublicKey] | None,
) -> Checked:
    with closing(read_chunk(connection, *span)) as records:
        return check_chunk(records, *span, sizes=sizes, stamps=keys, signed_from=signed_from)


def _check_apart(
    span: tuple[int, int], *, sizes: frozenset[int], signed_from: int, raw: Mapping[str, bytes] | None
) -> Checked:
    """In a process of its own: keys come as bytes, the connection is the process's."""
    keys = {name: Ed25519PublicKey.from_public_bytes(data) for name, data in raw.items()} if raw is not None else None
    with snapshot() as connection:
        return _check_span(connection, span, sizes=sizes, signed_from=signed_from, keys=keys)
