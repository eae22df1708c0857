"""Find the day that a week, a month or a part of one stands for, in the account's calendar."""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from plugin.domain.calendar import Calendar
from plugin.domain.deadlines_words import Atom

MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Said:
    """The moment the words were written, on the calendar's wall clock."""

    at: datetime
    calendar: Calendar

    @property
    def today(self) -> date:
        return self.at.date()


@dataclass(frozen=True, slots=True)
class Day:
    """A named day. `guessed`: nobody named it, so a time that is over moves to the next one."""

    date: date
    rule: str
    precision: str = "day"
    guessed: bool = False
    today: bool = False


def add_months(day: date, n: int) -> date:
    """The same day n months on, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


# --- weeks, months and years ----------------------------------------------------------------------------------------


def week_from_now(said: Said, ahead: int) -> date:
    return said.calendar.week_start(said.today) + timedelta(weeks=ahead)


def _edge(atom: Atom, said: Said) -> Day:
    """The start of a week is its second working day, its middle the one in the middle; of anything longer the tenth
    and the fifteenth of the (first, or middle) month. What is over is meant of the next one."""
    day = _edge_day(atom, said)
    if day <= said.today and not atom.year:
        day = _edge_day(replace(atom, number=atom.number + 1, year=said.today.year + 1 if atom.month else 0), said)
    return Day(day, f"{atom.edge}_of.{atom.day}", atom.day, today=day == said.today)


def _edge_day(atom: Atom, said: Said) -> date:
    first, last = _period(atom, said)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if atom.day in ("week", "week_number"):
        working = [d for d in days if said.calendar.is_open(d)] or days
        return working[min(1, len(working) - 1)] if atom.edge == "start" else working[(len(working) - 1) // 2]
    if atom.edge == "start":
        return days[9]
    return days[14] if atom.day == "month" else days[len(days) // 2]


def period_end(atom: Atom, said: Said) -> Day:
    """A week, month, quarter or year ends with its last working day that is not over yet, else with its last day."""
    if atom.edge and atom.day != "weekend":
        return _edge(atom, said)
    first, last = _period(atom, said)
    if atom.day == "weekend":
        return Day(last, "weekend", today=last == said.today)
    working = said.calendar.last_business_day(max(first, said.today), last)
    if working is None or said.calendar.close_of_business(working) <= said.at:
        working = last
    precision = "week" if atom.day == "week_number" else atom.day
    return Day(working, f"end_of.{atom.day}", precision, today=working == said.today)


def _period(atom: Atom, said: Said) -> tuple[date, date]:
    if atom.day in ("week", "weekend"):
        start = week_from_now(said, atom.number)
        return start, start + timedelta(days=6)
    if atom.day == "week_number":
        year = said.today.isocalendar().year
        start = date.fromisocalendar(year, atom.number, 1)
        if start + timedelta(days=6) < said.today:
            start = date.fromisocalendar(year + 1, atom.number, 1)
        return start, start + timedelta(days=6)
    if atom.day == "month" and atom.month:
        year = atom.year or said.today.year + (atom.month < said.today.month)
        first = date(year, atom.month, 1)
        return first, add_months(first, 1) - timedelta(days=1)
    size = MONTHS[atom.day]
    begin = said.today.replace(day=1, month=(said.today.month - 1) // size * size + 1)
    first = add_months(begin, size * atom.number)
    return first, add_months(first, size) - timedelta(days=1)


# --- the nth of a month, and the week of a date ----------------------------------------------------------------------


def end_of_its_week(day: Day, said: Said) -> Day:
    """The last working day of the week in which a day lies."""
    first = said.calendar.week_start(day.date)
    last = said.calendar.last_business_day(first, first + timedelta(days=6)) or first + timedelta(days=6)
    return Day(last, "end_of.week", "week", today=last == said.today)


def nth_day(atom: Atom, said: Said) -> Day | None:
    """ "the first Monday of next month", "the last working day of June", "the second week of March" (its last working
    day; a week belongs to the month in which its middle lies); where that is over, a year or a month later."""
    step = 12 if atom.month else 1
    ahead = (atom.month - said.today.month) % 12 if atom.month else atom.plus
    for months_ahead in (ahead, ahead + step):
        day = _nth_in(atom, add_months(said.today.replace(day=1), months_ahead), said)
        if day and day >= said.today:
            return Day(day, f"nth.{atom.unit}", today=day == said.today)
    return None


def _nth_in(atom: Atom, first: date, said: Said) -> date | None:
    days = [first + timedelta(days=n) for n in range(months.monthrange(first.year, first.month)[1])]
    if atom.unit == "weekday":
        days = [d for d in days if d.weekday() == atom.amount]
    elif atom.unit == "business_day":
        days = [d for d in days if said.calendar.is_open(d)]
    elif atom.unit == "week":
        starts = [d - timedelta(days=3) for d in days if said.calendar.week_start(d) == d - timedelta(days=3)]
        days = [said.calendar.last_business_day(d, d + timedelta(days=6)) or d + timedelta(days=6) for d in starts]
    at = atom.number if atom.number < 0 else atom.number - 1
    return days[at] if -1 <= at < len(days) and days else None
