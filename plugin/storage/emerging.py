"""What customers wrote that no cause explains, for as long as it is needed; and what was proposed for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from plugin.domain.ticket import Ticket
from plugin.ports import KeptProposal, Unexplained
from plugin.storage.crypto import Vault
from plugin.storage.engine import insert_into
from plugin.storage.tables import proposal_quotes, proposals, tickets, unexplained


class EmergingBook:
    """`ports.Emerging` inside one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def note(self, account_id: str, ticket: Ticket, lang: str, text: str) -> None:
        """As the port says. A customer is the same keyed hash as in the ledger."""
        who = self._vault.lookup("requester", account_id, ticket.requester.id) if ticket.requester.id else ""
        row = {
            "created_at": ticket.created_at, "requester_key": who, "lang": lang,
            "body": self._vault.seal_text(text),
        }  # fmt: skip
        statement = insert_into(self._connection, unexplained).values(account_id=account_id, ticket_id=ticket.id, **row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["account_id", "ticket_id"], set_=row))

    def drop(self, account_id: str, ticket_id: str) -> None:
        """As the port says."""
        here = (unexplained.c.account_id == account_id, unexplained.c.ticket_id == ticket_id)
        self._connection.execute(delete(unexplained).where(*here))

    def unexplained(self, account_id: str, since: datetime, until: datetime, limit: int) -> list[Unexplained]:
        """As the port says."""
        span = (unexplained.c.created_at >= since, unexplained.c.created_at < until)
        mine = select(unexplained).where(unexplained.c.account_id == account_id, *span)
        newest = mine.order_by(unexplained.c.created_at.desc(), unexplained.c.ticket_id).limit(limit)
        rows = self._connection.execute(newest).all()[::-1]
        return [
            Unexplained(
                r.ticket_id, r.requester_key or r.ticket_id, r.created_at, r.lang, self._vault.open_text(r.body)
            )
            for r in rows
        ]

    def read(self, account_id: str, since: datetime, until: datetime) -> int:
        """As the port says."""
        span = (tickets.c.created_at >= since, tickets.c.created_at < until)
        number = select(func.count()).where(tickets.c.account_id == account_id, *span)
        return int(self._connection.execute(number).scalar_one())

    def prune(self, account_id: str, before: datetime) -> int:
        """As the port says."""
        old = (unexplained.c.account_id == account_id, unexplained.c.created_at < before)
        return self._connection.execute(delete(unexplained).where(*old)).rowcount

    def propose(self, account_id: str, body: str, quotes: Sequence[tuple[str, str]], now: datetime) -> int:
        """As the port says."""
        newest = select(func.max(proposals.c.number)).where(proposals.c.account_id == account_id)
        number = int(self._connection.execute(newest).scalar() or 0) + 1
        row = {
            "account_id": account_id, "number": number, "state": "open", "found_at": now, "cause": "", "by": "",
            "decided_at": None, "body": self._vault.seal_text(body),
        }  # fmt: skip
        self._connection.execute(insert_into(self._connection, proposals).values(row))
        self._keep_quotes(account_id, number, quotes)
        return number

    def proposals(self, account_id: str, states: Iterable[str] = ()) -> list[KeptProposal]:
        """As the port says."""
        mine = select(proposals).where(proposals.c.account_id == account_id)
        if wanted := list(states):
            mine = mine.where(proposals.c.state.in_(wanted))
        rows = self._connection.execute(mine.order_by(proposals.c.number.desc())).all()
        return [self._proposal(row) for row in rows]

    def decide(self, account_id: str, number: int, state: str, cause: str, by: str, now: datetime) -> bool:
        """As the port says."""
        here = (proposals.c.account_id == account_id, proposals.c.number == number)
        fresh = {"state": state, "cause": cause, "by": by, "decided_at": None if state == "open" else now}
        return self._connection.execute(update(proposals).where(*here).values(fresh)).rowcount == 1

    def renew(self, account_id: str, number: int, body: str, quotes: Sequence[tuple[str, str]], now: datetime) -> None:
        """As the port says."""
        here = (proposals.c.account_id == account_id, proposals.c.number == number)
        self._connection.execute(update(proposals).where(*here).values(body=self._vault.seal_text(body), found_at=now))
        self._keep_quotes(account_id, number, quotes)

    def _keep_quotes(self, account_id: str, number: int, quotes: Sequence[tuple[str, str]]) -> None:
        here = (proposal_quotes.c.account_id == account_id, proposal_quotes.c.number == number)
        self._connection.execute(delete(proposal_quotes).where(*here))
        rows = [
            {"account_id": account_id, "number": number, "ticket_id": ticket_id, "position": position,
             "body": self._vault.seal_text(words)}
            for position, (ticket_id, words) in enumerate(dict(quotes).items())
        ]  # fmt: skip
        if rows:
            self._connection.execute(insert_into(self._connection, proposal_quotes), rows)

    def _proposal(self, row: Row[Any]) -> KeptProposal:
        here = (proposal_quotes.c.account_id == row.account_id, proposal_quotes.c.number == row.number)
        listed = select(proposal_quotes).where(*here).order_by(proposal_quotes.c.position)
        quotes = tuple((q.ticket_id, self._vault.open_text(q.body)) for q in self._connection.execute(listed))
        return KeptProposal(row.number, row.state, row.found_at, self._vault.open_text(row.body), quotes, row.cause,
                            row.by, row.decided_at)  # fmt: skip
