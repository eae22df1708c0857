"""What the pages show of one account beside its figures: tickets behind a cause, breaches, how the account is doing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select

from plugin.domain.findings import Adherence, Findings
from plugin.ports import Pulse, SeenTicket
from plugin.storage.crypto import Vault
from plugin.storage.documents import from_json
from plugin.storage.figures import KEY_NOW, with_names
from plugin.storage.tables import causes, contacts, cursors, deliveries, jobs, tickets


class AccountView:
    """`ports.Overview` inside one transaction. Every question names its account."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def tickets_of(
        self, account_id: str, cause: str, since: datetime, until: datetime, limit: int = 100
    ) -> list[SeenTicket]:
        """As the port says."""
        same = and_(causes.c.account_id == tickets.c.account_id, causes.c.ticket_id == tickets.c.ticket_id)
        statement = (
            select(tickets.c.ticket_id, tickets.c.created_at, tickets.c.status, tickets.c.body)
            .select_from(with_names(tickets.join(causes, same)))
            .where(tickets.c.account_id == account_id, tickets.c.created_at >= since, tickets.c.created_at < until)
            .where(causes.c.main, KEY_NOW.in_([cause]), tickets.c.status.not_in(("spam", "deleted", "merged")))
            .order_by(tickets.c.created_at.desc(), tickets.c.ticket_id)
            .limit(limit)
        )
        return [self._ticket(row) for row in self._connection.execute(statement)]

    def breaches(self, account_id: str, since: datetime, limit: int = 20) -> list[tuple[str, Adherence]]:
        """As the port says."""
        same = and_(contacts.c.account_id == tickets.c.account_id, contacts.c.ticket_id == tickets.c.ticket_id)
        statement = (
            select(contacts.c.ticket_id, contacts.c.position, tickets.c.body)
            .select_from(contacts.join(tickets, same))
            .where(contacts.c.account_id == account_id, contacts.c.verdict == "breached", contacts.c.at >= since)
            .order_by(contacts.c.at.desc(), contacts.c.ticket_id)
            .limit(limit)
        )
        rows = self._connection.execute(statement)
        return [(row.ticket_id, self._findings(row.body).adherence[row.position]) for row in rows]

    def pulse(self, account_id: str) -> Pulse:
        """As the port says."""
        by_state = select(jobs.c.state, func.count()).where(jobs.c.account_id == account_id).group_by(jobs.c.state)
        mine = deliveries.c.account_id == account_id
        by_kind = select(deliveries.c.kind, func.count()).where(mine).group_by(deliveries.c.kind)
        asked = select(cursors.c.set_at).where(cursors.c.account_id == account_id, cursors.c.name == "changed_since")
        return Pulse(
            tickets=int(self._scalar(select(func.count()).where(tickets.c.account_id == account_id)) or 0),
            asked_at=self._scalar(asked),
            rang_at=self._scalar(select(func.max(deliveries.c.received_at)).where(mine)),
            looked_at=self._scalar(select(func.max(tickets.c.saved_at)).where(tickets.c.account_id == account_id)),
            jobs={row[0]: row[1] for row in self._connection.execute(by_state)},
            deliveries={row[0]: row[1] for row in self._connection.execute(by_kind)},
        )

    def account_of_job(self, job_id: int) -> str:
        """As the port says."""
        return str(self._scalar(select(jobs.c.account_id).where(jobs.c.id == job_id)) or "")

    def _scalar(self, statement: Any) -> Any:
        return self._connection.execute(statement).scalar()

    def _ticket(self, row: Any) -> SeenTicket:
        found = self._findings(row.body)
        first = found.cause.evidence[0] if found.cause.evidence else None
        langs = {s.message_id: s.lang for s in found.spoken if s.supported}
        return SeenTicket(
            row.ticket_id, row.created_at, row.status, found.cause.confidence, first.quote if first else "",
            langs.get(first.message_id, "") if first else "",
        )  # fmt: skip

    def _findings(self, sealed: bytes) -> Findings:
        return from_json(Findings, self._vault.open_text(sealed))
