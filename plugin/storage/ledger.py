"""What was found in each ticket: kept whole and sealed, with plain columns beside it for what must be counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update

from plugin.domain.findings import Commitment, Findings, State, Transition
from plugin.domain.offers import tell_offered, was_chosen
from plugin.domain.ticket import Ticket
from plugin.storage.cards import CardDrawer
from plugin.storage.clocktime import bounded
from plugin.storage.crypto import Vault
from plugin.storage.documents import from_json, to_json
from plugin.storage.engine import insert_into
from plugin.storage.tables import (
    accounts,
    causes,
    choices,
    commitments,
    contacts,
    deliveries,
    effort,
    flags,
    metadata,
    tickets,
    transitions,
    unread,
)

_REPLACED = (commitments, causes, effort, flags, contacts, unread, choices)
"""Tables whose rows of a ticket are replaced at every save."""

_MOST_NAMES = 500
"""Ticket ids in one question."""


class TicketLedger(CardDrawer):
    """`ports.Ledger` inside one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        super().__init__(connection, vault)
        self._connection = connection
        self._vault = vault

    def save(self, account_id: str, ticket: Ticket, findings: Findings, now: datetime) -> None:
        """As the port says. Promises that `findings` lacks are gone afterwards; their transitions stay."""
        place = {"account_id": account_id, "ticket_id": ticket.id}
        self._save_ticket(place, ticket, findings, now)
        for table in _REPLACED:
            self._connection.execute(delete(table).where(*_at(table, account_id, ticket.id)))
        self._save_commitments(place, findings)
        self._save_transitions(place, findings.commitments, now)
        self._save_counts(place, ticket, findings)

    def findings(self, account_id: str, ticket_id: str) -> Findings | None:
        statement = select(tickets.c.body).where(*_at(tickets, account_id, ticket_id))
        sealed = self._connection.execute(statement).scalar()
        if sealed is None:
            return None
        found = from_json(Findings, self._vault.open_text(sealed))
        return replace(found, commitments=self._commitments_of(account_id, ticket_id))

    def seen(self, account_id: str, ticket_ids: Sequence[str]) -> dict[str, datetime]:
        """As the port says: `Ticket.updated_at` of the last save."""
        found: dict[str, datetime] = {}
        for start in range(0, len(ticket_ids), _MOST_NAMES):
            names = {bounded(ticket_id) for ticket_id in ticket_ids[start : start + _MOST_NAMES]}
            statement = select(tickets.c.ticket_id, tickets.c.updated_at)
            mine = statement.where(tickets.c.account_id == account_id, tickets.c.ticket_id.in_(names))
            found |= {row.ticket_id: row.updated_at for row in self._connection.execute(mine)}
        return {name: found[bounded(name)] for name in ticket_ids if bounded(name) in found}

    def commitments(
        self, account_id: str | None = None, states: Iterable[str] = (), limit: int = 1000
    ) -> list[tuple[str, str, Commitment]]:
        """As the port says; without `states` those of every state, those without a due time last."""
        statement = select(commitments.c.account_id, commitments.c.ticket_id, commitments.c.body)
        if account_id is not None:
            statement = statement.where(commitments.c.account_id == account_id)
        if wanted := [str(state) for state in states]:
            statement = statement.where(commitments.c.state.in_(wanted))
        soonest = (commitments.c.due_at.is_(None), commitments.c.due_at, commitments.c.account_id)
        ordered = statement.order_by(*soonest, commitments.c.ticket_id, commitments.c.position).limit(limit)
        return [
            (row.account_id, row.ticket_id, self._commitment(row.body)) for row in self._connection.execute(ordered)
        ]

    def due(self, now: datetime, limit: int = 500, *, without: Collection[str] = ()) -> list[tuple[str, str]]:
        """As the port says, the longest overdue first; accounts that are paused are left out until they work again."""
        paused = select(accounts.c.id).where(accounts.c.paused != "")
        statement = (
            select(commitments.c.account_id, commitments.c.ticket_id)
            .where(commitments.c.look_at <= now, commitments.c.account_id.not_in(paused))
            .where(commitments.c.account_id.not_in(list(without)))
            .order_by(commitments.c.look_at)
            .limit(limit)
        )
        return list(dict.fromkeys((row.account_id, row.ticket_id) for row in self._connection.execute(statement)))

    def transitions(self, account_id: str, ticket_id: str, key: str) -> tuple[Transition, ...]:
        """Every step a promise ever took, oldest first, also after it is no longer found."""
        statement = (
            select(transitions.c.body)
            .where(*_at(transitions, account_id, ticket_id), transitions.c.key == key)
            .order_by(transitions.c.at, transitions.c.saved_at)
        )
        bodies = self._connection.execute(statement).scalars()
        return tuple(from_json(Transition, self._vault.open_text(body)) for body in bodies)

    def forget_ticket(self, account_id: str, ticket_id: str) -> None:
        """Nothing anybody said in this ticket stays. Its deliveries keep their row, without the body: a late repeat
        must still be recognised."""
        for table in metadata.sorted_tables:
            if "ticket_id" in table.c and table is not deliveries:
                self._connection.execute(delete(table).where(*_at(table, account_id, ticket_id)))
        emptied = update(deliveries).where(*_at(deliveries, account_id, ticket_id)).values(body=b"")
        self._connection.execute(emptied)

    # --- the steps ---------------------------------------------------------------------------------------------------

    def _save_ticket(self, place: Mapping[str, str], ticket: Ticket, findings: Findings, now: datetime) -> None:
        row = {
            "status": ticket.status.value, "channel": ticket.channel.value, "group_id": ticket.group_id,
            "requester_key": self._requester_key(place["account_id"], ticket), "journey": ",".join(findings.journey),
            "created_at": ticket.created_at, "updated_at": ticket.updated_at, "judged_at": findings.as_of,
            "saved_at": now, "body": self._vault.seal_text(to_json(replace(findings, commitments=()))),
        }  # fmt: skip
        statement = insert_into(self._connection, tickets).values(**place, **row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["account_id", "ticket_id"], set_=row))

    def _save_commitments(self, place: Mapping[str, str], findings: Findings) -> None:
        rows = [
            {
                "body": self._vault.seal_text(to_json(promise)), **place, "key": promise.key,
                "position": position, "kind": promise.kind, "state": promise.state.value,
                "conditional": promise.conditional, "small": promise.small, "said_at": promise.said_at,
                "due_at": promise.due.end, "look_at": look_at(promise, findings.as_of),
            }
            for position, promise in enumerate(findings.commitments)
        ]  # fmt: skip
        self._insert(commitments, rows)

    def _save_transitions(self, place: Mapping[str, str], promises: Iterable[Commitment], now: datetime) -> None:
        rows = [
            {
                **place, "key": promise.key, "step": self._step_key(step), "state": step.state.value, "at": step.at,
                "body": self._vault.seal_text(to_json(step)), "saved_at": now,
            }
            for promise in promises
            for step in promise.life
        ]  # fmt: skip
        self._insert(transitions, rows)

    def _save_counts(self, place: Mapping[str, str], ticket: Ticket, findings: Findings) -> None:
        """The plain rows that later digests add up: no words, no names."""
        counted = {**place, "created_at": ticket.created_at}
        requester = self._requester_key(place["account_id"], ticket)
        found = [(True, findings.cause), *((False, cause) for cause in findings.contributing)]
        self._insert(causes, [
            {**counted, "main": main, "key": cause.key, "owner": cause.owner, "confidence": cause.confidence,
             "requester_key": requester}
            for main, cause in found
        ])  # fmt: skip
        kinds: Counter[str] = Counter()
        for signal in findings.effort:
            kinds[signal.kind] += signal.count
        self._insert(effort, [{**counted, "kind": kind, "count": count} for kind, count in kinds.items()])
        self._insert(flags, [{**counted, "key": flag.key} for flag in findings.flags])
        self._insert(contacts, [
            {**place, "position": position, "verdict": row.verdict, "channel": row.channel.value, "at": row.at,
             "chosen": was_chosen(row, findings.offers)}
            for position, row in enumerate(findings.adherence)
        ])  # fmt: skip
        if offered := tell_offered(ticket, findings):
            self._insert(choices, [{**counted, "offered": offered}])
        langs = Counter(spoken.lang for spoken in findings.unsupported)
        self._insert(unread, [{**place, "lang": lang, "count": count} for lang, count in langs.items()])

    def _insert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        """Rows that are there already stay as they are."""
        if rows:
            self._connection.execute(insert_into(self._connection, table).on_conflict_do_nothing(), rows)

    def _requester_key(self, account_id: str, ticket: Ticket) -> str:
        return self._vault.lookup("requester", account_id, ticket.requester.id) if ticket.requester.id else ""

    def _step_key(self, step: Transition) -> str:
        proof = step.evidence
        words = (proof.message_id, str(proof.start), proof.quote) if proof else ()
        return self._vault.lookup("transition", step.state, step.at.astimezone(UTC).isoformat(), step.why, *words)

    def _commitments_of(self, account_id: str, ticket_id: str) -> tuple[Commitment, ...]:
        statement = select(commitments.c.body).where(*_at(commitments, account_id, ticket_id))
        bodies = self._connection.execute(statement.order_by(commitments.c.position)).scalars()
        return tuple(map(self._commitment, bodies))

    def _commitment(self, sealed: bytes) -> Commitment:
        return from_json(Commitment, self._vault.open_text(sealed))


def look_at(promise: Commitment, judged_at: datetime) -> datetime | None:
    """The next moment, at or after `judged_at`, when time alone moves this promise on; None when only events can."""
    if promise.state is State.OPEN:
        moments = (promise.risk_at, promise.due.end)
    elif promise.state is State.AT_RISK:
        moments = (None, promise.due.end)
    else:
        return None
    return min((moment for moment in moments if moment is not None and moment >= judged_at), default=None)


def _at(table: Table, account_id: str, ticket_id: str) -> tuple[Any, Any]:
    return table.c.account_id == account_id, table.c.ticket_id == ticket_id
