"""The card says the most urgent thing first, seven things at most, and nothing when there is nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plugin.domain.card import LONGEST_QUOTE, MOST_ITEMS, list_items, make_card, shorten
from plugin.domain.findings import Cause, Commitment, Evidence, Findings, Flag, Signal, Spoken, State, Window
from plugin.domain.ticket import Role
from plugin.rendering import say

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
QUOTE = Evidence("m1", "we will call you", 0)


def promise(state: State, hours: float = 5, *, small: bool = False, assumed: bool = False) -> Commitment:
    due = Window(end=NOW + timedelta(hours=hours), assumed=assumed)
    return Commitment(f"{state}{hours}", "call", QUOTE, NOW, Role.AGENT, due, small=small, state=state)


def card_of(**found: object):
    return make_card(Findings("1", NOW, **found), {"finance": "Finance"}, {"billing_error": "Billing error"})


def test_nothing_to_say_is_no_card() -> None:
    assert card_of() is None
    assert card_of(commitments=(promise(State.KEPT), promise(State.WAIVED), promise(State.CONDITIONAL))) is None
    assert card_of(cause=Cause("none", "none", "sure")) is None


def test_the_most_urgent_promise_is_the_message() -> None:
    card = card_of(
        cause=Cause("billing_error", "finance", "sure", (QUOTE,)),
        commitments=(promise(State.OPEN, 1), promise(State.BROKEN, -5), promise(State.AT_RISK, 0.5)),
    )
    assert [item.tone for item in card.items] == ["bad", "warn", "plain", "plain"]
    assert card.items[0].text.msgid.startswith("Overdue")


def test_harm_comes_before_all_else() -> None:
    card = card_of(commitments=(promise(State.BROKEN),), flags=(Flag("catastrophic", (QUOTE,)),))
    assert card.items[0].key == "flag:catastrophic"


def test_seven_items_are_enough() -> None:
    card = card_of(commitments=tuple(promise(State.OPEN, n) for n in range(1, 30)))
    assert len(card.items) == MOST_ITEMS


def test_small_promises_stay_in_the_ledger() -> None:
    assert card_of(commitments=(promise(State.OPEN, small=True),)) is None


def test_the_version_changes_with_what_matters_and_with_nothing_else() -> None:
    found = (promise(State.OPEN),)
    one, again = card_of(commitments=found), card_of(commitments=found)
    later = make_card(Findings("1", NOW + timedelta(hours=1), commitments=found), {}, {})
    risky = card_of(commitments=(replace(found[0], state=State.AT_RISK),))
    assert one.version == again.version == later.version
    assert one.version != risky.version


def test_an_assumed_time_is_said_to_be_assumed() -> None:
    assert "without a date" in card_of(commitments=(promise(State.OPEN, assumed=True),)).items[0].text.msgid


@pytest.mark.parametrize("promiser", ["team", "third"])
def test_a_promise_for_somebody_else_to_keep_names_both_who_owe_it(promiser: str) -> None:
    shared = replace(promise(State.AT_RISK), kind="fix", promiser=promiser, party="our engineering team")
    told = say(card_of(commitments=(shared,)).items[0].text, "en", "UTC")
    assert told.endswith(": a fix; owed by who wrote it and by: our engineering team")
    for alone in (promise(State.AT_RISK), replace(shared, state=State.LATE), replace(shared, party="")):
        assert "owed by" not in say(card_of(commitments=(alone,)).items[0].text, "en", "UTC")


def test_a_reply_for_anybody_stands_in_the_sidebar_and_is_worth_no_note() -> None:
    found = Findings("1", NOW, effort=(Signal("macro_reply", 2, (QUOTE,)),))
    assert make_card(found, {}, {}) is None
    (item,) = list_items(found, {}, {})
    assert say(item.text, "en", "UTC") == "Replies that could have gone to anybody: 2"
    assert item.quotes == (QUOTE,)


def test_effort_is_told_in_facts() -> None:
    card = card_of(effort=(Signal("transfer", 3), Signal("contacts", 9)))
    assert [item.key for item in card.items] == ["effort:transfer:3"]


def test_an_unsupported_language_never_looks_like_calm() -> None:
    card = card_of(spoken=(Spoken("m1", "fi", "detector", False),))
    assert card.items[0].topic == "language"


@pytest.mark.parametrize("quote", ["short", "word " * 100, "x" * 400, "line\n\nbreaks   and spaces"])
def test_a_quote_is_one_short_line(quote: str) -> None:
    line = shorten(quote)
    assert len(line) <= LONGEST_QUOTE
    assert "\n" not in line
