"""Let titles be sentences."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.alter_column("title", existing_type=sa.VARCHAR(length=160), type_=sa.Text(), existing_nullable=False)

    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.alter_column("title", existing_type=sa.VARCHAR(length=400), type_=sa.Text(), existing_nullable=False)

    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.alter_column("title", existing_type=sa.VARCHAR(length=120), type_=sa.Text(), existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.alter_column("title", existing_type=sa.Text(), type_=sa.VARCHAR(length=120), existing_nullable=False)

    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.alter_column("title", existing_type=sa.Text(), type_=sa.VARCHAR(length=400), existing_nullable=False)

    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.alter_column("title", existing_type=sa.Text(), type_=sa.VARCHAR(length=160), existing_nullable=False)
