"""Deliveries as they came, how far reconciling has read, and who may do what only one process may do."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, case, func, or_, select, update

from plugin.ports import Rejected
from plugin.storage.crypto import Vault
from plugin.storage.engine import insert_into
from plugin.storage.tables import cursors, deliveries, leases

UNREADABLE = "unreadable"
"""Kind of a delivery with a valid signature that we did not understand."""

_SHOWN = ("id", "account_id", "kind", "event", "received_at", "event_id", "ticket_id")


class Records:
    """`ports.History` inside one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def deliveries(
        self, account_id: str | None = None, kind: str | None = None, limit: int = 100
    ) -> list[dict[str, Any]]:
        """As the port says; "event_id" is "" where there was none."""
        statement = select(*(deliveries.c[name] for name in _SHOWN)).order_by(deliveries.c.id.desc()).limit(limit)
        if account_id is not None:
            statement = statement.where(deliveries.c.account_id == account_id)
        if kind is not None:
            statement = statement.where(deliveries.c.kind == kind)
        found = (dict(row._mapping) for row in self._connection.execute(statement))
        return [{**row, "event_id": row["event_id"] or ""} for row in found]

    def body(self, delivery_id: int) -> bytes:
        """As the port says; Rejected when there is none, b"" when its ticket was forgotten."""
        statement = select(deliveries.c.body).where(deliveries.c.id == delivery_id)
        sealed = self._connection.execute(statement).scalar()
        if sealed is None:
            raise Rejected(f"there is no delivery {delivery_id}")
        return self._vault.open(sealed) if sealed else b""

    def empty_bodies(self, account_id: str, before: datetime, after: int, limit: int) -> tuple[int, int]:
        """As the port says."""
        of_account = deliveries.c.account_id.concat("") == account_id  # along the ids: its index would sort all of them
        next_ones = select(deliveries.c.id, deliveries.c.received_at).where(of_account, deliveries.c.id > after)
        rows = self._connection.execute(next_ones.order_by(deliveries.c.id).limit(limit)).all()
        old = [row.id for row in takewhile(lambda row: row.received_at < before, rows)]
        if not old:
            return after, 0
        read = (deliveries.c.id.in_(old), deliveries.c.kind != UNREADABLE)
        emptied = self._connection.execute(update(deliveries).where(*read, deliveries.c.body != b"").values(body=b""))
        return old[-1], emptied.rowcount

    def delivery_counts(self) -> dict[str, int]:
        statement = select(deliveries.c.kind, func.count()).group_by(deliveries.c.kind)
        return {row[0]: row[1] for row in self._connection.execute(statement)}

    def cursor(self, account_id: str, name: str) -> str:
        """ "" where none was set."""
        statement = select(cursors.c.value).where(cursors.c.account_id == account_id, cursors.c.name == name)
        return self._connection.execute(statement).scalar() or ""

    def set_cursor(self, account_id: str, name: str, value: str, now: datetime) -> None:
        content = {"value": value, "set_at": now}
        statement = insert_into(self._connection, cursors).values(account_id=account_id, name=name, **content)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["account_id", "name"], set_=content))

    def hold(self, name: str, holder: str, now: datetime, lease: timedelta) -> bool:
        """As the port says, in one statement: two that ask at once cannot both get it. A lease of zero
        gives it back."""
        statement = insert_into(self._connection, leases).values(name=name, holder=holder, until=now + lease, token=1)
        new = statement.excluded
        taken = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "holder": new.holder,
                "until": new.until,
                "token": case((leases.c.holder == new.holder, leases.c.token), else_=leases.c.token + 1),
            },
            where=or_(leases.c.holder == new.holder, leases.c.until <= now),
        )
        return self._connection.execute(taken.returning(leases.c.token)).scalar() is not None
