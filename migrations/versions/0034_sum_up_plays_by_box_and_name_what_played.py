"""Sum up plays by box, and name what played.

What boxes have reported before is summed up too, from the plays that are still kept.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

from portal.core.ids import new_id

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_BATCH = 1_000
_DAY = {"sqlite": "date(started_at, '+8 hours')", "postgresql": "(started_at AT TIME ZONE 'Asia/Shanghai')::date"}


def upgrade() -> None:
    sums = op.create_table(
        "play_box_days",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("box_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("list", sa.String(length=8), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("plays", sa.BigInteger(), nullable=False),
        sa.Column("completed", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_play_box_days_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_play_box_days")),
        sa.UniqueConstraint(
            "tenant_id", "day", "box_id", "list", "item", name=op.f("uq_play_box_days_tenant_id_day_box_id_list_item")
        ),
    )
    op.create_index(op.f("ix_play_box_days_day"), "play_box_days", ["day"])
    op.create_table(
        "play_names",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("list", sa.String(length=8), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("part_of", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("part_title", sa.String(length=200), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_play_names_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_play_names")),
        sa.UniqueConstraint("tenant_id", "list", "item", name=op.f("uq_play_names_tenant_id_list_item")),
    )
    op.create_index(op.f("ix_play_days_day"), "play_days", ["day"])
    _sum_up(sums)


def _sum_up(sums: sa.Table) -> None:
    connection = op.get_bind()
    plays = sa.table(
        "plays",
        sa.column("tenant_id", sa.Uuid(as_uuid=False)),
        sa.column("box_id", sa.Uuid(as_uuid=False)),
        *(sa.column(name) for name in ("list", "item", "seconds", "completed")),
    )
    keys = (plays.c.tenant_id, sa.literal_column(_DAY[connection.dialect.name]).label("day"), plays.c.box_id)
    keys += (plays.c.list, plays.c.item)
    columns = (
        sa.func.count().label("plays"),
        sa.func.sum(sa.case((plays.c.completed, 1), else_=0)).label("completed"),
        sa.func.sum(plays.c.seconds).label("seconds"),
    )
    found = connection.execute(sa.select(*keys, *columns).group_by(*keys))
    for rows in found.mappings().partitions(_BATCH):
        connection.execute(sums.insert(), [{**row, "id": new_id(), "day": _date(row["day"])} for row in rows])


def _date(value: str | date) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def downgrade() -> None:
    op.drop_index(op.f("ix_play_days_day"), table_name="play_days")
    op.drop_table("play_names")
    op.drop_table("play_box_days")
