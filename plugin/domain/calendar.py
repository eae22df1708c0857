"""When an account is open: business hours with breaks, holidays, and arithmetic that gets summer time right."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Span = tuple[int, int]
"""Open from minute to minute of a day: (540, 1020) is 09:00-17:00."""

MAX_DAYS = 4000
"""How far a search for an open day goes before the calendar counts as shut for good."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE = re.compile(r"([A-Za-z]{3,9})(?:\s*-\s*([A-Za-z]{3,9}))?\s+(.+)")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


class NeverOpen(ValueError):
    """The calendar has no open day within reach, so no business time can be counted."""


@dataclass(frozen=True)
class Calendar:
    """One account's business time. `week` holds the open spans of Monday to Sunday, in minutes of the wall clock."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...]
    first_weekday: int = 0
    """0 is Monday: the first day named in the hours begins the week."""
    closed: frozenset[date] = frozenset()
    region: str = ""
    """"LV" or "US-CA": its public holidays are closed too."""
    _known: dict[date, tuple[tuple[datetime, datetime], ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        if not any(self.week):
            raise NeverOpen("business hours name no open day")

    @property
    def latest_closing(self) -> time:
        """The latest closing time of any day of the week: what a closed day is given."""
        return _as_time(max(spans[-1][1] for spans in self.week if spans))

    def local(self, moment: datetime) -> datetime:
        """The same moment on this calendar's wall clock."""
        return moment.astimezone(self.zone)

    def at(self, day: date, clock: time) -> datetime:
        """A wall clock time as an aware moment. A time that the clocks skip comes out an hour later; of a time that
        happens twice, the first."""
        return datetime.combine(day, clock, self.zone).astimezone(UTC).astimezone(self.zone)

    def is_open(self, day: date) -> bool:
        """Is this a working day?"""
        return bool(self.week[day.weekday()]) and not self.is_holiday(day)

    def is_holiday(self, day: date) -> bool:
        """Is it closed by name, whatever the weekday?"""
        return day in self.closed or (bool(self.region) and day in _public_holidays(self.region, day.year))

    def closing(self, day: date) -> time:
        """When that day closes; a closed day has the calendar's latest closing time. 24:00 is given as 23:59."""
        return _as_time(self.week[day.weekday()][-1][1]) if self.is_open(day) else self.latest_closing

    def opening(self, day: date) -> time:
        """When that day opens; a closed day opens as early as any day does."""
        spans = self.week[day.weekday()]
        return _as_time(spans[0][0] if self.is_open(day) else min(s[0][0] for s in self.week if s))

    def close_of_business(self, day: date) -> datetime:
        """The closing time of that day as a moment."""
        return self.at(day, self.closing(day))

    def next_business_day(self, day: date, n: int = 1) -> date:
        """The nth working day after `day` (n ≥ 1). Raises NeverOpen when there is none within reach."""
        idle = 0
        while n > 0:
            day, idle = day + timedelta(days=1), idle + 1
            if self.is_open(day):
                n, idle = n - 1, 0
            elif idle > MAX_DAYS:
                raise NeverOpen("no open day within reach")
        return day

    def last_business_day(self, first: date, last: date) -> date | None:
        """The last working day from `first` to `last`, both included; None where all are closed."""
        while last >= first:
            if self.is_open(last):
                return last
            last -= timedelta(days=1)
        return None

    def week_start(self, day: date) -> date:
        """The first day of the week that holds `day`."""
        return day - timedelta(days=(day.weekday() - self.first_weekday) % 7)

    def is_working(self, moment: datetime) -> bool:
        """Is somebody there at this moment?"""
        return any(start <= moment < end for start, end in self._spans(self.local(moment).date()))

    def add_business_time(self, moment: datetime, hours: float) -> datetime:
        """The moment when `hours` (≥ 0) of open time have passed since `moment`, in the calendar's zone."""
        left, at, day, idle = timedelta(hours=hours), moment.astimezone(UTC), self.local(moment).date(), 0
        while idle <= MAX_DAYS:
            for start, end in self._spans(day):
                idle, start = 0, max(start, at)
                if start < end and left <= end - start:
                    return self.local(start + left)
                left -= max(end - start, timedelta())
            day, idle = day + timedelta(days=1), idle + 1
        raise NeverOpen("no open day within reach")

    def business_hours_between(self, earlier: datetime, later: datetime) -> float:
        """Open hours from one moment to another; negative when they stand the other way round."""
        if later < earlier:
            return -self.business_hours_between(later, earlier)
        total, day, last = timedelta(), self.local(earlier).date(), self.local(later).date()
        while day <= last:
            for start, end in self._spans(day):
                total += max(min(end, later) - max(start, earlier), timedelta())
            day += timedelta(days=1)
        return total / timedelta(hours=1)

    def _spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The open spans of a day as moments in UTC, where arithmetic is safe; remembered, since all tickets of a time
        ask about the same days."""
        spans = self._known.get(day)
        if spans is None:
            week = self.week[day.weekday()] if self.is_open(day) else ()
            spans = tuple((self._moment(day, start), self._moment(day, end)) for start, end in week)
            if len(self._known) >= MAX_DAYS:
                self._known.clear()
            self._known[day] = spans
        return spans

    def _moment(self, day: date, minute: int) -> datetime:
        whole, rest = divmod(minute, 1440)
        clock = time(rest // 60, rest % 60)
        return datetime.combine(day + timedelta(days=whole), clock, self.zone).astimezone(UTC)


def open_calendar(zone: str, hours: str, closed: Iterable[str] = (), region: str = "") -> Calendar:
    """A calendar from what an account holds: IANA zone, "Mon-Thu 08:00-17:00, Fri 08:00-12:00", ISO dates, "US-CA".

    Raises ValueError with a message that says what is wrong and how it should look.
    """
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone {zone[:60]!r}; use an IANA name such as Europe/Riga") from None
    week, first = parse_hours(hours)
    days = frozenset(_parse_date(d) for d in closed)
    if region:
        _public_holidays(region, 2026)
    return Calendar(place, week, first, days, region)


def parse_hours(text: str) -> tuple[tuple[tuple[Span, ...], ...], int]:
    """Spans of Monday to Sunday, and the first weekday named (0 = Monday), from "Mon-Thu 08:00-17:00, Fri 08:00-12:00".

    Several spans of a day stand side by side: "Mon-Fri 09:00-12:00 13:00-17:00". Raises ValueError.
    """
    if len(text) > 2000:
        raise ValueError("business hours are longer than 2000 letters")
    week: list[list[Span]] = [[] for _ in _DAYS]
    first = -1
    for part in filter(None, (p.strip() for p in re.split(r"[,;]", text))):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise ValueError(f"cannot read business hours {part[:60]!r}; write for example 'Mon-Fri 09:00-17:00'")
        start = _parse_day(match[1])
        end = _parse_day(match[2] or match[1])
        first = start if first < 0 else first
        for step in range((end - start) % 7 + 1):
            week[(start + step) % 7] += _parse_spans(match[3])
    if first < 0:
        raise NeverOpen("business hours name no open day; write for example 'Mon-Fri 09:00-17:00'")
    return tuple(_merge(spans) for spans in week), first


def _parse_day(name: str) -> int:
    short = name[:3].lower()
    if short not in _DAYS:
        raise ValueError(f"no weekday {name[:20]!r}; use Mon, Tue, Wed, Thu, Fri, Sat, Sun")
    return _DAYS.index(short)


def _parse_spans(text: str) -> list[Span]:
    spans = []
    rest = _SPAN.sub("", text).replace("&", " ").strip()
    if rest:
        raise ValueError(f"cannot read {rest[:40]!r} in business hours; a span looks like 09:00-17:00")
    for h1, m1, h2, m2 in _SPAN.findall(text):
        start, end = int(h1) * 60 + int(m1), int(h2) * 60 + int(m2)
        if int(m1) > 59 or int(m2) > 59 or not 0 <= start < end <= 1440:
            raise ValueError(f"the span {h1}:{m1}-{h2}:{m2} is no part of one day, from earlier to later")
        spans.append((start, end))
    if not spans:
        raise ValueError(f"no opening span in {text[:40]!r}; a span looks like 09:00-17:00")
    return spans


def _merge(spans: list[Span]) -> tuple[Span, ...]:
    """In order, with overlaps made one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:20]!r} is no date; write it as 2026-12-25") from None


def _as_time(minute: int) -> time:
    return time(23, 59) if minute >= 1440 else time(minute // 60, minute % 60)


@lru_cache(maxsize=512)
def _public_holidays(region: str, year: int) -> frozenset[date]:
    """Public holidays of "LV" or "US-CA" in a year, from the package `holidays` (imported only when asked for)."""
    import holidays

    country, _, subdivision = region.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError:  # how `holidays` says that it does not know a country or a part of one
        raise ValueError(f"no public holidays are known for {region[:20]!r}; use for example LV or US-CA") from None
