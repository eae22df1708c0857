"""What people said is kept sealed, in order, per account and ticket, and can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from plugin.ports import Correction
from plugin.storage.unit import Database

from .examples import NOW, account

WORDS = "I'll ring you on +371 2000 1234"


def word(act: str = "dismiss", ticket: str = "1", words: str = WORDS, **more: str) -> Correction:
    return Correction(ticket, "commitments", "k1", act, words=words, **more)


def test_what_was_said_comes_back_in_order(storage: Database) -> None:
    with storage.unit() as u:
        first = u.corrections.add("acme", word("confirm"), NOW)
        second = u.corrections.add("acme", word("correct", value="kept"), NOW + timedelta(minutes=1))
    with storage.unit() as u:
        found = u.corrections.of_ticket("acme", "1")
    assert [(c.id, c.act, c.value, c.words) for c in found] == [
        (first, "confirm", "", WORDS), (second, "correct", "kept", WORDS),
    ]  # fmt: skip
    assert found[0].made_at == NOW


def test_what_is_taken_back_stands_no_more_and_only_once(storage: Database) -> None:
    with storage.unit() as u:
        number = u.corrections.add("acme", word(), NOW)
        assert u.corrections.undo("acme", number, NOW)
        assert not u.corrections.undo("acme", number, NOW)
        assert u.corrections.of_ticket("acme", "1") == u.corrections.all("acme") == []


@pytest.mark.parametrize("words", [WORDS, WORDS.upper(), "  I'll  ring you on +371 2000 1234 "])
def test_the_same_words_are_known_on_any_ticket(storage: Database, words: str) -> None:
    with storage.unit() as u:
        u.corrections.add("acme", word(), NOW)
        assert len(u.corrections.about("acme", "commitments", words)) == 1
        assert u.corrections.about("acme", "flags", words) == []
        assert u.corrections.about("acme", "commitments", words + " now") == []


def test_another_accounts_words_are_not_heard_and_not_undone(storage: Database) -> None:
    with storage.unit() as u:
        u.accounts.add(account("other"))
        number = u.corrections.add("acme", word(), NOW)
        assert u.corrections.about("other", "commitments", WORDS) == []
        assert u.corrections.of_ticket("other", "1") == u.corrections.all("other") == []
        assert not u.corrections.undo("other", number, NOW)


def test_nobodys_words_and_numbers_lie_open(storage: Database) -> None:
    with storage.unit() as u:
        u.corrections.add("acme", word(value="kept"), NOW)
    with storage.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM corrections")).all()
    assert len(rows) == 1
    assert "2000" not in repr(rows)
    assert "ring" not in repr(rows)


def test_a_forgotten_ticket_takes_its_corrections_along(storage: Database) -> None:
    with storage.unit() as u:
        u.corrections.add("acme", word(), NOW)
        u.corrections.add("acme", word(ticket="2"), NOW)
        u.ledger.forget_ticket("acme", "1")
        assert [c.ticket_id for c in u.corrections.all("acme")] == ["2"]
