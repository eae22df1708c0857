"""A digest covers each moment once, says what hurts most, compares only what can be compared, and names nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from plugin.domain.calendar import Calendar, open_calendar
from plugin.domain.digest import LEAD, Digest, Facts, choose_quote, make_digest, marker_of
from plugin.domain.digest_periods import Period, Plan, due_periods, latest_period, read_period, read_plan
from plugin.domain.digest_words import tell_change, tell_headline, tell_sections
from plugin.domain.impact import CauseCount, Count, Coverage, Impact, Owed, Owing, Said, interval, make_rate, tell_share
from plugin.domain.taxonomy import CauseKind, Taxonomy
from plugin.rendering import say

RIGA = open_calendar("Europe/Riga", "Mon-Fri 09:00-17:00", (), "LV")
PLAN = Plan()
HOUR = timedelta(hours=1)


def at(text: str, calendar: Calendar = RIGA) -> datetime:
    """A wall clock time of the calendar's zone."""
    return datetime.fromisoformat(text).replace(tzinfo=calendar.zone)


def days(period: Period) -> tuple[str, str]:
    return period.start.strftime("%a %d.%m."), period.end.strftime("%a %d.%m.")


def utc_hours(start: datetime, end: datetime) -> float:
    return (end.astimezone(UTC) - start.astimezone(UTC)) / HOUR


def due(now: str, calendar: Calendar = RIGA, plan: Plan = PLAN) -> list[str]:
    return [period.key for period in due_periods(calendar, plan, at(now, calendar))]


# --- periods ---------------------------------------------------------------------------------------------------------


def test_a_daily_digest_covers_the_last_business_day_and_the_closed_days_after_it() -> None:
    (monday, _) = due_periods(RIGA, PLAN, at("2026-11-23T08:00"))
    assert (monday.key, days(monday)) == ("day:2026-11-20", ("Fri 20.11.", "Mon 23.11."))
    (tuesday, _) = due_periods(RIGA, PLAN, at("2026-11-24T08:00"))
    assert (tuesday.key, days(tuesday)) == ("day:2026-11-23", ("Mon 23.11.", "Tue 24.11."))


@pytest.mark.parametrize(
    ("now", "keys"),
    [
        ("2026-11-23T07:59", []),
        ("2026-11-23T08:00", ["day:2026-11-20", "week:2026-W47"]),
        ("2026-11-23T23:59", ["day:2026-11-20", "week:2026-W47"]),
        ("2026-11-24T07:59", ["week:2026-W47"]),
        ("2026-11-28T12:00", ["week:2026-W47"]),  # Saturday: Friday's own digest comes on Monday
        ("2026-11-30T07:59", []),
    ],
)
def test_a_digest_is_due_from_its_hour_until_its_day_or_week_ends(now: str, keys: list[str]) -> None:
    assert due(now) == keys


def test_on_a_holiday_nothing_is_sent_and_the_next_day_covers_it() -> None:
    # 18 November 2026, a Wednesday, is a public holiday in Latvia
    assert due("2026-11-18T12:00") == ["week:2026-W46"]
    thursday = due_periods(RIGA, PLAN, at("2026-11-19T08:00"))[0]
    assert (thursday.key, days(thursday)) == ("day:2026-11-17", ("Tue 17.11.", "Thu 19.11."))


def test_a_weekly_digest_waits_for_the_first_business_day_of_the_week() -> None:
    # Easter Monday, 6 April 2026
    assert "week:2026-W14" not in due("2026-04-06T12:00")
    assert "week:2026-W14" in due("2026-04-07T08:00")


def test_days_follow_each_other_without_gap_or_overlap_for_three_years() -> None:
    found, day = [], date(2025, 1, 2)
    while day < date(2028, 1, 1):
        found += [p for p in due_periods(RIGA, PLAN, RIGA.at(day, time(12))) if p.key.startswith("day:")]
        day += timedelta(days=1)
    assert len({p.key for p in found}) == len(found) > 700
    assert all(one.end == two.start for one, two in pairwise(found))


@pytest.mark.parametrize(
    ("key", "hours"), [("week:2026-W13", 167), ("week:2026-W43", 169), ("week:2026-W44", 168), ("day:2026-03-29", 23)]
)
def test_a_week_in_which_the_clocks_change_is_an_hour_shorter_or_longer(key: str, hours: float) -> None:
    open_always = open_calendar("Europe/Riga", "Mon-Sun 00:00-24:00")
    period = read_period(key, open_always, PLAN)
    assert utc_hours(period.start, period.end) == hours
    assert (period.start.hour, period.end.hour) == (0, 0)


def test_a_month_and_a_year_end_inside_a_week() -> None:
    week = read_period("week:2026-W53", RIGA, PLAN)
    assert (week.start.date(), week.end.date()) == (date(2026, 12, 28), date(2027, 1, 4))
    assert due("2027-01-04T08:00")[-1] == "week:2026-W53"


@pytest.mark.parametrize(
    ("key", "start", "end"),
    [
        ("week:2026-W47", date(2026, 11, 9), date(2026, 11, 16)),
        ("day:2026-11-20", date(2026, 11, 13), date(2026, 11, 16)),
        ("day:2026-12-23", date(2026, 12, 16), date(2026, 12, 21)),  # Wednesday before Christmas to Sunday
    ],
)
def test_compared_are_the_same_weekdays_before(key: str, start: date, end: date) -> None:
    period = read_period(key, RIGA, PLAN)
    assert (period.before_start.date(), period.before_end.date()) == (start, end)
    assert period.before_end <= period.start


def test_a_rest_longer_than_a_week_is_compared_with_days_before_it() -> None:
    closed = open_calendar("Europe/Riga", "Mon-Fri 09:00-17:00", [f"2026-12-{d}" for d in range(21, 32)], "LV")
    period = read_period("day:2026-12-18", closed, PLAN)
    assert (period.start.date(), period.end.date()) == (date(2026, 12, 18), date(2027, 1, 4))
    assert period.before_end <= period.start
    assert period.before_start.weekday() == period.start.weekday()


def test_a_midnight_that_the_clocks_skip_loses_no_moment() -> None:
    beirut = open_calendar("Asia/Beirut", "Mon-Sun 09:00-17:00")  # 2026-03-29 begins at 01:00
    before, after = (read_period(f"day:2026-03-{d}", beirut, PLAN) for d in (28, 29))
    assert before.end == after.start
    assert utc_hours(after.start, after.end) == 23


def test_the_hour_is_kept_when_the_clocks_change() -> None:
    for day in ("2026-03-27T08:00", "2026-03-30T08:00", "2026-10-23T08:00", "2026-10-26T08:00"):
        assert due(day)[0].startswith("day:")
        assert due(day.replace("08:00", "07:59"))[:1] in ([], [k for k in due(day) if k.startswith("week:")])


def test_the_latest_period_is_one_that_is_over() -> None:
    sunday = at("2026-11-22T03:00")
    assert latest_period(RIGA, PLAN, sunday, "day").key == "day:2026-11-19"
    assert latest_period(RIGA, PLAN, sunday, "week").key == "week:2026-W46"
    with pytest.raises(ValueError, match="--period week"):
        latest_period(RIGA, replace(PLAN, days=frozenset()), sunday, "day")


@pytest.mark.parametrize("key", ["day:2026-13-01", "week:2026-W60", "week:2026-47", "month:2026-11", "", "day:"])
def test_a_period_that_is_none_says_how_one_is_written(key: str) -> None:
    with pytest.raises(ValueError, match="write day:2026-11-20 or week:2026-W47"):
        read_period(key, RIGA, PLAN)


# --- the plan --------------------------------------------------------------------------------------------------------


def test_an_account_without_settings_gets_both_digests_in_the_morning() -> None:
    assert read_plan({}) == read_plan({"digest_time": "08:00", "digest_days": "business", "digest_week_day": "Monday"})


def test_digests_come_on_the_days_that_were_chosen() -> None:
    plan = read_plan({"digest_time": "7:30", "digest_days": "Tue, thu", "digest_week_day": "fri"})
    assert due("2026-11-24T07:30", plan=plan) == ["day:2026-11-19"]
    assert days(due_periods(RIGA, plan, at("2026-11-24T07:30"))[0]) == ("Thu 19.11.", "Tue 24.11.")
    assert due("2026-11-27T07:29", plan=plan) == []
    assert due("2026-11-27T07:30", plan=plan) == ["week:2026-W47"]
    assert due("2026-11-23T12:00", plan=read_plan({"digest_days": "none", "digest_week_day": "off"})) == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"digest_time": "25:00"}, "digest_time '25:00' is no time of day; write it as 08:00"),
        ({"digest_days": "mon,someday"}, "digest_days has no day 'someday'"),
        ({"digest_week_day": "x" * 500}, "digest_week_day has no day"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(settings: Mapping[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        read_plan(settings)
    assert len(str(error.value)) < 150


# --- what is said ----------------------------------------------------------------------------------------------------

TAXONOMY = Taxonomy(
    {key: CauseKind(key, name, "", "", owner) for key, name, owner in (
        ("billing", "Charged wrongly", "finance"), ("late", "It came late", "logistics"), ("out", "It is down", ""),
    )},
    {"finance": "Billing", "logistics": "Delivery"},
)  # fmt: skip
NOW = at("2026-11-23T08:00")
WEEK = read_period("week:2026-W47", RIGA, PLAN)


def counted(**customers: int) -> tuple[CauseCount, ...]:
    return tuple(CauseCount(key, TAXONOMY.owner_of(key), n, n + 1) for key, n in customers.items())


FACTS = Facts(
    impact=Impact(30, 25, 3, counted(billing=14, late=9, out=1), kept=5, broken=2, followed=3, breached=1, unknown=7),
    before=Impact(20, 18, 1, counted(billing=2, late=12)),
    owing=Owing(4, 1, 3, 2, (Owed("7", "call", NOW - HOUR),), (Owed("8", "refund", NOW + HOUR),)),
    coverage=Coverage(0, 0, NOW),
    quotes={"billing": [Said("1", "I was charged twice", "en")]},
    since=None,
)


def made(facts: Facts = FACTS, audience: str = LEAD) -> Digest:
    return make_digest(audience, WEEK, facts, TAXONOMY, NOW, lambda ticket: f"https://x.example/{ticket}")


def told(digest: Digest) -> str:
    """All sentences of a digest, one a line."""
    lines = [line.text for section in tell_sections(digest) for line in section.lines]
    return "\n".join(say(text, "en", "Europe/Riga") for text in (*tell_headline(digest), *lines))


def test_the_headline_is_the_answer() -> None:
    assert [say(text, "en", "UTC") for text in tell_headline(made())] == [
        "Promises overdue: 3",
        "More customers than before: Charged wrongly, +12",
    ]


def test_harm_comes_first_and_quiet_is_said_too() -> None:
    harmed = replace(FACTS, impact=replace(FACTS.impact, flags=(Count("catastrophic", 2, 2),)))
    assert say(tell_headline(made(harmed))[0], "en", "UTC") == "Serious harm is mentioned: 2"
    assert say(tell_headline(made(Facts(Impact(), Impact(), Owing(), Coverage(), {}, None)))[0], "en", "UTC") == (
        "Nothing is overdue"
    )


def test_a_cause_tells_customers_change_owner_and_one_quote() -> None:
    lines = told(made()).splitlines()
    assert "Charged wrongly: 14 (+12). Can be removed by: Billing" in lines
    assert "It came late: 9 (−3). Can be removed by: Delivery" in lines
    assert "It is down: 1 (+1). Can be removed by: unrouted" in lines
    assert (made().causes[0].quote, made().causes[0].url) == ("I was charged twice", "https://x.example/1")


def test_nothing_is_compared_with_days_that_were_not_read() -> None:
    for facts in (replace(FACTS, since=WEEK.before_start + HOUR), replace(FACTS, before=Impact())):
        text = told(made(facts))
        assert "Charged wrongly: 14. Can be removed" in text
        assert "More customers" not in text


def test_a_share_is_told_only_of_many_and_with_its_interval() -> None:
    assert "Followed: 3 of 4 · cannot be known: 7" in told(made())
    many = replace(FACTS, impact=replace(FACTS.impact, followed=30, breached=10))
    assert "Followed: 30 of 40, 75 % (60–86 %) · cannot be known: 7" in told(made(many))
    assert [tell_share(19, 19), tell_share(20, 20)] == ["", "100 % (84–100 %)"]
    assert interval(0, 0) == (0.0, 1.0)


def test_unknown_contacts_alone_are_never_followed() -> None:
    only = replace(FACTS, impact=replace(FACTS.impact, followed=0, breached=0))
    assert "Followed: 0 of 0 · cannot be known: 7" in told(made(only))


def test_the_lead_reads_how_often_a_choice_was_offered_and_how_often_acted_on() -> None:
    rates = replace(FACTS.impact, offered=make_rate(10, 40, 2), acted_on=make_rate(3, 4, 1))
    text = told(made(replace(FACTS, impact=rates)))
    assert "Choice of contact offered: 10 of 40, 25 % (14–40 %) · cannot be known: 2\n" in text
    assert "Contacted as then chosen: 3 of 4 · cannot be known: 1\n" in text
    assert "Choice of contact" not in told(made(replace(FACTS, impact=rates), "owner:finance"))
    assert "Choice of contact" not in told(made())


def test_replies_that_could_have_gone_to_anybody_are_counted() -> None:
    facts = replace(FACTS, impact=replace(FACTS.impact, effort=(Count("macro_reply", 5, 4),)))
    assert "Replies that could have gone to anybody: 5 (conversations: 4)" in told(made(facts))


def test_a_long_list_of_causes_ends_in_a_count() -> None:
    many = replace(FACTS, impact=replace(FACTS.impact, causes=tuple(CauseCount(f"c{n}", "x", 9, 9) for n in range(11))))
    assert "Further causes: 5" in told(made(many))
    assert len(made(many).causes) == 6


def test_a_team_hears_of_its_own_causes_and_not_who_else_owns_what() -> None:
    own = replace(FACTS, impact=replace(FACTS.impact, causes=counted(billing=14)))
    text = told(made(own, "owner:finance"))
    assert "Charged wrongly: 14 (+12)\n" in text
    assert "Can be removed" not in text
    assert "unsure" not in text


def test_what_is_not_known_is_said() -> None:
    facts = replace(
        FACTS,
        impact=replace(FACTS.impact, tickets=10, unread=(Count("fi", 3, 2), Count("unknown", 2, 2)), corrected=4),
        coverage=Coverage(5, 1, None),
    )
    text = told(made(facts))
    assert "Root cause unsure: 3 of 10\n" in text
    assert "Language not supported, messages not read: 5 (fi: 3)" in text
    assert "Waiting to be read: 5 · stuck: 1" in text
    assert "Corrected by people: 4" in text
    assert "Not compared with the helpdesk yet" in text


@pytest.mark.parametrize(
    ("facts", "audience", "empty"),
    [
        (Facts(Impact(), Impact(), Owing(), Coverage(), {}, None), LEAD, True),
        (Facts(Impact(unknown=3), FACTS.before, Owing(open=4), Coverage(9, 0, NOW), {}, None), LEAD, True),
        (Facts(Impact(tickets=1), Impact(), Owing(), Coverage(), {}, None), LEAD, False),
        (Facts(Impact(), Impact(), Owing(overdue=1), Coverage(), {}, None), LEAD, False),
        (Facts(Impact(), Impact(), Owing(), Coverage(stuck=1), {}, None), LEAD, False),
        (Facts(Impact(tickets=1), Impact(), Owing(overdue=1), Coverage(), {}, None), "owner:finance", True),
        (FACTS, "owner:finance", False),
    ],
)
def test_a_period_without_anything_to_report_is_empty(facts: Facts, audience: str, empty: bool) -> None:
    assert made(facts, audience).empty is empty


@pytest.mark.parametrize(
    ("quotes", "chosen"),
    [
        (["charged", "I was charged twice in March", "I was charged"], "I was charged twice in March"),
        (["charged", "late"], "late"),
        (["call me on +371 2000 1234 please", "write to a@b.lv", "see www.x.lv", "see https://x.lv"], None),
        (["x" * 500, "y" * 130], "y" * 130),
        (["order 12345 and invoice 1234567 is wrong", "the invoice is wrong again"], "the invoice is wrong again"),
        ([" ", ""], None),
    ],
)
def test_the_shortest_clear_quote_that_names_nobody_is_chosen(quotes: list[str], chosen: str | None) -> None:
    said = choose_quote([Said(str(n), quote) for n, quote in enumerate(quotes)])
    assert (said.quote if said else None) == chosen


def test_a_change_is_a_sign_and_a_number() -> None:
    assert [tell_change(now, 5) for now in (17, 2, 5)] == ["+12", "−3", "±0"]


def test_a_marker_is_the_same_for_ever_and_another_for_each_account_audience_and_period() -> None:
    one = marker_of("acme", LEAD, "day:2026-11-20")
    assert one == marker_of("acme", LEAD, "day:2026-11-20")
    assert len(one) == 16
    others = {marker_of("acme2", LEAD, "day:2026-11-20"), marker_of("acme", "owner:x", "day:2026-11-20")}
    assert len({one, marker_of("acme", LEAD, "day:2026-11-21"), *others}) == 4
