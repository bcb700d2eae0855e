"""Checking one run of records: their numbers, their hashes and, where asked, their stamps.

A chunk begins where a subtree of its size does, so that it can be checked alone, by any process, and joined afterwards.
"""

from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Select, select

from portal.audit.leaf import HASHED, VERSION, leaf, statement
from portal.audit.models import AuditRecord
from portal.audit.tree import HASH_BYTES, Frontier, leaf_hash
from portal.audit.verify.findings import Fault, Finding

CHUNK: Final = 1 << 14
COLUMNS: Final = (*HASHED, "nodes")
_NEAR: Final = 5_000
_BATCH: Final = 2_000

_records: Any = AuditRecord.__table__
Record = Mapping[str, Any]
PublicKeys = Mapping[str, Ed25519PublicKey]


@dataclass
class Checked:
    """What a chunk came to: its peaks, those at the sizes asked for, the hashes above it that its last record keeps."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)
    at: dict[int, list[bytes]] = field(default_factory=dict)
    above: bytes = b""
    found: Finding | None = None


def read_chunk(connection: Connection, first: int, last: int) -> Generator[Record]:
    """This function will read the records numbered `first` to `last` in order, in little memory; close it when done early."""
    reading: Select[Any] = select(*(_records.c[name] for name in COLUMNS)).order_by(_records.c.seq)
    wanted = reading.where(_records.c.seq >= first, _records.c.seq <= last)
    with connection.execute(wanted.execution_options(yield_per=_BATCH)) as rows:
        for row in rows:
            yield dict(zip(COLUMNS, row, strict=True))


def check_chunk(
    records: Iterable[Record],
    first: int,
    last: int,
    *,
    sizes: Collection[int] = (),
    stamps: PublicKeys | None = None,
    signed_from: int = 1,
) -> Checked:
    """This function will check the records `first` to `last` and stop at the first that is wrong.

    Given `stamps`, the public keys by id, it checks every stamp from the record `signed_from` on too.
    """
    checked, frontier = Checked(), Frontier()
    for record in records:
        seq = record["seq"]
        if seq != first + frontier.size:
            break
        made = frontier.add(leaf_hash(leaf(record)))
        checked.found = _wrong_with(record, made, stamps, is_signed=seq >= signed_from)
        if checked.found:
            break
        if seq in sizes:
            checked.at[seq] = list(frontier.peaks)
        checked.above = record["nodes"][len(made) :]
    checked.size, checked.peaks = frontier.size, frontier.peaks
    if checked.found is None and first + frontier.size <= last:
        checked.found = Finding(Fault.MISSING, first + frontier.size, "there is no record of this number")
    return checked


def _wrong_with(record: Record, made: bytes, stamps: PublicKeys | None, *, is_signed: bool) -> Finding | None:
    if not record["nodes"].startswith(made):
        return _diagnose(record, made, stamps)
    if is_signed and record["version"] != VERSION:
        return Finding(Fault.CHANGED, record["seq"], "it claims to be from before records were signed")
    return check_stamp(record, stamps) if is_signed and stamps is not None else None


def check_stamp(record: Record, keys: PublicKeys) -> Finding | None:
    """This function will check one record's stamp and return what is wrong with it."""
    seq, key = record["seq"], keys.get(record["sign_key"])
    if key is None:
        return Finding(
            Fault.KEY, seq, f"its stamp names the key {record['sign_key']}, which this installation does not have"
        )
    if not is_stamped(record, key):
        return Finding(Fault.STAMP, seq, "its signature is not over what it says")
    return None


def is_stamped(record: Record, key: Ed25519PublicKey) -> bool:
    """This function will tell whether the record's stamp is the key's over the record as it stands."""
    try:
        key.verify(record["signature"], statement(record))
    except InvalidSignature:
        return False
    return True


def _diagnose(record: Record, made: bytes, stamps: PublicKeys | None) -> Finding:
    """Say what is wrong with a record whose hashes are not those that it keeps."""
    seq = record["seq"]
    if record["nodes"].startswith(made[:HASH_BYTES]):
        return Finding(Fault.HASH, seq, "the hashes of the tree that it keeps are not those of the records before it")
    kept = record["nodes"][:HASH_BYTES]
    if origin := _origin(record, lambda moved: leaf_hash(leaf(moved)) == kept):
        return Finding(Fault.MOVED, seq, f"it was record {origin}")
    key = (stamps or {}).get(record["sign_key"])
    if key is not None and is_stamped(record, key):
        return Finding(Fault.HASH, seq, "its stamp holds, but the hash that it keeps is another one")
    if key is not None and (origin := _origin(record, lambda moved: is_stamped(moved, key), 200)):
        return Finding(Fault.MOVED, seq, f"it was record {origin}")
    return Finding(Fault.CHANGED, seq, "its fields do not give the hash that it keeps")


def _origin(record: Record, is_there: Callable[[Record], bool], near: int = _NEAR) -> int | None:
    """The number under which the record is whole, looked for nearby."""
    seq = record["seq"]
    numbers = (number for step in range(1, near) for number in (seq - step, seq + step) if number > 0)
    return next((number for number in numbers if is_there({**record, "seq": number})), None)
