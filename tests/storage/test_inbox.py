"""Acknowledged means on disk, once, whoever asks at the same time and whatever fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from plugin.ports import Delivery, Doorbell, Temporary
from plugin.storage import inbox
from plugin.storage.unit import Database

from .conftest import Open
from .examples import LEASE, MINUTE, NOW, account, delivery, doorbell


def together(number: int, act: Callable[[int], object]) -> list[object]:
    """Results of `act(0)` … `act(number - 1)`, all started at the same moment; exceptions are results too."""
    gate, results = Barrier(number), [None] * number

    def run(index: int) -> None:
        gate.wait()
        try:
            results[index] = act(index)
        except Exception as error:
            results[index] = error

    threads = [Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_the_same_delivery_from_32_threads_at_once_is_one_row_and_one_job(storage: Database) -> None:
    results = together(32, lambda _: storage.keep(delivery(), doorbell("1", "a"), NOW))
    assert sorted(map(str, results)) == ["False"] * 31 + ["True"]
    with storage.unit() as unit:
        assert unit.history.delivery_counts() == {"ticket": 1}
        assert unit.queue.counts()["waiting"] == 1


def test_deliveries_of_one_ticket_become_one_job_due_the_soonest(storage: Database) -> None:
    results = together(32, lambda n: storage.keep(delivery(), doorbell("1", f"d{n}"), NOW + (40 - n) * MINUTE))
    assert results == [True] * 32
    with storage.unit() as unit:
        (job,) = unit.queue.jobs()
    assert (job.kind, job.lane, job.payload, job.due_at) == ("analyse", "ticket:1", {}, NOW + 9 * MINUTE)


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (("e1", "i1", "f1"), ("e1", "i2", "f2"), False),
        (("e1", "i1", "f1"), ("e2", "i1", "f2"), False),
        (("e1", "i1", "f1"), ("e2", "i2", "f1"), False),
        (("e1", "i1", "f1"), ("e2", "i2", "f2"), True),
        (("", "", "f1"), ("", "", "f2"), True),
        (("", "", ""), ("", "", ""), True),
        (("e1", "", ""), ("", "e1", ""), True),
        (("x" * 5000, "", ""), ("x" * 5000, "", ""), False),
        (("x" * 5000, "", ""), ("x" * 4999 + "y", "", ""), True),
        (("nul\0", "", ""), ("nul\0", "", ""), False),
        (("lone \ud800", "", ""), ("lone \ud800", "", ""), False),
    ],
)
def test_a_repeat_is_known_by_any_of_its_three_names(
    storage: Database, first: tuple[str, str, str], second: tuple[str, str, str], kept: bool
) -> None:
    assert storage.keep(delivery(), Doorbell("ticket", "1", "changed", *first), None)
    assert storage.keep(delivery(), Doorbell("ticket", "1", "changed", *second), None) is kept


def test_the_names_of_one_account_say_nothing_about_another(storage: Database) -> None:
    with storage.unit() as unit:
        unit.accounts.add(account("other"))
    assert storage.keep(delivery("acme"), doorbell("1", "a"), NOW)
    assert storage.keep(delivery("other"), doorbell("1", "a"), NOW)


def test_a_repeat_brings_no_job_back(storage: Database) -> None:
    storage.keep(delivery(), doorbell("1", "a"), NOW)
    with storage.unit() as unit:
        (job,) = unit.queue.claim(NOW, LEASE, 1)
        unit.queue.done(job, NOW)
    assert not storage.keep(delivery(), doorbell("1", "a"), NOW)
    with storage.unit() as unit:
        assert unit.queue.counts()["waiting"] == 0


def test_the_newest_doorbell_says_whether_the_ticket_is_gone(storage: Database) -> None:
    for name, kind, says in (("a", "ticket", {}), ("b", "gone", {"doorbell": "gone"}), ("c", "ticket", {})):
        storage.keep(delivery(), doorbell("1", name, kind), NOW)
        with storage.unit() as unit:
            assert [job.payload for job in unit.queue.jobs()] == [says]


def test_a_delivery_without_a_due_time_is_kept_and_makes_no_job(storage: Database) -> None:
    body = b"\xff\x00 not text"
    assert storage.keep(delivery(body=body), Doorbell("unreadable"), None)
    with storage.unit() as unit:
        (row,) = unit.history.deliveries("acme", "unreadable")
        assert unit.history.body(row["id"]) == body
        assert unit.queue.counts()["waiting"] == 0
    with pytest.raises(ValueError, match="needs a ticket"):
        storage.keep(delivery(), Doorbell("other"), NOW)


def test_a_naive_moment_is_refused(storage: Database) -> None:
    with pytest.raises(ValueError, match="time zone"):
        storage.keep(delivery(at=NOW.replace(tzinfo=None)), doorbell(), None)


def test_a_removed_account_does_not_harm_its_neighbours(storage: Database) -> None:
    def keep(number: int) -> bool:
        return storage.keep(delivery("nobody" if number % 4 == 0 else "acme"), doorbell("1", f"n{number}"), NOW)

    results = together(16, keep)
    assert [isinstance(result, Temporary) for result in results] == [number % 4 == 0 for number in range(16)]
    with storage.unit() as unit:
        assert unit.history.delivery_counts() == {"ticket": 12}


@pytest.mark.parametrize("moment", ["_insert_deliveries", "commit"])
def test_a_failing_database_acknowledges_nothing_and_recovers(
    storage: Database, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk I/O error"))

    storage.keep(delivery(), doorbell("1", "before"), NOW)
    with monkeypatch.context() as broken:
        if moment == "commit":
            broken.setattr(type(storage.engine.dialect), "do_commit", fail)
        else:
            broken.setattr(inbox.Inbox, "_insert_deliveries", fail)
        results = together(8, lambda n: storage.keep(delivery(), doorbell("1", f"d{n}"), NOW))
        assert all(isinstance(result, Temporary) for result in results)
    assert together(8, lambda n: storage.keep(delivery(), doorbell("1", f"d{n}"), NOW)) == [True] * 8
    with storage.unit() as unit:
        assert unit.history.delivery_counts() == {"ticket": 9}


def test_a_bug_in_the_committer_is_temporary_and_does_not_end_it(
    storage: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(inbox.Inbox, "_insert_jobs", lambda *_: 1 / 0)
        with pytest.raises(Temporary, match="could not be kept"):
            storage.keep(delivery(), doorbell("1", "a"), NOW)
    assert storage.keep(delivery(), doorbell("1", "a"), NOW)


def test_whoever_waits_too_long_or_comes_to_a_full_queue_is_told_to_come_again(
    storage: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "DEADLINE", 0.2)
    storage.keep(delivery(), doorbell("1", "before"), NOW)
    with monkeypatch.context() as stuck:
        stuck.setattr(inbox, "MOST_WAITING", 0)
        with pytest.raises(Temporary, match="too many"):
            storage.keep(delivery(), doorbell("1", "full"), NOW)
    if storage.engine.dialect.name == "sqlite":
        with storage.unit() as unit:
            late = together(1, lambda _: storage.keep(delivery(), doorbell("1", "late"), NOW))
            assert unit.history.delivery_counts() == {"ticket": 1}
        assert isinstance(late[0], Temporary)


def test_keeping_inside_a_unit_is_a_mistake_that_shows_at_once(storage: Database) -> None:
    if storage.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has one writer")
    with pytest.raises(RuntimeError, match="inside a unit"), storage.unit():
        storage.keep(delivery(), doorbell("1", "a"), NOW)


def test_many_callers_share_one_commit(storage: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    whole = inbox.Inbox._write

    def count(self: inbox.Inbox, batch: list[object]) -> None:
        sizes.append(len(batch))
        whole(self, batch)  # type: ignore[arg-type] - the test looks only at its length

    monkeypatch.setattr(inbox.Inbox, "_write", count)
    together(64, lambda n: [storage.keep(delivery(), doorbell("1", f"{n}-{i}"), NOW) for i in range(5)])
    assert sum(sizes) == 320
    assert max(sizes) > 4
    assert len(sizes) < 160


def test_what_was_kept_is_there_after_closing(open_it: Open) -> None:
    first = open_it()
    with first.unit() as unit:
        unit.accounts.add(account())
    first.keep(delivery(body=b"whole"), doorbell("1", "a"), NOW)
    first.close()
    with pytest.raises(Temporary):
        first.keep(delivery(), doorbell("1", "b"), NOW)
    with open_it().unit() as unit:
        (row,) = unit.history.deliveries()
        assert unit.history.body(row["id"]) == b"whole"


def test_integrity_errors_of_a_single_row_are_temporary(storage: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise IntegrityError("INSERT", {}, Exception("customer's words in the driver's message"))

    monkeypatch.setattr(inbox.Inbox, "_insert_deliveries", fail)
    with pytest.raises(Temporary) as caught:
        storage.keep(Delivery("acme", {}, b"", NOW + timedelta(0)), doorbell("1", "a"), NOW)
    assert "words" not in str(caught.value)
