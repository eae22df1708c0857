"""Say when a known cause concerns more customers than chance explains, with a false-alarm rate that can be named.

Counts are held against the same weekdays of the weeks before. They jump more than a Poisson count would, so their tail
is that of a negative binomial whose spread is learned from those weeks, each cause's own drawn towards that of all; and
of all causes looked at once only those are told that stay below the rate (Benjamini and Hochberg 1995,
https://doi.org/10.1111/j.2517-6161.1995.tb02031.x).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p

WEEKS = 8
"""Weeks that a period is held against; DAYS of them are asked for beside the period."""

LEAST_WEEKS = 4
"""With fewer read there is nothing to hold it against."""

RATE = {"day": 0.01, "week": 0.05}
"""Share of digests of a cadence in which there is any alert while nothing changed: one in a hundred, one in twenty."""

FEWEST = 5
"""Customers below which nobody is alarmed, and GREW times the usual number at least."""

GREW = 1.5

OWN, OTHERS = 7.0, 14.0
"""How much a cause's own spread (degrees of freedom of eight weeks) and that of all causes count."""

Daily = Mapping[str, Mapping[int, int]]
"""Customers by cause and day; day 0 is the last one of the period, 1 the one before it."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A cause with more customers than chance explains, and how many are usual."""

    key: str
    customers: int
    usual: int
    chance: float
    """Of as many or more while nothing changed; for ordering inside one run, never shown."""


def find_alerts(daily: Daily, days: int, read_days: int, rate: float) -> tuple[Alert, ...]:
    """Alerts of a period of so many days, the least likely first. `read_days` have been read before it; only whole
    weeks of them count."""
    weeks = min(WEEKS, read_days // 7)
    if weeks < LEAST_WEEKS or days < 1:
        return ()
    counts = {key: _windows(row, days, weeks) for key, row in daily.items()}
    spread = _spread_of_all(counts.values())
    told = [alert for key, row in counts.items() if (alert := _judge(key, row, spread)) is not None]
    return tuple(_below(sorted(told, key=lambda a: a.chance), len(told), rate))


def _windows(row: Mapping[int, int], days: int, weeks: int) -> list[int]:
    """Counts of the period, then of the same weekdays one week before, two weeks before, and so on; a period longer
    than a week takes as many days each time."""
    step = 7 * ((days + 6) // 7)
    return [sum(row.get(back * step + day, 0) for day in range(days)) for back in range(weeks * 7 // step + 1)]


def _spread_of_all(counts: Iterable[Sequence[int]]) -> float:
    """How many times the variance of a Poisson count the weeks before show, over all causes."""
    parts = [_chi(row) for row in counts if sum(row[1:]) >= len(row) - 1]
    return max(1.0, sum(parts) / len(parts)) if parts else 1.0


def _chi(row: Sequence[int]) -> float:
    before = row[1:]
    mean = sum(before) / len(before)
    return sum((n - mean) ** 2 for n in before) / mean / (len(before) - 1)


def _judge(key: str, row: Sequence[int], spread: float) -> Alert | None:
    """None where nobody had it."""
    now, before = row[0], row[1:]
    if not now and not sum(before):
        return None
    mean = (sum(before) + 0.5) / len(before)
    own = _chi(row) if sum(before) else spread
    mixed = max(1.0, (OWN * own + OTHERS * spread) / (OWN + OTHERS))
    chance = tail(now, mean, mixed * mean * (1 + 1 / len(before)))
    return Alert(key, now, round(mean), chance)


def tail(hits: int, mean: float, variance: float) -> float:
    """Chance of at least so many: a negative binomial of this mean and variance, a Poisson where it is no wider."""
    if hits <= 0:
        return 1.0
    below = sum(exp(_log_chance(k, mean, variance)) for k in range(hits))
    return max(0.0, 1.0 - below)


def _log_chance(k: int, mean: float, variance: float) -> float:
    if variance <= mean * 1.000001:
        return k * log(mean) - mean - lgamma(k + 1)
    size = mean * mean / (variance - mean)
    share = size / (size + mean)
    return lgamma(k + size) - lgamma(size) - lgamma(k + 1) + size * log(share) + k * log1p(-share)


def _below(alerts: Sequence[Alert], tested: int, rate: float) -> list[Alert]:
    """Those up to the last that stays below its step of the rate, and that matter in size."""
    last = max((n for n, a in enumerate(alerts, 1) if a.chance <= rate * n / tested), default=0)
    return [a for a in alerts[:last] if a.customers >= FEWEST and a.customers >= GREW * a.usual]
