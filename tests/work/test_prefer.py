"""What a customer said on one ticket is known on the next, until they take it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from plugin.domain.findings import Preference
from plugin.domain.ticket import Call, Channel, Message, Person, Role, Status, Ticket
from plugin.ports import Account, Rejected
from plugin.work.prefer import ask_guard, erase, merge_people, promises_to, standing, withdraw
from tests.toydesk import OWN_USER
from tests.web.inside import Inside, make_inside

ACME = Account("acme", "zendesk", "https://acme.zendesk.com", own_user_id=OWN_USER, zone="Europe/Riga", region="LV")
HOME, MOBILE = "+37167234567", "+37126123456"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Inside]:
    made = make_inside(tmp_path / "home", ACME)
    yield made
    made.house.close()


def look_at(desk: Inside, ticket_id: str, *texts: str, person: str = "anna", **more: object) -> list[Preference]:
    """A ticket of this person with these messages, looked at; what it knows of their wishes."""
    now = desk.clock.move(hours=1)
    said = tuple(
        Message(f"{ticket_id}-{n}", Role.CUSTOMER, now + timedelta(minutes=n), words, channel=Channel.EMAIL)
        for n, words in enumerate(texts)
    )
    ticket = Ticket(ticket_id, Status.OPEN, Person(person), now, said[-1].at, messages=said)
    desk.desk.add(replace(ticket, **more))  # type: ignore[arg-type]
    return read(desk, ticket_id)


def read(desk: Inside, ticket_id: str) -> list[Preference]:
    desk.clock.move(minutes=10)
    with desk.house.storage.unit() as u:
        u.queue.put("acme", "analyse", f"ticket:{ticket_id}", desk.clock.now())
    desk.work()
    return list(desk.findings(ticket_id).preferences)


def guard(desk: Inside, ticket_id: str, channel: Channel, point: str = "") -> tuple[str, str]:
    with desk.house.storage.unit(reading=True) as u:
        found = ask_guard(u, ACME, ticket_id, channel, point, desk.clock.now(), "", "")
    assert found is not None
    return found.verdict, found.reason


def person(desk: Inside, who: str = "anna") -> str:
    with desk.house.storage.unit(reading=True) as u:
        return u.preferences.person("acme", who)


def test_a_new_ticket_of_the_same_person_knows_and_the_guard_obeys(desk: Inside) -> None:
    look_at(desk, "1", "The parcel is lost. Please don't call me at all.")
    (known,) = look_at(desk, "2", "My invoice is wrong.")
    assert (known.channel, known.refuse) == (Channel.CALL, True)
    assert "don't call me" in known.evidence.quote
    assert guard(desk, "2", Channel.CALL, MOBILE) == ("block", "refused_channel")


def test_another_person_is_not_bound_by_it(desk: Inside) -> None:
    look_at(desk, "1", "Please don't call me at all.")
    assert look_at(desk, "2", "My invoice is wrong.", person="bert") == []
    assert guard(desk, "2", Channel.CALL, MOBILE) == ("allow", "nothing_asked")


def test_the_newest_word_counts_on_whichever_ticket_it_was_said(desk: Inside) -> None:
    look_at(desk, "1", "Please don't call me at all.")
    look_at(desk, "2", "You can call me again.")
    assert guard(desk, "1", Channel.CALL, MOBILE)[0] == "allow"
    look_at(desk, "3", "Please don't call me at all.")
    assert guard(desk, "2", Channel.CALL, MOBILE) == ("block", "refused_channel")


def test_what_speaks_of_one_occasion_stays_with_its_ticket(desk: Inside) -> None:
    here = look_at(desk, "1", f"Please call me on {MOBILE} 30 minutes before the visit.")
    assert [p.point for p in here] == [MOBILE]
    assert look_at(desk, "2", "My invoice is wrong.") == []


def test_a_follow_up_ticket_is_the_same_matter(desk: Inside) -> None:
    look_at(desk, "1", f"Please call me on {MOBILE} 30 minutes before the visit.")
    (carried,) = look_at(desk, "2", "Nobody came.", follow_up_of="1")
    assert (carried.point, carried.window) == (MOBILE, "30 minutes before the visit")
    for channel, point in ((Channel.EMAIL, ""), (Channel.CALL, MOBILE), (Channel.CALL, HOME)):
        assert guard(desk, "2", channel, point) == guard(desk, "1", channel, point)
        assert guard(desk, "2", channel, point)[1] != "nothing_asked"


def test_what_a_ticket_says_goes_with_it_to_another_requester(desk: Inside) -> None:
    look_at(desk, "1", "Please don't call me at all.", person="anna-old")
    desk.desk.tickets["1"] = replace(desk.desk.tickets["1"], requester=Person("anna"))
    assert [p.channel for p in read(desk, "1")] == [Channel.CALL]
    assert [p.channel for p in look_at(desk, "2", "My invoice is wrong.")] == [Channel.CALL]
    assert look_at(desk, "3", "My invoice is wrong.", person="anna-old") == []


def test_a_contact_on_a_later_ticket_is_held_against_what_was_said_before(desk: Inside) -> None:
    look_at(desk, "1", "Please don't call me at all.")
    now = desk.clock.now()
    look_at(desk, "2", "My invoice is wrong.")
    rung = Message("2-call", Role.AGENT, now + timedelta(hours=3), "Call", public=False, channel=Channel.CALL,
                   call=Call(True, "", MOBILE, True))  # fmt: skip
    desk.desk.say("2", rung)
    read(desk, "2")
    assert [(a.verdict, a.why) for a in desk.findings("2").adherence] == [("breached", "refused_channel")]


def test_an_answer_where_the_customer_wrote_is_no_breach_of_an_older_wish(desk: Inside) -> None:
    look_at(desk, "1", f"Please call me on {MOBILE}.")
    now = desk.clock.now()
    look_at(desk, "2", "My invoice is wrong.")
    desk.desk.say("2", Message("2-a", Role.AGENT, now + timedelta(hours=3), "Here it is.", channel=Channel.EMAIL))
    read(desk, "2")
    assert [a.verdict for a in desk.findings("2").adherence] == ["unknown"]


def test_what_is_carried_does_not_become_a_statement_of_the_next_ticket(desk: Inside) -> None:
    look_at(desk, "1", "Please don't call me at all.")
    look_at(desk, "2", "My invoice is wrong.")
    with desk.house.storage.unit(reading=True) as u:
        assert [s.ticket_id for s in u.preferences.of("acme", person(desk))] == ["1"]


def test_what_was_withdrawn_is_gone_from_card_and_guard_and_stays_gone(desk: Inside) -> None:
    look_at(desk, "1", "Please don't call me at all. Write to anna@example.lv.")
    with desk.house.storage.unit() as u:
        ids = [s.id for s in standing(u, "acme", person(desk), desk.clock.now()) if s.preference.refuse]
        assert withdraw(u, "acme", person(desk), "1", ids, desk.clock.now()) == 1
    assert [p.channel for p in read(desk, "1")] == [Channel.EMAIL]
    assert guard(desk, "1", Channel.CALL, MOBILE)[1] != "refused_channel"
    assert [p.channel for p in read(desk, "1")] == [Channel.EMAIL]


# --- points that are dead --------------------------------------------------------------------------------------------

DEAD = "My home line 67 234 567 is dead. You can reach me on 26 123 456."


def blocked(desk: Inside, ticket_id: str) -> list[str]:
    return [b.point for b in desk.findings(ticket_id).blocked]


def test_a_dead_line_stays_blocked_on_the_next_ticket_until_it_is_said_to_work(desk: Inside) -> None:
    look_at(desk, "1", DEAD)
    look_at(desk, "2", "My invoice is wrong.")
    assert blocked(desk, "2") == [HOME]
    assert guard(desk, "2", Channel.CALL, HOME) == ("block", "blocked_point")
    assert guard(desk, "2", Channel.CALL, MOBILE)[0] == "allow"
    look_at(desk, "3", "The landline 67 234 567 is working again.")
    assert blocked(desk, "3") == []
    assert guard(desk, "1", Channel.CALL, HOME)[1] != "blocked_point", "also where it was said to be dead"
    assert guard(desk, "2", Channel.CALL, HOME)[1] != "blocked_point"
    for ticket_id in ("1", "2", "3"):
        read(desk, ticket_id)
        assert blocked(desk, ticket_id) == [], "read again, it stays so"
    look_at(desk, "4", "Now the landline 67 234 567 is dead again.")
    look_at(desk, "5", "Where is my parcel?")
    assert blocked(desk, "5") == [HOME]
    assert guard(desk, "1", Channel.CALL, HOME) == ("block", "blocked_point")


def test_a_call_to_the_dead_line_on_the_next_ticket_is_a_breach(desk: Inside) -> None:
    look_at(desk, "1", DEAD)
    now = desk.clock.now()
    look_at(desk, "2", "My invoice is wrong.")
    rung = Message("2-call", Role.AGENT, now + timedelta(hours=3), "Call", public=False, channel=Channel.CALL,
                   call=Call(True, "", HOME, False))  # fmt: skip
    desk.desk.say("2", rung)
    read(desk, "2")
    found = desk.findings("2")
    assert ("breached", "blocked_point") in [(a.verdict, a.why) for a in found.adherence]
    assert found.blocked[0].evidence.message_id == "1/1-0"


def test_what_only_words_name_stays_with_its_matter(desk: Inside) -> None:
    look_at(desk, "1", "I'm locked out of my account, so messages in there are no good to me.")
    assert blocked(desk, "1")
    look_at(desk, "2", "My invoice is wrong.")
    assert blocked(desk, "2") == []
    look_at(desk, "3", "Still the same, nobody helped.", follow_up_of="1")
    assert blocked(desk, "3") == blocked(desk, "1")


def test_a_dead_line_is_no_wish_and_goes_with_the_person(desk: Inside) -> None:
    look_at(desk, "1", DEAD, person="anna-old")
    with desk.house.storage.unit(reading=True) as u:
        shown = [s.preference.point for s in standing(u, "acme", person(desk, "anna-old"), desk.clock.now())]
    assert HOME not in shown
    merge_people(desk.house.storage, "acme", "anna-old", "anna")
    look_at(desk, "2", "My invoice is wrong.")
    assert blocked(desk, "2") == [HOME]
    with desk.house.storage.unit() as u:
        erase(u, "acme", person(desk), desk.clock.now())
    look_at(desk, "3", "My invoice is wrong.")
    assert blocked(desk, "3") == []


def test_merged_contacts_share_what_each_has_said(desk: Inside) -> None:
    look_at(desk, "1", "Please don't call me at all.", person="anna-old")
    look_at(desk, "2", "My invoice is wrong.")
    assert merge_people(desk.house.storage, "acme", "anna-old", "anna") == 1
    assert [p.channel for p in read(desk, "2")] == [Channel.CALL]
    with pytest.raises(Rejected):
        merge_people(desk.house.storage, "acme", "anna", "anna")


def test_mapped_fields_state_a_wish_too(desk: Inside) -> None:
    mapping = '{"Contact by": "channel", "Number": "point", "Zvans": "=call"}'
    with desk.house.storage.unit() as u:
        u.accounts.update("acme", settings={**ACME.settings, "preference_fields": mapping})
    (wish,) = look_at(desk, "1", "My invoice is wrong.", extra={"Contact by": "Zvans", "Number": MOBILE})
    assert (wish.channel, wish.point, wish.source, wish.evidence.quote) == (Channel.CALL, MOBILE, "field", "Zvans")
    with desk.house.storage.unit(reading=True) as u:
        (kept,) = u.preferences.of("acme", person(desk))
    assert (kept.captured_by, kept.permission) == ("field", "given")


def test_an_expired_statement_binds_nobody(desk: Inside) -> None:
    with desk.house.storage.unit() as u:
        u.accounts.update("acme", settings={"preference_days": "30"})
    look_at(desk, "1", "Please don't call me at all.")
    desk.clock.move(days=31)
    assert look_at(desk, "2", "My invoice is wrong.") == []


def test_an_erasure_leaves_nothing_but_what_is_still_owed(desk: Inside) -> None:
    look_at(desk, "1", "Please don't call me at all.")
    look_at(desk, "2", "My invoice is wrong.")
    now = desk.clock.now()
    desk.desk.say(
        "2", Message("2-a", Role.AGENT, now + timedelta(minutes=1), "I will send you a new invoice by Friday.")
    )
    read(desk, "2")
    with desk.house.storage.unit() as u:
        assert len(promises_to(u, "acme", person(desk))) == 1
        erase(u, "acme", person(desk), desk.clock.now())
        assert standing(u, "acme", person(desk), desk.clock.now()) == []
        assert u.ledger.findings("acme", "1") is None
    desk.work()
    assert [c.state.owed for c in desk.findings("2").commitments] == [True]
    assert desk.findings("2").preferences == ()
    assert read(desk, "1") == []  # read again: what was said before stays forgotten
    assert [p.refuse for p in look_at(desk, "3", "Don't text me, please.")] == [True]
