"""Digests, the figures in them, and what the pages show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from plugin.domain.findings import Adherence
from plugin.domain.impact import Coverage, Impact, Owing, Said


@dataclass(frozen=True, slots=True)
class KeptDigest:
    """One digest of one audience and period. `state`: "made" (shown on its page only), "due", "started", "posted",
    "empty" (nothing to report: nothing is posted)."""

    audience: str
    period: str
    version: str
    made_at: datetime
    body: str
    """What it says, as JSON: pages and notes are rendered from it."""
    picture: bytes = b""
    state: str = "made"
    started_at: datetime | None = None
    posted_at: datetime | None = None


class Digests(Protocol):
    """Digests by account, audience and period: exactly one each."""

    def keep(self, account_id: str, digest: KeptDigest) -> bool:
        """Store it unless there is one for this audience and period; True if it was stored."""
        ...

    def get(self, account_id: str, audience: str, period: str) -> KeptDigest | None: ...

    def newest(self, account_id: str, audience: str = "", limit: int = 20) -> list[KeptDigest]:
        """Newest period first."""
        ...

    def start(self, account_id: str, audience: str, period: str, now: datetime) -> datetime | None:
        """Mark it as being posted; returns when that was first done before, None the first time."""
        ...

    def finish(self, account_id: str, audience: str, period: str, now: datetime, state: str) -> None: ...

    def desk_ticket(self, account_id: str, audience: str) -> tuple[str, datetime | None]:
        """The helpdesk's ticket for this audience ("" while unknown) and when opening it was first started."""
        ...

    def start_ticket(self, account_id: str, audience: str, now: datetime) -> None:
        """Say that opening it begins, before the first byte leaves."""
        ...

    def set_ticket(self, account_id: str, audience: str, desk_ticket: str, now: datetime) -> None:
        """Remember it ("" to forget one that cannot be written any more)."""
        ...


class Figures(Protocol):
    """What the ledger adds up to. Tickets that are spam, deleted or merged into another do not count."""

    def impact(self, account_id: str, start: datetime, end: datetime, owner: str = "") -> Impact:
        """The counts from `start` up to `end`; with `owner` those of tickets whose root cause that team can remove."""
        ...

    def owners(self, account_id: str, start: datetime, end: datetime) -> tuple[str, ...]:
        """Teams that can remove a root cause of the span."""
        ...

    def owing(self, account_id: str, now: datetime, owner: str = "") -> Owing:
        """What is owed now, and the first few of it; without addresses of tickets."""
        ...

    def quotes(self, account_id: str, start: datetime, end: datetime, key: str) -> list[Said]:
        """Words of customers of the span that show this root cause, the surest and newest first; a bounded number."""
        ...

    def daily(self, account_id: str, since: datetime, until: datetime) -> Mapping[str, Mapping[int, int]]:
        """Distinct customers by root cause and day; a day is 24 hours, 0 the last of them before `until`."""
        ...

    def coverage(self, account_id: str, now: datetime) -> Coverage:
        """How much was read, and when the helpdesk was last asked."""
        ...


@dataclass(frozen=True, slots=True)
class SeenTicket:
    """One ticket behind a figure: when it came, how sure its cause is, and the customer's words that show it."""

    ticket_id: str
    created_at: datetime
    status: str
    confidence: str
    quote: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Pulse:
    """How an account is doing: tickets read, when the helpdesk was last asked for changes, last rang, and was last read
    (None: never yet), jobs by state, webhooks by kind."""

    tickets: int = 0
    asked_at: datetime | None = None
    rang_at: datetime | None = None
    looked_at: datetime | None = None
    jobs: Mapping[str, int] = field(default_factory=dict)
    deliveries: Mapping[str, int] = field(default_factory=dict)


class Overview(Protocol):
    """What our own pages show of one account beside its figures."""

    def tickets_of(
        self, account_id: str, cause: str, since: datetime, until: datetime, limit: int = 100
    ) -> list[SeenTicket]:
        """Tickets made from `since` up to `until` whose root cause this is, newest first; without spam, deleted and
        merged ones."""
        ...

    def breaches(self, account_id: str, since: datetime, limit: int = 20) -> list[tuple[str, Adherence]]:
        """(ticket id, contact) where the customer was contacted otherwise than they asked, newest first."""
        ...

    def pulse(self, account_id: str) -> Pulse: ...

    def account_of_job(self, job_id: int) -> str:
        """Whose job it is; "" when there is no such job."""
        ...
