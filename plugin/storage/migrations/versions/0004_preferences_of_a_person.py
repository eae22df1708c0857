"""Contact preferences belong to a person, with their provenance; stops of the guard that were overruled are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "person_preferences",
        sa.Column("id", _ID, nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("person_key", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _account("person_preferences"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_preferences")),
        sqlite_autoincrement=True,
    )
    person, ticket = ["account_id", "person_key", "id"], ["account_id", "ticket_id"]
    op.create_index("ux_person_preferences_person", "person_preferences", person, unique=True)
    op.create_index("ix_person_preferences_ticket", "person_preferences", ticket, unique=False)
    op.create_index("ix_tickets_requester", "tickets", ["account_id", "requester_key"], unique=False)
    op.create_table(
        "guard_overrides",
        sa.Column("id", _ID, nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _account("guard_overrides"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guard_overrides")),
        sqlite_autoincrement=True,
    )
    place = ["account_id", "ticket_id", "id"]
    op.create_index("ux_guard_overrides_ticket", "guard_overrides", place, unique=True)


def _account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["accounts.id"], name=op.f(f"fk_{table}_account_id"), ondelete="CASCADE"
    )


def downgrade() -> None:
    op.drop_table("guard_overrides")
    op.drop_index("ix_tickets_requester", table_name="tickets")
    op.drop_table("person_preferences")
