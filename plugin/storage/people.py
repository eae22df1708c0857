"""Those who sign in to our own pages."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from plugin.ports import Human, Rejected
from plugin.storage.engine import insert_into
from plugin.storage.tables import people


class PeopleBook:
    """`ports.People` inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, human: Human, now: datetime) -> None:
        """As the port says."""
        row = _row(replace(human, name=human.name.casefold(), created_at=now))
        statement = insert_into(self._connection, people).values(row).on_conflict_do_nothing().returning(people.c.name)
        if self._connection.execute(statement).scalar() is None:  # PostgreSQL's driver counts no inserted rows
            raise Rejected(f"there is somebody called {human.name[:40]!r} already; choose another name")

    def get(self, name: str) -> Human | None:
        """As the port says."""
        row = self._connection.execute(select(people).where(people.c.name == name.casefold())).one_or_none()
        return None if row is None else _human(row)

    def all(self) -> list[Human]:
        """By name."""
        return [_human(row) for row in self._connection.execute(select(people).order_by(people.c.name))]

    def update(self, name: str, **changes: Any) -> Human:
        """As the port says."""
        known = self.get(name)
        if known is None:
            raise Rejected(f"there is nobody called {name[:40]!r}; see who there is on the people page")
        fresh = replace(known, **changes)
        self._connection.execute(update(people).where(people.c.name == known.name).values(_row(fresh)))
        return fresh

    def remove(self, name: str) -> bool:
        """True when there was such a person."""
        return self._connection.execute(delete(people).where(people.c.name == name.casefold())).rowcount == 1


def _row(human: Human) -> dict[str, Any]:
    return {**asdict(human), "accounts": json.dumps(human.accounts)}


def _human(row: Row[Any]) -> Human:
    return Human(**{**row._mapping, "accounts": tuple(json.loads(row.accounts))})
