"""What people dismissed as no promise is set aside or asked about next time, never against what they confirmed."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pytest

from plugin.app import policy_of
from plugin.domain.analysis import Policy, analyse_ticket
from plugin.domain.card import list_items
from plugin.domain.corrections import targets
from plugin.domain.findings import Commitment, Evidence, Findings, State, Window
from plugin.domain.learned import Guess
from plugin.domain.lessons import QUIET
from plugin.domain.second_look import NOTHING, VETOED, SecondLook, is_vetoed
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.languages.taxonomy import load_taxonomy
from plugin.learning import causes
from plugin.ports import Account, Correction
from plugin.work.correct import corrected, say
from plugin.work.drain import drain
from plugin.work.learn import learn, learn_by_hand, present_model, ring_learning
from plugin.work.learn_promises import PROMISES, read_disputes, read_undisputed, second_look
from plugin.work.tools import Tools

from .conftest import SmallHouse

pytest.importorskip("sklearn")

THINGS = ("kettle", "toaster", "blender", "grill", "heater", "fan", "lamp", "iron")
TRADE = [f"Our survey team will call you tomorrow about the {thing}" for thing in THINGS]
"""What this account's agents add to every answer: it reads like a promise, and nobody waits for it."""

REAL = [f"I will send you the new {thing} tomorrow" for thing in THINGS]
NEW = "Our survey team will call you tomorrow about the oven."
KEPT = "I will send you the new oven tomorrow."


@pytest.fixture
def tools(house: SmallHouse) -> Tools:
    def policy(account: Account) -> Policy:
        model = present_model(account, made, PROMISES)
        return replace(policy_of(account), second=second_look(model, account.id, house.storage))

    made = replace(
        house.tools, policy=policy, analyse=analyse_ticket, taxonomy=lambda _: load_taxonomy(), learner=causes
    )
    house.tools = made
    return made


def ticket(house: SmallHouse, text: str, ticket_id: str) -> Ticket:
    now = house.clock.now()
    asked = Message("c", Role.CUSTOMER, now, "Is there news?", channel=Channel.EMAIL)
    answer = Message("a", Role.AGENT, now, text, channel=Channel.EMAIL)
    return Ticket(ticket_id, Status.OPEN, Person("c"), now, now, messages=(asked, answer))


def look(house: SmallHouse, text: str, ticket_id: str = "1") -> Findings:
    tools, now = house.tools, house.clock.now()
    found = analyse_ticket(ticket(house, text, ticket_id), tools.policy(house.account), now)
    return corrected(found, "toy", tools.storage, load_taxonomy().owner_of)


def promise(house: SmallHouse, text: str, ticket_id: str = "1") -> Commitment:
    (found,) = look(house, text, ticket_id).commitments
    return found


def tell(house: SmallHouse, texts: list[str], act: str, first: int) -> None:
    with house.storage.unit() as u:
        for n, text in enumerate(texts, first):
            u.corrections.add("toy", Correction(str(n), PROMISES, "k", act, "", text), house.clock.now())


def teach(house: SmallHouse) -> None:
    tell(house, TRADE, "dismiss", 100)
    tell(house, REAL, "confirm", 200)


def test_what_sounds_like_what_was_dismissed_is_set_aside_and_a_promise_is_not(house: SmallHouse, tools: Tools) -> None:
    assert promise(house, NEW).state is State.OPEN
    teach(house)
    outcome = learn(house.account, tools, PROMISES)
    assert outcome.used == 1
    assert outcome.figures is not None
    assert outcome.figures["right_now"] > outcome.figures["right_before"]
    found = promise(house, NEW)
    assert (found.state, found.life[-1].why) == (State.DISMISSED, VETOED)
    assert promise(house, KEPT).state is State.OPEN


def test_what_is_set_aside_is_on_no_card_and_can_be_confirmed(house: SmallHouse, tools: Tools) -> None:
    teach(house)
    learn(house.account, tools, PROMISES)
    found = look(house, NEW)
    assert all(item.topic != PROMISES for item in list_items(found, {}, {}))
    (target,) = [t for t in targets(found) if t.topic == PROMISES]
    with tools.storage.unit() as u:
        u.ledger.save("toy", ticket(house, NEW, "1"), found, found.as_of)
    said = Correction("1", PROMISES, target.key, "confirm", surface="cli")
    say(tools.storage, "toy", said, (), found.as_of)
    assert promise(house, NEW).state is State.OPEN
    assert promise(house, NEW.upper(), "2").state is State.OPEN


def test_the_same_words_are_never_found_again_once_dismissed_on_any_ticket(house: SmallHouse, tools: Tools) -> None:
    """Without any learning, and after a model that knows better."""
    tell(house, [promise(house, KEPT).evidence.quote], "dismiss", 9)
    for ticket_id, text in (
        ("1", KEPT),
        ("2", KEPT),
        ("3", f"Hello,\n\n{KEPT}\n\nKind regards\nIda"),
        ("4", KEPT.upper()),
    ):
        assert promise(house, text, ticket_id).state is State.DISMISSED
    teach(house)
    learn(house.account, tools, PROMISES)
    assert promise(house, KEPT, "5").state is State.DISMISSED


def test_where_people_only_dismiss_what_nobody_disputed_stands_for_promises(house: SmallHouse, tools: Tools) -> None:
    tell(
        house,
        [*TRADE, *(f"Our survey team will ring you on Friday about the {thing}" for thing in THINGS)],
        "dismiss",
        1,
    )
    assert learn_refused(house, tools)
    with tools.storage.unit() as u:
        for n, text in enumerate(REAL):
            u.ledger.save("toy", ticket(house, text, f"q{n}"), look(house, text, f"q{n}"), house.clock.now())
    quiet = read_undisputed(house.account, read_disputes(house.account, tools), tools)
    assert {x.number for x in quiet} == {QUIET}
    assert len(quiet) == len(REAL)
    assert learn(house.account, tools, PROMISES).used == 1
    assert promise(house, KEPT).state is State.OPEN
    assert is_vetoed(promise(house, NEW))


def learn_refused(house: SmallHouse, tools: Tools) -> bool:
    """Is there nothing to tell apart yet?"""
    try:
        return learn(house.account, tools, PROMISES).used == 0
    except Exception as error:
        return "fewer than two" in str(error)


def test_dismissals_without_rhyme_or_reason_set_nothing_aside(house: SmallHouse, tools: Tools) -> None:
    for n, text in enumerate([*TRADE, *REAL]):
        tell(house, [text], ("dismiss", "confirm", "confirm", "dismiss")[n % 4], n)
    assert learn(house.account, tools, PROMISES).used == 0


def test_going_back_brings_the_promise_back(house: SmallHouse, tools: Tools) -> None:
    teach(house)
    learn_by_hand(house.account, tools, PROMISES)
    with tools.storage.unit() as u:
        assert u.models.revert("toy", PROMISES) == 0
    assert promise(house, NEW).state is State.OPEN


def test_it_is_learned_by_a_job_of_its_own(house: SmallHouse, tools: Tools) -> None:
    teach(house)
    assert [ring_learning(tools), ring_learning(tools)] == [1, 0]
    drain(tools)
    with tools.storage.unit(reading=True) as u:
        assert (u.models.version("toy", PROMISES), u.models.version("toy", "causes")) == (1, 0)
    assert ring_learning(tools) == 0


def test_the_same_words_said_again_in_the_same_ticket_stay_dismissed(house: SmallHouse, tools: Tools) -> None:
    tell(house, [promise(house, KEPT).evidence.quote], "dismiss", 1)
    assert promise(house, KEPT, "1").state is State.DISMISSED


class Sure:
    """A model that says the same of everything."""

    threshold = 0.9
    facts: ClassVar[dict[str, float]] = {}

    def __init__(self, key: str, share: float) -> None:
        self._guess = Guess(key, share)

    def guess(self, text: str) -> Guess | None:
        return self._guess if text else None


@pytest.mark.parametrize(("key", "share", "state", "asked"), [
    (NOTHING, 0.95, State.DISMISSED, False),
    (NOTHING, 0.8, State.OPEN, True),
    (NOTHING, 0.5, State.OPEN, False),
    ("promise", 0.95, State.OPEN, False),
])  # fmt: skip
def test_it_can_only_set_aside_or_ask(
    house: SmallHouse, key: str, share: float, state: State, asked: bool
) -> None:  # fmt: skip
    found = Commitment("k", "call", Evidence("m", "I'll call"), house.clock.now(), Role.AGENT, Window())
    seen = SecondLook(Sure(key, share), 0.7).look(found)
    assert (seen.state, seen.asked) == (state, asked)
    assert SecondLook(Sure(key, share), 0.7, lambda _: True).look(found) == found
