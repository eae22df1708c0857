"""What a stretch of time did to customers, in plain counts: no names, no averages, nobody's marks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

FEWEST = 20
"""Below this many cases a percentage says nothing, so none is shown (reference: small n, no percentage below 20)."""


@dataclass(frozen=True, slots=True)
class CauseCount:
    """How many distinct customers, in how many tickets, had this root cause."""

    key: str
    owner: str
    customers: int
    tickets: int


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened, and in how many tickets."""

    key: str
    count: int
    tickets: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with all that it stands on: `hits` of `known`, and how many could not be known. `low` and `high` are its
    95 % interval; `share` is None where nothing is known."""

    hits: int = 0
    known: int = 0
    unknown: int = 0
    share: float | None = None
    low: float = 0.0
    high: float = 1.0


def make_rate(hits: int, known: int, unknown: int) -> Rate:
    """The rate with its interval, rounded to a tenth of a percent."""
    low, high = interval(hits, known)
    share = round(hits / known, 3) if known else None
    return Rate(hits, known, unknown, share, round(low, 3), round(high, 3))


@dataclass(frozen=True, slots=True)
class Impact:
    """The counts of one span. Tickets and what hangs on them are placed by the moment the ticket was made; promises by
    their last step in the span; contacts by the moment they went out."""

    tickets: int = 0
    customers: int = 0
    unsure: int = 0
    """Tickets whose cause we do not know."""
    causes: tuple[CauseCount, ...] = ()
    """The cause with most customers first; without "unsure" and "none"."""
    kept: int = 0
    late: int = 0
    broken: int = 0
    followed: int = 0
    breached: int = 0
    unknown: int = 0
    effort: tuple[Count, ...] = ()
    flags: tuple[Count, ...] = ()
    unread: tuple[Count, ...] = ()
    """Messages by language that no pack can read."""
    offered: Rate = Rate()
    """Tickets in which a customer was let choose how to be contacted, of those where a contact was made or due (C8)."""
    acted_on: Rate = Rate()
    """Contacts that followed such a choice, of those that it bound."""
    corrected: int = 0
    """How often people corrected or dismissed one of our findings."""

    def customers_of(self, key: str) -> int:
        """Customers with this cause."""
        return next((c.customers for c in self.causes if c.key == key), 0)

    def tickets_with(self, flag: str) -> int:
        """Tickets that carry this flag."""
        return next((f.tickets for f in self.flags if f.key == flag), 0)


@dataclass(frozen=True, slots=True)
class Owed:
    """One promise that is still owed. `url` is where an agent opens its ticket ("" where that is not known)."""

    ticket_id: str
    kind: str
    due: datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class Owing:
    """What is owed at one moment. `overdue` leaves out what has been overdue for more than a month (`long_overdue`)."""

    open: int = 0
    at_risk: int = 0
    overdue: int = 0
    long_overdue: int = 0
    worst: tuple[Owed, ...] = ()
    """Overdue ones, the oldest first."""
    next: tuple[Owed, ...] = ()
    """What falls due next, the soonest first."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the helpdesk the figures stand on: tickets that wait to be read, those that cannot be read without
    an admin, and when the helpdesk was last asked for changes (None: never yet)."""

    waiting: int = 0
    stuck: int = 0
    synced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a customer that show a cause."""

    ticket_id: str
    quote: str
    lang: str = ""


def interval(hits: float, n: float) -> tuple[float, float]:
    """The 95 % Wilson interval of a share; (0, 1) where there is nothing to count."""
    if not n:
        return 0.0, 1.0
    z, p = 1.96, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def tell_share(hits: int, n: int) -> str:
    """ "85 % (71–93 %)" with its interval; "" below FEWEST cases."""
    if n < FEWEST:
        return ""
    low, high = interval(hits, n)
    return f"{round(100 * hits / n)} % ({round(100 * low)}–{round(100 * high)} %)"
