"""What is known of each ticket, and what was posted: accounts, the ledger, the history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from plugin.domain.findings import Commitment, Findings
from plugin.domain.ticket import Ticket
from plugin.ports.accounts import Account


class Accounts(Protocol):
    """Installed helpdesks; secrets are encrypted on the way in."""

    def add(self, account: Account) -> None:
        """Rejected when the id exists."""
        ...

    def get(self, account_id: str) -> Account | None: ...

    def all(self) -> list[Account]: ...

    def update(self, account_id: str, **changes: Any) -> Account:
        """Change fields of Account by name; Rejected when there is no such account."""
        ...

    def remove(self, account_id: str) -> None:
        """The account and every row that belongs to it."""
        ...


@dataclass(frozen=True, slots=True)
class KeptCard:
    """One version of one ticket's card. `state`: "kept" (not for posting), "due", "started", "posted", "skipped"."""

    version: str
    made_at: datetime
    note_html: str
    items: str
    """The card as JSON, for pages and tests."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    state: str = "kept"
    why: str = ""
    started_at: datetime | None = None
    posted_at: datetime | None = None


class Ledger(Protocol):
    """What was found and what was shown, ticket by ticket."""

    def save(self, account_id: str, ticket: Ticket, findings: Findings, now: datetime) -> None:
        """Replace what is known of this ticket by these findings (promises keep their history)."""
        ...

    def findings(self, account_id: str, ticket_id: str) -> Findings | None: ...

    def seen(self, account_id: str, ticket_ids: Sequence[str]) -> dict[str, datetime]:
        """When each of these tickets had last changed when we last looked; unknown ones are left out."""
        ...

    def commitments(
        self, account_id: str | None = None, states: Iterable[str] = (), limit: int = 1000
    ) -> list[tuple[str, str, Commitment]]:
        """(account id, ticket id, commitment), the soonest due first."""
        ...

    def due(self, now: datetime, limit: int = 500, *, without: Collection[str] = ()) -> list[tuple[str, str]]:
        """(account id, ticket id) with an owed promise whose risk or due moment has come since it was last judged;
        accounts in `without` are left out."""
        ...

    def keep_card(self, account_id: str, ticket_id: str, card: KeptCard) -> bool:
        """Store a card version unless the newest one is the same; True if it was stored, or if a version that was
        "kept" is "due" now (the mode or the kill switch was changed)."""
        ...

    def newest_card(self, account_id: str, ticket_id: str) -> KeptCard | None: ...

    def cards(self, account_id: str, ticket_id: str) -> list[KeptCard]:
        """All versions, oldest first."""
        ...

    def start_posting(self, account_id: str, ticket_id: str, version: str, now: datetime) -> datetime | None:
        """Mark a version as being written, before the first byte leaves; returns when it was first started before, or
        None when this is the first time."""
        ...

    def finish_posting(
        self, account_id: str, ticket_id: str, version: str, now: datetime, state: str, why: str = ""
    ) -> None:
        """`state` is "posted", "skipped", or "kept": not written, but it may be later."""
        ...

    def posted_since(self, account_id: str, ticket_id: str, since: datetime | None) -> int:
        """How many notes went to this ticket since then (None: ever); started ones count."""
        ...

    def forget_ticket(self, account_id: str, ticket_id: str) -> None: ...


class History(Protocol):
    """Deliveries as they came, cursors, and leases of the few things only one process may do."""

    def deliveries(
        self, account_id: str | None = None, kind: str | None = None, limit: int = 100
    ) -> list[dict[str, Any]]:
        """Newest first: {"id", "account_id", "kind", "event", "received_at", "event_id", "ticket_id"}; no bodies."""
        ...

    def body(self, delivery_id: int) -> bytes:
        """The raw body of one delivery, decrypted."""
        ...

    def empty_bodies(self, account_id: str, before: datetime, after: int, limit: int) -> tuple[int, int]:
        """Of the account's next deliveries after that number, at most so many and all older than `before`, empty the
        bodies of those that were read; (number of the last one looked at, or `after`; how many were emptied)."""
        ...

    def delivery_counts(self) -> dict[str, int]:
        """By kind: {"ticket": 120, "other": 3, "unreadable": 1}."""
        ...

    def cursor(self, account_id: str, name: str) -> str: ...

    def set_cursor(self, account_id: str, name: str, value: str, now: datetime) -> None: ...

    def hold(self, name: str, holder: str, now: datetime, lease: timedelta) -> bool:
        """Take or prolong a named lease; False while somebody else holds it."""
        ...
