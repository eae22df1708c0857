"""Turn the words of a contact window ("weekdays after six") into weekly hours, and ask if a moment lies in them."""

from __future__ import annotations

import re
from datetime import datetime

from plugin.domain.phrases import Hit, Read
from plugin.domain.words import ascii_digits

_DAY = 24 * 60
_AROUND = 60
"""Minutes to both sides that "at three" leaves a caller."""

_CLOCK = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?")
_SPAN = re.compile(r"(\d)-(\d) (\d\d):(\d\d)-(\d\d):(\d\d)")


def weekly_hours(read: Read, first: int, last: int) -> str:
    """Hours of the week that the window in these tokens means: "0-4 18:00-24:00, 5-5 00:00-12:00" (Monday is 0).

    "" where the words name a date, a lead time, or anything else that no week repeats: such a window is shown and
    never judged.
    """
    hits = _longest([h for h in read.hits("preferences.window") if first <= h.first and h.last <= last])
    if not hits or any(h.rule.facts.get("shape") in ("date", "lead") for h in hits):
        return ""
    days: list[str] = []
    spans: list[tuple[int, int]] = []
    for hit in hits:
        shape = hit.rule.facts.get("shape")
        if shape == "day":
            days.append(hit.rule.facts["days"])
        else:
            span = _hours_named(hit) if hit.rule.facts.get("hours") else _clock_span(read, hit)
            if span is None:
                return ""
            spans.append(span)
    return _write(days or ["0-6"], spans or [(0, _DAY)])


def lies_within(hours: str, moment: datetime) -> bool:
    """Is this moment (already in the customer's zone) inside weekly hours? ValueError for unreadable hours."""
    minute = moment.hour * 60 + moment.minute
    return any(a <= moment.weekday() <= b and start <= minute < end for a, b, start, end in _read(hours))


def _hours_named(hit: Hit) -> tuple[int, int]:
    start, end = hit.rule.facts["hours"].split("-")
    return _minutes(start), _minutes(end)


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _clock_span(read: Read, hit: Hit) -> tuple[int, int] | None:
    times = _times(read, hit)
    shape = hit.rule.facts.get("shape")
    if not times:
        return None
    if shape == "after":
        return times[0], _DAY
    if shape == "before":
        return 0, times[0]
    if shape == "at":
        return max(0, times[0] - _AROUND), min(_DAY, times[0] + _AROUND)
    return (times[0], times[1]) if shape == "between" and len(times) > 1 and times[0] < times[1] else None


def _times(read: Read, hit: Hit) -> list[int]:
    """Clock times of a window in minutes since midnight; without am or pm, 1 to 7 is the afternoon."""
    words = {h.first: int(h.rule.facts["value"]) for h in read.hits("preferences.number")}
    halves = {h.first: int(h.rule.facts["add"]) for h in read.hits("preferences.half")}
    bare: list[tuple[int, int | None]] = []
    for token in range(hit.first, hit.last):
        half = halves.get(token + 1)
        if token in words:
            bare.append((words[token] * 60, halves.get(token, half)))
        elif read.words.kinds[token] == "number":
            bare += [(clock, half) for clock in _clocks(read.words.tokens[token])]
    return [_on_the_day(minutes, half) for minutes, half in bare]


def _clocks(token: str) -> list[int]:
    """ "9.30" and "9-11" as minutes; nothing where it is no clock."""
    found = [(int(h), int(m or 0)) for h, m in _CLOCK.findall(ascii_digits(token))]
    return [h * 60 + m for h, m in found] if all(h <= 24 and m < 60 for h, m in found) else []


def _on_the_day(minutes: int, half: int | None) -> int:
    hour = minutes // 60
    if half == 12 and hour < 12:
        return minutes + 12 * 60
    if half is None and 1 <= hour <= 7:
        return minutes + 12 * 60
    return minutes


def _write(days: list[str], spans: list[tuple[int, int]]) -> str:
    ranges = [d if "-" in d else f"{d}-{d}" for d in days]
    start, end = max(s for s, _ in spans), min(e for _, e in spans)
    if start >= end:
        return ", ".join(f"{d} {_clock(s)}-{_clock(e)}" for d in ranges for s, e in spans)
    return ", ".join(f"{d} {_clock(start)}-{_clock(end)}" for d in ranges)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _read(hours: str) -> list[tuple[int, int, int, int]]:
    found = [tuple(int(part) for part in match) for match in _SPAN.findall(hours)]
    if not found:
        raise ValueError("these are no weekly hours")
    return [(a, b, h * 60 + m, h2 * 60 + m2) for a, b, h, m, h2, m2 in found]


def _longest(hits: list[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.first, -h.last)):
        if not (kept and hit.overlaps(kept[-1])):
            kept.append(hit)
    return kept
