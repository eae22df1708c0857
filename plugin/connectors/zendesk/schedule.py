"""Put Zendesk's business hours into our words: "Mon-Fri 09:00-17:00"."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from plugin.connectors.hours import join_days
from plugin.connectors.zendesk.payloads import Holiday, Interval

DAY = 24 * 60
"""Minutes."""

LONGEST_HOLIDAY = 366
"""Days of one holiday that are believed."""

MOST_CLOSED = 2_000


def write_hours(intervals: Iterable[Interval]) -> str:
    """ "Mon-Thu 08:00-17:00, Fri 08:00-12:00" from minutes since Sunday 00:00; neighbouring days alike are joined, and
    a break makes two parts of a day. Intervals that span days or run backwards, which Zendesk rules out, are left out.
    https://developer.zendesk.com/api-reference/ticketing/ticket-management/schedules/"""
    days: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for interval in sorted(intervals, key=lambda i: i.start_time):
        day, start = divmod(interval.start_time, DAY)
        end = interval.end_time - day * DAY
        if 0 <= day < 7 and start < end <= DAY:
            days[(day - 1) % 7].append((start, end))  # theirs begins with Sunday, ours with Monday
    return join_days(days)


def list_closed(holidays: Iterable[Holiday]) -> tuple[str, ...]:
    """Every closed day as an ISO date; both ends of a holiday belong to it."""
    closed: set[str] = set()
    for holiday in holidays:
        try:
            first, last = date.fromisoformat(holiday.start_date[:10]), date.fromisoformat(holiday.end_date[:10])
        except ValueError:
            continue
        length = min((last - first).days + 1, LONGEST_HOLIDAY)
        closed.update((first + timedelta(days=n)).isoformat() for n in range(length))
    return tuple(sorted(closed))[:MOST_CLOSED]
