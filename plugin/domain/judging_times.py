"""Tell when something is said to have been done: "he came at ten to two", "it was here yesterday", "only today"."""

from __future__ import annotations

from datetime import datetime, timedelta

from plugin.domain.calendar import Calendar
from plugin.domain.commitments_scene import TOPIC
from plugin.domain.deadlines import find_moment
from plugin.domain.phrases import Hit, Read

_WEEK = 7
"""Days after which a weekday comes again."""


def when_done(read: Read, first: int, last: int, told_at: datetime, calendar: Calendar) -> datetime | None:
    """The moment at which tokens `first` to `last` (exclusive) of a message say that something was done, aware, in the
    calendar's zone: of a day its beginning, of a part of it that part's end, of "just now" the moment of telling. None
    where they do not say."""
    told_at = calendar.local(told_at)
    said = [h for h in read.hits(TOPIC + "happened") if first <= h.first < last]
    clock = find_moment(read, first, last, told_at, calendar)
    if not said:
        return clock
    back = min(_days_back(h, told_at) for h in said)
    if clock is not None:
        return clock - timedelta(days=back)
    hours = max(int(h.rule.facts.get("until", "0")) for h in said)
    midnight = told_at.replace(hour=0, minute=0, second=0, microsecond=0)
    return min(midnight - timedelta(days=back) + timedelta(hours=hours), told_at)


def _days_back(hit: Hit, told_at: datetime) -> int:
    """How long ago that was, by the facts of its rule: `back` days, or the last such `weekday` (0 is Monday)."""
    facts = hit.rule.facts
    if "weekday" in facts:
        return (told_at.weekday() - int(facts["weekday"])) % _WEEK or _WEEK
    return int(facts.get("back", "0"))
