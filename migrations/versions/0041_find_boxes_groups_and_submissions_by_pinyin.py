"""Find boxes, groups and submissions by pinyin."""

import json

import sqlalchemy as sa
from alembic import op

from portal.core.pinyin import pinyin_of

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_NAMED = (("boxes", "name"), ("box_groups", "name"), ("submissions", "title"))
_MARK = "\x1e"  # before a sentence of ours, which is kept as JSON


def upgrade() -> None:
    connection = op.get_bind()
    for table, column in _NAMED:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("pinyin", sa.String(length=400), server_default="", nullable=False))
        rows = sa.table(table, sa.column("tenant_id"), sa.column("id"), sa.column(column), sa.column("pinyin"))
        name = rows.c[column]
        for row in connection.execute(sa.select(rows.c.tenant_id, rows.c.id, name).where(name != "")).all():
            here = (rows.c.tenant_id == row.tenant_id) & (rows.c.id == row.id)
            connection.execute(sa.update(rows).where(here).values(pinyin=pinyin_of(_told(row[2]))))
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("pinyin", existing_type=sa.String(length=400), server_default=None)


def downgrade() -> None:
    for table, _column in _NAMED:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("pinyin")


def _told(title: str) -> str:
    if not title.startswith(_MARK):
        return title
    stored = json.loads(title.removeprefix(_MARK))
    return str(stored["text"] % stored["params"] if stored["params"] else stored["text"])
