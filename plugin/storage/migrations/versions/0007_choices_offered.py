"""Was a customer offered a choice of how to be contacted, and which contacts were held against what they chose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "choices",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("offered", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_choices_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "ticket_id", name=op.f("pk_choices")),
    )
    op.create_index("ix_choices_period", "choices", ["account_id", "created_at"], unique=False)
    op.add_column("contacts", sa.Column("chosen", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("contacts", "chosen")
    op.drop_index("ix_choices_period", table_name="choices")
    op.drop_table("choices")
