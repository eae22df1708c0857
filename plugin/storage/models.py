"""Models as versions, sealed: one in use, a few to go back to, and none that another account could read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update

from plugin.ports import KeptModel
from plugin.storage.crypto import Vault
from plugin.storage.engine import insert_into
from plugin.storage.tables import models

_WITHOUT_BODY = [column for column in models.c if column.name != "body"]


class ModelShelf:
    """`ports.Models` inside one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(self, account_id: str, topic: str, body: bytes, figures: str, now: datetime, keep: int) -> int:
        """As the port says."""
        here = _topic(account_id, topic)
        newest = self._connection.execute(select(func.max(models.c.version)).where(*here)).scalar() or 0
        self._connection.execute(delete(models).where(*here, models.c.state == "dropped"))
        self._connection.execute(update(models).where(*here).values(state="spare"))
        row = {
            "account_id": account_id, "topic": topic, "version": newest + 1, "made_at": now, "state": "used",
            "figures": figures, "body": self._vault.seal(body),
        }  # fmt: skip
        self._connection.execute(insert_into(self._connection, models).values(row))
        kept = select(models.c.version).where(*here).order_by(models.c.version.desc()).limit(keep)
        versions = list(self._connection.execute(kept).scalars())
        self._connection.execute(delete(models).where(*here, models.c.version.not_in(versions)))
        return int(newest) + 1

    def version(self, account_id: str, topic: str) -> int:
        """As the port says."""
        used = select(models.c.version).where(*_topic(account_id, topic), models.c.state == "used")
        return int(self._connection.execute(used).scalar() or 0)

    def get(self, account_id: str, topic: str, version: int) -> KeptModel | None:
        """As the port says."""
        statement = select(models).where(*_topic(account_id, topic), models.c.version == version)
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _model(row, self._vault.open(row.body))

    def list(self, account_id: str = "", topic: str = "") -> list[tuple[str, KeptModel]]:
        """As the port says."""
        statement = select(*_WITHOUT_BODY).order_by(models.c.account_id, models.c.topic, models.c.version.desc())
        if account_id:
            statement = statement.where(models.c.account_id == account_id)
        if topic:
            statement = statement.where(models.c.topic == topic)
        return [(row.account_id, _model(row)) for row in self._connection.execute(statement)]

    def revert(self, account_id: str, topic: str) -> int | None:
        """As the port says."""
        here, used = _topic(account_id, topic), self.version(account_id, topic)
        if not used:
            return None
        # the dropped one keeps its number until there is a newer: a number never stands for two models
        self._connection.execute(update(models).where(*here, models.c.version == used).values(state="dropped"))
        spare = select(func.max(models.c.version)).where(*here, models.c.state == "spare", models.c.version < used)
        before = int(self._connection.execute(spare).scalar() or 0)
        self._connection.execute(update(models).where(*here, models.c.version == before).values(state="used"))
        return before


def _topic(account_id: str, topic: str) -> tuple[ColumnElement[bool], ...]:
    return models.c.account_id == account_id, models.c.topic == topic


def _model(row: Row[Any], body: bytes = b"") -> KeptModel:
    return KeptModel(row.topic, row.version, row.made_at, row.state, row.figures, body)
