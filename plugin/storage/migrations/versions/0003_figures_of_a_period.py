"""Contacts and unread messages as plain rows, and the indexes by which digests add up a period."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_contacts_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "ticket_id", "position", name=op.f("pk_contacts")),
    )
    op.create_index("ix_contacts_period", "contacts", ["account_id", "at"], unique=False)
    op.create_table(
        "unread",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_unread_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "ticket_id", "lang", name=op.f("pk_unread")),
    )
    op.create_index("ix_transitions_period", "transitions", ["account_id", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_transitions_period", table_name="transitions")
    op.drop_table("unread")
    op.drop_index("ix_contacts_period", table_name="contacts")
    op.drop_table("contacts")
