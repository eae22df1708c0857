"""Each contact that went out is held against what was asked by then, and a doubt never counts as followed."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from plugin.domain import precedence
from plugin.domain.adherence import judge_contacts
from plugin.domain.calendar import Calendar, open_calendar
from plugin.domain.faults import find_blocked
from plugin.domain.findings import Evidence, Preference
from plugin.domain.preferences import find_preferences
from plugin.domain.ticket import Call, Change, Channel, Message, Person, Role, Status, Ticket
from plugin.languages import load

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday; London keeps UTC on this day."""
CALENDAR: Calendar = open_calendar("Europe/London", "Mon-Fri 09:00-17:00")
MOBILE, HOME = "+447911123456", "+442079460921"


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def write(text: str, hours: float = 0, channel: Channel = Channel.EMAIL, key: str = "m0") -> Message:
    return Message(key, Role.CUSTOMER, at(hours), text, channel=channel)


def ring(number: str, hours: float = 2, answered: bool | None = True, key: str = "c") -> Message:
    return Message(key, Role.AGENT, at(hours), "", False, Channel.CALL, call=Call(True, "", number, answered))


def reply(channel: Channel, hours: float = 2, *to: str, key: str = "r", **more) -> Message:
    return Message(key, Role.AGENT, at(hours), "Good morning, here is news.", channel=channel, to=to, **more)


def ticket(*messages: Message, changes: tuple[Change, ...] = (), zone: str = "") -> Ticket:
    person = Person("1", zone=zone)
    return Ticket("t", Status.OPEN, person, START, messages[-1].at, messages=messages, changes=changes)


def judge(story: Ticket, region: str = "GB", **more) -> list[tuple[str, str, str]]:
    pack = load("en")
    preferences, blocked = [], []
    for message in story.said_by(Role.CUSTOMER):
        read = pack.read(message.text)
        preferences += find_preferences(read, message, story.requester, pack, region)
        blocked += find_blocked(read, message, story.requester, pack, region)
    rows = judge_contacts(story, preferences, blocked, CALENDAR, region, **more)
    return [(row.message_id, row.verdict, row.why) for row in rows]


@pytest.mark.parametrize(
    ("asked", "contact", "verdict", "why"),
    [
        ("Please call me on 07911 123456.", ring(MOBILE), "followed", "as_asked"),
        ("Please call me on 07911 123456.", ring("07911 123456"), "followed", "as_asked"),
        ("Please call me on 07911 123456.", ring(HOME), "breached", "wrong_point"),
        ("Please call me on 07911 123456.", ring(""), "unknown", "point_not_known"),
        ("Call my mobile.", ring(MOBILE), "unknown", "point_not_known"),
        ("Please text me.", ring(MOBILE), "breached", "other_channel"),
        ("Please call me.", reply(Channel.SMS), "breached", "other_channel"),
        ("Please call me.", reply(Channel.SMS, automatic=True), "unknown", "automatic"),
        ("Please call me.", reply(Channel.EMAIL), "unknown", "reply_in_conversation"),
        ("Please call me.", reply(Channel.OTHER), "unknown", "channel_not_known"),
        ("No calls please.", ring(MOBILE), "breached", "refused_channel"),
        ("No calls please.", reply(Channel.EMAIL), "followed", "not_refused"),
        ("Stop sending me texts.", reply(Channel.SMS, automatic=True), "breached", "refused_channel"),
        ("Never call 020 7946 0921 again, use 07911 123456.", ring(HOME), "breached", "refused_point"),
        ("Never call 020 7946 0921 again, use 07911 123456.", ring(MOBILE), "followed", "as_asked"),
        ("Do not contact me again.", reply(Channel.EMAIL), "breached", "refused_contact"),
        ("Don't call me before 10am.", ring(MOBILE, 0.5), "breached", "refused_time"),
        ("Don't call me before 10am.", ring(MOBILE, 2), "followed", "not_refused"),
        ("Call me between 9 and 11.", ring(MOBILE, 5), "breached", "outside_window"),
        ("Call me between 9 and 11.", ring(MOBILE, 1), "followed", "as_asked"),
        ("Call me tomorrow at 3.", ring(MOBILE, 1), "unknown", "window_not_judged"),
        ("Text me for anything urgent.", reply(Channel.SMS), "unknown", "purpose_not_known"),
        ("Email me at lena@example.org", reply(Channel.EMAIL, 2, "Lena@Example.org"), "followed", "as_asked"),
        ("Email me at lena@example.org", reply(Channel.EMAIL, 2, "old@example.org"), "breached", "wrong_point"),
    ],
)
def test_a_contact_is_judged_by_what_was_asked(asked, contact, verdict, why):
    assert judge(ticket(write(asked), contact)) == [(contact.id, verdict, why)]


def test_what_was_asked_later_judges_nothing_earlier():
    assert judge(ticket(ring(HOME, -1), write("Please call me on 07911 123456."))) == []


def test_where_nothing_was_asked_there_is_no_verdict():
    assert judge(ticket(write("The fridge is warm."), ring(HOME))) == []


def test_notes_and_incoming_calls_are_no_contacts():
    note = Message("n", Role.AGENT, at(1), "Customer wants calls only.", False, Channel.NOTE)
    incoming = replace(ring(HOME), call=Call(False, HOME, "", True))
    assert judge(ticket(write("No calls please."), note, incoming)) == []


def test_a_newer_wish_replaces_the_older_one():
    story = ticket(
        write("Please call me on 020 7946 0921."),
        write("Please call me on 07911 123456.", 1, key="m1"),
        ring(HOME, 2),
    )
    assert judge(story) == [("c", "breached", "wrong_point")]


def test_hours_are_those_of_the_customer_s_zone():
    asked, call = write("Don't call me before 10am."), ring(MOBILE, 2)
    assert judge(ticket(asked, call, zone="Europe/London"))[0][1] == "followed"
    assert judge(ticket(asked, call, zone="America/New_York"))[0][1] == "breached"
    assert judge(ticket(asked, call, zone="Not/AZone"))[0][1] == "followed"


def test_a_language_is_judged_only_where_it_is_known():
    story = ticket(write("Please reply in Spanish."), reply(Channel.EMAIL))
    assert judge(story) == [("r", "unknown", "language_not_known")]
    assert judge(story, spoken={"r": "es"}) == [("r", "followed", "as_asked")]
    assert judge(story, spoken={"r": "en"}) == [("r", "breached", "other_language")]


SEED = "My home line 020 7946 0921 is dead. Please call my mobile 07911 123456 30 minutes before the visit."


def test_the_seed_story_calling_the_dead_line_is_a_breach_and_no_proof_of_absence():
    closed = Change("x", at(3), "status", "open", "solved")
    assert judge(ticket(write(SEED), ring(HOME, answered=False), changes=(closed,))) == [
        ("c", "breached", "blocked_point"),
        ("c", "breached", "false_no_contact"),
    ]


@pytest.mark.parametrize(
    ("answered", "between", "closes", "false"),
    [
        (False, (), False, True),
        (None, (), True, True),
        (None, (), False, False),
        (True, (), True, False),
        (None, (ring(MOBILE, 2.5, key="c2"),), True, False),
        (None, (write("I am at home, where are you?", 2.5, key="m2"),), True, False),
    ],
)
def test_closing_upon_a_call_to_the_wrong_number_is_a_false_no_contact(answered, between, closes, false):
    changes = (Change("x", at(3), "status", "open", "closed"),) if closes else ()
    story = ticket(write("Please call me on 07911 123456."), ring(HOME, 2, answered), *between, changes=changes)
    rows = judge(story)
    assert (("c", "breached", "false_no_contact") in rows) is false


def test_both_sides_are_quoted():
    asked, contact = write("No calls please."), replace(ring(MOBILE), text="Outgoing call, 3 min")
    pack = load("en")
    wishes = find_preferences(pack.read(asked.text), asked, None, pack, "GB")
    (row,) = judge_contacts(ticket(asked, contact), wishes, [], CALENDAR, "GB")
    assert row.preference is not None
    assert row.contact is not None
    assert (row.preference.quote, row.contact.quote, row.point) == ("No calls", "Outgoing call, 3 min", MOBILE)


# --- whole histories -------------------------------------------------------------------------------------------------

REPLAYS = [json.loads(line) for line in Path("tests/replays/en.jsonl").read_text("utf-8").splitlines()]
ROLES = {"customer": Role.CUSTOMER, "agent": Role.AGENT, "bot": Role.BOT, "system": Role.SYSTEM}


def as_message(index: int, turn: dict[str, str]) -> Message:
    when = datetime.fromisoformat(turn["at"])
    if turn["role"] == "call_out":
        call = Call(True, "", turn["to"], None)
        return Message(str(index), Role.AGENT, when, turn["text"], False, Channel.CALL, call=call)
    role = ROLES.get(turn["role"], Role.AGENT)
    return Message(str(index), role, when, turn["text"], turn["role"] != "private_note")


@pytest.mark.parametrize("thread", REPLAYS, ids=[t["id"] for t in REPLAYS])
def test_the_breaches_of_a_whole_history_are_found_and_no_others(thread):
    messages = tuple(as_message(i, turn) for i, turn in enumerate(thread["messages"]))
    story = ticket(*messages, zone=thread["zone"])
    breached = {row[0] for row in judge(story, "") if row[1] == "breached"}
    assert breached == {str(b["message"]) for b in thread["breaches"]}


def test_the_zone_of_the_tests_is_what_the_rows_assume():
    assert START.astimezone(ZoneInfo("Europe/London")).hour == 9


def test_a_thousand_wishes_and_contacts_are_held_against_each_other_within_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns, wishes, asked = [], [], Counter[str]()
    for n in range(1000):
        turns += [write("No calls", n, key=f"c{n}"), reply(Channel.EMAIL, n + 0.5, key=f"a{n}")]
        said = Evidence(f"c{n}", "No calls")
        wishes.append(Preference(str(n), Channel.CALL, True, said, at(n), point=f"+3712{n:07d}"))
    same_point = precedence.same_point
    monkeypatch.setattr(precedence, "same_point", lambda a, b: (asked.update(["asked"]), same_point(a, b))[1])
    judge_contacts(ticket(*turns), wishes, [], CALENDAR)
    assert 0 < asked["asked"] <= precedence.MOST_HELD * len(wishes)
