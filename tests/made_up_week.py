"""A made-up week of a made-up company: causes, promises, contacts and flags, saved as if its tickets had been read."""

from __future__ import annotations

from datetime import datetime, timedelta

from plugin.domain.findings import (
    Adherence,
    Cause,
    Commitment,
    Evidence,
    Findings,
    Flag,
    Offer,
    Signal,
    Spoken,
    State,
    Window,
)
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.ports import Storage

CAUSES = {
    "billing_error": ("finance", "I was charged twice for March"),
    "delivery_late": ("logistics", "Where is my parcel? It should have come on Monday"),
    "outage": ("operations", "Nothing works since this morning"),
    "unclear_information": ("service", "Your page says one thing and the letter another"),
}
"""Cause → who owns it, and what customers say."""


def seen(
    number: str,
    at: datetime,
    cause: str = "billing_error",
    *,
    customer: str = "",
    quote: str = "",
    promises: tuple[Commitment, ...] = (),
    verdicts: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
    effort: tuple[Signal, ...] = (),
    messages: tuple[Message, ...] = (),
    offers: tuple[Offer, ...] = (),
    unread: str = "",
    status: Status = Status.OPEN,
) -> tuple[Ticket, Findings]:
    """One ticket, and what was found in it. `customer` defaults to one of its own."""
    owner, words = CAUSES.get(cause, ("unrouted", ""))
    proof = Evidence("m1", quote or words)
    ticket = Ticket(number, status, Person(customer or f"c{number}"), at, at, messages=messages, channel=Channel.EMAIL)
    found = Findings(
        number, at,
        cause=Cause(cause, owner, "unsure" if cause == "unsure" else "sure", (proof,) if proof.quote else ()),
        commitments=promises,
        adherence=tuple(Adherence("m2", at, Channel.CALL, verdict, "", None, None) for verdict in verdicts),
        effort=effort,
        offers=offers,
        flags=tuple(Flag(key, (proof,)) for key in flags),
        spoken=(Spoken("m1", "en", "locale", True), *((Spoken("m9", unread, "detector", False),) if unread else ())),
    )  # fmt: skip
    return ticket, found


def promise(key: str, state: State, due: datetime, at: datetime | None = None, kind: str = "call") -> Commitment:
    """A promise that came into its state at `at` (its due time where nothing is said)."""
    said = due - timedelta(days=2)
    made = Commitment(key, kind, Evidence("m1", "we will call you"), said, Role.AGENT, Window(end=due))
    return made if state is State.OPEN else made.now_is(state, at or due, "told by hand")


def save(storage: Storage, account_id: str, rows: list[tuple[Ticket, Findings]], now: datetime) -> None:
    """Store them as `analyse` does."""
    with storage.unit() as u:
        for ticket, found in rows:
            u.ledger.save(account_id, ticket, found, now)


def week(start: datetime, now: datetime) -> list[tuple[Ticket, Findings]]:
    """The week from `start` (a Monday) and the one before: billing grows, deliveries get better."""
    hour, rows = timedelta(hours=1), []
    numbers = {"billing_error": (22, 34), "delivery_late": (28, 21), "outage": (0, 9), "unclear_information": (5, 5)}
    for back, index in ((7, 0), (0, 1)):
        first = start - timedelta(days=back)
        for cause, counts in numbers.items():
            for n in range(counts[index]):
                number = f"{len(rows) + 1000}"
                rows.append(
                    seen(number, first + n * 4 * hour, cause, verdicts=("followed",) if n % 3 else ("unknown",))
                )
        rows += [seen(f"{back}8{n}", first + n * hour, "unsure") for n in range(7)]
    late = start + timedelta(days=2)
    rows += [
        seen("501", late, promises=(promise("a", State.KEPT, late), promise("b", State.LATE, late, late + hour))),
        seen("502", late, promises=(promise("c", State.BROKEN, late),), flags=("leaving",), verdicts=("breached",) * 4),
        seen("503", late, promises=(promise("d", State.BROKEN, late + hour, kind="refund"),), flags=("upset",)),
        seen(
            "504", late, "outage", promises=(promise("e", State.OPEN, now + 5 * hour),), effort=(Signal("transfer", 3),)
        ),
        seen(
            "505", late, "outage", promises=(promise("f", State.AT_RISK, now + 2 * hour, kind="update"),), unread="fi"
        ),
    ]
    return rows
