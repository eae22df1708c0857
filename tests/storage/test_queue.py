"""Lanes, leases and fences: what a worker may rely on."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import insert, text

from plugin.ports import Job, LostLease
from plugin.storage.tables import jobs
from plugin.storage.unit import Database

from .examples import LEASE, MINUTE, NOW, StoppedClock, account


def put(storage: Database, lane: str, kind: str = "analyse", due: int = 0, **payload: str) -> bool:
    with storage.unit() as unit:
        return unit.queue.put("acme", kind, lane, NOW + due * MINUTE, payload)


def claim(storage: Database, minute: float = 0, limit: int = 10) -> list[Job]:
    with storage.unit() as unit:
        return unit.queue.claim(NOW + minute * MINUTE, LEASE, limit)


def lanes(found: list[Job]) -> list[str]:
    return [f"{job.kind} {job.lane}" for job in found]


def test_a_job_that_waits_already_is_not_added_again_but_moves_to_the_earlier_time(storage: Database) -> None:
    assert put(storage, "t1", due=9, say="old")
    assert not put(storage, "t1", due=5, say="new")
    assert not put(storage, "t1", due=7, say="newest")
    with storage.unit() as unit:
        (job,) = unit.queue.jobs("acme")
    assert (job.due_at, job.payload, job.state) == (NOW + 5 * MINUTE, {"say": "newest"}, "waiting")


def test_only_due_heads_of_lanes_are_claimed_the_longest_due_first(storage: Database) -> None:
    put(storage, "t1", due=2)
    put(storage, "t1", "post", due=0)
    put(storage, "t2", due=1)
    put(storage, "t3", due=9)
    assert lanes(claim(storage, 0)) == []
    assert lanes(claim(storage, 3)) == ["analyse t2", "analyse t1"]
    assert lanes(claim(storage, 3)) == []


def test_the_limit_is_kept_and_a_claim_counts_the_attempt(storage: Database) -> None:
    for number in range(5):
        put(storage, f"t{number}", due=number - 5)
    first = claim(storage, limit=2)
    assert lanes(first) == ["analyse t0", "analyse t1"]
    assert {(job.attempts, job.token, job.state, job.leased_until) for job in first} == {(1, 1, "leased", NOW + LEASE)}


def test_a_doorbell_during_the_lease_makes_the_job_run_once_more_afterwards(storage: Database) -> None:
    put(storage, "t1")
    (job,) = claim(storage)
    assert put(storage, "t1")
    assert not put(storage, "t1")
    assert claim(storage, 1) == []
    with storage.unit() as unit:
        unit.queue.done(job, NOW + MINUTE)
    (second,) = claim(storage, 1)
    assert second.id != job.id


def test_an_expired_lease_passes_on_and_fences_off_its_old_holder(storage: Database) -> None:
    put(storage, "t1")
    (old,) = claim(storage)
    assert claim(storage, 4.9) == []
    (new,) = claim(storage, 5)
    assert (new.id, new.token, new.attempts) == (old.id, 2, 2)
    for act in ("done", "again", "renew"):
        with pytest.raises(LostLease), storage.unit() as unit:
            finish(unit.queue, act, old, NOW + 6 * MINUTE)
    with storage.unit() as unit:
        unit.queue.done(new, NOW + 6 * MINUTE)
        assert unit.queue.counts() == {"waiting": 0, "leased": 0, "buried": 0, "done": 1}


@pytest.mark.parametrize("act", ["done", "again", "renew"])
def test_a_lease_that_ran_out_is_lost_even_when_nobody_else_took_it(storage: Database, act: str) -> None:
    put(storage, "t1")
    (job,) = claim(storage)
    with pytest.raises(LostLease), storage.unit() as unit:
        finish(unit.queue, act, job, NOW + LEASE)


def finish(queue: object, act: str, job: Job, now: object) -> None:
    more = {"done": (), "again": (now, "failed"), "renew": (LEASE,)}[act]
    getattr(queue, act)(job, now, *more)


def test_what_a_unit_wrote_is_gone_when_its_lease_was_lost(storage: Database) -> None:
    put(storage, "t1")
    (job,) = claim(storage)

    def write_too_late() -> None:
        with storage.unit() as unit:
            unit.history.set_cursor("acme", "export", "after", NOW)
            unit.queue.done(job, NOW + LEASE)

    with pytest.raises(LostLease):
        write_too_late()
    with storage.unit() as unit:
        assert unit.history.cursor("acme", "export") == ""


def test_a_renewed_lease_holds_longer(storage: Database) -> None:
    put(storage, "t1")
    (job,) = claim(storage)
    with storage.unit() as unit:
        renewed = unit.queue.renew(job, NOW + 4 * MINUTE, LEASE)
    assert renewed == replace(job, leased_until=NOW + 9 * MINUTE)
    assert claim(storage, 8) == []


def test_again_waits_with_its_attempts_and_stays_the_head_of_its_lane(storage: Database) -> None:
    put(storage, "t1")
    (job,) = claim(storage)
    put(storage, "t1", "post")
    with storage.unit() as unit:
        unit.queue.again(job, NOW, NOW + 10 * MINUTE, "429")
    assert claim(storage, 9) == []
    (back,) = claim(storage, 10)
    assert (back.id, back.attempts, back.reason) == (job.id, 2, "429")


def test_again_folds_into_a_job_of_its_kind_that_already_waits(storage: Database) -> None:
    put(storage, "t1", say="old")
    (job,) = claim(storage)
    put(storage, "t1", due=1, say="new")
    with storage.unit() as unit:
        unit.queue.again(job, NOW, NOW + 7 * MINUTE, "503")
        (left,) = unit.queue.jobs("acme")
    assert left.id > job.id
    assert (left.attempts, left.due_at, left.payload, left.reason) == (1, NOW + 7 * MINUTE, {"say": "new"}, "503")


@pytest.mark.parametrize("folds", [False, True])
def test_a_released_job_waits_at_once_and_this_attempt_does_not_count(storage: Database, folds: bool) -> None:
    put(storage, "t1")
    (job,) = claim(storage)
    if folds:
        put(storage, "t1", due=9)
    with storage.unit() as unit:
        unit.queue.release(job, NOW + MINUTE)
        unit.queue.release(job, NOW + MINUTE)  # lost by now: nothing happens
    (back,) = claim(storage, 1)
    assert (back.attempts, back.due_at) == (1, NOW + MINUTE)


def test_a_buried_job_never_blocks_its_lane_and_comes_back_at_the_end(storage: Database) -> None:
    put(storage, "t1", say="kept")
    put(storage, "t1", "post")
    (job,) = claim(storage)
    with storage.unit() as unit:
        assert unit.queue.bury(job.id, NOW, "tried 8 times")
        assert not unit.queue.bury(job.id, NOW, "again")
    assert lanes(claim(storage)) == ["post t1"]
    with pytest.raises(LostLease), storage.unit() as unit:
        unit.queue.done(job, NOW)
    with storage.unit() as unit:
        (buried,) = unit.queue.jobs(state="buried")
        assert (buried.reason, buried.attempts) == ("tried 8 times", 1)
        assert unit.queue.revive(job.id, NOW + MINUTE)
        assert not unit.queue.revive(job.id, NOW + MINUTE)
        (back,) = unit.queue.jobs(state="waiting")
    assert (back.attempts, back.due_at, back.payload) == (0, NOW + MINUTE, {"say": "kept"})
    assert back.id > job.id


def test_a_revived_job_becomes_one_with_a_waiting_one(storage: Database) -> None:
    put(storage, "t1")
    (job,) = claim(storage)
    with storage.unit() as unit:
        unit.queue.bury(job.id, NOW, "no")
    put(storage, "t1")
    with storage.unit() as unit:
        assert unit.queue.revive(job.id, NOW)
        assert unit.queue.counts() == {"waiting": 1, "leased": 0, "buried": 0, "done": 0}


def test_nothing_is_claimed_for_a_paused_account(storage: Database) -> None:
    put(storage, "t1")
    put(storage, "t2")
    (leased,) = claim(storage, limit=1)
    with storage.unit() as unit:
        unit.accounts.update("acme", paused="401")
        assert unit.queue.next_due() is None
    assert claim(storage, 60) == []
    with storage.unit() as unit:
        unit.accounts.update("acme", paused="")
    assert leased.id in [job.id for job in claim(storage, 60)]


def test_next_due_counts_only_what_could_be_claimed(storage: Database) -> None:
    with storage.unit() as unit:
        assert unit.queue.next_due() is None
    put(storage, "t1", due=5)
    put(storage, "t1", "post", due=1)
    with storage.unit() as unit:
        assert unit.queue.next_due() == NOW + 5 * MINUTE
    claim(storage, 5)
    put(storage, "t2", due=8)
    with storage.unit() as unit:
        assert unit.queue.next_due() == NOW + 8 * MINUTE


def test_an_expired_lease_comes_back_even_behind_an_older_id(storage: Database) -> None:
    """On PostgreSQL ids can become visible out of order; neither row may wait for the other for ever."""
    put(storage, "t1", "post")
    put(storage, "t1", "analyse")
    with storage.engine.begin() as connection:
        row = {"state": "leased", "wake_at": NOW, "token": 1, "attempts": 1}
        connection.execute(jobs.update().where(jobs.c.kind == "analyse").values(row))
    (back,) = claim(storage, 1)
    assert back.kind == "analyse"


def test_many_workers_share_the_jobs_and_never_one_lane(storage: Database) -> None:
    for number in range(40):
        put(storage, f"t{number % 20}", "analyse" if number < 20 else "post")
    seen: list[Job] = []

    def work() -> None:
        while found := claim(storage, limit=3):
            for job in found:
                seen.append(job)
                with storage.unit() as unit:
                    unit.queue.done(job, NOW)

    workers = [Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    while found := claim(storage):  # what became free after its worker had stopped looking
        seen += found
    assert len({job.id for job in seen}) == len(seen) == 40
    for number in range(20):
        assert [job.kind for job in seen if job.lane == f"t{number}"] == ["analyse", "post"]


def test_the_database_itself_refuses_two_leases_in_one_lane(storage: Database) -> None:
    put(storage, "t1")
    put(storage, "t1", "post")
    with pytest.raises(Exception, match=r"(?i)unique"), storage.engine.begin() as connection:
        connection.execute(jobs.update().values(state="leased", wake_at=NOW))


@pytest.mark.slow
def test_a_claim_is_quick_with_a_hundred_thousand_waiting(storage: Database) -> None:
    """Measured under 10 ms on two cores; the bound leaves room for a loaded machine, not for a table scan per lane."""
    row = {
        "account_id": "acme", "kind": "analyse", "payload": b"", "state": "waiting", "attempts": 0, "token": 0,
        "reason": "", "created_at": NOW,
    }  # fmt: skip
    with storage.engine.begin() as connection:
        for start in range(0, 100_000, 10_000):
            due = [NOW - timedelta(seconds=n) for n in range(start, start + 10_000)]
            many = [{**row, "lane": f"t{start + n}", "due_at": at, "wake_at": at} for n, at in enumerate(due)]
            connection.execute(insert(jobs), many)
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE jobs"))
    took = []
    for _ in range(5):
        began = time.perf_counter()
        assert len(claim(storage, limit=20)) == 20
        took.append(time.perf_counter() - began)
    assert sorted(took)[2] < 0.1, took


def test_every_other_account_has_lanes_of_its_own(storage: Database, clock: StoppedClock) -> None:
    with storage.unit() as unit:
        unit.accounts.add(account("other"))
        unit.queue.put("other", "analyse", "t1", NOW)
        unit.queue.put("acme", "analyse", "t1", NOW)
    assert sorted(job.account_id for job in claim(storage)) == ["acme", "other"]
