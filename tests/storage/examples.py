"""Small true-looking values for the storage tests, and a clock that stands where it is put."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from plugin.domain.findings import (
    Adherence,
    BlockedPoint,
    Cause,
    Commitment,
    Evidence,
    Findings,
    Flag,
    Preference,
    Signal,
    Spoken,
    State,
    Window,
)
from plugin.domain.ticket import Channel, Person, Role, Status, Ticket
from plugin.ports import Account, Delivery, Doorbell, KeptCard, Mode

NOW = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEASE = timedelta(minutes=5)

KEY = "c2l4dGVlbi1ieXRlcy1hbmQtc2l4dGVlbi1ieXRlcyE="
OTHER_KEY = "YW5vdGhlci1rZXktb2YtMzItYnl0ZXMtZm9yLXRlc3Q="


class StoppedClock:
    """A `ports.Clock` that moves only when told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


def account(name: str = "acme", **changes: object) -> Account:
    """An account with every field away from its default."""
    fields: dict[str, object] = {
        "helpdesk": "zendesk", "host": f"https://{name}.example", "mode": Mode.WRITE, "external_id": "42",
        "own_user_id": "7", "zone": "Europe/Riga", "hours": "Mon-Fri 08:00-18:00", "holidays": ("2026-12-24",),
        "region": "LV", "locale": "lv", "languages": ("lv", "en"), "follow_up_hours": 4,
        "settings": {"field": "360001"},
        "signing": (f"signing-secret-of-{name}",), "credentials": {"client_id": "us", "client_secret": f"opens-{name}"},
    }  # fmt: skip
    return Account(id=name, **{**fields, **changes})  # type: ignore[arg-type]


def delivery(account_id: str = "acme", body: bytes = b'{"ticket": "1"}', at: datetime = NOW) -> Delivery:
    return Delivery(account_id, {"content-type": "application/json"}, body, at)


def doorbell(ticket_id: str = "1", name: str = "", kind: str = "ticket") -> Doorbell:
    """`name` makes event id, invocation id and fingerprint; empty for none of the three."""
    ids = (f"event-{name}", f"invocation-{name}", f"print-{name}") if name else ("", "", "")
    return Doorbell(kind, ticket_id, "ticket.changed", *ids, actor_id="9")


def ticket(ticket_id: str = "1", requester: str = "501") -> Ticket:
    return Ticket(
        id=ticket_id, status=Status.OPEN, requester=Person(requester, "Ilze", points=()), channel=Channel.EMAIL,
        created_at=NOW - timedelta(days=2), updated_at=NOW - MINUTE, group_id="g1",
    )  # fmt: skip


def promise(key: str = "k1", state: State = State.OPEN, quote: str = "I will call you on Monday") -> Commitment:
    """Due in the zone where the clocks change in between; at risk three hours before."""
    end = datetime(2026, 3, 30, 17, 0, tzinfo=ZoneInfo("Europe/Riga"))
    window = Window(end - timedelta(hours=8), end, "on Monday", "weekday.on", "day", True, True)
    fresh = Commitment(
        key, "call", Evidence("m1", quote, 3), NOW, Role.AGENT, window, "team", "the warehouse", True,
        Evidence("m1", "once it is here", 40), True, "en", risk_at=end - timedelta(hours=3),
    )  # fmt: skip
    return fresh.now_is(state, NOW, "said", fresh.evidence).now_is(state, NOW + MINUTE, "time passed")


def findings(*promises: Commitment, ticket_id: str = "1", words: str = "my parcel never came") -> Findings:
    """Every kind of finding once."""
    proof = Evidence("m0", words, 0)
    return Findings(
        ticket_id, NOW,
        cause=Cause("late_delivery", "logistics", "likely", (proof,)),
        contributing=(Cause("unclear_tracking", "product", "unsure"),),
        journey=("order", "post-order"),
        commitments=promises,
        preferences=(
            Preference("p1", Channel.CALL, True, proof, NOW, "+37120000000", "after 17", "lv", "goods", said_in="en"),
        ),
        blocked=(BlockedPoint(Channel.EMAIL, "old@example.org", proof),),
        adherence=(Adherence("m2", NOW, Channel.CALL, "breached", "asked not to be", proof, None, "+37120000000"),),
        effort=(Signal("transfer", 2, (proof,)), Signal("chase", 1)),
        flags=(Flag("leaving", (proof,)),),
        spoken=(Spoken("m0", "en", "detector", True), Spoken("m1", "", "unknown", False)),
    )  # fmt: skip


def card(version: str = "v1", at: datetime = NOW, state: str = "due") -> KeptCard:
    return KeptCard(
        version, at, "<p>Owed: a call</p>", '{"items": ["a call"]}', ("ft_owed",), ("ft_kept",), state, "new"
    )
