"""What a conversation is: a ticket, its messages, the people in it, and what changed on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Who speaks in a message. `self` is this plugin: never analysed, never counted."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"
    SELF = "self"


class Channel(StrEnum):
    """By which medium a message or contact went. The first eight are also what a preference may name."""

    CALL = "call"
    SMS = "sms"
    EMAIL = "email"
    DM = "dm"
    CHAT = "chat"
    LETTER = "letter"
    VISIT = "visit"
    ANY = "any"
    FORM = "form"
    SOCIAL = "social"
    NOTE = "note"
    OTHER = "other"


class Status(StrEnum):
    """Where a ticket stands, across helpdesks. The last five are ends a helpdesk may report instead of an error."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    HOLD = "hold"
    SOLVED = "solved"
    CLOSED = "closed"
    ARCHIVED = "archived"
    MERGED = "merged"
    SPAM = "spam"
    DELETED = "deleted"

    @property
    def writable(self) -> bool:
        """May we put a note or a tag on it?"""
        return self not in _NOT_WRITABLE


_NOT_WRITABLE = frozenset({Status.CLOSED, Status.ARCHIVED, Status.MERGED, Status.SPAM, Status.DELETED})


@dataclass(frozen=True, slots=True)
class Point:
    """One way to reach somebody: a number (E.164 where it could be parsed, else as typed), an address, a handle."""

    channel: Channel
    value: str
    label: str = ""
    """What the helpdesk calls it: "mobile", "home", "work", "shared", or nothing."""
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the conversation. `locale` is BCP 47 ("pt-BR") or empty, `zone` an IANA name or empty."""

    id: str
    name: str = ""
    locale: str = ""
    zone: str = ""
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A telephone call as the helpdesk recorded it. `answered` is None where it does not say."""

    outbound: bool
    from_number: str = ""
    to_number: str = ""
    answered: bool | None = None
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One turn: a reply, a note, a call, an SMS, a chat turn. `text` is plain text, whole, as it is stored there."""

    id: str
    role: Role
    at: datetime
    text: str
    public: bool = True
    """Could the customer see it? Private notes are never promises to a customer."""
    channel: Channel = Channel.OTHER
    author_id: str = ""
    author_name: str = ""
    to: tuple[str, ...] = ()
    """Addresses or numbers it went to, where the helpdesk says."""
    automatic: bool = False
    """Sent by a rule, a vacation responder or a survey, not typed by anybody."""
    locale: str = ""
    """The author's locale, where known: a prior for the language of the text."""
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One field of the ticket that somebody changed (status, group, assignee, tags, …), from its audit trail."""

    id: str
    at: datetime
    field: str
    before: str
    after: str
    by: str = ""
    role: Role = Role.SYSTEM


@dataclass(frozen=True, slots=True)
class Ticket:
    """A whole conversation at one moment, as the helpdesk's API told it. Messages and changes are oldest first."""

    id: str
    status: Status
    requester: Person
    created_at: datetime
    updated_at: datetime
    subject: str = ""
    messages: tuple[Message, ...] = ()
    changes: tuple[Change, ...] = ()
    tags: frozenset[str] = frozenset()
    channel: Channel = Channel.OTHER
    assignee_id: str = ""
    group_id: str = ""
    group_name: str = ""
    people: tuple[Person, ...] = ()
    """Everybody else who took part, for names."""
    url: str = ""
    """Where an agent opens it, built by us from the account's host, never taken from a payload."""
    stamp: str = ""
    """Opaque version of the ticket for optimistic writes, where the helpdesk has one."""
    merged_into: str = ""
    follow_up_of: str = ""
    ours: bool = False
    """A ticket that we made (a digest): never analysed, never counted."""
    extra: dict[str, str] = field(default_factory=dict, compare=False, hash=False)

    def said_by(self, *roles: Role) -> tuple[Message, ...]:
        """Messages of these roles, oldest first."""
        return tuple(m for m in self.messages if m.role in roles)
