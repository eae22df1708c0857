"""What is new is proposed after its week, once, with the words of distinct customers; what a lead decided stays."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plugin.app import policy_of
from plugin.domain.analysis import analyse_ticket
from plugin.domain.emerging import Doc, doc_of, find_emerging
from plugin.domain.findings import Cause
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.languages.taxonomy import load_taxonomy
from plugin.ports import Account, Rejected
from plugin.work.causes import taxonomy_of
from plugin.work.drain import drain
from plugin.work.emerge import (
    FADES,
    KIND,
    accept,
    dismiss,
    is_explained,
    keep,
    key_for,
    look,
    merge_into,
    monday,
    note_unexplained,
    proposals_of,
    reopen,
    ring_emerging,
)
from plugin.work.tools import Tools

from .conftest import SmallHouse

END = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday."""

THINGS = (
    "lamp",
    "chair",
    "window",
    "carpet",
    "garden",
    "roof",
    "kitchen",
    "stairs",
    "balcony",
    "cellar",
    "fence",
    "oven",
)
DEEDS = ("asked", "wondered", "thought", "looked", "heard", "noticed", "wished", "tried", "hoped", "wanted", "read")
ENDS = ("yesterday", "today", "lately", "again", "somehow", "maybe", "there", "here", "outside", "inside", "often")
NEW = (
    "The snorbel of my {0} blinks amber since {1}", "my {0} snorbel is blinking, {1} amber light",
    "Snorbel blinking amber at the {0}, what now? {1}", "an amber snorbel blinks near our {0} {1}",
)  # fmt: skip
AGAIN = ("Amber blinking of a {0} snorbel {1}", "snorbels that blink in amber, {0} and {1}")


def chatter(rng: random.Random) -> str:
    return f"I {rng.choice(DEEDS)} about the {rng.choice(THINGS)} and the {rng.choice(THINGS)} {rng.choice(ENDS)}"


def planted(rng: random.Random, forms: tuple[str, ...] = NEW) -> str:
    return rng.choice(forms).format(rng.choice(THINGS), rng.choice(ENDS))


def docs(week: int, rng: random.Random, new: int = 0, forms: tuple[str, ...] = NEW, customers: int = 999) -> list[Doc]:
    texts = [chatter(rng) for _ in range(120)] + [planted(rng, forms) for _ in range(new)]
    return [
        doc_of(f"{week}-{n}", f"c{week}-{n}" if n < 120 else f"n{week}-{n % customers}", text, week)
        for n, text in enumerate(texts)
    ]


def weeks(seed: int, new: int, **more: object) -> tuple[list[Doc], list[Doc]]:
    rng = random.Random(seed)
    before = [doc for week in range(1, 9) for doc in docs(week, rng)]
    return docs(0, rng, new, **more), before  # type: ignore[arg-type]


# --- the method ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_a_cause_that_was_not_there_before_is_noticed_with_its_words_and_quotes(seed: int) -> None:
    now, before = weeks(seed, 15)
    (found,) = find_emerging(now, before)
    assert {word[:5] for word in found.words[:3]} == {"snorb", "amber", "blink"}
    assert (found.customers >= 12, found.before_tenths) == (True, 0)
    assert len(found.quotes) == 5
    assert all("norbel" in words for _, words in found.quotes)
    assert len({ticket for ticket, _ in found.quotes}) == 5
    assert found.phrases


@pytest.mark.parametrize("seed", range(5))
def test_where_nothing_is_new_nothing_is_proposed(seed: int) -> None:
    assert find_emerging(*weeks(seed, 0)) == []


def test_what_was_always_there_is_not_new() -> None:
    rng = random.Random(1)
    before = [doc for week in range(1, 9) for doc in docs(week, rng, 15)]
    assert find_emerging(docs(0, rng, 15), before) == []


@pytest.mark.parametrize("seed", range(3))
def test_what_is_new_is_noticed_where_its_neighbours_use_its_words_every_week(seed: int) -> None:
    rng = random.Random(seed)
    usual = ("The snorbel of my {0} stays dark since {1}", "my {0} light does not blink any more, {1}")
    before = [doc for week in range(1, 9) for doc in docs(week, rng, 15, usual)]
    now = [*docs(0, rng, 15, usual), *(replace(d, customer="x" + d.customer) for d in docs(0, rng, 20)[120:])]
    assert any("amber" in made.words for made in find_emerging(now, before))


def test_ten_letters_of_one_customer_are_one() -> None:
    now, before = weeks(1, 20, customers=1)
    assert find_emerging(now, before) == []


def test_without_weeks_before_nothing_can_be_new() -> None:
    now, _ = weeks(1, 20)
    assert find_emerging(now, []) == []


def test_what_was_decided_is_not_proposed_again_in_slightly_other_words() -> None:
    now, before = weeks(1, 15)
    (found,) = find_emerging(now, before)
    later, older = weeks(2, 15, forms=AGAIN)
    assert find_emerging(later, older)
    assert find_emerging(later, older, [found.profile]) == []


# --- the weekly job --------------------------------------------------------------------------------------------------


@pytest.fixture
def tools(house: SmallHouse) -> Tools:
    """The real reading; the account writes in English."""
    assert house.clock.now() - timedelta(hours=9) == END
    return replace(house.tools, policy=policy_of, analyse=analyse_ticket, taxonomy=lambda _: load_taxonomy())


def fill(tools: Tools, account: Account, new: int = 15, forms: tuple[str, ...] = NEW, end: datetime = END) -> None:
    rng = random.Random(3)
    with tools.storage.unit() as u:
        for back in range(9):
            for doc in docs(back, rng, new if back == 0 else 0, forms):
                at = end - timedelta(weeks=back, days=1 + int(doc.ticket_id.split("-")[1]) % 5)
                ticket = Ticket(f"{end:%m%d}-{doc.ticket_id}", Status.OPEN, Person(doc.customer), at, at)
                u.emerging.note(account.id, ticket, "en", doc.text)


def test_the_week_is_looked_at_when_it_is_over_and_once(house: SmallHouse, tools: Tools) -> None:
    fill(tools, house.account)
    assert [ring_emerging(tools), ring_emerging(tools)] == [1, 0]
    drain(tools)
    with tools.storage.unit(reading=True) as u:
        (found,) = proposals_of(u, "toy")
        assert [j for j in u.queue.jobs("toy", "buried") if j.kind == KIND] == []
    assert (found.number, "amber" in found.told.words, len(found.told.quotes)) == (1, True, 5)
    assert ring_emerging(tools) == 0
    house.clock.move(days=7)
    assert ring_emerging(tools) == 1


def test_what_is_still_new_is_renewed_and_what_nobody_decides_fades(house: SmallHouse, tools: Tools) -> None:
    fill(tools, house.account)
    now = tools.clock.now()
    (made,) = look(house.account, tools, END)
    with tools.storage.unit() as u:
        keep(u, house.account, [made], now)
        keep(u, house.account, [made], now + timedelta(days=7))
        assert [p.number for p in proposals_of(u, "toy")] == [1]
        keep(u, house.account, [], now + timedelta(days=7) + FADES)
        assert proposals_of(u, "toy") == []


def proposed(house: SmallHouse, tools: Tools) -> None:
    fill(tools, house.account)
    ring_emerging(tools)
    drain(tools)


def test_an_accepted_one_is_a_cause_that_is_tagged_from_then_on(house: SmallHouse, tools: Tools) -> None:
    proposed(house, tools)
    now = tools.clock.now()
    made = accept(tools.storage, house.account, 1, "Amber snorbel", "It blinks.", "product", "ada", now)
    with tools.storage.unit(reading=True) as u:
        taxonomy = taxonomy_of(u, "toy")
        (kept,) = u.emerging.proposals("toy")
    assert (made.version, kept.state, kept.cause, kept.by) == (1, "accepted", "amber_snorbel", "ada")
    assert taxonomy.owner_of("amber_snorbel") == "product"
    assert taxonomy.causes["amber_snorbel"].examples == (), "customers' words are not copied into the list"
    message = Message("m", Role.CUSTOMER, now, "Hello, our snorbel is blinking amber again.")
    ticket = Ticket("9", Status.OPEN, Person("c"), now, now, messages=(message,))
    policy = replace(policy_of(house.account), taxonomy=taxonomy)
    assert analyse_ticket(ticket, policy, now).cause.key == "amber_snorbel"
    with pytest.raises(Rejected, match="no open proposal"):
        dismiss(tools.storage, house.account, 1, "ada", now)


def test_a_merged_one_gives_its_phrases_to_the_known_cause(house: SmallHouse, tools: Tools) -> None:
    proposed(house, tools)
    merge_into(tools.storage, house.account, 1, "product_defect", "ada", tools.clock.now())
    with tools.storage.unit(reading=True) as u:
        assert taxonomy_of(u, "toy").causes["product_defect"].phrases
        assert [(k.state, k.cause) for k in u.emerging.proposals("toy")] == [("merged", "product_defect")]


def test_a_dismissed_one_never_comes_again_until_it_is_reopened(house: SmallHouse, tools: Tools) -> None:
    proposed(house, tools)
    dismiss(tools.storage, house.account, 1, "ada", tools.clock.now())
    fill(tools, house.account, forms=AGAIN, end=END + timedelta(weeks=9))
    assert look(house.account, tools, END + timedelta(weeks=9)) == []
    reopen(tools.storage, house.account, 1, "ada", tools.clock.now())
    assert look(house.account, tools, END + timedelta(weeks=9))


def test_a_refused_acceptance_changes_nothing(house: SmallHouse, tools: Tools) -> None:
    proposed(house, tools)
    with pytest.raises(Rejected, match="line"):
        accept(tools.storage, house.account, 1, "Amber", "It blinks.", "nobody", "ada", tools.clock.now())
    with tools.storage.unit(reading=True) as u:
        assert [k.state for k in u.emerging.proposals("toy")] == ["open"]
        assert u.taxonomies.version("toy") == 0


# --- what is kept ----------------------------------------------------------------------------------------------------


def said(tools: Tools, account: Account, text: str, status: Status = Status.OPEN) -> list[str]:
    now = tools.clock.now()
    message = Message("m1", Role.CUSTOMER, now, text, channel=Channel.EMAIL)
    ticket = Ticket("1", status, Person("c"), now, now, messages=(message,))
    found = analyse_ticket(ticket, tools.policy(account), now)
    with tools.storage.unit() as u:
        note_unexplained(u, account, ticket, found)
        return [one.text for one in u.emerging.unexplained(account.id, now - timedelta(1), now + timedelta(1), 9)]


def test_only_what_no_cause_explains_is_kept_and_not_after_it_is(house: SmallHouse, tools: Tools) -> None:
    assert said(tools, house.account, "The snorbel in the hall.") == ["The snorbel in the hall."]
    assert said(tools, house.account, "You charged my card twice for the same stay.") == []


def test_spam_and_what_cannot_be_read_are_not_kept(house: SmallHouse, tools: Tools) -> None:
    assert said(tools, house.account, "The snorbel in the hall.", Status.SPAM) == []
    assert said(tools, house.account, "12345") == []


@pytest.mark.parametrize(("cause", "explained"), [
    (Cause("unsure", "unrouted", "unsure", (), 0.2), False), (Cause("outage", "x", "likely", (), 0.5), False),
    (Cause("outage", "x", "sure", (), 0.8), False), (Cause("outage", "x", "sure", (), 0.97), True),
    (Cause("outage", "x", "sure", (), 0.1), True),
])  # fmt: skip
def test_a_cause_explains_where_it_hardly_is_another_or_a_person_said_it(cause: Cause, explained: bool) -> None:
    assert is_explained(cause) is explained


def test_a_week_begins_on_monday_where_the_account_is(house: SmallHouse) -> None:
    riga = replace(house.account, zone="Europe/Riga")
    assert monday(riga, datetime(2026, 3, 1, 22, 30, tzinfo=UTC)) == datetime(2026, 3, 1, 22, tzinfo=UTC)
    assert monday(riga, datetime(2026, 3, 1, 21, 30, tzinfo=UTC)) == datetime(2026, 2, 22, 22, tzinfo=UTC)


@pytest.mark.parametrize(("name", "key"), [
    ("Amber snorbel!", "amber_snorbel"), ("Störung", "storung"), ("ساعة", "new_cause"), ("Outage", "outage_2"),
    ("unsure", "unsure_2"), ("x", "new_cause"),
])  # fmt: skip
def test_a_key_is_made_of_the_name(name: str, key: str) -> None:
    assert key_for(name, load_taxonomy()) == key
