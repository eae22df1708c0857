"""A choice of how to be contacted, offered in seven languages; what the customer chose, and whether it was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plugin.app import policy_of
from plugin.domain.analysis import analyse_ticket
from plugin.domain.findings import Findings
from plugin.domain.offers import find_offer, tell_offered, was_chosen
from plugin.domain.ticket import Call, Channel, Message, Person, Role, Status, Ticket
from plugin.languages import load
from plugin.ports import Account

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
POLICY = policy_of(Account("a", "zendesk", "", zone="Europe/London", region="GB", languages=("en", "de", "lv")))


@dataclass(frozen=True)
class Row:
    lang: str
    offered: str
    text: str


def read_rows() -> list[Row]:
    lines = Path(__file__).with_name("offers.txt").read_text("utf-8").splitlines()
    return [Row(*(part.strip() for part in line.split("|"))) for line in lines if line and line[0] != "#"]


@pytest.mark.parametrize("row", read_rows(), ids=lambda row: f"{row.lang}-{row.offered}-{row.text[:40]}")
def test_a_choice_offered_is_told_from_what_only_sounds_like_one(row: Row) -> None:
    found = find_offer(load(row.lang).read(row.text), Message("m", Role.AGENT, AT, row.text))
    assert (found is not None) == (row.offered == "y")
    if found is not None:
        evidence = found.evidence
        assert evidence.quote
        assert row.text[evidence.start :].startswith(evidence.quote)


@pytest.mark.parametrize("message", [
    Message("m", Role.CUSTOMER, AT, "Would you rather we called or e-mailed you?"),
    Message("m", Role.AGENT, AT, "Would you rather we called or e-mailed you?", public=False),
])  # fmt: skip
def test_only_what_we_wrote_to_the_customer_offers_anything(message: Message) -> None:
    assert find_offer(load("en").read(message.text), message) is None


# --- a whole conversation --------------------------------------------------------------------------------------------


def told(*turns: tuple[str, str]) -> tuple[Ticket, Findings]:
    """A conversation with one turn an hour: "agent", "customer" or "call" (to the number that is its text)."""
    messages = tuple(_turn(f"m{n}", who, text, AT + timedelta(hours=n)) for n, (who, text) in enumerate(turns))
    ticket = Ticket("1", Status.OPEN, Person("c"), AT, messages[-1].at, messages=messages)
    return ticket, analyse_ticket(ticket, POLICY, messages[-1].at + timedelta(hours=1))


def _turn(key: str, who: str, text: str, at: datetime) -> Message:
    if who == "call":
        return Message(key, Role.AGENT, at, "", False, Channel.CALL, call=Call(True, "", text, True))
    role = Role.CUSTOMER if who == "customer" else Role.AGENT
    return Message(key, role, at, text, channel=Channel.CHAT if role is Role.CUSTOMER else Channel.EMAIL)


ASKED = ("customer", "My order 4471 has still not arrived, where is it?")
OFFER = ("agent", "I am sorry about that. Would you rather we rang you about it or sent you an e-mail?")


@pytest.mark.parametrize(("answer", "channel"), [
    ("By phone please.", Channel.CALL),
    ("Email", Channel.EMAIL),
    ("Please ring me.", Channel.CALL),
    ("text, thanks", Channel.SMS),
])  # fmt: skip
def test_a_short_answer_to_the_offer_is_a_wish(answer: str, channel: Channel) -> None:
    _, found = told(ASKED, OFFER, ("customer", answer))
    assert [(p.channel, p.refuse) for p in found.preferences] == [(channel, False)]
    (offer,) = found.offers
    assert offer.chosen is not None
    assert offer.chosen.message_id == "m2"


def test_the_same_words_without_an_offer_are_none() -> None:
    _, found = told(ASKED, ("agent", "I am looking at the parcel's way now."), ("customer", "Email"))
    assert found.preferences == ()


@pytest.mark.parametrize("answer", ["Neither, just send the parcel.", "I don't mind.", "Whatever is easier for you."])
def test_an_answer_that_chooses_nothing_leaves_the_offer_open(answer: str) -> None:
    _, found = told(ASKED, OFFER, ("customer", answer))
    (offer,) = found.offers
    assert offer.chosen is None


def test_contacts_after_the_answer_are_held_against_it() -> None:
    called = ("call", "+442079460123")
    _, found = told(ASKED, OFFER, ("customer", "Email please"), called, ("agent", "Your parcel left us on Monday."))
    bound = [(c.message_id, c.verdict) for c in found.adherence if was_chosen(c, found.offers)]
    assert bound == [("m3", "breached"), ("m4", "followed")]


def test_what_was_asked_without_an_offer_is_not_acted_on_a_choice() -> None:
    _, found = told(("customer", "Please e-mail me, my order 4471 is late."), ("call", "+442079460123"))
    assert found.adherence
    assert not any(was_chosen(c, found.offers) for c in found.adherence)


@pytest.mark.parametrize(("turns", "offered"), [
    ((ASKED, OFFER), "yes"),
    ((ASKED, ("agent", "Your parcel left our warehouse on Monday.")), "no"),
    ((ASKED, ("call", "+442079460123")), "no"),
    ((ASKED, ("agent", "Paketti lähti varastostamme maanantaina ja saapuu teille pian, pahoittelemme.")), "unknown"),
    ((ASKED,), ""),
])  # fmt: skip
def test_a_ticket_says_whether_a_choice_was_offered(turns: tuple[tuple[str, str], ...], offered: str) -> None:
    assert tell_offered(*told(*turns)) == offered
