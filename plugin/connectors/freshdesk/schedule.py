"""Put Freshdesk's business hours into our words: "Mon-Fri 08:00-17:00"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from plugin.connectors.freshdesk.payloads import read_day
from plugin.connectors.hours import join_days

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = 24 * 60
"""Minutes."""

_CLOCK = re.compile(r"\s*([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?\s*(?:([ap])\.?m\.?)?\s*", re.ASCII | re.IGNORECASE)


def write_hours(business_hours: Mapping[str, Any]) -> str:
    """From {"monday": {"start_time": "08:00:00 am", "end_time": "5:00 pm"}, …}; both spellings occur, the first is
    documented, the second was recorded. A missing day is closed; "" where nothing can be read."""
    given = {str(name).lower(): read_day(day) for name, day in business_hours.items()}
    days: list[list[tuple[int, int]]] = []
    for name in DAYS:
        day = given.get(name)
        span = _span(day.start_time, day.end_time) if day else None
        days.append([span] if span else [])
    return join_days(days)


def _span(start: str, end: str) -> tuple[int, int] | None:
    """Minutes since midnight; midnight and a minute before it at the end both mean the whole evening."""
    opens, closes = _minutes(start), _minutes(end)
    if opens is None or closes is None:
        return None
    if closes in (0, DAY - 1):
        closes = DAY
    return (opens, closes) if opens < closes else None


def _minutes(text: str) -> int | None:
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2])
    if found[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3].lower() == "p" else 0)
    return hour * 60 + minute if hour * 60 + minute <= DAY and minute < 60 else None
