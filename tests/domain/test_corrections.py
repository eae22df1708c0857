"""A person's word about a finding always wins, can be taken back, and holds for the same words elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plugin.domain.analysis import carry_over
from plugin.domain.card import list_items
from plugin.domain.corrections import SAID_SO, apply, last_words, target_of, targets
from plugin.domain.findings import (
    Adherence,
    BlockedPoint,
    Cause,
    Commitment,
    Evidence,
    Findings,
    Flag,
    Preference,
    Signal,
    Spoken,
    State,
    Window,
)
from plugin.domain.ticket import Channel, Person, Role, Status, Ticket
from plugin.ports import Correction

NOW = datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
TICKET = Ticket("1", Status.OPEN, Person("c"), NOW, NOW)


def proof(words: str, message: str = "m1") -> Evidence:
    return Evidence(message, words, 3)


PROMISE = Commitment(
    "p1", "call", proof("I will call you"), NOW - timedelta(hours=9), Role.AGENT, Window(end=NOW - timedelta(hours=1))
).now_is(State.BROKEN, NOW - timedelta(hours=1), "the time is over")

FOUND = Findings(
    "1",
    NOW,
    cause=Cause("billing_error", "finance", "likely", (proof("charged twice"),)),
    contributing=(Cause("wait_time", "service", "likely", (proof("for weeks"),)),),
    commitments=(PROMISE, replace(PROMISE, key="p2", small=True, evidence=proof("I'll send the link"))),
    preferences=(Preference("w1", Channel.EMAIL, False, proof("write to me"), NOW),),
    blocked=(BlockedPoint(Channel.CALL, "+37160001234", proof("the home line is dead")),),
    adherence=(
        Adherence("m7", NOW, Channel.CALL, "breached", "refused", proof("Tried to call", "m7"), proof("do not call")),
    ),
    effort=(Signal("chase", 2, (proof("any news?"),)), Signal("transfer", 1)),
    flags=(Flag("upset", (proof("I am furious"),)),),
    spoken=(Spoken("m1", "en", "detector", True),),
)


def said(topic: str, key: str, act: str, value: str = "", words: str = "", ticket: str = "1") -> Correction:
    return Correction(ticket, topic, key, act, value, words, made_at=NOW)


def owner_of(key: str) -> str:
    return f"team of {key}"


def corrected(*corrections: Correction, found: Findings = FOUND) -> Findings:
    return apply(found, corrections, owner_of)


def key_in(topic: str, words: str) -> str:
    return next(t.key for t in targets(FOUND) if t.topic == topic and t.words == words)


# --- what can be meant -----------------------------------------------------------------------------------------------


def test_every_line_of_a_card_can_be_named_and_each_name_is_its_own() -> None:
    items = [i for i in list_items(FOUND, {}, {}) if i.topic != "language"]
    names = [target_of(item) for item in items]
    assert None not in names
    assert len({(t.topic, t.key) for t in names if t}) == len(items) == 8


def test_a_name_stays_the_same_when_time_moves_a_promise_on() -> None:
    later = replace(FOUND, commitments=(replace(PROMISE, state=State.OPEN),))
    assert {t for t in targets(later) if t.topic == "commitments"} <= set(targets(FOUND))


def test_a_name_holds_no_telephone_number_and_nobodys_words() -> None:
    names = " ".join(t.key for t in targets(FOUND))
    assert "+371" not in names
    assert "home" not in names


def test_a_small_promise_can_be_disputed_too() -> None:
    assert "p2" in {t.key for t in targets(FOUND)}


# --- what a word changes ---------------------------------------------------------------------------------------------


def test_nothing_said_changes_nothing() -> None:
    assert corrected() == FOUND


def test_a_corrected_cause_is_sure_and_has_its_own_owner() -> None:
    cause = corrected(said("causes", "billing_error", "correct", "outage")).cause
    assert (cause.key, cause.owner, cause.confidence) == ("outage", "team of outage", "sure")
    assert cause.evidence == FOUND.cause.evidence


def test_a_confirmed_cause_is_sure() -> None:
    assert corrected(said("causes", "billing_error", "confirm")).cause.confidence == "sure"


def test_a_dismissed_cause_leaves_us_unsure() -> None:
    assert corrected(said("causes", "billing_error", "dismiss")).cause.key == "unsure"


def test_a_confirmed_cause_stays_when_a_later_look_finds_another() -> None:
    later = replace(FOUND, cause=Cause("outage", "operations", "likely"))
    assert corrected(said("causes", "billing_error", "confirm"), found=later).cause.key == "billing_error"


def test_a_dismissed_cause_does_not_hide_another_one() -> None:
    later = replace(FOUND, cause=Cause("outage", "operations", "likely"))
    assert corrected(said("causes", "billing_error", "dismiss"), found=later).cause.key == "outage"


def test_the_last_word_counts_and_without_it_the_one_before() -> None:
    first, second = said("causes", "billing_error", "correct", "outage"), said("causes", "outage", "confirm")
    third = said("causes", "outage", "correct", "wait_time")
    assert corrected(first, second, third).cause.key == "wait_time"
    assert corrected(first, second).cause.key == "outage"
    assert last_words([first, second, third]) == [third]


def test_a_dismissed_promise_is_owed_no_more_and_tells_who_said_so() -> None:
    promise = corrected(said("commitments", "p1", "dismiss")).commitments[0]
    assert promise.state is State.DISMISSED
    assert promise.life[-1].why == SAID_SO
    assert promise.life[:-1] == PROMISE.life


def test_a_promise_that_was_done_where_we_cannot_see_is_kept() -> None:
    assert corrected(said("commitments", "p1", "correct", "kept")).commitments[0].state is State.KEPT


@pytest.mark.parametrize(("topic", "words", "gone"), [
    ("preferences", "write to me", "preferences"), ("preferences", "the home line is dead", "blocked"),
    ("effort", "any news?", "effort"), ("flags", "I am furious", "flags"),
])  # fmt: skip
def test_what_is_dismissed_is_gone(topic: str, words: str, gone: str) -> None:
    after = corrected(said(topic, key_in(topic, words), "dismiss"))
    assert len(getattr(after, gone)) == len(getattr(FOUND, gone)) - 1
    assert len(targets(after)) == len(targets(FOUND)) - 1


def test_a_disputed_breach_counts_as_unknown_and_never_as_followed() -> None:
    contact = corrected(said("preferences", "breach:m7:refused", "dismiss")).adherence[0]
    assert (contact.verdict, contact.why) == ("unknown", "disputed")


@pytest.mark.parametrize("target", targets(FOUND), ids=lambda t: f"{t.topic}:{t.words[:12]}")
def test_a_confirmed_finding_stays_as_it_is(target) -> None:  # type: ignore[no-untyped-def]
    after = corrected(said(target.topic, target.key, "confirm"))
    assert replace(after, cause=FOUND.cause) == FOUND


@pytest.mark.parametrize("act", ["confirm", "dismiss"])
@pytest.mark.parametrize("target", targets(FOUND), ids=lambda t: f"{t.topic}:{t.words[:12]}")
def test_saying_it_over_the_findings_twice_changes_nothing_more(target, act: str) -> None:  # type: ignore[no-untyped-def]
    word = said(target.topic, target.key, act)
    assert corrected(word, found=corrected(word)) == corrected(word)


# --- the same words elsewhere ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["I will call you", "i will  CALL you"])
def test_words_that_were_no_promise_there_are_no_promise_here(words: str) -> None:
    heard = said("commitments", "other", "dismiss", words=words, ticket="2")
    assert corrected(heard).commitments[0].state is State.DISMISSED


def test_what_was_done_on_another_ticket_is_not_done_on_this_one() -> None:
    heard = said("commitments", "other", "correct", "kept", "I will call you", ticket="2")
    assert corrected(heard).commitments[0].state is State.BROKEN


def test_a_cause_corrected_there_is_corrected_here_for_the_same_words_and_the_same_mistake() -> None:
    heard = said("causes", "billing_error", "correct", "outage", "charged twice", ticket="2")
    assert corrected(heard).cause.key == "outage"
    assert corrected(replace(heard, key="refund_delay")).cause.key == "billing_error"
    assert corrected(replace(heard, words="something else")).cause.key == "billing_error"


def test_this_tickets_own_word_goes_before_what_was_said_elsewhere() -> None:
    heard = said("commitments", "other", "dismiss", words="I will call you", ticket="2")
    assert corrected(heard, said("commitments", "p1", "confirm")).commitments[0].state is State.BROKEN


def test_no_words_are_not_the_same_words() -> None:
    heard = said("effort", "transfer", "dismiss", words="", ticket="2")
    assert corrected(heard) == FOUND


# --- from one look to the next ---------------------------------------------------------------------------------------


def test_a_word_outlives_the_next_look_and_is_gone_when_it_is_taken_back() -> None:
    word = said("commitments", "p1", "dismiss")
    first = corrected(word)
    second = corrected(word, found=carry_over(first, FOUND, TICKET, NOW))
    assert second.commitments == first.commitments
    taken_back = corrected(found=carry_over(second, FOUND, TICKET, NOW))
    assert taken_back.commitments[0].state is State.BROKEN
    assert taken_back.commitments[0].life == PROMISE.life
