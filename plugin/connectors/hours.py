"""Write a week of opening hours in our words: "Mon-Thu 08:00-17:00, Fri 08:00-12:00"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def join_days(days: Sequence[Sequence[tuple[int, int]]]) -> str:
    """`days`: for each day from Monday its (start, end) in minutes since midnight, in order. Neighbouring days alike
    are joined, a break makes two parts of a day, a day without hours is closed; "" when all are."""
    parts = []
    for _, run in groupby(enumerate(days), key=lambda pair: list(pair[1])):
        same = list(run)
        name = DAYS[same[0][0]] if len(same) == 1 else f"{DAYS[same[0][0]]}-{DAYS[same[-1][0]]}"
        parts += [f"{name} {_clock(start)}-{_clock(end)}" for start, end in same[0][1]]
    return ", ".join(parts)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
