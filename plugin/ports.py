"""The sockets of the house: what the core asks of helpdesks, storage and clocks, and the values that cross them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from plugin.domain.findings import Adherence, Commitment, Findings
from plugin.domain.impact import Coverage, Impact, Owing, Said
from plugin.domain.statements import Statement
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
    """What its connector signs in and proves webhooks with, by the names of the connector's `SECRETS`."""


# --- deliveries ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook request, byte for byte. Header names are lower case; a header sent twice is refused before this."""

    account_id: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    path: str = field(default="", repr=False)
    """What stands behind the account in the address: a secret of some helpdesks' webhooks."""


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
    keep: bytes | None = field(default=None, repr=False)
    """What of the body may be stored, where not all of it may (an actor's IP address); None: the body as it came."""


# --- helpdesks -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a helpdesk can do; the core asks this and never its name."""

    signed_webhooks: bool = False
    atomic_tags: bool = False
    note_update: bool = False
    """A note of ours can be edited: one living card instead of a note for each version."""
    summary_slot: bool = False
    """A ticket has a place of its own for the card, as far as is known by now."""
    optimistic_lock: bool = False
    call_records: bool = False
    longest_tag: int = 63
    """Letters of a tag."""

    @property
    def living_card(self) -> bool:
        """Is a card changed in place? Then every version is written, and one with nothing to say is taken away."""
        return self.note_update or self.summary_slot


@dataclass(frozen=True, slots=True)
class Changes:
    """What to write to one ticket, in as few calls as the helpdesk allows. Tags are ours only (prefix `ft_`)."""

    marker: str
    """Identifies this write for ever: the card's version. Found again by `find_marker`."""
    note_html: str = ""
    """The private note, in the safe HTML subset; "" for none."""
    clear_note: bool = False
    """Take our card away: there is nothing left to say. Only where a card lives."""
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
    ahead of ours. `gaps` are things that our user's rights keep from us, each with its remedy,
    both sentences of the catalogue."""

    user_id: str
    name: str
    role: str
    external_id: str = ""
    zone: str = ""
    limit: int | None = None
    skew: float | None = None
    gaps: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hours:
    """The helpdesk's own business hours: IANA zone, "Mon-Fri 09:00-17:00", closed ISO dates."""

    zone: str
    hours: str
    holidays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request for a page inside the helpdesk, as it came. Header names are lower case."""

    account_id: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at a page inside the helpdesk, as far as the helpdesk proves it. `ticket_id` is "" where the proof
    names none: then it must be read from the request, and only the account is proved. `by_name` is False where the
    proof stands for the whole installation, not for a person."""

    ticket_id: str = ""
    user_id: str = ""
    by_name: bool = False
    once: str = ""
    """Names a proof that opens a page one time only; "" for one that may come again."""
    client: str = ""
    """Address of the script by which the page talks to the helpdesk around it; "" where the page brings its own."""


@dataclass(frozen=True, slots=True)
class DigestNote:
    """One digest as it goes into the helpdesk: a private note with at most one picture. No customer is ever on it."""

    marker: str
    html: str
    picture: bytes = b""
    """PNG, or empty."""
    picture_name: str = "digest.png"


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

    def ticket_url(self, ticket_id: str, message_id: str = "") -> str:
        """Where an agent opens this ticket, at this message where the helpdesk's page can; made from the account's
        host, whatever the ids hold."""
        ...

    def open_page(self, request: PageRequest, account: Account) -> Viewer:
        """Who asks for the sidebar page. Pure. Refused unless the helpdesk proves it for exactly this account."""
        ...

    def find_digest_ticket(self, audience: str) -> str:
        """The ticket that we made for this audience ("lead", "owner:product"), open or not; "" when there is none."""
        ...

    def open_digest_ticket(self, audience: str, subject: str) -> str:
        """Make it and return its id: our integration user is its requester, its first message is private where the
        helpdesk can, nobody else is on it and nobody is notified. Temporary(unknown=True) when it may be there."""
        ...

    def post_digest(self, ticket_id: str, note: DigestNote) -> None:
        """Add the private note with its picture. Temporary(unknown=True) when it may be there; `find_marker` tells.
        Rejected when the ticket cannot be written any more (closed, deleted): a new one is opened then."""
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

    def delivery_counts(self) -> dict[str, int]:
        """By kind: {"ticket": 120, "other": 3, "unreadable": 1}."""
        ...

    def cursor(self, account_id: str, name: str) -> str: ...

    def set_cursor(self, account_id: str, name: str, value: str, now: datetime) -> None: ...

    def hold(self, name: str, holder: str, now: datetime, lease: timedelta) -> bool:
        """Take or prolong a named lease; False while somebody else holds it."""
        ...


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said about one finding. `topic` and `key` name it as the card does; `act` is "confirm", "correct"
    or "dismiss"; `value` is the right answer of a "correct" (a cause's key, a state). `words` are the quoted words it
    is about."""

    ticket_id: str
    topic: str
    key: str
    act: str
    value: str = ""
    words: str = ""
    surface: str = "sidebar"
    made_at: datetime | None = None
    id: int = 0


class Corrections(Protocol):
    """What people said about findings. The last word on a finding counts; undoing brings back the one before."""

    def add(self, account_id: str, correction: Correction, now: datetime) -> int:
        """Store it; returns its id."""
        ...

    def undo(self, account_id: str, correction_id: int, now: datetime) -> bool:
        """Take it back; False when this account has no such correction, or it was taken back already."""
        ...

    def of_ticket(self, account_id: str, ticket_id: str) -> list[Correction]:
        """Those that stand, oldest first."""
        ...

    def about(self, account_id: str, topic: str, words: str) -> list[Correction]:
        """Those that stand about the same words (folded) on any ticket, oldest first."""
        ...

    def all(self, account_id: str, topic: str = "", limit: int = 100_000) -> list[Correction]:
        """Those that stand, oldest first: what the learning job reads."""
        ...


@dataclass(frozen=True, slots=True)
class KeptModel:
    """One version of what an account taught us about a topic. `state`: "used" (at most one a topic), "spare" (may be
    gone back to), "dropped" (was gone back from; goes with the next version)."""

    topic: str
    version: int
    made_at: datetime
    state: str
    figures: str
    """How it did on corrections it had not seen: JSON of numbers, no words."""
    body: bytes = field(default=b"", repr=False)


class Models(Protocol):
    """Learned models, sealed, of one account each."""

    def add(self, account_id: str, topic: str, body: bytes, figures: str, now: datetime, keep: int) -> int:
        """Use this one from now on; returns its version. Of those before it the newest `keep` - 1 stay as spares."""
        ...

    def version(self, account_id: str, topic: str) -> int:
        """The version in use; 0 for none."""
        ...

    def get(self, account_id: str, topic: str, version: int) -> KeptModel | None: ...

    def list(self, account_id: str = "", topic: str = "") -> list[tuple[str, KeptModel]]:
        """(account id, model without its body), newest first."""
        ...

    def revert(self, account_id: str, topic: str) -> int | None:
        """Go back to the version before the one in use, which is dropped; returns the version in use then, 0 for none.
        None when none was in use."""
        ...


@dataclass(frozen=True, slots=True)
class KeptTaxonomy:
    """One version of an account's list of causes. `by` made it; `what` says how, in words; `body` is its TOML."""

    version: int
    made_at: datetime
    by: str
    what: str
    body: str = field(default="", repr=False)


class Taxonomies(Protocol):
    """The lists of causes of accounts, every version of them. An account without one uses the one of the program."""

    def version(self, account_id: str) -> int:
        """The newest version; 0 for none."""
        ...

    def get(self, account_id: str, version: int) -> KeptTaxonomy | None: ...

    def list(self, account_id: str) -> list[KeptTaxonomy]:
        """Newest first, without bodies."""
        ...

    def add(
        self, account_id: str, body: str, by: str, what: str, names: Mapping[str, tuple[str, str]], now: datetime
    ) -> int:
        """Use this one from now on; returns its version. `names` says for each key that was ever found the (key, owner)
        that it counts for from now on."""
        ...


@dataclass(frozen=True, slots=True)
class Unexplained:
    """What a customer wrote on a ticket whose cause we do not know, or that fits none well. `customer` is a keyed
    hash."""

    ticket_id: str
    customer: str
    created_at: datetime
    lang: str
    text: str


@dataclass(frozen=True, slots=True)
class KeptProposal:
    """A cause that may be new. `state`: "open", "accepted", "merged", "dismissed". `cause` is what it became or went
    into; `body` is the proposal as JSON; `quotes` are (ticket id, customer's words) of tickets that still are there."""

    number: int
    state: str
    found_at: datetime
    body: str = field(repr=False)
    quotes: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cause: str = ""
    by: str = ""
    decided_at: datetime | None = None


class Emerging(Protocol):
    """What no cause explains, and the causes that were proposed for it."""

    def note(self, account_id: str, ticket: Ticket, lang: str, text: str) -> None:
        """Keep what the customer wrote on a ticket that nothing explains; what was kept of it before is replaced."""
        ...

    def drop(self, account_id: str, ticket_id: str) -> None:
        """The ticket is explained now."""
        ...

    def unexplained(self, account_id: str, since: datetime, until: datetime, limit: int) -> list[Unexplained]:
        """Of tickets made from `since` up to `until` the newest `limit`, oldest first."""
        ...

    def read(self, account_id: str, since: datetime, until: datetime) -> int:
        """How many tickets of the span were read in all."""
        ...

    def prune(self, account_id: str, before: datetime) -> int:
        """Forget what was written before; returns how many."""
        ...

    def propose(self, account_id: str, body: str, quotes: Sequence[tuple[str, str]], now: datetime) -> int:
        """Keep a proposal; returns its number, counted from 1 in each account."""
        ...

    def proposals(self, account_id: str, states: Iterable[str] = ()) -> list[KeptProposal]:
        """Newest first."""
        ...

    def decide(self, account_id: str, number: int, state: str, cause: str, by: str, now: datetime) -> bool:
        """What became of it ("open" to take a decision back); False when there is no such proposal."""
        ...

    def renew(self, account_id: str, number: int, body: str, quotes: Sequence[tuple[str, str]], now: datetime) -> None:
        """An open proposal as it looks now."""
        ...


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
class Human:
    """Somebody who signs in to our own pages. `accounts` is empty for all of them."""

    name: str
    role: str
    """"admin" or "lead"."""
    password: str = field(repr=False, default="")
    """A salted scrypt hash."""
    accounts: tuple[str, ...] = ()
    epoch: int = 0
    failures: int = 0
    locked_until: datetime | None = None
    created_at: datetime | None = None
    seen_at: datetime | None = None


class People(Protocol):
    """Those who may sign in; names are compared without regard to case."""

    def add(self, human: Human, now: datetime) -> None:
        """Rejected when the name is taken."""
        ...

    def get(self, name: str) -> Human | None: ...

    def all(self) -> list[Human]: ...

    def update(self, name: str, **changes: Any) -> Human:
        """Change fields of Human by name; Rejected when there is no such person."""
        ...

    def remove(self, name: str) -> bool: ...


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


@dataclass(frozen=True, slots=True)
class Override:
    """An agent went on although the guard had said `verdict` ("warn" or "block") for `reason` (its key). `words` say
    why, in the agent's own words."""

    ticket_id: str
    channel: str
    point: str
    verdict: str
    reason: str
    words: str
    user_id: str = ""
    made_at: datetime | None = None


class Preferences(Protocol):
    """What people said about being contacted. A person is a keyed hash, another one in each account; "" is nobody and
    has said nothing."""

    def person(self, account_id: str, person_id: str) -> str:
        """The person behind the helpdesk's id; "" for ""."""
        ...

    def person_of(self, account_id: str, ticket_id: str) -> str:
        """The person who asked on this ticket; "" where it was not looked at yet."""
        ...

    def tickets_of(self, account_id: str, person: str) -> list[str]:
        """The tickets of this person that we have looked at, oldest first."""
        ...

    def note(self, account_id: str, person: str, ticket_id: str, said: Iterable[Statement], now: datetime) -> None:
        """Replace what this ticket says by this; what the customer has withdrawn stays withdrawn."""
        ...

    def add(self, account_id: str, person: str, said: Statement, now: datetime) -> int:
        """Keep one statement; returns its id."""
        ...

    def of(self, account_id: str, person: str) -> list[Statement]:
        """All statements, withdrawn and expired ones too, oldest first."""
        ...

    def withdraw(self, account_id: str, person: str, statement_id: int, now: datetime) -> bool:
        """End one; False when this person has no such statement, or it has ended already."""
        ...

    def merge(self, account_id: str, person: str, into: str) -> int:
        """The helpdesk found that two contacts are one: what the one said, the other has said. Returns how many."""
        ...

    def erase(self, account_id: str, person: str, now: datetime) -> int:
        """Remove every statement; what stays is that this was done, so that older words are not read again. Returns how
        many are gone."""
        ...

    def erased_at(self, account_id: str, person: str) -> datetime | None: ...

    def overrule(self, account_id: str, override: Override, now: datetime) -> int:
        """Keep that somebody went on in spite of the guard; returns its id."""
        ...

    def overruled(self, account_id: str, ticket_id: str = "", limit: int = 100) -> list[Override]:
        """Newest first."""
        ...


class Unit(Protocol):
    """One transaction: all or nothing. Entered with `with storage.unit() as u`, committed on a clean exit."""

    queue: Queue
    accounts: Accounts
    ledger: Ledger
    history: History
    corrections: Corrections
    models: Models
    taxonomies: Taxonomies
    emerging: Emerging
    digests: Digests
    figures: Figures
    people: People
    overview: Overview
    preferences: Preferences


class Storage(Protocol):
    """The database, open."""

    def unit(self, *, reading: bool = False) -> AbstractContextManager[Unit]:
        """A transaction; one that is only `reading` takes no write lock and cannot write."""
        ...

    def keep(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> bool:
        """Write one delivery, and its job when `due_at` is given, durably, together with those of concurrent callers;
        returns once it is on disk. False for a repeat. Raises Temporary when the database cannot take it now."""
        ...

    def secret(self, purpose: str) -> str:
        """A secret of this database for signing our own short-lived tokens, another for each purpose."""
        ...

    def close(self) -> None: ...
