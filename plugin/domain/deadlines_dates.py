"""Turn what was said about time into moments of the account's calendar, by the conventions of docs/deadlines.md."""

from __future__ import annotations

import calendar as months
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plugin.domain.deadlines_periods import (
    MONTHS,
    Day,
    Said,
    add_months,
    end_of_its_week,
    nth_day,
    period_end,
    week_from_now,
)
from plugin.domain.deadlines_words import Atom, Clock
from plugin.domain.findings import Window

NOON = time(12)
EVENING = (time(17), time(20))
END_OF_DAY = time(23, 59)

_ELAPSED = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_DAYS = {"day": 1, "week": 7, "fortnight": 14}


def resolve(atoms: Sequence[Atom], said: Said, lead: Atom | None = None) -> Window | None:
    """The window of atoms that belong together, minus a lead time; None for what does not exist or is over."""
    try:
        window = _resolve(atoms, said)
        if window is None or lead is None:
            return window if window is None or window.end is None or window.end > said.at else None
        return _minus(window, lead, said)
    except (OverflowError, ValueError):
        return None


def _resolve(atoms: Sequence[Atom], said: Said) -> Window | None:
    by_kind = {a.kind: a for a in reversed(atoms)}
    if quantity := by_kind.get("quantity"):
        return _from_now(quantity, said)
    day = _day_of([a for a in atoms if a.kind == "day"], said)
    if day is None:
        return None
    manner = ".by" if any(a.by for a in atoms) else ""
    part = next((a.part for a in atoms if a.part), "")
    if clock := by_kind.get("clock"):
        window = _at_clock(clock, part, day, said)
    elif part:
        window = _at_part(part, day, said)
    else:
        window = _at_close(day, said, closes="close" in by_kind)
        window = replace(window, start=_begin(by_kind.get("day"), window, said))
    closed = not day.guessed and not said.calendar.is_open(day.date)
    return replace(window, rule=window.rule + manner, closed_day=closed)


def _begin(atom: Atom | None, window: Window, said: Said) -> datetime | None:
    """Opening time of the first day of a range of days, where it was said when the range begins."""
    first = _day_of([atom.since], said) if atom and atom.since else None
    start = said.calendar.at(first.date, said.calendar.opening(first.date)) if first else None
    return start if start and window.end and start < window.end else None


# --- counted from now ------------------------------------------------------------------------------------------------


def _from_now(quantity: Atom, said: Said) -> Window:
    """Elapsed or business time after it was said; whole days end at the close of business."""
    unit, amount, calendar = quantity.unit, quantity.amount, said.calendar
    rule = f"within.{unit}s"
    if unit in _ELAPSED:
        return Window(end=_elapse(said.at, amount * _ELAPSED[unit]), rule=rule, precision="minute")
    if unit == "business_hour":
        return Window(end=calendar.add_business_time(said.at, amount), rule=rule, precision="minute")
    if unit == "business_day":
        day = calendar.next_business_day(said.today, max(1, round(amount)))
        return Window(end=calendar.close_of_business(day), rule=rule, precision="day")
    if amount != int(amount) and unit == "day":
        return Window(end=_elapse(said.at, amount * timedelta(days=1)), rule=rule, precision="hour")
    day = _step(said.today, unit, amount)
    return Window(end=calendar.close_of_business(day), rule=rule, precision="day", closed_day=not calendar.is_open(day))


def _elapse(moment: datetime, span: timedelta) -> datetime:
    return (moment.astimezone(UTC) + span).astimezone(moment.tzinfo)


def _step(day: date, unit: str, amount: float) -> date:
    if unit in _DAYS:
        return day + timedelta(days=round(amount * _DAYS[unit]))
    if unit in MONTHS:
        whole = int(amount * MONTHS[unit])
        rest = amount * MONTHS[unit] - whole
        return add_months(day, whole) + timedelta(days=round(rest * 30))
    raise ValueError(f"no such unit: {unit}")


def _minus(window: Window, lead: Atom, said: Said) -> Window | None:
    """A window that ends a lead time before an event."""
    if window.end is None:
        return None
    if lead.unit in _ELAPSED:
        end = _elapse(window.start or window.end, -lead.amount * _ELAPSED[lead.unit])
        precision = "minute"
    else:
        end, precision = said.calendar.close_of_business(_days_before(window.end, lead, said)), "day"
    if end <= said.at:
        return None
    return Window(end=end, rule=f"lead.{lead.unit}s", precision=precision)


def _days_before(event: datetime, lead: Atom, said: Said) -> date:
    if lead.unit != "business_day":
        return _step(event.date(), lead.unit, -lead.amount)
    day, left = event.date(), round(lead.amount)
    while left > 0 and day > said.today:
        day -= timedelta(days=1)
        left -= said.calendar.is_open(day)
    return day


# --- which day -------------------------------------------------------------------------------------------------------


def _day_of(atoms: Sequence[Atom], said: Said) -> Day | None:
    """The day that one or two atoms name; today, guessed, where none does."""
    if not atoms:
        return Day(said.today, "time", guessed=True)
    named = {a.day: a for a in atoms}
    if date_atom := named.get("date"):
        dated = _dated(date_atom, said)
        return end_of_its_week(dated, said) if dated and date_atom.edge == "week" else dated
    if nth := named.get("nth"):
        return nth_day(nth, said)
    if month_day := named.get("month_day"):
        return _on_month_day(month_day, named.get("month"), named.get("weekday"), said)
    if "weekday" in named and "week" in named:
        start = week_from_now(said, named["week"].number)
        return Day(start + timedelta(days=(named["weekday"].number - start.weekday()) % 7), "weekday.week")
    if relative := named.get("relative"):
        weeks = named["week"].number if "week" in named else 0
        day = said.today + timedelta(days=relative.number, weeks=weeks)
        return Day(day, "day" if day > said.today else "today", today=day == said.today)
    if weekday := named.get("weekday"):
        ahead = (weekday.number - said.today.weekday() - 1) % 7 + 1 + 7 * weekday.plus
        return Day(said.today + timedelta(days=ahead), "weekday")
    return period_end(atoms[0], said)


def _dated(atom: Atom, said: Said) -> Day | None:
    """A date; without a year the next one that is not over. One that does not exist, or is over, is None."""
    if atom.year:
        day = date(atom.year, atom.month, atom.number)
        return Day(day, "date", today=day == said.today) if day >= said.today else None
    for year in range(said.today.year, said.today.year + 9):
        if atom.number <= months.monthrange(year, atom.month)[1]:
            day = date(year, atom.month, atom.number)
            if day >= said.today:
                return Day(day, "date", today=day == said.today)
    return None


def _on_month_day(atom: Atom, month: Atom | None, weekday: Atom | None, said: Said) -> Day | None:
    """ "the 25th": of this month, or the next one that has it, and on the weekday where one is named; "of next month"
    where that is said."""
    days = []
    ahead = month.number if month else 0
    for step in range(ahead, ahead + 13):
        first = add_months(said.today.replace(day=1), step)
        if atom.number <= months.monthrange(first.year, first.month)[1]:
            day = first.replace(day=atom.number)
            if day >= said.today:
                days.append(day)
    fitting = [d for d in days if weekday is None or d.weekday() == weekday.number] or days
    return Day(fitting[0], "date.day", today=fitting[0] == said.today) if fitting else None


# --- which moment of it ----------------------------------------------------------------------------------------------


def _at_close(day: Day, said: Said, *, closes: bool) -> Window:
    """The close of business of a day; when that is over already, the calendar's latest closing, or midnight."""
    rule = f"{day.rule}.close" if closes and not day.guessed else "close" if closes else day.rule
    return Window(end=_not_over(day.date, said.calendar.closing(day.date), said), rule=rule, precision=day.precision)


def _not_over(day: date, clock: time, said: Said) -> datetime:
    for choice in (clock, said.calendar.latest_closing):
        end = said.calendar.at(day, choice)
        if end > said.at:
            return end
    return said.calendar.at(day, END_OF_DAY)


def _at_part(part: str, day: Day, said: Said) -> Window:
    """Morning ends at 12:00, the afternoon with the close of business, the evening runs from 17:00 to 20:00."""
    rule = f"part.{part}" if day.guessed else f"{day.rule}.{part}"
    on = day.date
    if part in ("morning", "midday"):
        if day.guessed and said.calendar.at(on, NOON) <= said.at:
            on += timedelta(days=1)
        end = said.calendar.at(on, NOON) if not day.today else _not_over(on, NOON, said)
        return Window(end=end, rule=rule, precision="part_of_day" if part == "morning" else "minute")
    if part == "afternoon":
        end = _not_over(on, said.calendar.closing(on), said)
        return Window(end=end, rule=rule, precision="part_of_day")
    start, end = (said.calendar.at(on, clock) for clock in EVENING)
    if end <= said.at:
        end = said.calendar.at(on, END_OF_DAY)
    return Window(start, end, rule=rule, precision="part_of_day")


def _at_clock(atom: Atom, part: str, day: Day, said: Said) -> Window:
    """A time of that day, or from one time to another."""
    assert atom.clock is not None
    zone = ZoneInfo(atom.place) if atom.place else said.calendar.zone
    start_minute, end_minute = _minutes(atom.clock, atom.until, part)
    on = day.date
    end = _on(on, end_minute, zone, said)
    if day.guessed and end <= said.at:
        end = _on(on := on + timedelta(days=1), end_minute, zone, said)
    rule = "time" if day.guessed else f"{day.rule}.clock"
    if start_minute is None:
        return Window(end=end, rule=rule + (".clock" if day.guessed else ""), precision="minute")
    return Window(_on(on, start_minute, zone, said), end, rule=rule + ".range", precision="minute")


def _on(day: date, minute: int, zone: ZoneInfo, said: Said) -> datetime:
    whole, rest = divmod(minute, 1440)
    there = datetime.combine(day + timedelta(days=whole), time(rest // 60, rest % 60), zone)
    return there.astimezone(UTC).astimezone(said.calendar.zone)


def _minutes(clock: Clock, until: Clock | None, part: str) -> tuple[int | None, int]:
    """(start or None, end) in minutes of the day."""
    if until is None:
        return None, _minute(clock, part)
    end = _minute(until, part)
    start = _minute(_led(clock, until), part)
    if end == 720 and clock.meridiem == part == "":  # "between 7 and 12" is a morning
        start %= 720
    if end <= start:
        end += 720 if until.hour <= 12 and end + 720 > start and not until.meridiem else 1440
    return start, end


def _led(clock: Clock, until: Clock) -> Clock:
    """ "2-4pm" begins in the afternoon too, "11-1pm" in the morning."""
    if clock.meridiem or until.meridiem not in ("am", "pm"):
        return clock
    earlier = clock.hour % 12 < until.hour % 12
    return replace(clock, meridiem=until.meridiem if earlier else "am")


def _minute(clock: Clock, part: str) -> int:
    """A spoken hour as minutes of the day. Bare hours from 1 to 7 are afternoon."""
    hour = clock.hour
    if clock.meridiem in ("am", "pm"):
        hour = hour % 12 + (12 if clock.meridiem == "pm" else 0) if hour <= 12 else hour
    elif clock.meridiem == "" and hour <= 12:
        if part in ("afternoon", "evening"):
            hour = hour % 12 + 12
        elif part != "morning" and 1 <= hour <= 7:
            hour += 12
    return hour * 60 + clock.minute
