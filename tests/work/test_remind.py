"""A promise is spoken of once when it gets close and once when it is overdue, never while everybody is away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plugin.app import policy_of
from plugin.domain.analysis import analyse_ticket
from plugin.domain.findings import Commitment, Evidence, Findings, State, Window
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.languages.taxonomy import load_taxonomy
from plugin.ports import Account
from plugin.work.drain import drain
from plugin.work.remind import remind
from tests.toydesk import SECRET

from .conftest import SmallHouse

SWEEP = timedelta(seconds=15)
AT_RISK, OVERDUE = "ft_promise_at_risk", "ft_promise_overdue"


@pytest.fixture
def desk(house: SmallHouse) -> SmallHouse:
    """Monday, 2 March 2026, nine in the morning; open Monday to Friday, nine to five, UTC."""
    house.tools = replace(
        house.tools, policy=policy_of, analyse=analyse_ticket, taxonomy=lambda _: load_taxonomy()
    )  # fmt: skip
    return house


def say(house: SmallHouse, words: str, ticket_id: str = "1") -> None:
    """A customer has asked, an agent answers these words; the plugin has a look."""
    now = house.clock.now()
    asked = Message(f"{ticket_id}-c", Role.CUSTOMER, now, "Where is my parcel?", channel=Channel.EMAIL)
    answer = Message(f"{ticket_id}-a", Role.AGENT, now, words, channel=Channel.EMAIL)
    house.desk.add(Ticket(ticket_id, Status.OPEN, Person("c"), now, now, messages=(asked, answer)))
    house.ring(ticket_id)
    house.work()


def sweep_until(house: SmallHouse, end: datetime) -> list[tuple[datetime, str]]:
    """Moments at which the ticket got one of the tags that remind. Sweeps are made every quarter of an hour, and right
    after each moment at which a promise moves on."""
    seen: list[tuple[datetime, str]] = []
    while house.clock.now() < end:
        before = house.desk.tickets["1"].tags
        remind(house.tools)
        drain(house.tools)
        now = house.clock.now()
        seen += [(now, tag) for tag in sorted(house.desk.tickets["1"].tags - before) if tag in (AT_RISK, OVERDUE)]
        house.clock.at = min(m for m in (*moments(house), quarter_after(now)) if m > now) + SWEEP
    return seen


def moments(house: SmallHouse) -> list[datetime]:
    with house.storage.unit(reading=True) as u:
        promises = [c for _, _, c in u.ledger.commitments("toy")]
    return [m for c in promises for m in (c.risk_at, c.due.end) if m]


def quarter_after(now: datetime) -> datetime:
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + timedelta(minutes=15)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def close_to(moment: datetime, expected: datetime) -> bool:
    return timedelta() <= moment - expected <= timedelta(seconds=60)


def test_close_to_the_due_time_and_when_it_is_over_it_is_said_once_each(desk: SmallHouse) -> None:
    say(desk, "I'll call you today before 2 pm.")
    risk, over = sweep_until(desk, at(2, 16))
    assert (risk[1], over[1]) == (AT_RISK, OVERDUE)
    assert close_to(risk[0], at(2, 13))  # the last fifth of five hours
    assert close_to(over[0], at(2, 14))


def test_what_is_due_at_the_close_is_said_while_people_leave(desk: SmallHouse) -> None:
    say(desk, "I'll call you by the end of the day.")
    _, over = sweep_until(desk, at(2, 18, 30))
    assert close_to(over[0], at(2, 17))


@pytest.mark.parametrize(("said", "words", "opening"), [
    (at(2, 16, 30), "I'll call you within 5 hours.", at(3, 9)),
    (at(6, 16), "I'll call you tomorrow.", at(9, 9)),
])  # fmt: skip
def test_at_night_and_on_days_off_it_waits_until_somebody_is_there(
    desk: SmallHouse, said: datetime, words: str, opening: datetime
) -> None:
    desk.clock.at = said
    say(desk, words)
    seen = [moment for moment, tag in sweep_until(desk, opening + timedelta(minutes=2)) if tag == OVERDUE]
    assert len(seen) == 1
    assert close_to(seen[0], opening)


def test_on_a_holiday_nothing_is_said(desk: SmallHouse) -> None:
    desk.set(holidays=("2026-03-03",))
    desk.clock.at = at(2, 16, 30)
    say(desk, "I'll call you within 20 hours.")
    seen = sweep_until(desk, at(4, 9, 2))
    assert [moment.date().day for moment, _ in seen if moment > at(3, 0)] == [4]


def test_a_warning_comes_before_the_night_where_the_last_fifth_lies_in_it(desk: SmallHouse) -> None:
    desk.clock.at = at(2, 10)
    say(desk, "I'll call you tomorrow at 9:15.")
    (risk, tag), *_ = sweep_until(desk, at(3, 9))
    assert tag == AT_RISK
    assert at(2, 10) < risk < at(2, 17)


def test_those_who_sleep_hide_nobody_who_is_awake(desk: SmallHouse) -> None:
    now = desk.clock.now()
    other = replace(desk.account, id="far", zone="Pacific/Auckland", signing=(SECRET + " too",))
    with desk.storage.unit() as u:
        u.accounts.add(other)
        u.ledger.save("far", a_ticket(now), Findings("1", now, commitments=many(600, now, other)), now)
        u.ledger.save("toy", a_ticket(now), Findings("1", now, commitments=many(1, now, desk.account)), now)
    desk.clock.move(minutes=40)
    assert remind(desk.tools) == 1
    with desk.storage.unit() as u:
        assert [job.account_id for job in u.queue.jobs()] == ["toy"]
        u.accounts.update("far", zone="UTC")
    assert remind(desk.tools) == 1


def a_ticket(now: datetime) -> Ticket:
    return Ticket("1", Status.OPEN, Person("c"), now, now)


def many(number: int, now: datetime, account: Account) -> tuple[Commitment, ...]:
    """Promises of an account that are due in half an hour."""
    due = Window(end=now + timedelta(minutes=30))
    return tuple(
        Commitment(f"{account.id}-{n}", "call", Evidence("m", "I'll call"), now, Role.AGENT, due, state=State.AT_RISK)
        for n in range(number)
    )


def test_a_promise_for_another_team_reminds_both(desk: SmallHouse) -> None:
    say(desk, "Thanks for the log file. Our engineering team will call you today before 2 pm.")
    sweep_until(desk, at(2, 13, 30))
    assert {AT_RISK, "ft_promise_two_owners"} <= desk.desk.tickets["1"].tags
    assert "owed by who wrote it and by: Our engineering team" in desk.desk.notes["1"][-1].html
    sweep_until(desk, at(2, 16))
    assert {OVERDUE, "ft_promise_two_owners"} <= desk.desk.tickets["1"].tags


def test_a_promise_of_ones_own_has_one_owner(desk: SmallHouse) -> None:
    say(desk, "I'll call you today before 2 pm.")
    sweep_until(desk, at(2, 16))
    assert "ft_promise_two_owners" not in desk.desk.tickets["1"].tags
