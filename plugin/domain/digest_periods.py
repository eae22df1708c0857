"""Which days a digest covers and when it is due, in the account's own days: weekends, holidays and clock changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from plugin.domain.calendar import Calendar, NeverOpen

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY_DAY = frozenset(range(7))
_NEVER = ("none", "off", "never")
_DAY = timedelta(days=1)

LONGEST_REST = 62
"""Days without a day for digests after which a daily digest covers no more."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When an account's digests are sent: the hour, the days of daily ones (0 is Monday; only business days count) and
    the day of the weekly one (None: no weekly digest)."""

    at: time = time(8, 0)
    days: frozenset[int] = _EVERY_DAY
    week_day: int | None = 0


@dataclass(frozen=True, slots=True)
class Period:
    """What one digest covers, from `start` up to `end`, and the same weekdays some weeks earlier to compare with."""

    key: str
    """ "day:2026-11-20" (that day and the closed ones after it) or "week:2026-W47" (ISO week)."""
    start: datetime
    end: datetime
    before_start: datetime
    before_end: datetime
    due_at: datetime


def read_plan(settings: Mapping[str, str]) -> Plan:
    """The plan in an account's settings: digest_time "08:00", digest_days "business", "mon,thu" or "none",
    digest_week_day "mon" or "none". Raises ValueError that says which setting is wrong and how it should look."""
    return Plan(
        at=_read_time(settings.get("digest_time", "08:00")),
        days=_read_days(settings.get("digest_days", "business")),
        week_day=_read_week_day(settings.get("digest_week_day", "mon")),
    )


def due_periods(calendar: Calendar, plan: Plan, now: datetime) -> tuple[Period, ...]:
    """The periods whose digest should be there by now: at most the latest of each cadence. A daily one is due until its
    day ends, a weekly one until its week ends; what was missed for longer is not made up for."""
    today = calendar.local(now).date()
    found = [_daily(calendar, plan, today), _weekly(calendar, plan, today)]
    return tuple(period for period in found if period is not None and period.due_at <= now)


def latest_period(calendar: Calendar, plan: Plan, now: datetime, cadence: str) -> Period:
    """The newest period of a cadence ("day" or "week") that is wholly over. Raises ValueError when there is none."""
    today = calendar.local(now).date()
    if cadence == "week":
        return _week(calendar, plan, today - timedelta(days=today.weekday() + 7))
    for back in range(LONGEST_REST):
        period = _daily(calendar, plan, today - back * _DAY)
        if period is not None:
            return period
    raise ValueError("no daily digest is planned: digest_days names no business day; try --period week")


def read_period(key: str, calendar: Calendar, plan: Plan) -> Period:
    """The period of this name. Raises ValueError that shows how a name looks."""
    kind, _, name = key.partition(":")
    try:
        if kind == "day":
            day = date.fromisoformat(name)
            return _period(calendar, plan, key, day, _next_day(calendar, plan, day))
        if kind == "week" and (match := re.fullmatch(r"(\d{4})-W(\d{2})", name)):
            return _week(calendar, plan, date.fromisocalendar(int(match[1]), int(match[2]), 1))
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"no period {key[:40]!r}; write day:2026-11-20 or week:2026-W47")


# --- days ------------------------------------------------------------------------------------------------------------


def _daily(calendar: Calendar, plan: Plan, today: date) -> Period | None:
    """The period that a daily digest of `today` covers: from the last day for digests up to last midnight. Nothing is
    covered twice and nothing left out, however long the weekend was."""
    if not _is_day(calendar, plan, today):
        return None
    first = today - _DAY
    while not _is_day(calendar, plan, first):
        first -= _DAY
        if today - first > timedelta(days=LONGEST_REST):
            return None
    return _period(calendar, plan, f"day:{first.isoformat()}", first, today)


def _weekly(calendar: Calendar, plan: Plan, today: date) -> Period | None:
    """The ISO week before the one of `today`, due on the plan's day, or the first business day after it."""
    if plan.week_day is None:
        return None
    return _week(calendar, plan, today - timedelta(days=today.weekday() + 7))


def _week(calendar: Calendar, plan: Plan, monday: date) -> Period:
    year, week, _ = monday.isocalendar()
    end = monday + timedelta(days=7)
    wanted = end + timedelta(days=plan.week_day or 0)
    open_days = (wanted + n * _DAY for n in range(7 - (plan.week_day or 0)))
    sent = next((day for day in open_days if calendar.is_open(day)), wanted)
    return _period(calendar, plan, f"week:{year}-W{week:02d}", monday, end, sent)


def _period(calendar: Calendar, plan: Plan, key: str, first: date, end: date, sent: date | None = None) -> Period:
    """`first` is the first day, `end` the day after the last one. Compared are the same weekdays, as many weeks earlier
    as the two do not overlap."""
    shift = timedelta(days=7 * -(-(end - first).days // 7))
    return Period(
        key=key,
        start=_midnight(calendar, first),
        end=_midnight(calendar, end),
        before_start=_midnight(calendar, first - shift),
        before_end=_midnight(calendar, end - shift),
        due_at=calendar.at(sent or end, plan.at),
    )


def _midnight(calendar: Calendar, day: date) -> datetime:
    return calendar.at(day, time(0))


def _is_day(calendar: Calendar, plan: Plan, day: date) -> bool:
    return day.weekday() in plan.days and calendar.is_open(day)


def _next_day(calendar: Calendar, plan: Plan, day: date) -> date:
    for n in range(1, LONGEST_REST):
        if _is_day(calendar, plan, day + n * _DAY):
            return day + n * _DAY
    try:
        return calendar.next_business_day(day)
    except NeverOpen:
        return day + _DAY


# --- settings --------------------------------------------------------------------------------------------------------


def _read_time(text: str) -> time:
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text.strip())
    if match is None:
        raise ValueError(f"digest_time {text[:20]!r} is no time of day; write it as 08:00")
    return time(int(match[1]), int(match[2]))


def _read_days(text: str) -> frozenset[int]:
    words = [word for word in re.split(r"[,\s]+", text.strip().lower()) if word]
    if words in ([], ["business"]):
        return _EVERY_DAY
    if len(words) == 1 and words[0] in _NEVER:
        return frozenset()
    return frozenset(_read_day("digest_days", word) for word in words)


def _read_week_day(text: str) -> int | None:
    word = text.strip().lower() or "mon"
    return None if word in _NEVER else _read_day("digest_week_day", word)


def _read_day(setting: str, word: str) -> int:
    if word[:3] not in _DAYS:
        raise ValueError(f"{setting} has no day {word[:20]!r}; write mon, tue, wed, thu, fri, sat, sun, or none")
    return _DAYS.index(word[:3])
