"""Prove the audit log: records sealed, stamped and hashed into a tree, with keys, head, checkpoints, people's signatures.

Records from before stay, in plain and unsigned (version 0), and are hashed into the tree as its beginning.
"""

import json
from base64 import b64encode
from datetime import UTC
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from uuid6 import uuid7

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.Uuid(as_uuid=False)
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INDEXED = ("actor_id", "at", "event", "target_id", "tenant_id")
_WORDS = ("actor_username", "actor_name", "address", "target_title", "details")
# what both forms of the table have
_KEPT = (
    "seq", "tenant_id", "at", "event", "outcome", "actor_id", "actor_role", "actor_layer", "auth_level", "auth_method",
    "request_id", "target_type", "target_id",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "audit_checkpoints",
        sa.Column("size", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoints")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("log_id", sa.String(length=36), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_keys",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("holder", sa.String(length=36), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_keys")),
        sa.UniqueConstraint("purpose", "holder", name=op.f("uq_audit_keys_purpose_holder")),
    )
    op.create_table(
        "audit_personal_signatures",
        sa.Column("seq", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("tenant_id", _ID, nullable=True),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_personal_signatures")),
        sa.UniqueConstraint("sha256", name=op.f("uq_audit_personal_signatures_sha256")),
    )
    op.create_index(op.f("ix_audit_personal_signatures_tenant_id"), "audit_personal_signatures", ["tenant_id"])
    before = _replace(_old_columns(), _new_columns())
    _fill(_new_columns(), _begin_tree(before))


def downgrade() -> None:
    """Go back to plain records; what had been sealed is lost on the way."""
    after = _replace(_new_columns(), _old_columns())
    _fill(_old_columns(), [{name: row[name] for name in _KEPT} | _words(row) for row in after])
    op.drop_index(op.f("ix_audit_personal_signatures_tenant_id"), "audit_personal_signatures")
    for table in ("audit_personal_signatures", "audit_keys", "audit_head", "audit_checkpoints"):
        op.drop_table(table)


def _common_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("tenant_id", _ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("actor_id", _ID, nullable=True),
        sa.Column("actor_role", sa.String(length=32), nullable=False),
        sa.Column("actor_layer", sa.String(length=16), nullable=False),
        sa.Column("auth_level", sa.Integer(), nullable=False),
        sa.Column("auth_method", sa.String(length=64), nullable=False),
        sa.Column("request_id", _ID, nullable=False),
        sa.Column("target_type", sa.String(length=32), nullable=True),
        sa.Column("target_id", sa.String(length=64), nullable=True),
    ]


def _old_columns() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("seq", _NUMBER, autoincrement=True, nullable=False),
        *_common_columns(),
        sa.Column("actor_username", sa.String(length=120), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("target_title", sa.Text(), nullable=False),
        sa.Column("details", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_audit_records_tenant_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_records")),
    ]


def _new_columns() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("seq", _NUMBER, autoincrement=False, nullable=False),
        *_common_columns(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decided_on", sa.String(length=64), nullable=False),
        sa.Column("personal", sa.String(length=64), nullable=True),
        sa.Column("seal_key", sa.String(length=36), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sign_key", sa.String(length=36), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("nodes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_records")),
    ]


def _table(columns: list[sa.schema.SchemaItem]) -> sa.TableClause:
    return sa.table("audit_records", *(sa.column(one.name, one.type) for one in columns if isinstance(one, sa.Column)))


def _replace(old: list[sa.schema.SchemaItem], new: list[sa.schema.SchemaItem]) -> list[dict[str, Any]]:
    """Put a table of new columns in place of the old one and return its rows.

    They go through memory: no log that is older than this migration comes from a released version.
    """
    table = _table(old)
    rows = [dict(row) for row in op.get_bind().execute(sa.select(table).order_by(table.c.seq)).mappings()]
    for column in _INDEXED:
        op.drop_index(op.f(f"ix_audit_records_{column}"), "audit_records")
    op.drop_table("audit_records")
    op.create_table("audit_records", *new)
    for column in _INDEXED:
        op.create_index(op.f(f"ix_audit_records_{column}"), "audit_records", [column])
    return rows


def _fill(columns: list[sa.schema.SchemaItem], rows: list[dict[str, Any]]) -> None:
    if rows:
        op.get_bind().execute(sa.insert(_table(columns)), rows)


def _begin_tree(before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    peaks: list[bytes] = []
    rows = []
    for seq, old in enumerate(before, 1):
        words = {name: old[name] for name in _WORDS}
        decided = {"target": {"type": old["target_type"], "id": old["target_id"], "title": old["target_title"]}}
        digest = old["details"].get("sha256") or sha256(_canonical({**decided, "details": old["details"]})).hexdigest()
        row = {name: old[name] for name in _KEPT} | {
            "seq": seq, "version": 0, "decided_on": digest, "personal": None, "seal_key": None,
            "sealed": _canonical(words), "sign_key": None, "signature": b"",
        }  # fmt: skip
        nodes = [sha256(b"\0" + _leaf(row)).digest()]
        for _ in range((seq & -seq).bit_length() - 1):
            nodes.append(sha256(b"\1" + peaks.pop() + nodes[-1]).digest())
        peaks.append(nodes[-1])
        rows.append({**row, "nodes": b"".join(nodes)})
    head = sa.table("audit_head", *(sa.column(name) for name in ("id", "log_id", "size", "peaks")))
    values = {"id": 1, "log_id": str(uuid7()), "size": len(rows), "peaks": b"".join(peaks)}
    if rows:
        op.get_bind().execute(sa.insert(head).values(values))
    return rows


def _leaf(row: dict[str, Any]) -> bytes:
    at = row["at"].astimezone(UTC) if row["at"].tzinfo else row["at"]
    plain = {
        **row,
        "at": f"{at:%Y-%m-%dT%H:%M:%S.%f}Z",
        "sealed": b64encode(row["sealed"]).decode(),
        "signature": "",
    }
    return b"\0" + _canonical(plain)


def _words(row: dict[str, Any]) -> dict[str, Any]:
    if row["version"] == 0:
        return dict(json.loads(row["sealed"]))
    return {"actor_username": "", "actor_name": "", "address": "", "target_title": "", "details": {}}


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
