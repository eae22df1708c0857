"""What people said about findings: kept in order, the last word counts, everything can be taken back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from plugin.domain.words import fold
from plugin.ports import Correction
from plugin.storage.crypto import Vault
from plugin.storage.engine import insert_into
from plugin.storage.tables import corrections


class CorrectionBook:
    """`ports.Corrections` inside one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(self, account_id: str, correction: Correction, now: datetime) -> int:
        """As the port says."""
        row = {
            "account_id": account_id, "ticket_id": correction.ticket_id, "topic": correction.topic,
            "key": correction.key, "act": correction.act, "text_key": self._text_key(account_id, correction.words),
            "surface": correction.surface, "made_at": now, "undone_at": None,
            "body": self._vault.seal_text(json.dumps([correction.value, correction.words])),
        }  # fmt: skip
        statement = insert_into(self._connection, corrections).values(row).returning(corrections.c.id)
        return int(self._connection.execute(statement).scalar_one())

    def undo(self, account_id: str, correction_id: int, now: datetime) -> bool:
        """As the port says."""
        mine = (corrections.c.account_id == account_id, corrections.c.id == correction_id)
        statement = update(corrections).where(*mine, corrections.c.undone_at.is_(None)).values(undone_at=now)
        return self._connection.execute(statement).rowcount == 1

    def of_ticket(self, account_id: str, ticket_id: str) -> list[Correction]:
        """As the port says."""
        return self._read(_standing(account_id).where(corrections.c.ticket_id == ticket_id))

    def about(self, account_id: str, topic: str, words: str) -> list[Correction]:
        """As the port says."""
        same = corrections.c.text_key == self._text_key(account_id, words)
        return self._read(_standing(account_id).where(corrections.c.topic == topic, same))

    def all(self, account_id: str, topic: str = "", limit: int = 100_000) -> list[Correction]:
        """As the port says; the newest `limit` of them."""
        statement = _standing(account_id)
        if topic:
            statement = statement.where(corrections.c.topic == topic)
        newest = statement.order_by(None).order_by(corrections.c.id.desc()).limit(limit)
        return self._read(newest)[::-1]

    def _text_key(self, account_id: str, words: str) -> str:
        plain = " ".join(fold(words).split())
        return self._vault.lookup("correction", account_id, plain) if plain else ""

    def _read(self, statement: Select[Any]) -> list[Correction]:
        return [self._correction(row) for row in self._connection.execute(statement)]

    def _correction(self, row: Row[Any]) -> Correction:
        value, words = json.loads(self._vault.open_text(row.body))
        return Correction(
            row.ticket_id, row.topic, row.key, row.act, value, words, row.surface, row.made_at, row.id
        )  # fmt: skip


def _standing(account_id: str) -> Select[Any]:
    mine = select(corrections).where(corrections.c.account_id == account_id, corrections.c.undone_at.is_(None))
    return mine.order_by(corrections.c.id)
