"""ToyDesk: a whole helpdesk in a few dictionaries, for tests of everything that is not a connector.

desk = ToyDesk(clock)
desk.add(some_ticket)               # what the customer and the agents did
delivery = desk.ring("17")          # a signed webhook, as bytes
desk.notes["17"]                    # what we wrote: [Note(marker, html, at)]
desk.fail.append(Temporary("…"))    # the next call raises this instead
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from plugin.domain.ticket import Message, Person, Role, Status, Ticket
from plugin.ports import (
    Account,
    Capabilities,
    Changes,
    Clock,
    Connector,
    Delivery,
    DigestNote,
    Doorbell,
    Hours,
    Identity,
    Page,
    PageRequest,
    Refused,
    Rejected,
    Temporary,
    Viewer,
)

SECRET = "toy secret"
OWN_USER = "900"


class ToyClock:
    """A clock that stands still until it is moved; `sleep` moves it."""

    def __init__(self, at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self.at = at
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.at

    def move(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Note:
    """One note of ours on a ticket."""

    marker: str
    html: str
    at: datetime


@dataclass
class ToyDesk:
    """Implements ports.Connector in memory. Not safe for threads beyond what the dictionaries are."""

    clock: Clock
    account_id: str = "toy"
    tickets: dict[str, Ticket] = field(default_factory=dict)
    notes: dict[str, list[Note]] = field(default_factory=dict)
    fields: dict[tuple[str, str], str] = field(default_factory=dict)
    fail: list[Exception] = field(default_factory=list)
    """Raised one by one by the next network calls, before they do anything."""
    fail_after_write: list[Exception] = field(default_factory=list)
    """Raised by the next writes after they happened: the outcome is unknown to the caller."""
    calls: list[str] = field(default_factory=list)
    """Names of the network calls made so far."""
    hours: Hours | None = None
    digest_tickets: list[tuple[str, str]] = field(default_factory=list)
    """(audience, ticket id) of every digest ticket ever opened, the newest last."""
    pictures: dict[str, bytes] = field(default_factory=dict)
    """Marker → the picture that came with the note."""
    on_fetch: Callable[[str], None] | None = None
    """Called inside fetch_ticket, to hold it open or to change the ticket under it."""

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(signed_webhooks=True, atomic_tags=True)

    # --- what people do over there -----------------------------------------------------------------------------------

    def add(self, ticket: Ticket) -> Ticket:
        self.tickets[ticket.id] = ticket
        return ticket

    def say(self, ticket_id: str, message: Message) -> Ticket:
        """Somebody adds a message."""
        old = self.tickets[ticket_id]
        return self.add(replace(old, messages=(*old.messages, message), updated_at=self.clock.now()))

    def ring(
        self,
        ticket_id: str,
        *,
        event: str = "ticket.comment_added",
        event_id: str = "",
        secret: str = SECRET,
        invocation_id: str = "",
        actor_id: str = "",
    ) -> Delivery:
        """A signed delivery that points at this ticket."""
        body = json.dumps({"ticket": ticket_id, "event": event, "id": event_id, "actor": actor_id}).encode()
        stamp = self.clock.now().isoformat()
        headers = {"x-toy-time": stamp, "x-toy-signature": _sign(secret, stamp, body)}
        if invocation_id:
            headers["x-toy-invocation"] = invocation_id
        return Delivery(self.account_id, headers, body, self.clock.now())

    # --- ports.Connector ---------------------------------------------------------------------------------------------

    def verify(self, delivery: Delivery, secrets: Sequence[str], now: datetime) -> None:
        stamp, given = delivery.headers.get("x-toy-time", ""), delivery.headers.get("x-toy-signature", "")
        expected = [_sign(secret, stamp, delivery.body) for secret in secrets]
        if not any(hmac.compare_digest(e.encode(), given.encode()) for e in expected):
            raise Refused(401, "the signature does not match")
        if abs(datetime.fromisoformat(stamp) - now) > timedelta(minutes=5):
            raise Refused(401, "the signature is too old or too new")

    def point(self, delivery: Delivery) -> Doorbell:
        signed = delivery.headers.get("x-toy-time", "").encode() + delivery.body
        fingerprint, invocation = hashlib.sha256(signed).hexdigest(), delivery.headers.get("x-toy-invocation", "")
        try:
            said = json.loads(delivery.body)
            ticket_id, event = str(said["ticket"]), str(said["event"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return Doorbell("unreadable", fingerprint=fingerprint, invocation_id=invocation)
        kind = "gone" if event == "ticket.deleted" else "ticket" if event.startswith("ticket.") else "other"
        return Doorbell(
            kind,
            ticket_id if kind != "other" else "",
            event,
            str(said.get("id", "")),
            invocation,
            fingerprint,
            str(said.get("actor", "")),
        )

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        self._called("fetch_ticket")
        if self.on_fetch:
            self.on_fetch(ticket_id)
        if ticket_id not in self.tickets:
            now = self.clock.now()
            return Ticket(ticket_id, Status.DELETED, Person(""), now, now)
        return self.tickets[ticket_id]

    def changed_since(self, cursor: str) -> Page:
        self._called("changed_since")
        since = datetime.fromisoformat(cursor) if cursor else self.clock.now() - timedelta(days=1)
        changed = sorted(
            ((t.id, t.updated_at) for t in self.tickets.values() if t.updated_at > since), key=lambda row: row[1]
        )
        return Page(tuple(changed), (changed[-1][1] if changed else since).isoformat(), more=False)

    def write(self, ticket: Ticket, changes: Changes) -> None:
        self._called("write")
        old = self.tickets.get(ticket.id)
        if old is None or not old.status.writable:
            raise Rejected("the ticket is closed or gone")
        if not all(tag.startswith("ft_") for tag in (*changes.add_tags, *changes.remove_tags)):
            raise Rejected("only tags of our own (ft_…) may be added or removed")
        now = self.clock.now()
        if changes.note_html:
            self.notes.setdefault(ticket.id, []).append(Note(changes.marker, changes.note_html, now))
            note = Message(f"note-{len(self.notes[ticket.id])}", Role.SELF, now, changes.note_html, public=False)
            old = replace(old, messages=(*old.messages, note))
        if changes.field_id:
            self.fields[ticket.id, changes.field_id] = changes.field_value
        tags = (old.tags | set(changes.add_tags)) - (set(changes.remove_tags) - set(changes.add_tags))
        self.add(replace(old, tags=frozenset(tags), updated_at=now))
        if self.fail_after_write:
            raise self.fail_after_write.pop(0)

    def ticket_url(self, ticket_id: str, message_id: str = "") -> str:
        return f"https://toy.example/tickets/{ticket_id}"

    def open_page(self, request: PageRequest, account: Account) -> Viewer:
        if request.headers.get("x-toy-page") != SECRET:
            raise Refused(401, "not from the toy desk")
        return Viewer(ticket_id=request.query.get("ticket", ""))

    def find_marker(self, ticket_id: str, marker: str, since: datetime) -> bool:
        self._called("find_marker")
        return any(note.marker == marker and note.at >= since for note in self.notes.get(ticket_id, []))

    def find_digest_ticket(self, audience: str) -> str:
        self._called("find_digest_ticket")
        return next((t for a, t in reversed(self.digest_tickets) if a == audience and t in self.tickets), "")

    def open_digest_ticket(self, audience: str, subject: str) -> str:
        self._called("open_digest_ticket")
        now, number = self.clock.now(), f"digest-{len(self.digest_tickets) + 1}"
        self.add(Ticket(number, Status.OPEN, Person(OWN_USER), now, now, subject=subject, ours=True))
        self.digest_tickets.append((audience, number))
        if self.fail_after_write:
            raise self.fail_after_write.pop(0)
        return number

    def post_digest(self, ticket_id: str, note: DigestNote) -> None:
        self._called("post_digest")
        if ticket_id not in self.tickets or not self.tickets[ticket_id].status.writable:
            raise Rejected("the ticket is closed or gone")
        self.notes.setdefault(ticket_id, []).append(Note(note.marker, note.html, self.clock.now()))
        self.pictures[note.marker] = note.picture
        if self.fail_after_write:
            raise self.fail_after_write.pop(0)

    def whoami(self) -> Identity:
        self._called("whoami")
        return Identity(OWN_USER, "Followthrough", "agent", zone="UTC", limit=200, skew=0.0)

    def calendar(self) -> Hours | None:
        self._called("calendar")
        return self.hours

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.fail:
            raise self.fail.pop(0)


def lost_answer() -> Temporary:
    """What a caller sees when the answer to a write got lost."""
    return Temporary("the connection broke", unknown=True)


def _sign(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).hexdigest()


def _is_a_connector(desk: ToyDesk) -> Connector:
    """For mypy: stops fitting when the port changes."""
    return desk
