"""All or nothing, one writer, readers that wait for nobody; and moments and words that every engine can hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from plugin.ports import Temporary
from plugin.storage.clocktime import KEY_LENGTH, bounded, clean, micros, moment_of
from plugin.storage.locks import WriteLock
from plugin.storage.unit import Database

from .examples import NOW, account
from .test_inbox import together


def test_a_unit_that_fails_leaves_nothing(storage: Database) -> None:
    def fail() -> None:
        with storage.unit() as unit:
            unit.accounts.add(account("other"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with storage.unit() as unit:
        assert [found.id for found in unit.accounts.all()] == ["acme"]


def test_units_that_read_and_then_write_never_lose_an_update(storage: Database) -> None:
    """On SQLite a deferred transaction fails here with "locked" nearly every time."""
    if storage.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL orders single statements, not whole units")

    def add_one(_: int) -> None:
        for _ in range(10):
            with storage.unit() as unit:
                value = int(unit.history.cursor("acme", "count") or 0)
                unit.history.set_cursor("acme", "count", str(value + 1), NOW)

    assert together(8, add_one) == [None] * 8
    with storage.unit() as unit:
        assert unit.history.cursor("acme", "count") == "80"


def test_a_reading_unit_waits_for_no_writer_and_sees_one_moment(storage: Database) -> None:
    with storage.unit(reading=True) as early, storage.unit() as writer:
        if storage.engine.dialect.name == "sqlite":
            assert early.history.cursor("acme", "c") == ""
        writer.history.set_cursor("acme", "c", "new", NOW)
        assert early.history.cursor("acme", "c") == ""


def test_a_reading_unit_cannot_write_and_leaves_a_connection_that_can(storage: Database) -> None:
    for _ in range(3):
        with pytest.raises((Temporary, DBAPIError)), storage.unit(reading=True) as unit:
            unit.history.set_cursor("acme", "c", "new", NOW)
        with storage.unit() as unit:
            unit.history.set_cursor("acme", "c", "right", NOW)


def test_a_unit_inside_a_unit_is_a_mistake_that_shows_at_once(storage: Database) -> None:
    if storage.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one writer")
    with pytest.raises(RuntimeError, match="inside"), storage.unit(), storage.unit():
        pass
    with storage.unit() as unit:
        assert unit.accounts.get("acme")


def test_a_commit_that_fails_is_temporary_and_the_next_one_works(
    storage: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk I/O error: somebody's words"))

    with monkeypatch.context() as broken:
        broken.setattr(type(storage.engine.dialect), "do_commit", fail)
        with pytest.raises(Temporary) as caught, storage.unit() as unit:
            unit.history.set_cursor("acme", "c", "lost", NOW)
        assert "words" not in str(caught.value)
    with storage.unit() as unit:
        assert unit.history.cursor("acme", "c") == ""
        unit.history.set_cursor("acme", "c", "kept", NOW)


def test_sqlite_is_opened_so_that_a_commit_is_on_disk(storage: Database) -> None:
    if storage.engine.dialect.name != "sqlite":
        pytest.skip("pragmas are SQLite's")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    with storage.engine.connect() as connection:
        assert {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in wanted} == wanted


def test_naive_moments_are_refused_wherever_they_come_in(storage: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        micros(naive)
    with pytest.raises(StatementError, match="time zone"), storage.unit() as unit:
        unit.queue.put("acme", "analyse", "t1", naive)


@given(st.datetimes(timezones=st.just(timezone(timedelta(hours=5, minutes=45)))))
def test_a_moment_is_kept_to_the_microsecond(moment: datetime) -> None:
    back = moment_of(micros(moment)) if moment.year not in (1, 9999) else moment.astimezone(moment.tzinfo)
    assert back == moment
    assert back.tzinfo in (UTC, moment.tzinfo)


@given(st.text(st.characters(codec=None)))
def test_clean_words_can_be_stored_anywhere_and_clean_again_alike(words: str) -> None:
    cleaned = clean(words)
    assert "\0" not in cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == clean(cleaned) == cleaned
    assert len(bounded(words)) <= KEY_LENGTH
    assert bounded(bounded(words)) == bounded(words)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_ordinary_words_stay_as_they_are(words: str) -> None:
    assert clean(words) == words


def test_words_that_an_engine_cannot_hold_come_back_replaced(storage: Database) -> None:
    with storage.unit() as unit:
        unit.history.set_cursor("acme", "c", "nul \0 lone \ud800 whole 🧵", NOW)
        assert unit.history.cursor("acme", "c") == "nul \ufffd lone \ufffd whole 🧵"


def test_the_write_lock_is_passed_on_in_the_order_of_asking() -> None:
    lock, order, ready = WriteLock(), [], [Event() for _ in range(5)]

    def take(number: int) -> None:
        ready[number].set()
        with lock.held():
            order.append(number)

    with lock.held():
        threads = [Thread(target=take, args=(number,)) for number in range(5)]
        for number, thread in enumerate(threads):
            thread.start()
            ready[number].wait()
            while len(lock._waiting) <= number:
                pass
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_whoever_waits_too_long_for_the_write_lock_is_told_and_is_not_handed_it_later() -> None:
    lock = WriteLock()

    def take(_: int) -> None:
        with lock.held(wait=0.05):
            pass

    with lock.held():
        (late,) = together(1, take)
        assert isinstance(late, Temporary)
    with lock.held(wait=0.05):
        assert lock.mine
