"""Effort is counted, not guessed: from the audit trail exactly, and from words with the words."""

from datetime import UTC, datetime, timedelta

import pytest

from plugin.domain.effort import count_effort
from plugin.domain.ticket import Change, Channel, Message, Person, Role, Status, Ticket
from plugin.languages import load

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def ticket(*lines: tuple[Role, str] | Message, changes=()) -> Ticket:
    messages = [
        line if isinstance(line, Message) else Message(str(i), line[0], AT + timedelta(hours=i), line[1])
        for i, line in enumerate(lines)
    ]
    return Ticket("1", Status.OPEN, Person("c"), AT, AT, messages=tuple(messages), changes=tuple(changes))


def count(one: Ticket) -> dict[str, int]:
    pack = load("en")
    return {s.kind: s.count for s in count_effort(one, {m.id: pack.read(m.text) for m in one.messages})}


def change(field: str, before: str, after: str, minute: int) -> Change:
    return Change(f"{field}{minute}", AT + timedelta(minutes=minute), field, before, after)


@pytest.mark.parametrize(
    ("changes", "transfers"),
    [
        ([("group", "", "sales", 1), ("assignee", "", "ana", 1)], 0),
        ([("group", "sales", "tech", 1)], 1),
        ([("group", "sales", "tech", 1), ("assignee", "ana", "", 1), ("assignee", "", "bo", 9)], 1),
        ([("group", "sales", "tech", 1), ("assignee", "ana", "bo", 1)], 1),
        ([("group", "sales", "tech", 1), ("group", "tech", "sales", 2), ("assignee", "bo", "ana", 3)], 3),
        ([("status", "new", "open", 1), ("tags", "a", "b", 2), ("group", "sales", "sales", 3)], 0),
        ([("group_id", "7", "8", 1)], 1),
    ],
)
def test_transfers_are_exactly_what_the_audits_say(changes, transfers):
    found = count(ticket((Role.CUSTOMER, "Good morning."), changes=[change(*c) for c in changes]))
    assert found.get("transfer", 0) == transfers


def test_reopens_are_exactly_what_the_audits_say():
    steps = [("new", "open"), ("open", "solved"), ("solved", "open"), ("open", "solved"), ("solved", "closed")]
    changes = [change("status", before, after, i) for i, (before, after) in enumerate(steps)]
    assert count(ticket((Role.CUSTOMER, "Good morning."), changes=changes))["reopen"] == 1


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("chase", "Any news on my case?"),
        ("chase", "I'm just following up on my message of Monday."),
        ("chase", "I still haven't heard anything back from you."),
        ("chase", "What is happening with my claim?"),
        ("wait", "I waited for 45 minutes on the phone."),
        ("wait", "Forty minutes on hold this morning."),
        ("wait", "We have been waiting since Easter."),
        ("forced_channel", "I had to call because your form would not load."),
        ("forced_channel", "I never wanted to phone."),
        ("told_again", "I have explained this for the third time now."),
        ("told_again", "I already told your colleague."),
        ("told_again", "Must I start all over again with you?"),
    ],
)
def test_effort_in_words_is_found_with_the_words(kind, text):
    one = ticket((Role.CUSTOMER, text))
    (signal,) = [s for s in count_effort(one, {"0": load("en").read(text)}) if s.kind == kind]
    (quote,) = signal.evidence
    assert signal.count == 1
    assert text[quote.start : quote.start + len(quote.quote)] == quote.quote


@pytest.mark.parametrize(
    "text",
    [
        "No need to explain it again, I understood.",
        "Take your time, it can wait.",
        "Do you have this in green?",
        "The film lasts 90 minutes.",
        "Could you send it again to my new address?",
    ],
)
def test_what_costs_nothing_is_not_counted(text):
    assert count(ticket((Role.CUSTOMER, text))) in ({"contact": 1}, {"contact": 1, "told_again": 0})


def test_what_an_agent_says_is_not_the_customers_effort():
    assert "chase" not in count(ticket((Role.CUSTOMER, "Hello."), (Role.AGENT, "Any news from the courier?")))


def test_asking_for_what_was_given_is_counted_with_our_own_words():
    one = ticket(
        (Role.CUSTOMER, "The lamp of order number 88213 is broken, photos attached."),
        (Role.AGENT, "Sorry! Please send me your order number."),
        (Role.CUSTOMER, "See above."),
        (Role.AGENT, "Could you also send us a photo of it?"),
    )
    (signal,) = [s for s in count_effort(one, {m.id: load("en").read(m.text) for m in one.messages})
                 if s.kind == "repeated_ask"]  # fmt: skip
    assert signal.count == 2
    assert [e.message_id for e in signal.evidence] == ["1", "3"]


def test_asking_twice_for_the_same_fact_is_counted():
    found = count(ticket(
        (Role.CUSTOMER, "My heating is off."), (Role.AGENT, "Please send me your account number."),
        (Role.CUSTOMER, "Here you are: the one on the letter."), (Role.AGENT, "Please send me your account number."),
    ))  # fmt: skip
    assert found["repeated_ask"] == 1


def test_asking_for_a_fact_for_the_first_time_is_fine():
    found = count(ticket((Role.CUSTOMER, "My heating is off."), (Role.AGENT, "Please send me your account number.")))
    assert "repeated_ask" not in found


def test_private_notes_ask_nobody():
    note = Message("1", Role.AGENT, AT, "Please send me your order number.", public=False)
    assert "repeated_ask" not in count(ticket((Role.CUSTOMER, "Order number 88213 is broken."), note))


def test_contacts_and_channels_are_counted():
    mail = Message("0", Role.CUSTOMER, AT, "Hello.", channel=Channel.EMAIL)
    call = Message("1", Role.CUSTOMER, AT, "Called us.", channel=Channel.CALL)
    robot = Message("2", Role.CUSTOMER, AT, "Out of office.", automatic=True, channel=Channel.EMAIL)
    assert count(ticket(mail, call, robot)) == {"contact": 2, "channel": 2}


def test_a_message_in_an_unknown_language_still_counts_as_a_contact():
    one = ticket((Role.CUSTOMER, "Päivää."))
    assert [(s.kind, s.count) for s in count_effort(one, {})] == [("contact", 1)]
