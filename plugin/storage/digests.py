"""Digests as they were made, and what became of each; which ticket of the helpdesk they go to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update

from plugin.ports import KeptDigest
from plugin.storage.crypto import Vault
from plugin.storage.engine import insert_into
from plugin.storage.tables import digest_tickets, digests


class DigestShelf:
    """`ports.Digests` inside one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def keep(self, account_id: str, digest: KeptDigest) -> bool:
        """As the port says."""
        row = {
            "account_id": account_id, "audience": digest.audience, "period": digest.period, "state": digest.state,
            "version": digest.version, "made_at": digest.made_at, "started_at": digest.started_at,
            "posted_at": digest.posted_at, "body": self._vault.seal_text(digest.body),
            "picture": self._vault.seal(digest.picture) if digest.picture else b"",
        }  # fmt: skip
        statement = insert_into(self._connection, digests).values(row).on_conflict_do_nothing()
        return self._connection.execute(statement.returning(digests.c.period)).scalar() is not None

    def get(self, account_id: str, audience: str, period: str) -> KeptDigest | None:
        """As the port says."""
        row = self._connection.execute(select(digests).where(*_one(account_id, audience, period))).one_or_none()
        return None if row is None else self._digest(row)

    def newest(self, account_id: str, audience: str = "", limit: int = 20) -> list[KeptDigest]:
        """As the port says: by the moment they were made."""
        statement = select(digests).where(digests.c.account_id == account_id)
        if audience:
            statement = statement.where(digests.c.audience == audience)
        ordered = statement.order_by(digests.c.made_at.desc(), digests.c.period.desc(), digests.c.audience)
        return [self._digest(row) for row in self._connection.execute(ordered.limit(limit))]

    def start(self, account_id: str, audience: str, period: str, now: datetime) -> datetime | None:
        """As the port says."""
        here = _one(account_id, audience, period)
        before: datetime | None = self._connection.execute(select(digests.c.started_at).where(*here)).scalar()
        fresh = {"state": "started", "started_at": before or now}
        self._connection.execute(update(digests).where(*here).values(fresh))
        return before

    def finish(self, account_id: str, audience: str, period: str, now: datetime, state: str) -> None:
        """As the port says; "posted" also stamps the moment."""
        fresh: dict[str, Any] = {"state": state}
        if state == "posted":
            fresh["posted_at"] = now
        self._connection.execute(update(digests).where(*_one(account_id, audience, period)).values(fresh))

    def desk_ticket(self, account_id: str, audience: str) -> tuple[str, datetime | None]:
        """As the port says."""
        found = select(digest_tickets.c.desk_ticket, digest_tickets.c.started_at)
        row = self._connection.execute(found.where(*_place(account_id, audience))).one_or_none()
        return ("", None) if row is None else (row.desk_ticket, row.started_at)

    def start_ticket(self, account_id: str, audience: str, now: datetime) -> None:
        """As the port says; a second start keeps the first moment."""
        row = {"account_id": account_id, "audience": audience, "desk_ticket": "", "started_at": now}
        self._connection.execute(insert_into(self._connection, digest_tickets).values(row).on_conflict_do_nothing())

    def set_ticket(self, account_id: str, audience: str, desk_ticket: str, now: datetime) -> None:
        """As the port says."""
        fresh = {"desk_ticket": desk_ticket, "opened_at": now if desk_ticket else None}
        if not desk_ticket:
            fresh["started_at"] = now
        row = {"account_id": account_id, "audience": audience, "started_at": now, **fresh}
        statement = insert_into(self._connection, digest_tickets).values(row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["account_id", "audience"], set_=fresh))

    def _digest(self, row: Row[Any]) -> KeptDigest:
        return KeptDigest(
            audience=row.audience, period=row.period, version=row.version, made_at=row.made_at,
            body=self._vault.open_text(row.body), picture=self._vault.open(row.picture) if row.picture else b"",
            state=row.state, started_at=row.started_at, posted_at=row.posted_at,
        )  # fmt: skip


def _one(account_id: str, audience: str, period: str) -> tuple[ColumnElement[bool], ...]:
    return digests.c.account_id == account_id, digests.c.audience == audience, digests.c.period == period


def _place(account_id: str, audience: str) -> tuple[ColumnElement[bool], ...]:
    return digest_tickets.c.account_id == account_id, digest_tickets.c.audience == audience
