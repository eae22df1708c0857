"""What we can say about a ticket, and the words of the ticket that prove it: no finding without evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from plugin.domain.ticket import Channel, Role


@dataclass(frozen=True, slots=True)
class Evidence:
    """Exact words in one message: `message.text[start:start + len(quote)] == quote`."""

    message_id: str
    quote: str
    start: int = 0


def key_of(*parts: str) -> str:
    """A short stable name for a finding, the same on every run over the same words (20 hex digits)."""
    return blake2b("\x1f".join(parts).encode(), digest_size=10).hexdigest()


# --- commitments -----------------------------------------------------------------------------------------------------


class State(StrEnum):
    """A commitment's life; see DESIGN §6 for what moves it."""

    CONDITIONAL = "conditional"
    """Waits for the customer (or an uncertain event) first: not owed yet."""
    OPEN = "open"
    AT_RISK = "at_risk"
    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"
    RENEGOTIATED = "renegotiated"
    WAIVED = "waived"
    BLOCKED = "blocked_by_customer"
    UNVERIFIABLE = "unverifiable"
    DISMISSED = "dismissed"

    @property
    def owed(self) -> bool:
        """Does the customer still wait for it?"""
        return self in (State.OPEN, State.AT_RISK, State.BROKEN)


@dataclass(frozen=True, slots=True)
class Window:
    """When something is due: from `start` (None: at any time before) to `end` (None: no stated end), both aware."""

    start: datetime | None = None
    end: datetime | None = None
    words: str = ""
    """The words of the message that say when; empty where nobody said."""
    rule: str = ""
    """Which rule of the deadline grammar decided, for `explain`: "weekday.by", "within.business_days", …"""
    precision: str = ""
    """"minute", "hour", "part_of_day", "day", "week", "month", or "" where there is no end."""
    assumed: bool = False
    """True: nobody named a time, the end is the account's default follow-up time."""
    closed_day: bool = False
    """True: the named day is a holiday or not a working day; the card says so."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One step in a commitment's life, with the message that shows it (None: time alone did it)."""

    state: State
    at: datetime
    why: str
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Commitment:
    """Something the company said it will do for this customer."""

    key: str
    kind: str
    """call, reply, update, send, refund, ship, fix, investigate, forward, visit, other"""
    evidence: Evidence
    said_at: datetime
    role: Role
    due: Window
    promiser: str = "speaker"
    """"speaker" (I, we), "team" (a named department or "our team") or "third" (a partner): B21 asks for both owners."""
    party: str = ""
    """The named doer in the message's own words ("the warehouse"), when there is one."""
    conditional: bool = False
    condition: Evidence | None = None
    small: bool = False
    """Low weight ("I'll send the link"): in the ledger, but not on the short card (C16)."""
    lang: str = ""
    state: State = State.OPEN
    life: tuple[Transition, ...] = ()
    risk_at: datetime | None = None
    """When it becomes at risk, computed with the due time."""
    asked: bool = False
    """People dismissed promises much like this one: is it a promise?"""

    @property
    def shared(self) -> bool:
        """Is somebody else named who has to do it? Then two owe it, who wrote it and who does it (B21)."""
        return bool(self.party) and self.promiser in ("team", "third")

    def now_is(self, state: State, at: datetime, why: str, evidence: Evidence | None = None) -> Commitment:
        """The same commitment one step further."""
        return replace(self, state=state, life=(*self.life, Transition(state, at, why, evidence)))


# --- contact preferences ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Preference:
    """How, where, when or in which language the customer wants, or refuses, to be contacted."""

    key: str
    channel: Channel
    refuse: bool
    evidence: Evidence
    said_at: datetime
    point: str = ""
    """E.164 number or address where it could be parsed, else the customer's words ("my mobile"); "" for any."""
    window: str = ""
    within: str = ""
    """The same window as weekly hours ("0-4 18:00-24:00", Monday is 0) where it means any; "" cannot be judged."""
    lang: str = ""
    purpose: str = ""
    source: str = "text"
    """text, profile, field, agent"""
    withdrawn: bool = False
    lifts: bool = False
    """True: it takes an earlier refusal of the channel back ("you can call me again")."""
    said_in: str = ""
    """Language of the message it was said in."""


@dataclass(frozen=True, slots=True)
class BlockedPoint:
    """A contact point that is itself the reported fault (C1): nobody can be reached there."""

    channel: Channel
    point: str
    evidence: Evidence
    at: datetime | None = None
    """When it was said."""


@dataclass(frozen=True, slots=True)
class PointReport:
    """Somebody said that a point is dead, or that it works (again)."""

    point: BlockedPoint
    at: datetime
    works: bool = False


@dataclass(frozen=True, slots=True)
class Adherence:
    """One outbound contact held against what the customer asked: followed, breached or unknown."""

    message_id: str
    at: datetime
    channel: Channel
    verdict: str
    why: str
    contact: Evidence | None
    preference: Evidence | None
    point: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """We let the customer choose how to be contacted (C8)."""

    evidence: Evidence
    at: datetime
    chosen: Evidence | None = None
    """The customer's words that chose, in the first message after it that did."""


# --- causes, effort, flags -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the customer had to contact us: a key of the taxonomy with its owner, or `unsure`."""

    key: str
    owner: str
    confidence: str
    """"sure", "likely" or "unsure": words, because nobody can read a probability off a card."""
    evidence: tuple[Evidence, ...] = ()
    weight: float = 0.0
    """For ordering inside one run and for `evaluate` only; never shown, never stored."""


UNSURE = Cause(key="unsure", owner="unrouted", confidence="unsure")


@dataclass(frozen=True, slots=True)
class Signal:
    """A fact that cost the customer effort, counted: transfer, reopen, repeated_ask, chase, wait, forced_channel, …"""

    kind: str
    count: int
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """Something present (an absent flag is not a row): upset, leaving, catastrophic. Never a number (D9)."""

    key: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The language of one message, and how we know: "locale", "script", "detector", "ticket" (too short to tell, as the
    messages before it), or "unknown"."""

    message_id: str
    lang: str
    how: str
    supported: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """All that one run over one ticket found."""

    ticket_id: str
    as_of: datetime
    cause: Cause = UNSURE
    contributing: tuple[Cause, ...] = ()
    journey: tuple[str, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    preferences: tuple[Preference, ...] = ()
    blocked: tuple[BlockedPoint, ...] = ()
    reports: tuple[PointReport, ...] = ()
    """What this very ticket said of dead points and changed by it: it is known on the person's next ticket."""
    adherence: tuple[Adherence, ...] = ()
    offers: tuple[Offer, ...] = ()
    effort: tuple[Signal, ...] = ()
    flags: tuple[Flag, ...] = ()
    spoken: tuple[Spoken, ...] = ()

    @property
    def unsupported(self) -> tuple[Spoken, ...]:
        """Messages whose language we do not know or have no pack for: shown, never taken for calm."""
        return tuple(s for s in self.spoken if not s.supported)
