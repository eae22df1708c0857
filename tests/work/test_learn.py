"""What people correct is learned, used only where it does better, gone back from, and never mixed between accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from typing import cast

import pytest

from plugin.app import policy_of
from plugin.domain.analysis import Policy, analyse_ticket
from plugin.domain.findings import Cause, Evidence, Findings, Spoken
from plugin.domain.learned import REPLACES, Learned, may_overrule
from plugin.domain.lessons import QUIET, STORY, Answer, Lesson, choose_threshold, replaceable
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.languages.taxonomy import load_taxonomy
from plugin.learning import causes
from plugin.ports import Account, Correction, Rejected
from plugin.work.correct import corrected
from plugin.work.drain import drain
from plugin.work.learn import (
    FEWEST,
    KIND,
    TOPIC,
    learn,
    learn_by_hand,
    present_model,
    read_lessons,
    read_quiet,
    ring_learning,
)
from plugin.work.tools import Tools

from .conftest import SmallHouse

pytest.importorskip("sklearn")

ROOMS = ("kitchen", "hall", "attic", "cellar", "garage", "office", "porch", "studio")
BLINKS = [f"The snorbel in the {room} blinks amber" for room in ROOMS]
HUMS = [f"Our wuffle by the {room} hums at night" for room in ROOMS]
LEARNED = "missing_feature"
NEW = "The snorbel in the cabin blinks amber"
SINCE_NOON = "Since noon the snorbel in our bedroom blinks amber"
"""The same, but the phrases hear an outage in it, which nobody ever corrected."""


@pytest.fixture
def tools(house: SmallHouse) -> Tools:
    """The real reading and learning instead of the toy ones; the model in use is part of the policy."""

    def policy(account: Account) -> Policy:
        return replace(policy_of(account), learned=present_model(account, made))

    made = replace(
        house.tools, policy=policy, analyse=analyse_ticket, taxonomy=lambda _: load_taxonomy(), learner=causes
    )
    return made


def correct(tools: Tools, texts: list[str], cause: str, account_id: str = "toy", first: int = 100) -> None:
    with tools.storage.unit() as u:
        for n, text in enumerate(texts, first):
            said = Correction(str(n), "causes", "unsure", "correct", cause, text)
            u.corrections.add(account_id, said, tools.clock.now())


def teach(tools: Tools) -> None:
    correct(tools, BLINKS, LEARNED)
    correct(tools, HUMS, "security_or_fraud", first=200)


def look(tools: Tools, account: Account, text: str = NEW, ticket_id: str = "1") -> Findings:
    now = tools.clock.now()
    message = Message("m1", Role.CUSTOMER, now, text, channel=Channel.EMAIL)
    ticket = Ticket(ticket_id, Status.OPEN, Person("c"), now, now, messages=(message,))
    found = analyse_ticket(ticket, tools.policy(account), now)
    return corrected(found, account.id, tools.storage, load_taxonomy().owner_of)


def test_what_was_corrected_is_learned_and_shown_with_the_words_that_prove_it(
    house: SmallHouse, tools: Tools
) -> None:  # fmt: skip
    assert look(tools, house.account).cause.key != LEARNED
    teach(tools)
    outcome = learn(house.account, tools)
    assert (outcome.used, outcome.why) == (1, "it is used from now on")
    cause = look(tools, house.account).cause
    assert (cause.key, cause.owner) == (LEARNED, load_taxonomy().owner_of(LEARNED))
    assert cause.evidence[0].quote == NEW


def test_what_was_never_corrected_is_not_overruled(house: SmallHouse, tools: Tools) -> None:
    before = look(tools, house.account, SINCE_NOON).cause
    assert before.key == "outage"
    teach(tools)
    assert learn(house.account, tools).used == 1
    assert look(tools, house.account, SINCE_NOON).cause == before


def test_a_dry_run_says_how_it_would_do_and_stores_nothing(house: SmallHouse, tools: Tools) -> None:
    teach(tools)
    outcome = learn_by_hand(house.account, tools, dry_run=True)
    assert outcome.figures is not None
    assert outcome.figures["right_now"] > outcome.figures["right_before"]
    with tools.storage.unit(reading=True) as u:
        assert u.models.list() == []


def test_few_corrections_change_nothing(house: SmallHouse, tools: Tools) -> None:
    correct(tools, BLINKS, LEARNED)
    assert len(BLINKS) < FEWEST
    assert learn(house.account, tools).used == 0


def test_what_does_no_better_is_not_used(house: SmallHouse, tools: Tools) -> None:
    teach(tools)
    assert learn(house.account, tools).used == 1
    assert learn(house.account, tools).why == "it would do no better than what is in use"
    with tools.storage.unit(reading=True) as u:
        assert u.models.version("toy", TOPIC) == 1


def test_corrections_without_rhyme_or_reason_are_not_followed(house: SmallHouse, tools: Tools) -> None:
    for at, text in enumerate([*BLINKS, *HUMS]):
        correct(tools, [text], ("outage", "product_defect", "billing_error", "wait_time")[(at + at // 8) % 4], first=at)
    assert learn(house.account, tools).used == 0


def test_going_back_brings_the_phrases_back(house: SmallHouse, tools: Tools) -> None:
    before = look(tools, house.account).cause
    teach(tools)
    learn(house.account, tools)
    with tools.storage.unit() as u:
        assert u.models.revert("toy", TOPIC) == 0
    assert look(tools, house.account).cause == before


def test_a_persons_word_wins_over_the_model(house: SmallHouse, tools: Tools) -> None:
    teach(tools)
    learn(house.account, tools)
    correct(tools, [NEW], "wait_time", first=1)
    assert look(tools, house.account, ticket_id="1").cause.key == "wait_time"


def test_the_same_text_never_gets_the_same_wrong_tag_twice(house: SmallHouse, tools: Tools) -> None:
    teach(tools)
    learn(house.account, tools)
    wrong = look(tools, house.account, ticket_id="1").cause
    assert wrong.key == LEARNED
    with tools.storage.unit() as u:
        said = Correction("1", "causes", wrong.key, "correct", "account_access", wrong.evidence[0].quote)
        u.corrections.add("toy", said, tools.clock.now())
    assert look(tools, house.account, ticket_id="2").cause.key == "account_access"
    assert look(tools, house.account, NEW.upper(), ticket_id="3").cause.key == "account_access"


def test_another_account_learns_nothing_from_it(house: SmallHouse, tools: Tools) -> None:
    other = replace(house.account, id="other")
    with tools.storage.unit() as u:
        u.accounts.add(other)
    before = look(tools, other).cause
    teach(tools)
    learn(house.account, tools)
    assert look(tools, other).cause == before
    assert learn(other, tools).used == 0


def test_words_of_feeling_change_no_learned_cause(house: SmallHouse, tools: Tools) -> None:
    teach(tools)
    learn(house.account, tools)
    calm = look(tools, house.account).cause
    angry = look(tools, house.account, f"I am absolutely furious! {NEW}").cause
    assert (angry.key, angry.weight) == (calm.key, calm.weight)


def test_the_job_is_queued_once_for_new_corrections_and_learns(house: SmallHouse, tools: Tools) -> None:
    assert ring_learning(tools) == 0
    teach(tools)
    assert [ring_learning(tools), ring_learning(tools)] == [1, 0]
    drain(tools)
    with tools.storage.unit(reading=True) as u:
        assert u.models.version("toy", TOPIC) == 1
        assert [j.state for j in u.queue.jobs("toy") if j.kind == KIND] in ([], ["done"])
    assert ring_learning(tools) == 0, "nothing was said since"


def test_without_scikit_learn_the_job_ends_and_the_phrases_go_on(
    house: SmallHouse, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    teach(tools)
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(Rejected, match=r"followthrough\[ml\]"):
        learn(house.account, tools)
    ring_learning(tools)
    drain(tools)
    with tools.storage.unit(reading=True) as u:
        assert u.queue.jobs("toy", "buried") == []
    assert ring_learning(tools) == 0


def test_a_correction_that_quotes_nothing_is_learned_from_its_ticket(house: SmallHouse, tools: Tools) -> None:
    house.customer_says(NEW, "9")
    correct(tools, [""], "outage", first=9)
    correct(tools, [""], "outage", first=404)
    assert [(x.label, x.text) for x in read_lessons(house.account, tools)] == [("outage", NEW)]


def test_the_newest_word_about_a_text_is_the_lesson(house: SmallHouse, tools: Tools) -> None:
    correct(tools, [NEW], "outage", first=1)
    correct(tools, [NEW.upper()], "wait_time", first=2)
    assert [x.label for x in read_lessons(house.account, tools)] == ["wait_time"]


def test_only_so_many_versions_are_kept(house: SmallHouse, tools: Tools) -> None:
    teach(tools)
    learn(house.account, tools)
    house.clock.move(hours=1)
    correct(tools, [f"The plonk in the {room} went dark" for room in ROOMS], "account_access", first=300)
    outcome = learn(house.account, tools)
    assert outcome.used == 2
    with tools.storage.unit(reading=True) as u:
        assert [(m.version, m.state) for _, m in u.models.list("toy")] == [(2, "used"), (1, "spare")]


def answer(found: str, label: str, key: str, share: float, number: int = 1) -> Answer:
    return Answer(Lesson(number, "words", label, Cause(found, "x", "likely")), key, share)


def test_the_threshold_lies_where_following_the_model_gains_most() -> None:
    right = [answer("a", "b", "b", share) for share in (0.9, 0.8, 0.7)]
    wrong = [answer("a", "a", "b", share) for share in (0.6, 0.5)]
    assert choose_threshold([*right, *wrong]) == 0.7
    assert choose_threshold(wrong) > 1
    assert choose_threshold([answer("broken_promise", "b", "b", 0.9)]) > 1, "facts are not overruled by words"


def test_no_cause_is_spoiled_for_the_gain_of_another() -> None:
    fine = [answer("a", "b", "b", 0.9) for _ in range(4)]
    gained = [answer("c", "b", "b", 0.5) for _ in range(30)]
    assert choose_threshold([*fine, *gained]) == 0.5
    lost = [answer("d", "d", "b", 0.7) for _ in range(2)]
    assert choose_threshold([*fine, *lost, *gained]) == 0.9


def test_only_what_it_was_shown_to_put_right_may_be_overruled() -> None:
    shown = [answer("a", "b", "b", 0.9), answer("a", "b", "b", 0.4), answer("c", "b", "b", 0.9)]
    untold = [answer("d", "b", "b", 0.9, number=QUIET) for _ in range(9)]
    missed = [answer("e", "b", "a", 0.9) for _ in range(9)]
    assert replaceable([*shown, *untold, *missed]) == {"unsure", "a"}


def test_a_cause_that_was_named_gives_way_only_to_a_surer_one() -> None:
    model = cast(Learned, SimpleNamespace(facts={REPLACES: ["unsure", "a"]}))
    assert may_overrule(model, "unsure", 0.4)
    assert may_overrule(model, "a", 0.75)
    assert not may_overrule(model, "a", 0.74)
    assert not may_overrule(model, "b", 0.99), "nobody showed that b is named wrongly"
    assert not may_overrule(model, "broken_promise", 0.99), "facts are not overruled by words"


def test_tickets_that_nobody_corrected_weigh_as_much_as_the_corrections_and_stories_less() -> None:
    right = [answer("a", "b", "b", 0.9) for _ in range(4)]
    quiet = [answer("a", "a", "b", 0.95, number=QUIET) for _ in range(40)]
    stories = [answer("a", "a", "b", 0.95, number=STORY) for _ in range(40)]
    assert choose_threshold([*right, *stories]) == 0.9
    assert choose_threshold([*right, *quiet]) > 1
    fine = [answer("a", "a", "a", 0.95, number=QUIET) for _ in range(36)]
    assert choose_threshold([*right, *quiet[:4], *fine]) == 0.9


def test_where_one_cause_is_corrected_the_accounts_other_tickets_keep_theirs(house: SmallHouse, tools: Tools) -> None:
    """All of its customers speak of snorbels; only those that blink were corrected."""
    kept = {"account_access": "I forgot my password and cannot log in to the {} snorbel", "billing_error": BILL}
    with tools.storage.unit() as u:
        for at, (key, words) in enumerate((key, words) for key, words in kept.items() for _ in ROOMS):
            text = words.format(ROOMS[at % len(ROOMS)])
            u.ledger.save("toy", *a_look(text, key, f"q{at}", tools.clock.now()))
    correct(tools, [*BLINKS, *(f"In the {room} our snorbel blinks, blinks and blinks" for room in ROOMS)], LEARNED)
    tools.clock.move(hours=1)  # type: ignore[attr-defined]
    quiet = read_quiet(house.account, read_lessons(house.account, tools), tools)
    assert {x.label for x in quiet} == set(kept)
    assert learn(house.account, tools).used == 1
    assert look(tools, house.account).cause.key == LEARNED
    said = "You charged me twice for the snorbel in the shed last month"
    assert look(tools, house.account, said).cause.key == "billing_error"


BILL = "You charged me twice for the {} snorbel this month"


def a_look(text: str, key: str, ticket_id: str, now: datetime) -> tuple[Ticket, Findings, datetime]:
    """What the ledger keeps of a ticket that was tagged so."""
    message = Message("m1", Role.CUSTOMER, now, text, channel=Channel.EMAIL)
    ticket = Ticket(ticket_id, Status.OPEN, Person(ticket_id), now, now, messages=(message,))
    spoken = (Spoken("m1", "en", "detector", supported=True),)
    return ticket, Findings(ticket_id, now, Cause(key, "x", "sure", (Evidence("m1", text),)), spoken=spoken), now


def test_other_tickets_are_not_asked_where_corrections_tell_each_other_apart(
    house: SmallHouse, tools: Tools
) -> None:  # fmt: skip
    with tools.storage.unit() as u:
        u.ledger.save("toy", *a_look(BILL.format("red"), "billing_error", "q1", tools.clock.now()))
    correct(tools, BLINKS[:3], LEARNED)
    correct(tools, HUMS[:3], "security_or_fraud", first=200)
    correct(tools, [f"The plonk in the {room} went dark" for room in ROOMS[:3]], "account_access", first=300)
    assert read_quiet(house.account, read_lessons(house.account, tools), tools) == []
