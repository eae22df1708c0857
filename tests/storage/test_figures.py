"""The figures of a period are what somebody would count by hand, ticket by ticket."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from plugin.domain.findings import (
    Adherence,
    Cause,
    Commitment,
    Evidence,
    Findings,
    Offer,
    Signal,
    State,
)
from plugin.domain.impact import CauseCount, Count, Owed, make_rate
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.ports import Correction
from plugin.storage.unit import Database
from tests.made_up_week import promise, save, seen

from .examples import NOW, account

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START, END = NOW - 7 * DAY, NOW
IN, BEFORE = NOW - 2 * DAY, NOW - 8 * DAY
Rows = list[tuple[Ticket, Findings]]


def put(storage: Database, *rows: tuple[Ticket, Findings], account_id: str = "acme", now: datetime = NOW) -> None:
    save(storage, account_id, list(rows), now)


def test_ten_tickets_of_one_customer_are_one_customer(storage: Database) -> None:
    put(storage, *(seen(str(n), IN, customer="one") for n in range(10)), seen("x", IN, customer="two"))
    with storage.unit() as u:
        impact = u.figures.impact("acme", START, END)
    assert impact.causes == (CauseCount("billing_error", "finance", 2, 11),)
    assert (impact.tickets, impact.customers) == (11, 2)


def test_tickets_without_a_customer_stand_for_one_each(storage: Database) -> None:
    rows = [(replace(t, requester=Person("")), f) for t, f in (seen("1", IN), seen("2", IN))]
    put(storage, *rows)
    with storage.unit() as u:
        assert u.figures.impact("acme", START, END).customers == 2


def test_the_span_begins_with_its_start_and_ends_before_its_end(storage: Database) -> None:
    moments = (START - HOUR / 3600, START, END - HOUR / 3600, END)
    put(storage, *(seen(str(n), at) for n, at in enumerate(moments)))
    with storage.unit() as u:
        assert u.figures.impact("acme", START, END).tickets == 2


def test_a_calm_ticket_counts_like_an_angry_one(storage: Database) -> None:
    put(storage, seen("1", IN), seen("2", IN, flags=("upset", "leaving")))
    with storage.unit() as u:
        assert u.figures.impact("acme", START, END).causes[0].customers == 2


def test_spam_deleted_and_merged_tickets_do_not_count(storage: Database) -> None:
    gone = (Status.SPAM, Status.DELETED, Status.MERGED)
    late = promise("p", State.BROKEN, IN)
    put(storage, *(
        seen(s.value, IN, status=s, promises=(late,), verdicts=("breached",), flags=("upset",),
             effort=(Signal("transfer", 1),), unread="fi")
        for s in gone
    ))  # fmt: skip
    with storage.unit() as u:
        impact, owing = u.figures.impact("acme", START, END), u.figures.owing("acme", NOW)
        assert u.figures.owners("acme", START, END) == ()
        assert u.figures.quotes("acme", START, END, "billing_error") == []
    assert (impact.tickets, impact.broken, impact.breached) == (0, 0, 0)
    assert (impact.flags, impact.effort, impact.unread) == ((), (), ())
    assert (owing.overdue, owing.worst) == (0, ())


def test_unsure_is_counted_and_is_no_cause(storage: Database) -> None:
    put(storage, seen("1", IN, "unsure"), seen("2", IN, "none"), seen("3", IN))
    with storage.unit() as u:
        impact = u.figures.impact("acme", START, END)
    assert (impact.tickets, impact.unsure, [c.key for c in impact.causes]) == (3, 1, ["billing_error"])


def test_a_contributing_cause_is_no_root_cause(storage: Database) -> None:
    ticket, found = seen("1", IN)
    put(storage, (ticket, replace(found, contributing=(Cause("outage", "operations", "likely"),))))
    with storage.unit() as u:
        assert [c.key for c in u.figures.impact("acme", START, END).causes] == ["billing_error"]
        assert u.figures.owners("acme", START, END) == ("finance",)


# --- choices ---------------------------------------------------------------------------------------------------------

REPLY = Message("m2", Role.AGENT, IN, "Good morning, here is news.")
CHOSEN = Evidence("m3", "by e-mail")


def test_a_choice_offered_and_a_choice_acted_on_are_two_rates(storage: Database) -> None:
    offer = Offer(Evidence("m2", "call or e-mail?"), IN, CHOSEN)
    bound = [Adherence(f"m{n}", IN, Channel.EMAIL, v, "", None, CHOSEN) for n, v in enumerate(("followed", "breached"))]
    ticket, found = seen("1", IN, messages=(REPLY,), offers=(offer,))
    put(
        storage,
        (ticket, replace(found, adherence=(*bound, replace(bound[0], preference=Evidence("m1", "no calls"))))),
        seen("2", IN, messages=(REPLY,), verdicts=("followed",)),
        seen("3", IN, messages=(replace(REPLY, id="m9"),), unread="fi"),
        seen("4", IN),
        seen("5", BEFORE, messages=(REPLY,)),
    )
    with storage.unit() as u:
        impact = u.figures.impact("acme", START, END)
    assert impact.offered == make_rate(1, 2, 1), "nobody was contacted on ticket 4, and 3 could not be read"
    assert impact.acted_on == make_rate(1, 2, 0)
    assert (impact.offered.share, impact.offered.low, impact.offered.high) == (0.5, 0.095, 0.905)


# --- promises --------------------------------------------------------------------------------------------------------


def settled(storage: Database, start: datetime = START, end: datetime = END) -> tuple[int, int, int]:
    with storage.unit() as u:
        impact = u.figures.impact("acme", start, end)
    return impact.kept, impact.late, impact.broken


def test_each_promise_counts_once_by_its_last_step_in_the_span(storage: Database) -> None:
    broken = promise("p", State.BROKEN, IN)
    put(storage, seen("1", IN, promises=(broken, promise("q", State.KEPT, IN))), now=IN)
    assert settled(storage) == (1, 0, 1)
    put(storage, seen("1", IN, promises=(broken.now_is(State.LATE, NOW + HOUR, "done"), promise("q", State.KEPT, IN))))
    assert settled(storage) == (1, 0, 1), "it was broken in this span and made good in the next"
    assert settled(storage, END, END + DAY) == (0, 1, 0)
    assert settled(storage, START, END + DAY) == (1, 1, 0)


def test_a_promise_that_turned_out_to_be_kept_in_time_was_never_broken(storage: Database) -> None:
    put(storage, seen("1", IN, promises=(promise("p", State.BROKEN, IN),)), now=IN)
    put(storage, seen("1", IN, promises=(promise("p", State.KEPT, IN, IN - HOUR),)), now=NOW)
    assert settled(storage) == (1, 0, 0)


@pytest.mark.parametrize("state", [State.DISMISSED, State.UNVERIFIABLE])
def test_a_promise_that_was_disputed_or_cannot_be_judged_counts_nowhere(storage: Database, state: State) -> None:
    broken = promise("p", State.BROKEN, IN)
    put(storage, seen("1", IN, promises=(broken,)), now=IN)
    put(storage, seen("1", IN, promises=(broken.now_is(state, NOW, "disputed"),)))
    assert settled(storage) == (0, 0, 0)


def test_a_promise_that_is_no_longer_found_counts_nowhere(storage: Database) -> None:
    put(storage, seen("1", IN, promises=(promise("p", State.BROKEN, IN),)), now=IN)
    put(storage, seen("1", IN))
    assert settled(storage) == (0, 0, 0)


def test_what_is_owed_is_listed_by_its_due_time(storage: Database) -> None:
    promises: tuple[Commitment, ...] = (
        promise("a", State.OPEN, NOW + 3 * HOUR), promise("b", State.AT_RISK, NOW + HOUR, kind="refund"),
        promise("c", State.OPEN, NOW + 30 * DAY), promise("d", State.BROKEN, NOW - HOUR),
        promise("e", State.BROKEN, NOW - 3 * DAY), promise("f", State.BROKEN, NOW - 90 * DAY),
        promise("g", State.KEPT, NOW - DAY), replace(promise("h", State.BROKEN, NOW - 9 * DAY), small=True),
    )  # fmt: skip
    put(storage, seen("1", IN, promises=promises))
    with storage.unit() as u:
        owing = u.figures.owing("acme", NOW)
    assert (owing.open, owing.at_risk, owing.overdue, owing.long_overdue) == (2, 1, 3, 1)
    assert owing.worst[:2] == (Owed("1", "call", NOW - 3 * DAY), Owed("1", "call", NOW - HOUR))
    assert owing.next == (Owed("1", "refund", NOW + HOUR), Owed("1", "call", NOW + 3 * HOUR))


def test_lists_are_short(storage: Database) -> None:
    many = tuple(promise(f"b{n}", State.BROKEN, NOW - n * HOUR) for n in range(1, 20))
    ahead = tuple(promise(f"o{n}", State.OPEN, NOW + n * HOUR) for n in range(1, 20))
    put(storage, seen("1", IN, promises=(*many, *ahead)))
    with storage.unit() as u:
        owing = u.figures.owing("acme", NOW)
    assert (owing.overdue, len(owing.worst), len(owing.next)) == (19, 5, 3)
    assert owing.worst[0].due == NOW - 19 * HOUR


# --- by owner, by account --------------------------------------------------------------------------------------------


def test_a_team_sees_only_tickets_with_its_own_root_causes(storage: Database) -> None:
    late = (promise("p", State.BROKEN, IN), promise("q", State.OPEN, NOW + HOUR))
    more = {"promises": late, "verdicts": ("followed", "unknown"), "flags": ("upset",), "unread": "fi",
            "effort": (Signal("chase", 2),)}  # fmt: skip
    put(storage, seen("1", IN, "billing_error", **more), seen("2", IN, "outage", **more))  # type: ignore[arg-type]
    with storage.unit() as u:
        assert u.figures.owners("acme", START, END) == ("finance", "operations")
        whole, part = u.figures.impact("acme", START, END), u.figures.impact("acme", START, END, "finance")
        owing = u.figures.owing("acme", NOW, "finance")
    assert (whole.tickets, whole.broken, whole.followed, whole.unknown) == (2, 2, 2, 2)
    assert (part.tickets, part.broken, part.followed, part.unknown) == (1, 1, 1, 1)
    assert (whole.effort, part.effort) == ((Count("chase", 4, 2),), (Count("chase", 2, 1),))
    assert (whole.unread, part.unread) == ((Count("fi", 2, 2),), (Count("fi", 1, 1),))
    assert (whole.flags, part.flags) == ((Count("upset", 2, 2),), (Count("upset", 1, 1),))
    assert ([o.ticket_id for o in owing.worst], [o.ticket_id for o in owing.next]) == (["1"], ["1"])


def test_another_account_is_never_counted(storage: Database) -> None:
    with storage.unit() as u:
        u.accounts.add(account("other"))
        u.corrections.add("other", Correction("1", "causes", "k", "dismiss"), IN)
        u.queue.put("other", "analyse", "ticket:1", NOW)
        u.history.set_cursor("other", "changed_since", "x", NOW)
    late = (promise("p", State.BROKEN, IN),)
    put(storage, seen("1", IN, promises=late, verdicts=("breached",)), account_id="other")
    with storage.unit() as u:
        before = u.figures.impact("acme", START, END)
        assert (before.tickets, before.broken, before.breached, before.corrected) == (0, 0, 0, 0)
        assert u.figures.owing("acme", NOW).overdue == 0
        assert u.figures.owners("acme", START, END) == ()
        assert u.figures.quotes("acme", START, END, "billing_error") == []
        known = u.figures.coverage("acme", NOW)
    assert (known.waiting, known.stuck, known.synced_at) == (0, 0, None)


# --- words, corrections, coverage ------------------------------------------------------------------------------------


def test_quotes_come_from_tickets_of_the_span_and_of_the_cause(storage: Database) -> None:
    put(storage, seen("1", IN, quote="charged twice"), seen("2", BEFORE, quote="long ago"), seen("3", IN, "outage"))
    with storage.unit() as u:
        assert [(s.ticket_id, s.quote, s.lang) for s in u.figures.quotes("acme", START, END, "billing_error")] == [
            ("1", "charged twice", "en")
        ]


def test_quotes_are_looked_for_in_a_bounded_number_of_tickets(storage: Database) -> None:
    put(storage, *(seen(str(n), IN) for n in range(60)))
    with storage.unit() as u:
        assert len(u.figures.quotes("acme", START, END, "billing_error")) == 40


def test_corrections_count_unless_they_confirm_or_were_taken_back(storage: Database) -> None:
    with storage.unit() as u:
        for act in ("dismiss", "correct", "confirm"):
            u.corrections.add("acme", Correction("1", "causes", "k", act), IN)
        u.corrections.undo("acme", u.corrections.add("acme", Correction("1", "causes", "k", "dismiss"), IN), IN)
        u.corrections.add("acme", Correction("1", "causes", "k", "dismiss"), BEFORE)
        assert u.figures.impact("acme", START, END).corrected == 2
        assert u.figures.impact("acme", START, END, "finance").corrected == 0


def test_coverage_tells_what_waits_what_is_stuck_and_the_last_look(storage: Database) -> None:
    with storage.unit() as u:
        for n in range(3):
            u.queue.put("acme", "analyse", f"ticket:{n}", NOW)
        u.queue.put("acme", "post", "ticket:9", NOW)
        u.queue.bury(u.queue.jobs("acme")[0].id, NOW, "bad")
        u.history.set_cursor("acme", "changed_since", "x", IN)
        known = u.figures.coverage("acme", NOW)
    assert (known.waiting, known.stuck, known.synced_at) == (2, 1, IN)


def test_a_look_after_forgetting_finds_nothing(storage: Database) -> None:
    put(storage, seen("1", IN, verdicts=("followed",), unread="fi", promises=(promise("p", State.BROKEN, IN),)))
    with storage.unit() as u:
        u.ledger.forget_ticket("acme", "1")
        impact = u.figures.impact("acme", START, END)
    assert (impact.tickets, impact.followed, impact.unread, impact.broken) == (0, 0, (), 0)


# --- against counting by hand ----------------------------------------------------------------------------------------


def by_hand(rows: Iterable[tuple[Ticket, Findings]], owner: str) -> dict[str, object]:
    rows = [(t, f) for t, f in rows if not owner or f.cause.owner == owner]
    span = [(t, f) for t, f in rows if START <= t.created_at < END]
    customers: dict[str, set[str]] = {}
    for ticket, found in span:
        if found.cause.key != "unsure":
            customers.setdefault(found.cause.key, set()).add(ticket.requester.id)
    steps = [c.life[-1] for _, f in rows for c in f.commitments if c.life]
    states = Counter(step.state for step in steps if START <= step.at < END)
    verdicts = Counter(a.verdict for _, f in rows for a in f.adherence if START <= a.at < END)
    return {
        "causes": {key: len(found) for key, found in customers.items()}, "tickets": len(span),
        "promises": (states[State.KEPT], states[State.LATE], states[State.BROKEN]),
        "contacts": (verdicts["followed"], verdicts["breached"], verdicts["unknown"]),
        "overdue": sum(c.state is State.BROKEN and c.due.end >= NOW - 30 * DAY  # type: ignore[operator]
                       for _, f in rows for c in f.commitments),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_the_figures_are_those_of_a_count_by_hand(storage: Database, seed: int) -> None:
    chance = random.Random(seed)
    rows: Rows = []
    for n in range(chance.randint(1, 60)):
        at = NOW - chance.random() * 20 * DAY
        made = tuple(
            promise(f"p{k}", chance.choice([State.OPEN, State.KEPT, State.LATE, State.BROKEN]), at + k * HOUR)
            for k in range(chance.randint(0, 3))
        )
        cause = chance.choice(["billing_error", "outage", "delivery_late", "unsure"])
        verdicts = tuple(chance.choices(["followed", "breached", "unknown"], k=chance.randint(0, 3)))
        rows.append(seen(str(n), at, cause, customer=f"c{chance.randint(0, 9)}", promises=made, verdicts=verdicts))
    put(storage, *rows)
    for owner in ("", "finance", "operations"):
        with storage.unit(reading=True) as u:
            impact, owing = u.figures.impact("acme", START, END, owner), u.figures.owing("acme", NOW, owner)
        assert by_hand(rows, owner) == {
            "causes": {c.key: c.customers for c in impact.causes}, "tickets": impact.tickets,
            "promises": (impact.kept, impact.late, impact.broken),
            "contacts": (impact.followed, impact.breached, impact.unknown), "overdue": owing.overdue,
        }  # fmt: skip


# --- speed -----------------------------------------------------------------------------------------------------------


def test_no_figure_walks_through_everything_an_account_ever_had(storage: Database) -> None:
    if storage.engine.dialect.name != "sqlite":
        pytest.skip("its planner looks at what the tables hold")
    put(storage, seen("1", IN, promises=(promise("p", State.BROKEN, IN),)))
    asked: list[tuple[str, object]] = []
    event.listen(storage.engine, "before_cursor_execute", lambda _c, _k, sql, given, *_: asked.append((sql, given)))
    with storage.unit(reading=True) as u:
        u.figures.impact("acme", START, END)
        u.figures.impact("acme", START, END, "finance")
        u.figures.owing("acme", NOW, "finance")
        u.figures.owners("acme", START, END)
        u.figures.quotes("acme", START, END, "billing_error")
    questions = [(sql, given) for sql, given in asked if sql.startswith("SELECT") and "FROM corrections" not in sql]
    assert len(questions) > 15  # corrections are as few as people make them
    with storage.engine.connect() as connection:
        for sql, given in questions:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)]  # type: ignore[arg-type]
            assert not any(step.startswith("SCAN") or step.endswith("(account_id=?)") for step in plan), (sql, plan)
