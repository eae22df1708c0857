"""A promise is kept only by what was promised, and broken only by time or the customer's word."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from plugin.domain.calendar import open_calendar
from plugin.domain.commitments import find_commitments
from plugin.domain.findings import State
from plugin.domain.judging import RISK_LEAST, find_risk, judge, judge_all
from plugin.domain.ticket import Call, Channel, Message, Person, Role, Status, Ticket
from plugin.languages import load

ZONE = ZoneInfo("Europe/London")
CALENDAR = open_calendar("Europe/London", "Mon-Fri 09:00-17:00")
REPLAYS = Path(__file__).parent.parent / "replays"


@pytest.fixture(scope="module")
def pack():
    return load("en")


def at(moment):
    """ "2 10:00" is 10:00 on 2 March 2026, a Monday."""
    day, clock = moment.split()
    hour, minute = clock.split(":")
    return datetime(2026, 3, int(day), int(hour), int(minute), tzinfo=ZONE)


def message(index, when, who, text):
    """`who` is a role, "note" (a private one), "auto" (an automatic reply) or "call"."""
    role = Role(who) if who in set(Role) else Role.AGENT
    call = Call(outbound=True, answered=None if text == "" else text != "no answer") if who == "call" else None
    return Message(
        str(index), role, at(when), text, public=who != "note", automatic=who == "auto", call=call,
        channel=Channel.CALL if call else Channel.EMAIL,
    )  # fmt: skip


def play(pack, now, *turns, status=Status.OPEN, **options):
    """Judge the promises of a conversation: the states, in order, conditional ones included."""
    messages = tuple(message(i, *turn) for i, turn in enumerate(turns))
    ticket = Ticket("t", status, Person("c"), messages[0].at, messages[-1].at, messages=messages)
    reads = {m.id: pack.read(m.text) for m in messages}
    promises = [c for m in messages for c in find_commitments(reads[m.id], m, CALENDAR, pack, 8)]
    return judge_all(promises, ticket, at(now), CALENDAR, reads, **options)


def state(pack, now, *turns, **options):
    """State of the first promise, and the index of the message that shows it."""
    first = play(pack, now, *turns, **options)[0]
    evidence = first.life[-1].evidence if first.life else None
    return first.state.value, int(evidence.message_id) if evidence else None


CALLS = ("2 10:00", "agent", "I'll call you tomorrow by noon.")
REPLIES = ("2 10:00", "agent", "We'll get back to you tomorrow by noon.")
REFUNDS = ("2 10:00", "agent", "We'll refund the fee by Wednesday.")
SHIPS = ("2 10:00", "agent", "We'll ship the lamp by Wednesday.")


@pytest.mark.parametrize(
    ("now", "turns", "expected"),
    [
        ("2 12:00", [CALLS], ("open", None)),
        ("3 11:40", [CALLS], ("at_risk", None)),
        ("3 12:01", [CALLS], ("broken", None)),
        ("3 13:00", [CALLS, ("3 11:00", "call", "")], ("kept", 1)),
        ("3 13:00", [CALLS, ("3 11:00", "call", "no answer")], ("broken", None)),
        ("3 15:00", [CALLS, ("3 14:00", "call", "")], ("late", 1)),
        ("3 13:00", [CALLS, ("3 11:00", "agent", "Your lamp is blue.")], ("broken", None)),
        ("3 13:00", [REPLIES, ("3 11:00", "agent", "The lamp is sold out in blue.")], ("kept", 1)),
        ("3 13:00", [REPLIES, ("3 11:00", "agent", "We're still looking into it.")], ("broken", None)),
        ("3 13:00", [REPLIES, ("3 11:00", "bot", "The lamp is sold out in blue.")], ("broken", None)),
        ("3 13:00", [REPLIES, ("3 11:00", "note", "The lamp is sold out in blue.")], ("broken", None)),
        ("3 13:00", [REPLIES, ("3 11:00", "auto", "The lamp is sold out in blue.")], ("broken", None)),
        ("3 13:00", [REPLIES, ("3 11:00", "self", "The lamp is sold out in blue.")], ("broken", None)),
        ("3 13:00", [REPLIES, ("2 11:00", "customer", "Thanks!")], ("broken", None)),
        ("3 14:00", [REPLIES, ("3 13:00", "customer", "It is one and I wait.")], ("broken", 1)),
        ("5 10:00", [REFUNDS], ("unverifiable", None)),
        ("5 10:00", [REFUNDS, ("4 10:00", "agent", "The fee has been refunded.")], ("kept", 1)),
        ("5 10:00", [REFUNDS, ("4 10:00", "note", "The fee has been refunded.")], ("unverifiable", None)),
        ("5 10:00", [REFUNDS, ("4 10:00", "customer", "Thank you, great.")], ("unverifiable", None)),
        ("5 10:00", [REFUNDS, ("4 18:00", "customer", "The money is not in my account.")], ("broken", 1)),
        ("5 10:00", [SHIPS, ("4 10:00", "system", "Courier status: delivered 4 March")], ("kept", 1)),
        ("5 10:00", [SHIPS, ("4 10:00", "customer", "It arrived, thanks.")], ("kept", 1)),
        ("2 12:00", [CALLS, ("2 11:00", "customer", "No need to call any more, I found it.")], ("waived", 1)),
        ("2 12:00", [REFUNDS, ("2 11:00", "customer", "No need to call me about it.")], ("open", None)),
        ("3 13:00", [CALLS, ("2 15:00", "agent", "I'll call you on Thursday at 3 instead.")], ("renegotiated", 1)),
        ("3 15:00", [CALLS, ("3 14:00", "agent", "I'll call you on Thursday at 3 instead.")], ("late", 1)),
    ],
)  # fmt: skip
def test_a_promise_ends_as_a_careful_colleague_would_say(pack, now, turns, expected):
    assert state(pack, now, *turns) == expected


def test_a_time_that_nobody_named_breaks_no_promise_but_warns(pack):
    said = ("2 10:00", "agent", "We'll refund the fee.")
    assert state(pack, "9 10:00", said) == ("at_risk", None)
    assert state(pack, "9 10:00", said, ("5 10:00", "agent", "The fee has been refunded.")) == ("kept", 1)
    assert state(pack, "9 10:00", said, ("5 10:00", "customer", "Any news? Still waiting.")) == ("broken", 1)


def test_a_call_that_the_helpdesk_cannot_show_is_unverifiable(pack):
    assert state(pack, "3 13:00", CALLS, call_records=False) == ("unverifiable", None)


@pytest.mark.parametrize("status", [Status.MERGED, Status.DELETED])
def test_a_ticket_that_is_gone_shows_nothing(pack, status):
    assert state(pack, "3 13:00", CALLS, status=status)[0] == "unverifiable"


def test_a_conditional_promise_opens_when_the_customer_did_their_part(pack):
    said = ("2 10:00", "agent", "Send us the number and we'll refund the fee.")
    assert state(pack, "9 10:00", said) == ("conditional", None)
    assert state(pack, "9 10:00", said, ("2 11:00", "customer", "Thanks!")) == ("conditional", None)
    assert state(pack, "2 12:00", said, ("2 11:00", "customer", "It is 4711.")) == ("open", 1)


_CONDITIONS = [
    ("en", "Send us the order number and we'll refund the fee.", "It is 4711.", "Why do you need that?", "Thanks!"),
    ("fr", "Envoyez-nous une photo et nous vous rembourserons.", "Voici la photo.", "Pourquoi une photo ?", "Merci !"),
    (
        "tr",
        "Sipariş numaranızı gönderin, ücreti iade edelim.",
        "Sipariş numaram 4711.",
        "Neden gerekiyor?",
        "Teşekkürler!",
    ),
    (
        "lv",
        "Atsūtiet pasūtījuma numuru, un mēs atmaksāsim naudu.",
        "Numurs ir 4711.",
        "Kāpēc tas vajadzīgs?",
        "Paldies!",
    ),
    ("ar", "أرسل لنا رقم الطلب وسنعيد لك المبلغ.", "رقم الطلب 4711", "لماذا تحتاجونه؟", "شكرا"),
]


@pytest.mark.parametrize(("lang", "said", "given", "asked", "thanks"), _CONDITIONS)
def test_a_conditional_promise_opens_when_what_was_asked_is_given(lang, said, given, asked, thanks):
    pack = load(lang)
    promise = ("2 10:00", "agent", said)
    assert state(pack, "2 12:00", promise)[0] == "conditional"
    assert state(pack, "2 12:00", promise, ("2 11:00", "customer", asked))[0] == "conditional"
    assert state(pack, "2 12:00", promise, ("2 11:00", "customer", thanks))[0] == "conditional"
    assert state(pack, "2 12:00", promise, ("2 11:00", "customer", given)) == ("open", 1)


def test_what_had_to_happen_first_must_come_up(pack):
    said = ("2 10:00", "agent", "If it leaks again, we'll replace the hose.")
    aside = ("2 11:00", "customer", "I also want to say that the lady at the desk was very kind to my mother.")
    assert state(pack, "2 12:00", said, aside) == ("conditional", None)
    again = ("2 11:30", "customer", "Just as I feared, it leaks worse than before and my floor is wet.")
    assert state(pack, "2 12:00", said, aside, again) == ("open", 2)


def test_a_span_counts_from_when_the_customer_did_their_part(pack):
    said = ("2 10:00", "agent", "Send us the number and we'll call you within 2 hours.")
    given = ("3 10:00", "customer", "It is 4711.")
    assert state(pack, "3 11:00", said, given)[0] == "open"
    assert state(pack, "3 12:01", said, given)[0] == "broken"
    assert state(pack, "3 13:00", said, given, ("3 11:30", "call", ""))[0] == "kept"


def test_a_statement_about_one_promise_keeps_no_other(pack):
    said = ("2 10:00", "agent", "We'll restore the costumes by Tuesday. We'll credit 500 coins by Wednesday.")
    done = ("3 10:00", "agent", "The costumes are back and everything is restored.")
    missed = ("5 10:00", "customer", "The costumes are there, but I have not received the coins.")
    states = [c.state.value for c in play(pack, "6 10:00", said, done, missed)]
    assert states == ["kept", "broken"]


def test_what_is_no_longer_needed_is_what_was_named(pack):
    said = (
        "2 10:00",
        "agent",
        "We'll send you new toner tomorrow. The engineer will inspect your printer on Thursday.",
    )
    bought = ("2 15:00", "customer", "By the way the toner we bought elsewhere, no longer needed.")
    assert [c.state.value for c in play(pack, "2 16:00", said, bought)] == ["waived", "open"]


def test_two_denials_in_one_sentence_find_their_promises(pack):
    said = ("2 10:00", "agent", "I will refund the second payment by Tuesday 17:00.")
    more = ("2 11:00", "agent", "I'll call you tomorrow before noon. We will send you a confirmation by Friday.")
    angry = ("3 18:00", "customer", "Nobody called, and I have not received the refund. I am really angry now.")
    assert [c.state.value for c in play(pack, "4 10:00", said, more, angry)] == ["broken", "broken", "open"]


FIXES = ("2 10:00", "agent", "Our engineers will fix the login error by Wednesday.")
SENDS = ("2 10:00", "agent", "I'll email you the contract by Wednesday.")
POSTS = ("2 10:00", "agent", "We'll post the contract by Wednesday.")


@pytest.mark.parametrize(
    ("said", "when", "who", "text", "expected"),
    [
        (REFUNDS, "4 10:00", "agent", "Once the fee has been refunded you will get an email.", "unverifiable"),
        (REFUNDS, "4 10:00", "agent", "Has the fee been refunded?", "unverifiable"),
        (REFUNDS, "4 10:00", "agent", "The fee should have been refunded by the end of the day.", "unverifiable"),
        (REFUNDS, "4 10:00", "agent", "The fee has not been refunded yet.", "unverifiable"),
        (REFUNDS, "4 10:00", "customer", "Thank you for the quick reply.", "unverifiable"),
        (REFUNDS, "4 10:00", "customer", "Okay, got it.", "unverifiable"),
        (REFUNDS, "4 10:00", "customer", "I got your mail about the fee.", "unverifiable"),
        (REFUNDS, "5 9:00", "customer", "The refund has not landed.", "broken"),
        (REFUNDS, "5 9:00", "customer", "The refund should be here by now.", "broken"),
        (REFUNDS, "5 9:00", "agent", "I'm sorry, the refund of the fee is still with our bank.", "broken"),
        (SHIPS, "4 10:00", "agent", "The lamp has been packed.", "unverifiable"),
        (SHIPS, "4 10:00", "customer", "The other parcel arrived.", "unverifiable"),
        (SHIPS, "5 9:00", "customer", "It says delivered, but I have nothing.", "broken"),
        (SHIPS, "5 9:00", "customer", "Has the lamp been sent?", "broken"),
        (FIXES, "4 10:00", "agent", "We'll let you know when it is fixed.", "unverifiable"),
        (FIXES, "4 10:00", "agent", "Our engineers have reproduced the login error.", "unverifiable"),
        (FIXES, "4 10:00", "agent", "Your login error is resolved.", "kept"),
        (FIXES, "5 9:00", "customer", "Not fixed.", "broken"),
        (FIXES, "5 9:00", "customer", "Not a problem, thanks!", "unverifiable"),
        (SENDS, "4 10:00", "agent", "Contract sent.", "kept"),
        (SENDS, "4 10:00", "note", "Contract sent.", "broken"),
        (POSTS, "4 10:00", "note", "Contract sent.", "unverifiable"),
    ],
)  # fmt: skip
def test_only_what_is_over_is_done_and_only_what_is_missed_is_not(pack, said, when, who, text, expected):
    assert state(pack, "5 10:00", said, (when, who, text))[0] == expected


def test_a_sign_with_an_amount_is_about_the_promise_with_it(pack):
    said = ("2 10:00", "agent", "We'll refund £25 tomorrow and a manager will call you today.")
    dropped = ("2 11:00", "customer", "My bank dropped the fee, so you can forget about the 25.")
    rung = ("2 12:00", "call", "")
    assert [c.state.value for c in play(pack, "2 15:00", said, dropped, rung)] == ["waived", "kept"]


def test_what_a_named_team_looks_into_need_not_be_told(pack):
    said = ("2 10:00", "agent", "The engineer will inspect the printer remotely on Tuesday.")
    assert state(pack, "5 10:00", said)[0] == "unverifiable"


def test_why_a_call_is_not_needed_any_more_keeps_nothing_else():
    states = play(
        load("fr"), "6 12:00",
        ("2 10:00", "agent", "Je vous appelle avant 16 h, et ma collègue vous réserve une place d'ici jeudi."),
        ("2 12:00", "customer", "C'est bon pour le papier, pas la peine de m'appeler. La place, oui, toujours."),
    )  # fmt: skip
    assert [promise.state for promise in states] == [State.WAIVED, State.UNVERIFIABLE]


def test_what_a_third_party_was_to_tell_is_not_told_by_handing_it_on(pack):
    promise = ("2 10:00", "agent", "The committee will let you know its decision by Wednesday noon.")
    passed = ("3 11:00", "agent", "Your file was passed on to the committee this morning.")
    told = ("4 10:00", "agent", "The committee decided in your favour.")
    assert state(pack, "4 11:00", promise, passed) != ("kept", 1)
    assert state(pack, "4 11:00", promise, passed, told) == ("kept", 2)


def test_that_it_was_handed_on_is_not_the_answer_that_was_promised_too(pack):
    said = ("2 10:00", "agent", "I'll pass it on to the depot today and we'll call you. We'll update you as well.")
    handed = ("2 11:00", "agent", "Your case has been passed on to the depot.")
    found = {c.kind: c.state.value for c in play(pack, "2 12:00", said, handed)}
    assert found["forward"] == "kept"
    assert found["update"] == "open"


def test_what_was_handed_on_inside_is_not_denied_by_a_parcel_that_stays_away(pack):
    said = ("2 10:00", "agent", "I'll pass your remark on to the maker today. The courier will deliver on Wednesday.")
    missed = ("4 18:00", "customer", "Nobody came.")
    assert [c.state.value for c in play(pack, "5 10:00", said, missed)] == ["unverifiable", "broken"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He came at 1:50 pm and it works.", "kept"),
        ("He came at 2:15 pm and it works.", "late"),
        ("He came and it works.", "kept"),
        ("He just came, it works.", "late"),
        ("He finally came, it works.", "late"),
    ],
)
def test_the_hour_at_which_it_happened_counts_where_it_is_said(pack, text, expected):
    said = ("2 10:00", "agent", "A technician will be at your place tomorrow by 2 pm.")
    assert state(pack, "4 10:00", said, ("3 14:20", "customer", text))[0] == expected


def test_a_call_whose_note_says_that_nobody_answered_keeps_nothing(pack):
    rung = message(1, "3 11:00", "call", "x")
    noted = replace(rung, text="Rang twice, no answer, left nothing.", call=replace(rung.call, answered=None))
    first = message(0, *CALLS)
    ticket = Ticket("t", Status.OPEN, Person("c"), first.at, noted.at, messages=(first, noted))
    reads = {m.id: pack.read(m.text) for m in ticket.messages}
    promises = find_commitments(reads["0"], first, CALENDAR, pack, 8)
    assert judge_all(promises, ticket, at("3 13:00"), CALENDAR, reads)[0].state is State.BROKEN


def test_a_new_time_replaces_the_promise_it_is_like_and_not_the_one_beside_it(pack):
    said = ("2 10:00", "agent", "An engineer will visit you on Tuesday and I'll send you the terms by email today.")
    sent = ("2 15:00", "agent", "Please find the terms attached.")
    moved = ("3 12:00", "agent", "The engineer will visit you on Thursday instead.")
    came = ("5 12:00", "customer", "He came and it works.")
    assert [c.state.value for c in play(pack, "6 10:00", said, sent, moved, came)] == ["renegotiated", "kept", "kept"]


def test_a_human_answer_keeps_what_a_machine_promised_even_when_it_promises_more(pack):
    bot = ("2 10:00", "bot", "An agent will reply to you within 1 hour.")
    human = ("2 10:30", "agent", "Good morning. The clinic is asked, we'll get back to you by 5pm.")
    assert [c.state.value for c in play(pack, "2 12:00", bot, human)] == ["kept", "open"]
    put_off = ("2 10:30", "agent", "We're still looking into it and will get back to you by 5pm.")
    assert play(pack, "2 12:00", bot, put_off)[0].state.value != "kept"


class _Counted(dict):
    """Readings that count how often they are asked for."""

    asked = 0

    def get(self, key, default=None):
        self.asked += 1
        return super().get(key, default)


@pytest.mark.parametrize("kind", ["We'll refund fee number {}.", "We'll get back to you on point {} by 5 March."])
def test_looks_at_messages_grow_with_promises_plus_messages_and_not_with_their_product(pack, kind):
    def asked(count):
        turns = [("2 10:00", "agent", kind.format(i)) for i in range(count)]
        turns += [("2 11:00", "customer", "Hello, this is message number one of many.") for _ in range(count)]
        messages = tuple(message(i, *turn) for i, turn in enumerate(turns))
        ticket = Ticket("t", Status.OPEN, Person("c"), messages[0].at, messages[-1].at, messages=messages)
        reads = _Counted({m.id: pack.read(m.text) for m in messages})
        promises = [c for m in messages for c in find_commitments(reads[m.id], m, CALENDAR, pack, 8)]
        judge_all(promises, ticket, at("9 10:00"), CALENDAR, reads)
        return reads.asked / count

    small, large = asked(20), asked(200)
    assert large <= small * 1.2


def test_a_disputed_promise_stays_disputed(pack):
    promise = play(pack, "2 12:00", CALLS)[0]
    disputed = promise.now_is(State.DISMISSED, at("2 12:00"), "an agent said so")
    ticket = Ticket("t", Status.OPEN, Person("c"), at("2 10:00"), at("2 10:00"))
    assert judge(disputed, ticket, at("9 10:00"), CALENDAR, {}) == disputed


def test_judging_twice_changes_nothing(pack):
    turns = [CALLS, ("3 14:00", "call", "")]
    once = play(pack, "3 15:00", *turns)[0]
    messages = tuple(message(i, *turn) for i, turn in enumerate(turns))
    ticket = Ticket("t", Status.OPEN, Person("c"), at("2 10:00"), at("3 14:00"), messages=messages)
    assert judge(once, ticket, at("3 15:00"), CALENDAR, {m.id: pack.read(m.text) for m in messages}) == once


def test_a_broken_promise_was_at_risk_first(pack):
    (promise,) = play(pack, "3 12:01", CALLS)
    assert [t.state for t in promise.life] == [State.AT_RISK, State.BROKEN]


@pytest.mark.parametrize(
    "text",
    [
        "I'll call you today by 3pm.",
        "I'll call you within 2 hours.",
        "I'll call you by Friday.",
        "I'll call you on Sunday.",
        "I'll call you tomorrow at 9.",
    ],
)
def test_risk_comes_before_the_due_time_while_somebody_is_there(pack, text):
    (promise,) = play(pack, "2 10:00", ("2 10:00", "agent", text))
    risk = find_risk(promise, CALENDAR)
    assert risk is not None
    assert promise.said_at <= risk <= promise.due.end - RISK_LEAST
    assert CALENDAR.is_working(risk)


@pytest.mark.parametrize("said", ["1 11:00", "2 08:20", "2 12:00", "2 16:50", "6 20:00", "7 10:00"])
@pytest.mark.parametrize("minutes", [20, 45, 90, 600, 3000])
@pytest.mark.parametrize("role", ["agent", "bot"])
def test_nobody_is_warned_at_night_or_on_a_holiday(pack, said, minutes, role):
    calendar = open_calendar("Europe/London", "Mon-Fri 09:00-12:00, Mon-Fri 13:00-17:00", ["2026-03-03"])
    (promise,) = play(pack, said, (said, role, "We'll get back to you within 2 hours."))
    promise = replace(promise, due=replace(promise.due, end=promise.said_at + timedelta(minutes=minutes)))
    risk = find_risk(promise, calendar)
    if calendar.business_hours_between(promise.said_at, promise.due.end) > 0:
        assert promise.said_at <= risk <= promise.due.end
        assert calendar.is_working(risk)
    else:  # who promised is there, a machine is not
        assert risk == (promise.said_at if role == "agent" else None)


def test_what_is_due_at_once_is_at_risk_at_once(pack):
    (promise,) = play(pack, "2 10:00", ("2 10:00", "agent", "I'll call you within 10 minutes."))
    assert find_risk(promise, CALENDAR) == promise.said_at
    later = replace(promise, due=replace(promise.due, end=promise.said_at + timedelta(hours=5)))
    assert find_risk(later, CALENDAR) > promise.said_at


# --- whole conversations ---------------------------------------------------------------------------------------------


def _replay(row):
    messages = []
    for index, turn in enumerate(row["messages"]):
        said = turn["role"]
        role = Role(said) if said in set(Role) else Role.AGENT
        missed = "no answer" in turn["text"].lower()
        call = Call(outbound=True, to_number=turn["to"], answered=False if missed else None)
        messages.append(
            Message(str(index), role, datetime.fromisoformat(turn["at"]), turn["text"],
                    public=said != "private_note", call=call if said == "call_out" else None)
        )  # fmt: skip
    return Ticket(row["id"], Status.OPEN, Person("c"), messages[0].at, messages[-1].at, messages=tuple(messages))


ROWS = (REPLAYS / "en.jsonl").read_text("utf-8").splitlines()


@pytest.mark.parametrize("line", ROWS, ids=lambda r: json.loads(r)["id"])
def test_a_replayed_conversation_ends_as_expected(pack, line):
    row = json.loads(line)
    ticket, calendar = _replay(row), open_calendar(row["zone"], row["hours"], row["holidays"])
    reads = {m.id: pack.read(m.text) for m in ticket.messages}
    found = [c for m in ticket.messages for c in find_commitments(reads[m.id], m, calendar, pack, 8)]
    judged = judge_all(found, ticket, datetime.fromisoformat(row["as_of"]), calendar, reads)
    seen = [
        (int(c.evidence.message_id), None if c.due.assumed else c.due.end, str(c.state).replace("at_risk", "open"))
        for c in judged
        if not c.conditional
    ]
    assert seen == [
        (c["message"], datetime.fromisoformat(c["due_end"]) if c["due_end"] else None, c["state"])
        for c in row["commitments"]
    ]
