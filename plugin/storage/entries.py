"""The data ledger: what every stored column is, where it comes from, what for, and how long it stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column
from sqlalchemy.sql.type_api import TypeEngine

KINDS = ("identity", "descriptive", "attitudinal", "behavioural", "operational")
"""Who it is; what is so; what they think; what was done; and what only we need to work."""

ENTRY = ("kind", "origin", "purpose", "outcome", "insight", "destination", "retention")
"""What every column's `info` must say."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What the columns of one table have in common; each column adds its kind and purpose, and says what differs."""

    origin: str
    outcome: str
    insight: str
    destination: str
    retention: str

    def column(self, name: str, kind: str, purpose: str, of: TypeEngine[Any], *more: Any, **how: Any) -> Column[Any]:
        """A column that is never NULL unless `nullable=True` is said; `origin` may differ from the table's."""
        how.setdefault("nullable", False)
        info = {
            "kind": kind,
            "origin": how.pop("origin", self.origin),
            "purpose": purpose,
            "outcome": self.outcome,
            "insight": self.insight,
            "destination": self.destination,
            "retention": self.retention,
        }
        return Column(name, of, *more, info=info, **how)
