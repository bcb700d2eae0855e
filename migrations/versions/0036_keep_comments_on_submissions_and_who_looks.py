"""Keep comments on submissions and who looks at one."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("submission_items", schema=None) as batch_op:
        batch_op.drop_column("comment")

    op.create_table(
        "submission_comments",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("item_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("author_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "submission_id"],
            ["submissions.tenant_id", "submissions.id"],
            name=op.f("fk_submission_comments_tenant_id_submission_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["submission_items.tenant_id", "submission_items.id"],
            name=op.f("fk_submission_comments_tenant_id_item_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_submission_comments_tenant_id")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_submission_comments_author_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_submission_comments")),
    )
    with op.batch_alter_table("submission_comments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_submission_comments_tenant_id_submission_id"), ["tenant_id", "submission_id"], unique=False
        )

    op.create_table(
        "review_presence",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("page", sa.String(length=36), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "submission_id"],
            ["submissions.tenant_id", "submissions.id"],
            name=op.f("fk_review_presence_tenant_id_submission_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_review_presence_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_review_presence_user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_review_presence")),
        sa.UniqueConstraint(
            "tenant_id",
            "submission_id",
            "user_id",
            "page",
            name=op.f("uq_review_presence_tenant_id_submission_id_user_id_page"),
        ),
    )
    with op.batch_alter_table("review_presence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_presence_seen_at"), ["seen_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("review_presence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_presence_seen_at"))

    op.drop_table("review_presence")
    with op.batch_alter_table("submission_comments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_comments_tenant_id_submission_id"))

    op.drop_table("submission_comments")
    with op.batch_alter_table("submission_items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("comment", sa.Text(), server_default="", nullable=False))
