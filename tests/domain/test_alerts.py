"""An alert comes where a cause concerns far more customers than on the same weekdays before, at the rate we name."""

from __future__ import annotations

import math
import random

import pytest

from plugin.domain.alerts import RATE, WEEKS, find_alerts, tail

WEEKDAYS = (1.6, 1.2, 1.1, 1.0, 0.9, 0.2, 0.1)
"""Mondays are busy, Sundays are not. Day 0 is a Sunday, day 1 the Saturday before it."""


def draw(mean: float, spread: float, rng: random.Random) -> int:
    """A negative binomial count of this mean and variance `spread` times it: a Poisson of a gamma."""
    rate = rng.gammavariate(mean / (spread - 1), spread - 1) if spread > 1 else mean
    k, left = 0, math.exp(-rate)
    p = rng.random()
    below = left
    while p > below and k < 10_000:
        k += 1
        left *= rate / k
        below += left
    return k


def history(rng: random.Random, means: list[float], spread: float = 1.5, weeks: int = WEEKS + 1) -> dict:
    """Customers by cause and day, nothing changing."""
    return {
        f"c{n}": {day: draw(mean * WEEKDAYS[6 - day % 7], spread, rng) for day in range(7 * weeks)}
        for n, mean in enumerate(means)
    }  # fmt: skip


MEANS = [0.3, 0.5, 1, 1, 2, 3, 4, 6, 8, 12, 20, 30]


@pytest.mark.parametrize(("days", "cadence"), [(7, "week"), (1, "day"), (3, "day")])
def test_a_cause_that_jumps_is_told_with_what_is_usual(days: int, cadence: str) -> None:
    rng = random.Random(5)
    daily = history(rng, MEANS)
    usual = sum(daily["c11"][day + 7 * back] for day in range(days) for back in range(1, 9)) / 8
    for day in range(days):
        daily["c11"][day] = round(8 * usual / days)
    (alert,) = find_alerts(daily, days, 7 * WEEKS, RATE[cadence])
    assert (alert.key, alert.usual) == ("c11", round(usual))
    assert alert.customers > 3 * alert.usual


def test_mondays_are_held_against_mondays() -> None:
    rng = random.Random(6)
    daily = history(rng, [30.0] * 4, spread=1.0, weeks=10)
    monday = {key: {day - 6: n for day, n in row.items() if day >= 6} for key, row in daily.items()}
    assert find_alerts(monday, 1, 7 * WEEKS, RATE["day"]) == ()


def test_a_cause_that_was_never_there_is_told() -> None:
    daily = history(random.Random(7), MEANS) | {"new": {0: 4, 1: 5, 2: 6, 3: 5}}
    assert [a.key for a in find_alerts(daily, 7, 7 * WEEKS, RATE["week"])] == ["new"]


@pytest.mark.parametrize("read", [0, 6, 27])
def test_without_four_weeks_before_nothing_is_told(read: int) -> None:
    assert find_alerts({"a": {0: 500}}, 7, read, 0.05) == ()


def test_four_customers_alarm_nobody() -> None:
    assert find_alerts({"a": {0: 4}, "b": dict.fromkeys(range(63), 3)}, 1, 56, 0.05) == ()


def test_a_cause_that_always_jumps_is_held_against_its_own_jumps() -> None:
    calm = dict.fromkeys(range(63), 3)
    jumpy = {day: (60 if day // 7 in (2, 5) and day % 7 == 0 else 1) for day in range(63)} | {0: 50}
    assert find_alerts({"calm": calm, "jumpy": jumpy}, 7, 56, 0.05) == ()


@pytest.mark.parametrize("spread", [1.0, 1.5, 2.5])
@pytest.mark.parametrize(("days", "cadence"), [(7, "week"), (1, "day")])
def test_while_nothing_changes_alerts_are_as_rare_as_we_say(days: int, cadence: str, spread: float) -> None:
    rng = random.Random(round(100 * spread) + days)
    runs = 120
    with_alerts = sum(
        bool(find_alerts(history(rng, MEANS, spread), days, 7 * WEEKS, RATE[cadence])) for _ in range(runs)
    )
    assert with_alerts / runs <= RATE[cadence] + 0.03


def test_the_tail_is_that_of_the_distribution() -> None:
    assert tail(0, 3.0, 3.0) == 1.0
    assert tail(1, 3.0, 3.0) == pytest.approx(1 - math.exp(-3))
    assert tail(10, 3.0, 9.0) > 5 * tail(10, 3.0, 3.0), "wider spread, fatter tail"
