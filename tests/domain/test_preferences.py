"""What customers write about being contacted is found, and what only looks like it is not."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plugin.domain.findings import Preference
from plugin.domain.points import same_point
from plugin.domain.preferences import current, find_blocked, find_preferences, label_message
from plugin.domain.ticket import Channel, Message, Person, Point, Role
from plugin.languages import load, load_examples
from tests.counting import steps

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROFILE = Person(
    "1",
    points=(
        Point(Channel.CALL, "+447911123456", "mobile"),
        Point(Channel.CALL, "+442079460921", "home"),
        Point(Channel.EMAIL, "lena@example.org", ""),
    ),
)
ROWS = load_examples("en", "preferences")


def say(text: str, *, at: datetime = AT, role: Role = Role.CUSTOMER, key: str = "m1") -> Message:
    return Message(key, role, at, text)


def found(text: str, person: Person | None = None, region: str = "GB", **message) -> list[Preference]:
    pack = load("en")
    return find_preferences(pack.read(text), say(text, **message), person, pack, region)


def label(text: str) -> str:
    pack = load("en")
    return label_message(pack.read(text), say(text), None, pack, "GB")


def brief(text: str, **more) -> list[tuple[str, str, str]]:
    return [(p.channel.value, "refuse" if p.refuse else "want", p.point) for p in found(text, **more)]


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("Please call me.", [("call", "want", "")]),
        ("Could someone ring me on 020 7946 0921?", [("call", "want", "+442079460921")]),
        ("You can reach me at lena@example.org.", [("email", "want", "lena@example.org")]),
        ("Text or email me, thanks", [("sms", "want", ""), ("email", "want", "")]),
        ("I'd rather you emailed me.", [("email", "want", "")]),
        ("Can you message me on WhatsApp: +44 7911 123456", [("dm", "want", "+447911123456")]),
        ("Can you call me? My number is 07911 123456.", [("call", "want", "+447911123456")]),
        ("Please reply in Spanish.", [("any", "want", "")]),
        ("Please don't ring me at work.", [("call", "refuse", "at work")]),
        ("Stop sending me texts!", [("sms", "refuse", "")]),
        ("Never call my office number.", [("call", "refuse", "office number")]),
        ("Email is best. No phone calls.", [("email", "want", ""), ("call", "refuse", "")]),
        ("Please leave me alone.", [("any", "refuse", "")]),
        ("Telephoning me is pointless.", [("call", "refuse", "")]),
        ("Telephoning me is pointless, so text me.", [("sms", "want", "")]),
        ("My address is kim@example.org, so write there.", [("email", "want", "kim@example.org")]),
        ("1 to 2, that's when I can talk.", [("call", "want", "")]),
        ("How about ringing us for once?", [("call", "want", "")]),
        ("Could we carry on by email?", [("email", "want", "")]),
        ("Anything except a phone call, please.", [("call", "refuse", "")]),
        ("Could you get back to me by text?", [("sms", "want", "")]),
        ("Not by phone, please. Email.", [("call", "refuse", ""), ("email", "want", "")]),
    ],
)
def test_a_wish_is_found_with_channel_direction_and_point(text, entries):
    assert brief(text) == entries


@pytest.mark.parametrize(
    "text",
    [
        "They said they would call me back yesterday.",
        "You never called me.",
        "When will someone call me back?",
        "I asked you to ring me on Monday and nobody did.",
        "What number can I call?",
        "no email. Not in my junk folder either",
        "Your agent told me to call 0800 123456.",
        "Is there a phone number for support?",
        "I emailed you the photos.",
        "My wife will text me the code.",
        "Please call the driver.",
        "Can you send me the invoice?",
        "My number is 07911 123456.",
        "The call back queue was two hours long.",
        "If you call me again I will report you.",
    ],
)
def test_what_only_looks_like_a_wish_is_none(text):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Please get back to me.", "G"),
        ("I look forward to your reply.", "G"),
        ("Please get back to me by email.", "P"),
        ("Nothing works.", "N"),
        ("", "N"),
        ("☎☎☎", "N"),
    ],
)
def test_a_message_gets_the_strongest_label(text, expected):
    assert label(text) == expected


@pytest.mark.parametrize(
    ("text", "window", "within"),
    [
        ("Call me on weekdays after 6pm", "on weekdays after 6pm", "0-4 18:00-24:00"),
        ("Call me between 9 and 11", "between 9 and 11", "0-6 09:00-11:00"),
        ("Don't call me before 10am", "before 10am", "0-6 00:00-10:00"),
        ("Please call after 4", "after 4", "0-6 16:00-24:00"),
        ("Ring me before noon", "before noon", "0-6 00:00-12:00"),
        ("Call me tomorrow at 3", "tomorrow at 3", ""),
        ("Call me 30 minutes before you come", "30 minutes before you come", ""),
    ],
)
def test_a_window_keeps_its_words_and_becomes_hours_where_a_week_repeats_it(text, window, within):
    (preference,) = found(text)
    assert (preference.window, preference.within) == (window, within)


def test_language_and_purpose_travel_with_the_wish():
    (call,) = found("Please call me only in an emergency.")
    assert call.purpose == "in an emergency"
    (spoken,) = found("I only speak French, can you call me?")
    assert (spoken.channel, spoken.lang) == (Channel.CALL, "fr")


def test_my_mobile_is_the_profile_s_mobile_and_else_the_customer_s_words():
    assert found("Call my mobile.", PROFILE)[0].point == "+447911123456"
    assert found("Call my mobile.")[0].point == "mobile"
    assert found("Call my mobile, 07700 900456.", PROFILE)[0].point == "+447700900456"


@pytest.mark.parametrize("text", [row["text"] for row in ROWS if row["label"] == "P"])
def test_every_finding_proves_itself_with_the_message_s_own_words(text):
    for preference in found(text):
        start = preference.evidence.start
        assert preference.evidence.quote == text[start : start + len(preference.evidence.quote)] != ""


def test_only_customers_state_preferences():
    assert found("Please call me.", role=Role.AGENT) == []


def scores(rows) -> tuple[float, float, float]:
    """Precision and recall of P, and exact entries among expected or found ones."""
    found_p = true_p = expected_p = exact = union = 0
    for row in rows:
        got = brief(row["text"], region="")
        expected_p += row["label"] == "P"
        found_p += bool(got)
        true_p += bool(got) and row["label"] == "P"
        hits = 0
        for want in row.get("prefs", []):
            key = (want["channel"], want["polarity"])
            point = want.get("point", "")
            same = [g for g in got if g[:2] == key and (g[2] == point or same_point(g[2], point))]
            if same:
                got.remove(same[0])
                hits += 1
        exact += hits
        union += len(row.get("prefs", [])) + len(got)
    return true_p / found_p, true_p / expected_p, exact / union


def test_the_pack_s_own_examples_are_read_well():
    precision, recall, exact = scores([row for row in ROWS if not row.get("held")])
    assert precision >= 0.95
    assert recall >= 0.95
    assert exact >= 0.90


# --- points at fault -------------------------------------------------------------------------------------------------


def dead(text: str, person: Person | None = None) -> list[str]:
    pack = load("en")
    return [b.point for b in find_blocked(pack.read(text), say(text), person, pack, "GB")]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("My home line 020 7946 0921 is dead. Please call 07911 123456.", ["+442079460921"]),
        ("My landline has been dead since Friday.", ["My landline"]),
        ("There is no dial tone on 020 7946 0921.", ["+442079460921"]),
        ("Mail to lena@example.org bounces.", ["lena@example.org"]),
        ("I can't receive any emails at lena@example.org", ["lena@example.org"]),
        ("I am locked out of my account.", ["my account"]),
        ("My mailbox is full and nothing arrives.", ["My mailbox"]),
        ("07911 123456 has no signal since your update", ["+447911123456"]),
    ],
)
def test_a_point_that_is_the_fault_is_blocked(text, points):
    assert dead(text) == points


@pytest.mark.parametrize(
    "text",
    [
        "My phone order is late.",
        "The washing machine is dead.",
        "The broadband is down but the phone, 020 7946 0921, is alright.",
        "I ordered a landline phone and it came in the wrong colour.",
        "Call me on 07911 123456, the heating is broken again and the boiler man never came.",
        "Your phone line is always busy.",
        "I emailed lena@example.org yesterday.",
        "The app is lovely.",
    ],
)
def test_a_near_miss_blocks_nothing(text):
    assert dead(text) == []


def test_the_seed_story_blocks_the_dead_line_and_keeps_the_mobile():
    text = "My home line 020 7946 0921 is dead. Please call my mobile 07911 123456 30 minutes before the visit."
    assert dead(text) == ["+442079460921"]
    (wish,) = found(text)
    assert (wish.channel, wish.point, wish.window) == (Channel.CALL, "+447911123456", "30 minutes before the visit")


# --- what replaces what ----------------------------------------------------------------------------------------------


def after(*texts: str) -> list[tuple[str, str, str]]:
    """What holds after these messages, a day apart."""
    said = [p for day, t in enumerate(texts) for p in found(t, at=AT + timedelta(days=day), key=f"m{day}")]
    return [(p.channel.value, "refuse" if p.refuse else "want", p.window or p.point) for p in current(said)]


@pytest.mark.parametrize(
    ("texts", "held"),
    [
        (["Call me on 020 7946 0921.", "Call me on 07911 123456."], [("call", "want", "+447911123456")]),
        (["Please call me.", "Stop calling me."], [("call", "refuse", "")]),
        (["Don't call me.", "You can call me again."], [("call", "want", "")]),
        (["Don't call me before 10am.", "Please call me."], [("call", "refuse", "before 10am"), ("call", "want", "")]),
        (["No calls please.", "The fridge is still warm."], [("call", "refuse", "")]),
        (["Text me.", "Do not contact me again."], [("any", "refuse", "")]),
        (["Text me, no calls."], [("sms", "want", ""), ("call", "refuse", "")]),
    ],
)
def test_newer_words_replace_older_ones_and_leave_narrower_ones(texts, held):
    assert after(*texts) == held


def test_a_withdrawn_preference_ends_the_older_one_and_is_none_itself():
    (old,) = found("Please call me.")
    ended = Preference("k", Channel.CALL, False, old.evidence, AT + timedelta(days=1), withdrawn=True)
    other = Preference("k2", Channel.CALL, False, type(old.evidence)("m9", "x"), AT + timedelta(days=1), withdrawn=True)
    assert current([old, other]) == []
    assert current([old, ended]) == [old], "one message does not contradict itself"


# --- whole histories, cost -------------------------------------------------------------------------------------------

REPLAYS = [json.loads(line) for line in Path("tests/replays/en.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("thread", REPLAYS, ids=[t["id"] for t in REPLAYS])
def test_the_wishes_of_a_whole_history_are_found(thread):
    got, expected = [], []
    for index, turn in enumerate(thread["messages"]):
        if turn["role"] == "customer":
            got += [(index, *entry) for entry in brief(turn["text"], region="")]
    expected = [(p["message"], p["channel"], p["polarity"], p.get("point", "")) for p in thread["preferences"]]
    assert [g[:3] for g in got] == [e[:3] for e in expected]
    assert all(g[3] == e[3] or same_point(g[3], e[3]) for g, e in zip(got, expected, strict=True))


@pytest.mark.parametrize(
    "unit",
    [
        "Please call me on 020 7946 0921 after 5, not before. My line 020 7946 0922 is dead. ",
        "Call me or text in the evening but not before 9, no letters. Not by phone, email or chat. ",
        "Messenger is where I am, so not by phone. ",
    ],
)
def test_cost_grows_with_the_text_and_not_faster(unit):
    pack = load("en")
    spent = []
    for times in (100, 400):
        text = unit * times
        read = pack.read(text)
        spent.append(steps(lambda r=read, t=text: find_preferences(r, say(t), None, pack, "GB")))
    assert spent[1] < 6 * spent[0]
