"""Versions of a ticket's card, and what became of each: kept, due, started, posted or skipped."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, ScalarSelect, Select, and_, func, select, update

from plugin.ports import KeptCard, Rejected
from plugin.storage.crypto import Vault
from plugin.storage.engine import insert_into
from plugin.storage.tables import cards

_ENDS = ("posted", "skipped", "kept")


class CardDrawer:
    """The cards of `ports.Ledger` inside one transaction. A version that comes back after another is a new row; every
    call by version means its newest row."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def keep_card(self, account_id: str, ticket_id: str, card: KeptCard) -> bool:
        """As the port says. The same version said in other words (a likely cause became sure) is no new version, but
        what our own pages show is refreshed; the note stays what it was when it was written. A version that was only
        kept becomes due when the account may write by now."""
        newest = self._connection.execute(_of(account_id, ticket_id).limit(1)).one_or_none()
        if newest is not None and newest.version == card.version:
            if newest.state == "kept" and card.state == "due":
                self._make_due(newest, card)
                return True
            self._refresh(account_id, ticket_id, newest, card.items)
            return False
        row = {
            "account_id": account_id, "ticket_id": ticket_id, "number": newest.number + 1 if newest else 1,
            "version": card.version, "state": card.state, "why": card.why, "made_at": card.made_at,
            "started_at": card.started_at, "posted_at": card.posted_at, "body": self._seal(card),
        }  # fmt: skip
        self._connection.execute(insert_into(self._connection, cards).values(row))
        return True

    def _make_due(self, newest: Row[Any], card: KeptCard) -> None:
        """`started_at` stays: where a try was begun before the writing was stopped, the marker is looked for."""
        fresh = {"state": "due", "why": "", "body": self._seal(card)}
        here = and_(cards.c.account_id == newest.account_id, cards.c.ticket_id == newest.ticket_id)
        self._connection.execute(update(cards).where(here, cards.c.number == newest.number).values(fresh))

    def _refresh(self, account_id: str, ticket_id: str, newest: Row[Any], items: str) -> None:
        known = self._card(newest)
        if known.items != items:
            here = and_(
                cards.c.account_id == account_id, cards.c.ticket_id == ticket_id, cards.c.number == newest.number
            )
            sealed = self._seal(replace(known, items=items))
            self._connection.execute(update(cards).where(here).values(body=sealed))

    def newest_card(self, account_id: str, ticket_id: str) -> KeptCard | None:
        row = self._connection.execute(_of(account_id, ticket_id).limit(1)).one_or_none()
        return None if row is None else self._card(row)

    def cards(self, account_id: str, ticket_id: str) -> list[KeptCard]:
        return [self._card(row) for row in self._connection.execute(_of(account_id, ticket_id))][::-1]

    def start_posting(self, account_id: str, ticket_id: str, version: str, now: datetime) -> datetime | None:
        """As the port says, in one statement: of two that start at once only one gets None. A version that came back
        after another counts with its earlier rows: its note may stand there since then. Rejected when there is no such
        card."""
        here = _newest_of_version(account_id, ticket_id, version)
        first = update(cards).where(here, cards.c.started_at.is_(None)).values(started_at=now, state="started")
        if self._connection.execute(first).rowcount:
            return self._started_earlier(account_id, ticket_id, version)
        started: datetime | None = self._connection.execute(select(cards.c.started_at).where(here)).scalar()
        if started is None:
            raise Rejected(f"ticket {ticket_id[:100]} has no card {version[:100]}")
        return started

    def _started_earlier(self, account_id: str, ticket_id: str, version: str) -> datetime | None:
        rows = and_(cards.c.account_id == account_id, cards.c.ticket_id == ticket_id, cards.c.version == version)
        older = and_(rows, ~_newest_of_version(account_id, ticket_id, version))
        found: datetime | None = self._connection.execute(select(func.min(cards.c.started_at)).where(older)).scalar()
        return found

    def finish_posting(
        self, account_id: str, ticket_id: str, version: str, now: datetime, state: str, why: str = ""
    ) -> None:
        """As the port says; ValueError for another state."""
        if state not in _ENDS:
            raise ValueError(f"a card ends as one of {_ENDS}")
        row: dict[str, Any] = {"state": state, "why": why[:500]}
        if state == "posted":
            row["posted_at"] = now
        self._connection.execute(update(cards).where(_newest_of_version(account_id, ticket_id, version)).values(row))

    def posted_since(self, account_id: str, ticket_id: str, since: datetime | None) -> int:
        """As the port says; a note counts at the moment it was posted, or started while that is not known."""
        statement = (
            select(func.count())
            .select_from(cards)
            .where(cards.c.account_id == account_id, cards.c.ticket_id == ticket_id)
            .where(cards.c.state.in_(("started", "posted")))
        )
        if since is not None:
            statement = statement.where(func.coalesce(cards.c.posted_at, cards.c.started_at) >= since)
        return int(self._connection.execute(statement).scalar_one())

    def _seal(self, card: KeptCard) -> bytes:
        return self._vault.seal_text(json.dumps([card.note_html, card.items, card.add_tags, card.remove_tags]))

    def _card(self, row: Row[Any]) -> KeptCard:
        note_html, items, add_tags, remove_tags = json.loads(self._vault.open_text(row.body))
        return KeptCard(
            version=row.version, made_at=row.made_at, note_html=note_html, items=items, add_tags=tuple(add_tags),
            remove_tags=tuple(remove_tags), state=row.state, why=row.why, started_at=row.started_at,
            posted_at=row.posted_at,
        )  # fmt: skip


def _of(account_id: str, ticket_id: str) -> Select[Any]:
    """Newest first."""
    mine = select(cards).where(cards.c.account_id == account_id, cards.c.ticket_id == ticket_id)
    return mine.order_by(cards.c.number.desc())


def _newest_of_version(account_id: str, ticket_id: str, version: str) -> Any:
    other = cards.alias("other")
    number: ScalarSelect[Any] = (
        select(func.max(other.c.number))
        .where(other.c.account_id == account_id, other.c.ticket_id == ticket_id, other.c.version == version)
        .scalar_subquery()
    )
    return and_(cards.c.account_id == account_id, cards.c.ticket_id == ticket_id, cards.c.number == number)
