"""Find content by name and pinyin."""

import json

import sqlalchemy as sa
from alembic import op

from portal.core.pinyin import pinyin_of

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_MARK = "\x1e"  # before a sentence of ours, which is kept as JSON


def upgrade() -> None:
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sought", sa.String(length=1200), server_default="", nullable=False))
    revisions = sa.table("revisions", sa.column("id"), sa.column("title"), sa.column("sought"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(revisions.c.id, revisions.c.title)).all():
        title = _told(row.title)
        sought = f"{title} {pinyin_of(title)}".lower()[:1200]
        connection.execute(sa.update(revisions).where(revisions.c.id == row.id).values(sought=sought))
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.alter_column("sought", existing_type=sa.String(length=1200), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.drop_column("sought")


def _told(title: str) -> str:
    if not title.startswith(_MARK):
        return title
    stored = json.loads(title.removeprefix(_MARK))
    return str(stored["text"] % stored["params"] if stored["params"] else stored["text"])
