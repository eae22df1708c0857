"""Business time: hours, breaks, holidays and the two odd days of the year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.domain.calendar import Calendar, NeverOpen, open_calendar, parse_hours

OFFICE = open_calendar("Europe/London", "Mon-Fri 09:00-17:00")
SHORT_FRIDAY = open_calendar("Europe/Berlin", "Mon-Thu 08:00-17:00, Fri 08:00-12:00")
GULF = open_calendar("Asia/Dubai", "Sun-Thu 09:00-18:00")
BREAKS = open_calendar("Europe/Riga", "Mon-Fri 09:00-12:00 13:00-17:00")
CALENDARS = (OFFICE, SHORT_FRIDAY, GULF, BREAKS, open_calendar("America/New_York", "Mon-Sun 00:00-24:00"))


def moment(text: str, calendar: Calendar = OFFICE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=calendar.zone)


@pytest.mark.parametrize(
    ("text", "weekday", "spans", "first"),
    [
        ("Mon-Fri 09:00-17:00", 0, ((540, 1020),), 0),
        ("Mon-Thu 08:00-17:00, Fri 08:00-12:00", 4, ((480, 720),), 0),
        ("Sun-Thu 09:00-18:00", 6, ((540, 1080),), 6),
        ("Mon-Fri 09:00-12:00 13:00-17:00", 2, ((540, 720), (780, 1020)), 0),
        ("Sat 10:00-14:00; Mon-Fri 9:00-17:00", 5, ((600, 840),), 5),
        ("Monday-Friday 09:00-12:00, Mon-Wed 11:00-18:00", 0, ((540, 1080),), 0),
        ("Mon-Sun 00:00-24:00", 3, ((0, 1440),), 0),
    ],
)
def test_hours_are_read(text: str, weekday: int, spans: tuple[tuple[int, int], ...], first: int) -> None:
    week, named_first = parse_hours(text)
    assert (week[weekday], named_first) == (spans, first)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no open day"),
        (" , ", "no open day"),
        ("Mon-Fri", "cannot read"),
        ("09:00-17:00", "cannot read"),
        ("Lun-Ven 09:00-17:00", "no weekday"),
        ("Mon-Fri 9-5", "looks like"),
        ("Mon-Fri 17:00-09:00", "earlier to later"),
        ("Mon-Fri 22:00-25:00", "earlier to later"),
        ("Mon 09:60-10:00", "earlier to later"),
        ("Mon " + "09:00-10:00 " * 500, "longer"),
    ],
)
def test_hours_that_cannot_be_meant_are_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_hours(text)


def test_a_calendar_without_an_open_day_is_refused() -> None:
    with pytest.raises(NeverOpen):
        Calendar(OFFICE.zone, ((),) * 7)


def test_a_calendar_closed_for_good_stops_searching() -> None:
    every_monday = frozenset(date(2026, 1, 5) + timedelta(weeks=n) for n in range(2000))
    shut = Calendar(OFFICE.zone, (((540, 1020),), *((),) * 6), 0, every_monday)
    with pytest.raises(NeverOpen):
        shut.next_business_day(date(2026, 1, 5))
    with pytest.raises(NeverOpen):
        shut.add_business_time(moment("2026-01-05T10:00"), 1)


@pytest.mark.parametrize(
    ("zone", "closed", "region", "why"),
    [
        ("Europe/Atlantis", [], "", "no time zone"),
        ("../../etc/passwd", [], "", "no time zone"),
        ("Europe/Riga", ["25.12.2026"], "", "is no date"),
        ("Europe/Riga", [], "XX", "no public holidays"),
    ],
)
def test_what_an_account_cannot_mean_is_refused(zone: str, closed: list[str], region: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        open_calendar(zone, "Mon-Fri 09:00-17:00", closed, region)


@pytest.mark.parametrize(
    ("region", "day", "working"),
    [
        ("US", date(2026, 11, 26), False),
        ("US", date(2026, 11, 25), True),
        ("LV", date(2026, 11, 18), False),
        ("DE-BY", date(2026, 1, 6), False),
        ("DE-HH", date(2026, 1, 6), True),
        ("", date(2026, 12, 25), True),
    ],
)
def test_public_holidays_of_country_and_subdivision_are_closed(region: str, day: date, working: bool) -> None:
    assert open_calendar("UTC", "Mon-Fri 09:00-17:00", region=region).is_open(day) is working


def test_a_closed_day_has_the_latest_closing_time() -> None:
    assert SHORT_FRIDAY.closing(date(2026, 3, 6)) == time(12)
    assert SHORT_FRIDAY.closing(date(2026, 3, 7)) == time(17)


def test_business_days_pass_over_weekends_and_holidays() -> None:
    easter = open_calendar("Europe/London", "Mon-Fri 09:00-17:00", ["2026-04-03", "2026-04-06"])
    assert easter.next_business_day(date(2026, 4, 1), 5) == date(2026, 4, 10)
    assert GULF.next_business_day(date(2026, 6, 10), 4) == date(2026, 6, 16)


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "end"),
    [
        (OFFICE, "2026-03-06T16:00", 2, "2026-03-09T10:00"),
        (OFFICE, "2026-03-06T16:00", 1, "2026-03-06T17:00"),
        (OFFICE, "2026-03-07T03:00", 1, "2026-03-09T10:00"),
        (BREAKS, "2026-03-06T11:30", 1, "2026-03-06T13:30"),
        (SHORT_FRIDAY, "2026-03-13T10:00", 4, "2026-03-16T10:00"),
        (GULF, "2026-01-08T16:30", 3, "2026-01-11T10:30"),
    ],
)
def test_business_hours_are_added(calendar: Calendar, start: str, hours: float, end: str) -> None:
    assert calendar.add_business_time(moment(start, calendar), hours) == moment(end, calendar)


def test_an_hour_the_clocks_skip_comes_out_later_and_a_night_shift_counts_what_passed() -> None:
    nights = open_calendar("Europe/London", "Mon-Sun 00:00-06:00")
    assert nights.at(date(2026, 3, 29), time(1, 30)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    for day, hours in ((spring, 5), (autumn, 7)):
        start, end = (nights.at(d, time()) for d in (day, day + timedelta(days=1)))
        assert nights.business_hours_between(start, end) == hours


moments = st.integers(0, 5 * 365 * 1440).map(lambda m: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=m))
calendars = st.sampled_from(CALENDARS)


@settings(max_examples=60, deadline=None)
@given(calendars, moments, st.integers(0, 60 * 40))
def test_adding_and_counting_business_time_agree(calendar: Calendar, start: datetime, minutes: int) -> None:
    end = calendar.add_business_time(start, minutes / 60)
    assert end >= start
    assert calendar.business_hours_between(start, end) == pytest.approx(minutes / 60, abs=1e-6)
    assert calendar.business_hours_between(end, start) == -calendar.business_hours_between(start, end)


@settings(max_examples=60, deadline=None)
@given(calendars, moments, st.integers(1, 15), st.lists(st.integers(0, 30), max_size=4))
def test_more_holidays_never_make_anything_earlier(
    calendar: Calendar, start: datetime, n: int, offsets: list[int]
) -> None:
    day = start.date()
    closed = frozenset(day + timedelta(days=o) for o in offsets)
    fewer = Calendar(calendar.zone, calendar.week, calendar.first_weekday, closed)
    assert fewer.next_business_day(day, n) >= calendar.next_business_day(day, n)
    assert fewer.add_business_time(start, n) >= calendar.add_business_time(start, n)
