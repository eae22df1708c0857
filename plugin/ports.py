"""The sockets of the house: what the core asks of helpdesks, storage and clocks, and the values that cross them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from plugin.domain.findings import Commitment, Findings
from plugin.domain.ticket import Ticket

# --- errors and time -------------------------------------------------------------------------------------------------


class Rejected(Exception):
    """It will not work however often we try: wrong rights, a closed ticket, a body we may not send."""


class Temporary(Exception):
    """It may work later. `retry_after` is seconds as the other side asked for, or None. `unknown` is True when the
    other side may have done it all the same (a write that timed out): look before trying again."""

    def __init__(self, reason: str, retry_after: float | None = None, *, unknown: bool = False) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.unknown = unknown


class Disconnected(Rejected):
    """The helpdesk refuses our credentials or rights altogether (401, 403): the account pauses until an admin acts."""


class LostLease(Exception):
    """Somebody else owns this job by now: save nothing, write nothing."""


class Refused(Exception):
    """A delivery that is not let in: an HTTP status (400, 401, 404, 413) and one line that says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Clock(Protocol):
    """The only source of now."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        ...


# --- accounts --------------------------------------------------------------------------------------------------------


class Mode(StrEnum):
    """How far we may go in a helpdesk: look only; show our own pages too; write notes, tags and fields as well."""

    OBSERVE = "observe"
    SUGGEST = "suggest"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Account:
    """One installed helpdesk. Secrets are decrypted here and nowhere shown: they are left out of repr."""

    id: str
    helpdesk: str
    host: str
    """Scheme and host of its API, "https://acme.zendesk.com"; never a URL from a payload."""
    mode: Mode = Mode.OBSERVE
    external_id: str = ""
    """The helpdesk's own id of the account; a payload that names another one is refused."""
    own_user_id: str = ""
    """Who we are over there: our own writes wake nobody."""
    zone: str = "UTC"
    hours: str = "Mon-Fri 09:00-17:00"
    holidays: tuple[str, ...] = ()
    """ISO dates that are closed, beside those of `region`."""
    region: str = ""
    """"LV" or "US-CA": public holidays and the way local telephone numbers are written."""
    locale: str = "en"
    """The language the card speaks."""
    languages: tuple[str, ...] = ("en",)
    """Languages its customers write in; detection is restricted to these."""
    follow_up_hours: int = 8
    """Business hours after which a promise without a date is assumed due."""
    paused: str = ""
    """Why nothing is done for it at the moment ("" when all is well)."""
    stopped: bool = False
    """The kill switch: nothing is written to the helpdesk while it is on."""
    settings: Mapping[str, str] = field(default_factory=dict)
    signing: tuple[str, ...] = field(default=(), repr=False)
    """Webhook secrets; two while one is being rotated."""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    """{"client_id", "client_secret"} (OAuth) or {"email", "token"} (legacy)."""


# --- deliveries ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook request, byte for byte. Header names are lower case; a header sent twice is refused before this."""

    account_id: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Doorbell:
    """What a verified delivery points at. `kind`: "ticket" (look at it), "gone" (deleted: do not call the API),
    "other" (an event we do not know: kept and counted), "unreadable" (kept and counted)."""

    kind: str
    ticket_id: str = ""
    event: str = ""
    """The event's name, bounded, for counting: "ticket.comment_added"."""
    event_id: str = ""
    invocation_id: str = ""
    fingerprint: str = ""
    """Hash of what was signed: a repeat under another invocation id is still a repeat."""
    actor_id: str = ""
    account_ref: str = ""


# --- helpdesks -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a helpdesk can do; the core asks this and never its name."""

    signed_webhooks: bool = False
    atomic_tags: bool = False
    note_update: bool = False
    summary_slot: bool = False
    optimistic_lock: bool = False
    call_records: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What to write to one ticket, in as few calls as the helpdesk allows. Tags are ours only (prefix `ft_`)."""

    marker: str
    """Identifies this write for ever: the card's version. Found again by `find_marker`."""
    note_html: str = ""
    """The private note, in the safe HTML subset; "" for none."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    field_id: str = ""
    field_value: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of "changed since": ticket ids with their last update, the cursor after it, and whether more follows."""

    tickets: tuple[tuple[str, datetime], ...]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are over there and what we saw on the way: `limit` requests a minute, `skew` seconds their clock is
    ahead of ours."""

    user_id: str
    name: str
    role: str
    external_id: str = ""
    zone: str = ""
    limit: int | None = None
    skew: float | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """The helpdesk's own business hours: IANA zone, "Mon-Fri 09:00-17:00", closed ISO dates."""

    zone: str
    hours: str
    holidays: tuple[str, ...] = ()


class Connector(Protocol):
    """One helpdesk account. `verify` and `point` are pure; all else is network. Raises Rejected or Temporary."""

    @property
    def capabilities(self) -> Capabilities: ...

    def verify(self, delivery: Delivery, secrets: Sequence[str], now: datetime) -> None:
        """Raises Refused unless one of `secrets` signed exactly these bytes, lately."""
        ...

    def point(self, delivery: Delivery) -> Doorbell:
        """What a verified delivery points at; never raises, whatever the body holds."""
        ...

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        """The whole conversation as it is now. A deleted, merged or spam ticket comes back with that status."""
        ...

    def changed_since(self, cursor: str) -> Page:
        """Tickets that changed after `cursor` ("" = from now minus a day); the cursor is opaque and resumable."""
        ...

    def write(self, ticket: Ticket, changes: Changes) -> None:
        """Put note, tags and field on the ticket. Temporary(unknown=True) when it may have happened."""
        ...

    def find_marker(self, ticket_id: str, marker: str, since: datetime) -> bool:
        """Is a note of ours with this marker on the ticket already? Only notes after `since` are looked at."""
        ...

    def whoami(self) -> Identity: ...

    def calendar(self) -> Hours | None:
        """The helpdesk's own schedule, or None where the plan or the rights have none."""
        ...


# --- storage ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Job:
    """A row that says what must be done. `token` grows with every claim: an older holder can no longer save."""

    id: int
    account_id: str
    kind: str
    """"analyse" or "post"."""
    lane: str
    """One lane, one job at a time, oldest first: "ticket:4711"."""
    payload: Mapping[str, str]
    attempts: int
    token: int
    due_at: datetime
    leased_until: datetime | None
    state: str
    """"waiting", "leased", "done", "buried"."""
    reason: str = ""
    created_at: datetime | None = None


class Queue(Protocol):
    """The inbox and outbox: jobs as rows. All calls belong to the surrounding unit's transaction."""

    def put(
        self, account_id: str, kind: str, lane: str, due_at: datetime, payload: Mapping[str, str] | None = None
    ) -> bool:
        """Add a job unless the same (account, kind, lane) already waits; True if a row was added. When one waits with
        a later due time, it is moved to the earlier one."""
        ...

    def claim(self, now: datetime, lease: timedelta, limit: int) -> list[Job]:
        """Lease the due heads of free lanes of accounts that are not paused, and jobs whose lease ran out."""
        ...

    def renew(self, job: Job, now: datetime, lease: timedelta) -> Job:
        """Prolong the lease; LostLease when it is no longer ours."""
        ...

    def done(self, job: Job, now: datetime) -> None:
        """Finish it; LostLease when the lease ran out or passed to another."""
        ...

    def again(self, job: Job, now: datetime, due_at: datetime, reason: str) -> None:
        """Back to waiting until `due_at`, keeping its attempts; LostLease as above."""
        ...

    def release(self, job: Job, now: datetime) -> None:
        """Give it back untouched (shutdown): waiting, due now, this attempt not counted."""
        ...

    def bury(self, job_id: int, now: datetime, reason: str) -> bool: ...

    def revive(self, job_id: int, now: datetime) -> bool:
        """A buried job waits again, at the end of its lane, with its attempts at zero."""
        ...

    def jobs(self, account_id: str | None = None, state: str | None = None, limit: int = 100) -> list[Job]: ...

    def counts(self) -> dict[str, int]:
        """Jobs by state: {"waiting": 3, "leased": 0, "buried": 1}."""
        ...

    def next_due(self) -> datetime | None:
        """When the earliest waiting job falls due."""
        ...


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

    def due(self, now: datetime, limit: int = 500) -> list[tuple[str, str]]:
        """(account id, ticket id) with an owed promise whose risk or due moment has come since it was last judged."""
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

    def delivery_counts(self) -> dict[str, int]:
        """By kind: {"ticket": 120, "other": 3, "unreadable": 1}."""
        ...

    def cursor(self, account_id: str, name: str) -> str: ...

    def set_cursor(self, account_id: str, name: str, value: str, now: datetime) -> None: ...

    def hold(self, name: str, holder: str, now: datetime, lease: timedelta) -> bool:
        """Take or prolong a named lease; False while somebody else holds it."""
        ...


class Unit(Protocol):
    """One transaction: all or nothing. Entered with `with storage.unit() as u`, committed on a clean exit."""

    queue: Queue
    accounts: Accounts
    ledger: Ledger
    history: History


class Storage(Protocol):
    """The database, open."""

    def unit(self, *, reading: bool = False) -> AbstractContextManager[Unit]:
        """A transaction; one that is only `reading` takes no write lock and cannot write."""
        ...

    def keep(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> bool:
        """Write one delivery, and its job when `due_at` is given, durably, together with those of concurrent callers;
        returns once it is on disk. False for a repeat. Raises Temporary when the database cannot take it now."""
        ...

    def close(self) -> None: ...
