"""What people said about being contacted, by person, sealed, with its provenance; and stops that were overruled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from plugin.domain.statements import Statement
from plugin.ports import Override
from plugin.storage.crypto import Vault
from plugin.storage.documents import from_json, to_json
from plugin.storage.engine import insert_into
from plugin.storage.tables import guard_overrides, person_preferences, tickets

_ERASED = "erased"
"""Source of the row that says that a person had everything erased; it holds no words."""

_t = person_preferences


class PreferenceBook:
    """`ports.Preferences` inside one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def person(self, account_id: str, person_id: str) -> str:
        """As the port says; the same hash by which tickets count their requester."""
        return self._vault.lookup("requester", account_id, person_id) if person_id else ""

    def person_of(self, account_id: str, ticket_id: str) -> str:
        """As the port says."""
        mine = (tickets.c.account_id == account_id, tickets.c.ticket_id == ticket_id)
        return str(self._connection.execute(select(tickets.c.requester_key).where(*mine)).scalar() or "")

    def tickets_of(self, account_id: str, person: str) -> list[str]:
        """As the port says."""
        if not person:
            return []
        mine = (tickets.c.account_id == account_id, tickets.c.requester_key == person)
        statement = select(tickets.c.ticket_id).where(*mine).order_by(tickets.c.created_at, tickets.c.ticket_id)
        return list(self._connection.execute(statement).scalars())

    def note(self, account_id: str, person: str, ticket_id: str, said: Iterable[Statement], now: datetime) -> None:
        """As the port says."""
        here = (_t.c.account_id == account_id, _t.c.ticket_id == ticket_id)
        kept = _t.c.withdrawn_at.is_not(None)
        self._connection.execute(delete(_t).where(*here, ~kept))
        moved = update(_t).where(*here, _t.c.person_key != person).values(person_key=person)
        if person:
            self._connection.execute(moved)
            ended = set(self._connection.execute(select(_t.c.key).where(*here)).scalars())
            for statement in said:
                if statement.preference.key not in ended:
                    ended.add(statement.preference.key)
                    self.add(account_id, person, replace(statement, ticket_id=ticket_id), now)

    def add(self, account_id: str, person: str, said: Statement, now: datetime) -> int:
        """As the port says."""
        said = replace(said, kept_at=said.kept_at or now)
        row = {
            "account_id": account_id, "person_key": person, "ticket_id": said.ticket_id, "key": said.preference.key,
            "source": said.preference.source, "said_at": said.preference.said_at, "kept_at": said.kept_at,
            "expires_at": said.expires_at, "withdrawn_at": said.withdrawn_at,
            "body": self._vault.seal_text(to_json(replace(said, id=0, withdrawn_at=None))),
        }  # fmt: skip
        statement = insert_into(self._connection, _t).values(row).returning(_t.c.id)
        return int(self._connection.execute(statement).scalar_one())

    def of(self, account_id: str, person: str) -> list[Statement]:
        """As the port says."""
        if not person:
            return []
        mine = select(_t).where(_t.c.account_id == account_id, _t.c.person_key == person, _t.c.source != _ERASED)
        return [self._statement(row) for row in self._connection.execute(mine.order_by(_t.c.said_at, _t.c.id))]

    def withdraw(self, account_id: str, person: str, statement_id: int, now: datetime) -> bool:
        """As the port says."""
        mine = (_t.c.account_id == account_id, _t.c.person_key == person, _t.c.id == statement_id)
        standing = (_t.c.withdrawn_at.is_(None), _t.c.source != _ERASED)
        return self._connection.execute(update(_t).where(*mine, *standing).values(withdrawn_at=now)).rowcount == 1

    def merge(self, account_id: str, person: str, into: str) -> int:
        """As the port says."""
        if not person or not into or person == into:
            return 0
        moved = update(_t).where(_t.c.account_id == account_id, _t.c.person_key == person).values(person_key=into)
        return int(self._connection.execute(moved).rowcount)

    def erase(self, account_id: str, person: str, now: datetime) -> int:
        """As the port says."""
        mine = (_t.c.account_id == account_id, _t.c.person_key == person)
        gone = int(self._connection.execute(delete(_t).where(*mine, _t.c.source != _ERASED)).rowcount)
        _opened.cache_clear()
        self._connection.execute(delete(_t).where(*mine))
        row = {
            "account_id": account_id, "person_key": person, "ticket_id": "", "key": _ERASED, "source": _ERASED,
            "said_at": now, "kept_at": now, "expires_at": None, "withdrawn_at": None, "body": self._vault.seal(b""),
        }  # fmt: skip
        self._connection.execute(insert_into(self._connection, _t).values(row))
        return gone

    def erased_at(self, account_id: str, person: str) -> datetime | None:
        """As the port says."""
        mine = (_t.c.account_id == account_id, _t.c.person_key == person, _t.c.source == _ERASED)
        statement = select(_t.c.said_at).where(*mine).order_by(_t.c.said_at.desc()).limit(1)
        found: datetime | None = self._connection.execute(statement).scalar()
        return found

    def overrule(self, account_id: str, override: Override, now: datetime) -> int:
        """As the port says."""
        row = {
            "account_id": account_id, "ticket_id": override.ticket_id, "channel": override.channel,
            "verdict": override.verdict, "reason": override.reason, "user_id": override.user_id, "made_at": now,
            "body": self._vault.seal_text(to_json(replace(override, made_at=now))),
        }  # fmt: skip
        statement = insert_into(self._connection, guard_overrides).values(row).returning(guard_overrides.c.id)
        return int(self._connection.execute(statement).scalar_one())

    def overruled(self, account_id: str, ticket_id: str = "", limit: int = 100) -> list[Override]:
        """As the port says."""
        o = guard_overrides
        mine = select(o.c.body).where(o.c.account_id == account_id)
        if ticket_id:
            mine = mine.where(o.c.ticket_id == ticket_id)
        bodies = self._connection.execute(mine.order_by(o.c.id.desc()).limit(limit)).scalars()
        return [from_json(Override, self._vault.open_text(body)) for body in bodies]

    def _statement(self, row: Row[Any]) -> Statement:
        return _opened(self._vault, bytes(row.body), row.id, row.ticket_id, row.withdrawn_at)


@lru_cache(maxsize=4096)
def _opened(vault: Vault, body: bytes, number: int, ticket_id: str, withdrawn_at: datetime | None) -> Statement:
    """A sealed statement, opened; remembered as its row stands, since the guard asks for the same ones all day."""
    kept = from_json(Statement, vault.open_text(body))
    return replace(kept, id=number, ticket_id=ticket_id, withdrawn_at=withdrawn_at)
