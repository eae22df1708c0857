"""What nothing explains is kept for a while, sealed, and goes with its ticket; proposals remember their end."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from plugin.domain.ticket import Person, Status, Ticket
from plugin.storage.unit import Database

from .examples import NOW, account

SPAN = (NOW - timedelta(days=7), NOW + timedelta(days=1))


def ticket(ticket_id: str, customer: str = "ann", at: datetime = NOW) -> Ticket:
    return Ticket(ticket_id, Status.OPEN, Person(customer), at, at)


def note(storage: Database, ticket_id: str, words: str, at: datetime = NOW, account_id: str = "acme") -> None:
    with storage.unit() as u:
        u.emerging.note(account_id, ticket(ticket_id, at=at), "en", words)


def texts(storage: Database, account_id: str = "acme", limit: int = 99) -> list[str]:
    with storage.unit(reading=True) as u:
        return [one.text for one in u.emerging.unexplained(account_id, *SPAN, limit)]


def test_what_is_noted_again_replaces_what_was_noted_and_what_is_explained_goes(storage: Database) -> None:
    note(storage, "1", "first"), note(storage, "1", "second"), note(storage, "2", "third")
    assert sorted(texts(storage)) == ["second", "third"]
    with storage.unit() as u:
        u.emerging.drop("acme", "1")
    assert texts(storage) == ["third"]


def test_of_many_the_newest_are_read_oldest_first(storage: Database) -> None:
    for hours in range(4):
        note(storage, f"t{hours}", f"said {hours}", NOW - timedelta(hours=hours))
    assert texts(storage, limit=2) == ["said 1", "said 0"]


def test_it_goes_with_its_time_its_ticket_and_its_account(storage: Database) -> None:
    note(storage, "1", "old", NOW - timedelta(days=6)), note(storage, "2", "new"), note(storage, "3", "newer")
    with storage.unit() as u:
        number = u.emerging.propose("acme", "{}", [("2", "words of 2"), ("3", "words of 3")], NOW)
        assert u.emerging.prune("acme", NOW - timedelta(days=1)) == 1
        u.ledger.forget_ticket("acme", "2")
        (kept,) = u.emerging.proposals("acme")
    assert texts(storage) == ["newer"]
    assert (number, kept.quotes) == (1, (("3", "words of 3"),))
    with storage.unit() as u:
        u.accounts.remove("acme")
    with storage.engine.connect() as connection:
        for table in ("unexplained", "proposals", "proposal_quotes"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0


def test_a_decision_is_kept_and_can_be_taken_back(storage: Database) -> None:
    with storage.unit() as u:
        u.accounts.add(account("other"))
        assert [u.emerging.propose(name, "{}", [], NOW) for name in ("acme", "acme", "other")] == [1, 2, 1]
        assert u.emerging.decide("acme", 2, "merged", "outage", "ada", NOW)
        assert not u.emerging.decide("acme", 9, "merged", "outage", "ada", NOW)
        (two, one) = u.emerging.proposals("acme")
        assert (two.state, two.cause, two.by, two.decided_at, one.state) == ("merged", "outage", "ada", NOW, "open")
        assert [p.number for p in u.emerging.proposals("acme", ["open"])] == [1]
        u.emerging.decide("acme", 2, "open", "", "", NOW)
        assert [p.decided_at for p in u.emerging.proposals("acme", ["open"])] == [None, None]


def test_words_are_sealed(storage: Database) -> None:
    note(storage, "1", "the snorbel blinks")
    with storage.unit() as u:
        u.emerging.propose("acme", '"snorbel"', [("1", "the snorbel blinks")], NOW)
    with storage.engine.connect() as connection:
        for table in ("unexplained", "proposals", "proposal_quotes"):
            assert b"snorbel" not in bytes(connection.execute(text(f"SELECT body FROM {table}")).scalar_one())
