"""Card versions: kept once, started once, counted while in doubt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plugin.ports import Rejected
from plugin.storage.unit import Database

from .examples import MINUTE, NOW, card
from .test_inbox import together


def test_a_card_is_stored_unless_the_newest_is_the_same(storage: Database) -> None:
    with storage.unit() as unit:
        assert unit.ledger.newest_card("acme", "1") is None
        stored = [unit.ledger.keep_card("acme", "1", card(version)) for version in ("a", "a", "b", "b", "a")]
        assert stored == [True, False, True, False, True]
        assert [kept.version for kept in unit.ledger.cards("acme", "1")] == ["a", "b", "a"]
        assert unit.ledger.newest_card("acme", "1") == card("a")


def test_of_many_that_start_posting_at_once_one_is_the_first(storage: Database) -> None:
    with storage.unit() as unit:
        unit.ledger.keep_card("acme", "1", card("a"))

    def start(number: int) -> object:
        with storage.unit() as unit:
            return unit.ledger.start_posting("acme", "1", "a", NOW + number * MINUTE)

    results = together(8, start)
    first = next(number for number, result in enumerate(results) if result is None)
    assert results.count(None) == 1
    assert set(results) == {None, NOW + first * MINUTE}
    with storage.unit() as unit:
        assert unit.ledger.newest_card("acme", "1") == replace(
            card("a"), state="started", started_at=NOW + first * MINUTE
        )


def test_a_card_that_does_not_exist_cannot_be_started(storage: Database) -> None:
    with pytest.raises(Rejected), storage.unit() as unit:
        unit.ledger.start_posting("acme", "1", "a", NOW)


def test_started_and_posted_notes_count_skipped_ones_do_not(storage: Database) -> None:
    with storage.unit() as unit:
        for number, version in enumerate("abcd"):
            unit.ledger.keep_card("acme", "1", card(version))
            if version != "d":
                unit.ledger.start_posting("acme", "1", version, NOW + number * MINUTE)
        unit.ledger.finish_posting("acme", "1", "a", NOW + 5 * MINUTE, "posted")
        unit.ledger.finish_posting("acme", "1", "b", NOW + 6 * MINUTE, "skipped", "ticket closed")
        assert unit.ledger.posted_since("acme", "1", None) == 2
        assert unit.ledger.posted_since("acme", "1", NOW + 3 * MINUTE) == 1
        assert unit.ledger.posted_since("acme", "1", NOW + 6 * MINUTE) == 0
        assert unit.ledger.posted_since("acme", "2", None) == 0
        states = [(kept.state, kept.why, kept.posted_at) for kept in unit.ledger.cards("acme", "1")]
    assert states == [
        ("posted", "", NOW + 5 * MINUTE), ("skipped", "ticket closed", None), ("started", "new", None),
        ("due", "new", None),
    ]  # fmt: skip


def test_a_card_ends_posted_or_skipped_and_no_other_way(storage: Database) -> None:
    with storage.unit() as unit:
        unit.ledger.keep_card("acme", "1", card("a"))
        with pytest.raises(ValueError, match="ends as"):
            unit.ledger.finish_posting("acme", "1", "a", NOW, "lost")


def test_the_same_version_in_other_words_is_refreshed_and_keeps_its_note(storage: Database) -> None:
    with storage.unit() as unit:
        unit.ledger.keep_card("acme", "1", card("a"))
        reworded = replace(card("a"), items='{"items": []}', note_html="another note")
        assert not unit.ledger.keep_card("acme", "1", reworded)
        assert unit.ledger.newest_card("acme", "1") == replace(card("a"), items='{"items": []}')


def test_a_version_that_comes_back_knows_when_it_was_started_before(storage: Database) -> None:
    with storage.unit() as unit:
        unit.ledger.keep_card("acme", "1", card("a"))
        assert unit.ledger.start_posting("acme", "1", "a", NOW) is None
        unit.ledger.keep_card("acme", "1", card("b"))
        unit.ledger.keep_card("acme", "1", card("a"))
        assert unit.ledger.start_posting("acme", "1", "a", NOW + MINUTE) == NOW
        assert unit.ledger.start_posting("acme", "1", "b", NOW + MINUTE) is None
