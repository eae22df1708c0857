"""Each account has its own list of causes, all versions of it; what no cause explains, and what was proposed for it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make("taxonomies", [
        ("version", sa.Integer()), ("made_at", sa.BigInteger()), ("by", sa.Text()), ("body", sa.LargeBinary()),
    ], ["version"])  # fmt: skip
    _make("cause_names", [("key", sa.Text()), ("now", sa.Text()), ("owner", sa.Text())], ["key"])
    _make("unexplained", [
        ("ticket_id", sa.Text()), ("created_at", sa.BigInteger()), ("requester_key", sa.Text()), ("lang", sa.Text()),
        ("body", sa.LargeBinary()),
    ], ["ticket_id"])  # fmt: skip
    op.create_index("ix_unexplained_created", "unexplained", ["account_id", "created_at"], unique=False)
    _make("proposals", [
        ("number", sa.Integer()), ("state", sa.Text()), ("found_at", sa.BigInteger()), ("cause", sa.Text()),
        ("by", sa.Text()), ("decided_at", sa.BigInteger()), ("body", sa.LargeBinary()),
    ], ["number"], may_miss="decided_at")  # fmt: skip
    _make("proposal_quotes", [
        ("ticket_id", sa.Text()), ("number", sa.Integer()), ("position", sa.Integer()), ("body", sa.LargeBinary()),
    ], ["number", "ticket_id"])  # fmt: skip


def _make(table: str, columns: list[tuple[str, sa.types.TypeEngine[Any]]], key: list[str], may_miss: str = "") -> None:
    op.create_table(
        table,
        sa.Column("account_id", sa.Text(), nullable=False),
        *(sa.Column(name, kind, nullable=name == may_miss) for name, kind in columns),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f(f"fk_{table}_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", *key, name=op.f(f"pk_{table}")),
    )


def downgrade() -> None:
    for table in ("proposal_quotes", "proposals", "unexplained", "cause_names", "taxonomies"):
        op.drop_table(table)
