"""The socket of a helpdesk: what the core asks of every connector, and the values that cross."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from plugin.domain.ticket import Ticket
from plugin.ports.accounts import Account, Delivery, Doorbell


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
