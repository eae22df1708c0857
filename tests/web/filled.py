"""Accounts with tickets in them, each with words of its own, so that a page can be asked whose words it shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from plugin.app import House
from plugin.domain.digest import Digest, Facts, make_digest
from plugin.domain.digest_periods import Period
from plugin.domain.findings import (
    Adherence,
    Cause,
    Commitment,
    Evidence,
    Findings,
    Signal,
    Spoken,
    State,
    Window,
)
from plugin.domain.ticket import Channel, Person, Role, Status, Ticket
from plugin.languages.taxonomy import load_taxonomy
from plugin.ports import Account, Delivery, Doorbell, KeptDigest, Mode
from plugin.storage.documents import to_json

CAUSES = ("late_delivery", "wrong_charge", "service_down")
PICTURE = b"\x89PNG\r\n\x1a\n"


def causes() -> list[str]:
    """Keys of the taxonomy, enough for a table."""
    return [key for key in load_taxonomy().causes if key != "none"]


def add_account(house: House, name: str, helpdesk: str = "zendesk", **changes: object) -> Account:
    """An account whose secrets and words all hold its name."""
    account = Account(
        name, helpdesk, f"https://{name}.example", mode=Mode.SUGGEST, zone="Europe/Riga", external_id="42",
        own_user_id="900", signing=(f"signing-of-{name}",),
        credentials={"email": f"{name}@example.org", "token": f"token-of-{name}"},
    )  # fmt: skip
    with house.storage.unit() as u:
        u.accounts.add(replace(account, **changes))  # type: ignore[arg-type]
    return account


def fill(house: House, name: str, number: int = 3) -> None:
    """Tickets `<name>-1` …: each with a promise, a cause, and a contact against the customer's wish."""
    now = house.clock.now()
    with house.storage.unit() as u:
        for n in range(1, number + 1):
            u.ledger.save(name, _ticket(name, n, now), _findings(name, n, now), now - timedelta(minutes=n))
        u.queue.put(name, "analyse", f"ticket:{name}-waiting", now)
        u.queue.put(name, "post", f"ticket:{name}-stuck", now)
        (stuck,) = [job for job in u.queue.jobs(name) if job.kind == "post"]
        u.queue.bury(stuck.id, now, f"reason-of-{name}")
        u.history.set_cursor(name, "changed_since", f"cursor-of-{name}", now)
        for audience in ("lead", "owner:logistics"):
            u.digests.keep(name, keep_digest(u.figures.impact(name, now - timedelta(7), now), audience, now))
    body = f'{{"words": "body-of-{name}"}}'.encode()
    house.storage.keep(Delivery(name, {}, body, now), Doorbell("unreadable", fingerprint=f"print-{name}"), None)


def _ticket(name: str, n: int, now: datetime) -> Ticket:
    return Ticket(
        f"{name}-{n}", Status.OPEN, Person(f"customer-{n}"), now - timedelta(days=2, hours=n), now,
        channel=Channel.EMAIL,
    )  # fmt: skip


def _findings(name: str, n: int, now: datetime) -> Findings:
    proof = Evidence("m0", f"my parcel of {name} number {n} never came")
    keys = causes()
    key = keys[(n * n) % min(len(keys), 7)]
    contact = Adherence("m2", now - timedelta(hours=n), Channel.CALL, "breached", "other", proof, proof)
    return Findings(
        f"{name}-{n}", now, cause=Cause(key, load_taxonomy().owner_of(key), "likely", (proof,)),
        commitments=(_promise(name, n, now),), adherence=(contact,), effort=(Signal("chase", 2, (proof,)),),
        spoken=(Spoken("m0", "en", "detector", True), Spoken("m1", "fi", "detector", False)),
    )  # fmt: skip


def _promise(name: str, n: int, now: datetime) -> Commitment:
    """Overdue, due soon and open ones in turn."""
    state, due = ((State.BROKEN, -3), (State.AT_RISK, 1), (State.OPEN, 30))[n % 3]
    words = Evidence("m1", f"we will call you about {name} number {n}")
    promise = Commitment(f"p{n}", "call", words, now - timedelta(days=1), Role.AGENT,
                         Window(end=now + timedelta(hours=due)), lang="en", small=n % 5 == 0)  # fmt: skip
    return promise.now_is(state, now - timedelta(hours=2), "time passed")


def keep_digest(impact: object, audience: str, now: datetime) -> KeptDigest:
    """A digest of the last week, made as the report makes it."""
    from plugin.domain.impact import Coverage, Impact, Owing

    assert isinstance(impact, Impact)
    week = timedelta(days=7)
    period = Period("week:2026-W09", now - week, now, now - 2 * week, now - week, now)
    facts = Facts(impact, Impact(), Owing(), Coverage(synced_at=now), {}, None)
    made: Digest = make_digest(audience, period, facts, load_taxonomy(), now, lambda ticket: "")
    return KeptDigest(audience, period.key, "v1", now, to_json(made), PICTURE)
