"""One ticket at a time, whoever rings, hangs, dies or is told to stop; and nothing written that may not be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from plugin.cli.jobs import jobs as jobs_command
from plugin.domain.ticket import Ticket
from plugin.ports import Account, Changes
from plugin.runners.embedded import Embedded
from plugin.sandbox import MovedClock, open_sandbox
from plugin.storage import open_storage
from plugin.work.drain import claim, drain, perform
from plugin.work.reconcile import reconcile
from tests.journey.conftest import account_of
from tests.work.conftest import SmallHouse


def wait_for(what: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def fetches(house: SmallHouse) -> int:
    return house.desk.calls.count("fetch_ticket")


def states(house: SmallHouse) -> dict[str, int]:
    with house.storage.unit() as u:
        return {state: n for state, n in u.queue.counts().items() if n and state != "done"}


class Held:
    """Keeps every fetch open until it is let go."""

    def __init__(self, house: SmallHouse) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        house.desk.on_fetch = self

    def __call__(self, _ticket_id: str) -> None:
        self.begun.set()
        self.go.wait(20)


@pytest.fixture
def start(house: SmallHouse) -> Iterator[Callable[[int], Embedded]]:
    """Real worker threads on the small house; its clock stands still unless it is moved."""
    begun: list[Embedded] = []

    def run(workers: int) -> Embedded:
        begun.append(Embedded(house.tools, workers, look_every=0.01))
        begun[-1].start()
        return begun[-1]

    yield run
    house.desk.on_fetch = None
    for runner in begun:
        runner.stop(5)


# --- one at a time ---------------------------------------------------------------------------------------------------


def test_rings_during_a_fetch_make_the_job_run_exactly_once_more(
    house: SmallHouse, start: Callable[[int], Embedded]
) -> None:
    house.customer_says("nothing yet")
    house.ring("1", event_id="first")
    house.clock.move(seconds=5)
    held = Held(house)
    start(4)
    assert held.begun.wait(5)
    house.customer_says("billing_error")
    for n in range(5):
        house.ring("1", event_id=f"during-{n}")
    house.clock.move(seconds=5)
    time.sleep(0.2)  # four workers look twenty times each for something to do
    assert fetches(house) == 1
    assert states(house) == {"leased": 1, "waiting": 1}
    held.go.set()
    wait_for(lambda: states(house) == {})
    assert fetches(house) == 2
    assert len(house.desk.notes["1"]) == 1


def test_a_held_lane_leaves_the_others_free(house: SmallHouse, start: Callable[[int], Embedded]) -> None:
    for n in range(1, 7):
        house.customer_says("billing_error", str(n))
    house.ring("1")
    house.clock.move(seconds=5)
    held = Held(house)
    house.desk.on_fetch = lambda ticket: held(ticket) if ticket == "1" else None
    start(2)
    assert held.begun.wait(5)
    for n in range(2, 7):
        house.ring(str(n))
    house.clock.move(seconds=5)
    wait_for(lambda: all(house.desk.notes.get(str(n)) for n in range(2, 7)))
    assert "1" not in house.desk.notes
    held.go.set()
    wait_for(lambda: "1" in house.desk.notes)


# --- fences ----------------------------------------------------------------------------------------------------------


def test_a_worker_that_slept_through_its_lease_finds_the_work_done_and_saves_nothing(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    house.clock.move(seconds=5)
    slow = claim(house.tools, 1)[0]
    stale = house.desk.tickets["1"]

    def sleep(_ticket_id: str) -> None:
        house.desk.on_fetch = None
        house.clock.move(minutes=6)
        house.customer_says("outage")
        drain(house.tools)  # the next holder of the lane
        house.desk.tickets["1"], house.newest = stale, house.desk.tickets["1"]  # type: ignore[attr-defined]

    house.desk.on_fetch = sleep  # the sleeper wakes with what it read before
    assert perform(slow, house.tools) == "lost"
    with house.storage.unit() as u:
        found = u.ledger.findings("toy", "1")
    assert found is not None
    assert found.cause.key == "outage"
    assert states(house) == {}


@pytest.mark.parametrize("taken_over", [True, False])
def test_a_worker_that_slept_through_its_lease_writes_nothing(house: SmallHouse, taken_over: bool) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    house.clock.move(seconds=5)
    perform(claim(house.tools, 1)[0], house.tools)
    slow = claim(house.tools, 1)[0]
    assert slow.kind == "post"
    connect, slept = house.tools.connect, []

    def sleepy(account: Account) -> object:
        """Falls asleep between noting that it will write and writing."""
        if not slept:
            slept.append(1)
            house.clock.move(minutes=6)
            if taken_over:
                drain(house.tools)
        return connect(account)

    assert perform(slow, replace(house.tools, connect=sleepy)) == "lost"  # type: ignore[arg-type]
    assert len(house.desk.notes.get("1", [])) == (1 if taken_over else 0)
    drain(house.tools)
    assert len(house.desk.notes["1"]) == 1


# --- told to stop ----------------------------------------------------------------------------------------------------


def test_a_stop_finishes_what_ends_in_time(house: SmallHouse, start: Callable[[int], Embedded]) -> None:
    house.customer_says("nothing to say")
    house.ring("1")
    house.clock.move(seconds=5)
    held = Held(house)
    runner = start(2)
    assert held.begun.wait(5)
    threading.Timer(0.2, held.go.set).start()
    runner.stop(5)
    assert states(house) == {}


def test_a_stop_gives_back_what_does_not_end(house: SmallHouse, start: Callable[[int], Embedded]) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    house.clock.move(seconds=5)
    held = Held(house)
    runner = start(2)
    assert held.begun.wait(5)
    runner.stop(0.3)
    assert states(house) == {"waiting": 1}
    with house.storage.unit() as u:
        assert u.queue.jobs()[0].attempts == 0
    held.go.set()
    time.sleep(0.1)  # the hung worker comes back too late
    assert states(house) == {"waiting": 1}
    house.desk.on_fetch = None
    house.work()
    assert len(house.desk.notes["1"]) == 1


def test_a_stop_leaves_the_lease_on_a_write_that_may_be_under_way(
    house: SmallHouse, start: Callable[[int], Embedded], monkeypatch: pytest.MonkeyPatch
) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    house.clock.move(seconds=5)
    perform(claim(house.tools, 1)[0], house.tools)
    begun, go, write = threading.Event(), threading.Event(), house.desk.write

    def slow_write(ticket: Ticket, changes: Changes) -> None:
        begun.set()
        go.wait(10)
        write(ticket, changes)

    monkeypatch.setattr(house.desk, "write", slow_write)
    runner = start(1)
    assert begun.wait(5)
    runner.stop(0.2)
    assert states(house) == {"leased": 1}
    go.set()
    wait_for(lambda: states(house) == {})
    assert len(house.desk.notes["1"]) == 1


@pytest.mark.slow
def test_a_terminated_server_gives_its_jobs_back_and_ends_well(tmp_path: Path) -> None:
    """The real process: a fetch hangs for a minute, SIGTERM comes, and the next start finds the job waiting."""
    clock = MovedClock()
    with open_sandbox(clock) as sandbox:
        desk = sandbox.account
        ticket = desk.do.customer_writes(desk.do.customer("Ana", "ana@example.org"), "Where is it?", subject="Parcel")
        storage = open_storage(f"sqlite:///{tmp_path / 'followthrough.sqlite3'}", clock=clock)
        with storage.unit() as u:
            u.accounts.add(account_of(sandbox))
            u.queue.put("main", "analyse", f"ticket:{ticket}", clock.now())
        desk.fail_next(50, "hang", seconds=60.0)
        environment = {**os.environ, "FOLLOWTHROUGH_HOME": str(tmp_path), "FOLLOWTHROUGH_PORT": "0"}
        server = subprocess.Popen([sys.executable, "-m", "plugin", "serve"], env=environment, stderr=subprocess.PIPE)
        try:
            wait_for(lambda: state_of(storage) == "leased", 30)
            server.send_signal(signal.SIGTERM)
            assert server.wait(10) == 0
        finally:
            server.kill()
            server.communicate()
        assert state_of(storage) == "waiting"
        storage.close()


def state_of(storage: object) -> str:
    with storage.unit() as u:  # type: ignore[attr-defined] # the open storage
        return next((job.state for job in u.queue.jobs()), "none")


# --- poison ----------------------------------------------------------------------------------------------------------


def test_a_buried_job_is_revived_by_command(
    house: SmallHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setenv("FOLLOWTHROUGH_DATABASE", f"sqlite:///{tmp_path / 'house.sqlite3'}")
    house.customer_says("poison", "13")
    house.ring("13")
    tried = [house.work(4000) for _ in range(6)]
    assert tried == [1, 1, 1, 0, 0, 0]
    listed = CliRunner().invoke(jobs_command, ["list", "--state", "buried", "--json"])
    (row,) = json.loads(listed.stdout)
    assert row["reason"] == "after 3 tries: bug: ZeroDivisionError"
    house.customer_says("billing_error", "13")
    assert house.work() == 0
    retried = CliRunner().invoke(jobs_command, ["retry", str(row["id"])])
    assert retried.exit_code == 0, retried.output
    house.clock.move(days=365)  # the command lives by the machine's clock
    house.work()
    assert len(house.desk.notes["13"]) == 1
    assert states(house) == {}


def test_a_change_in_the_very_second_of_our_look_is_found_by_reconcile(house: SmallHouse) -> None:
    house.customer_says("nothing yet")
    house.ring("1")
    house.clock.move(seconds=5)
    same_second = house.clock.now()

    def change_after_reading(_ticket_id: str) -> None:
        house.desk.on_fetch = None
        house.desk.tickets["1"] = replace(house.desk.tickets["1"], updated_at=same_second)

    house.desk.on_fetch = change_after_reading
    drain(house.tools)
    house.customer_says("billing_error")  # no doorbell tells, and the stamp is the one we saw
    assert house.desk.tickets["1"].updated_at == same_second
    house.clock.move(minutes=3)
    with house.storage.unit() as u:
        account = u.accounts.get("toy")
    assert account is not None
    reconcile(account, house.tools)
    drain(house.tools)
    assert len(house.desk.notes["1"]) == 1
    looks = fetches(house)
    reconcile(account, house.tools)
    house.work()
    assert fetches(house) - looks <= 1  # our own note was a change; nobody looks for ever
