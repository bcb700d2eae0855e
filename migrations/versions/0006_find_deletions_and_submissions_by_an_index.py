"""Find deletions and submissions by an index."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("media_assets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_assets_shelf"))
        batch_op.create_index(
            "ix_media_assets_shelf", ["tenant_id", "deleted_at", "created_at", "stored_bytes"], unique=False
        )

    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deleted", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=True))
        batch_op.drop_index(batch_op.f("ix_revisions_tenant_id_state"))
        batch_op.create_index(batch_op.f("ix_revisions_tenant_id_deleted"), ["tenant_id", "deleted"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_revisions_tenant_id_state_submission_id"),
            ["tenant_id", "state", "submission_id"],
            unique=False,
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_revisions_tenant_id_submission_id"),
            "submissions",
            ["tenant_id", "submission_id"],
            ["tenant_id", "id"],
        )
    _fill()

    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_submissions_tenant_id_submitted_at"), ["tenant_id", "submitted_at"], unique=False
        )


def _fill() -> None:
    """Write into the new columns what the envelope says, and which submission lists the revision."""
    revisions = sa.table(
        "revisions", *(sa.column(name) for name in ("tenant_id", "id", "deleted", "submission_id")), _envelope()
    )
    items = sa.table("submission_items", *(sa.column(name) for name in ("tenant_id", "revision_id", "submission_id")))
    listing = sa.select(items.c.submission_id).where(
        items.c.tenant_id == revisions.c.tenant_id, items.c.revision_id == revisions.c.id
    )
    op.execute(
        revisions.update().values(
            deleted=revisions.c.envelope["deleted"].as_boolean(), submission_id=listing.scalar_subquery()
        )
    )


def _envelope() -> sa.ColumnClause[Any]:
    return sa.column("envelope", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"))


def downgrade() -> None:
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submissions_tenant_id_submitted_at"))

    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_revisions_tenant_id_submission_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_revisions_tenant_id_state_submission_id"))
        batch_op.drop_index(batch_op.f("ix_revisions_tenant_id_deleted"))
        batch_op.create_index(batch_op.f("ix_revisions_tenant_id_state"), ["tenant_id", "state"], unique=False)
        batch_op.drop_column("submission_id")
        batch_op.drop_column("deleted")

    with op.batch_alter_table("media_assets", schema=None) as batch_op:
        batch_op.drop_index("ix_media_assets_shelf")
        batch_op.create_index(
            batch_op.f("ix_media_assets_shelf"), ["tenant_id", "deleted_at", "created_at"], unique=False
        )
