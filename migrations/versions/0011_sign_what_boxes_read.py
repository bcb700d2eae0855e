"""Sign what boxes read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_sets",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=True),
        sa.Column("root_kid", sa.String(length=43), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_key_sets")),
    )
    op.create_table(
        "release_keys",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("public_jwk", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("private_jwk_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state in ('active', 'listed')) = (ended_at is null)", name=op.f("ck_release_keys_ended_has_time")
        ),
        sa.CheckConstraint("state in ('active', 'listed', 'retired', 'revoked')", name=op.f("ck_release_keys_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_keys")),
        sa.UniqueConstraint("kid", name=op.f("uq_release_keys_kid")),
    )
    with op.batch_alter_table("release_keys", schema=None) as batch_op:
        batch_op.create_index(
            "uq_release_keys_one_active",
            ["algorithm"],
            unique=True,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )

    op.create_table(
        "root_keys",
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("public_jwk", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_root_keys")),
    )
    with op.batch_alter_table("root_keys", schema=None) as batch_op:
        batch_op.create_index(
            "uq_root_keys_one_current",
            ["current"],
            unique=True,
            sqlite_where=sa.text("current"),
            postgresql_where=sa.text("current"),
        )

    with op.batch_alter_table("pointers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("jws", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_pointers_valid_until"), ["valid_until"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("pointers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pointers_valid_until"))
        batch_op.drop_column("valid_until")
        batch_op.drop_column("jws")

    with op.batch_alter_table("root_keys", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_root_keys_one_current", sqlite_where=sa.text("current"), postgresql_where=sa.text("current")
        )

    op.drop_table("root_keys")
    with op.batch_alter_table("release_keys", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_release_keys_one_active",
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )

    op.drop_table("release_keys")
    op.drop_table("key_sets")
