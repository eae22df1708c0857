"""Webhooks that come in together go to disk with one commit, and each has its own answer."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from plugin.ports import Delivery, Doorbell, Temporary
from plugin.storage.inbox import Inbox
from plugin.web import turns
from plugin.web.turns import Turns

from .conftest import Served
from .talk import envelope, post, send

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(eq=False)
class Drafted:
    """A delivery in the hands of the slow storage."""

    number: int
    kept: bool | None = None

    def outcome(self) -> bool:
        if self.kept is None:
            raise Temporary("not kept")
        return self.kept


@dataclass
class SlowStorage:
    """Commits when the test says so."""

    commits: list[list[int]] = field(default_factory=list)
    waiting: list[tuple[list[Drafted], Callable[[], None]]] = field(default_factory=list)
    came: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def keep(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> bool:
        return True

    def draft(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> Drafted:
        return Drafted(int(doorbell.ticket_id))

    def keep_all(self, drafts: Sequence[Drafted], done: Callable[[], None]) -> None:
        self.waiting.append((list(drafts), done))
        self.came.release()

    def commit(self) -> None:
        """Wait for the next commit that is asked for, and do it."""
        assert self.came.acquire(timeout=5)
        drafts, done = self.waiting.pop(0)
        self.commits.append([d.number for d in drafts])
        for draft in drafts:
            draft.kept = True
        done()


@dataclass
class Desk:
    """Turns over a slow storage, and what became of each request that was put to them."""

    storage: SlowStorage
    turns: Turns
    answers: dict[int, object] = field(default_factory=dict)

    def ring(self, *numbers: int) -> None:
        for number in numbers:
            self._ask(number, "/hooks/zendesk/acme", lambda n=number: self._keep(n))

    def _keep(self, number: int) -> bool:
        return self.turns.keep(Delivery("acme", {}, b"", NOW), Doorbell("ticket", str(number)), NOW)

    def _ask(self, number: int, path: str, act: Callable[[], object]) -> None:
        def service() -> None:
            try:
                self.answers[number] = act()
            except Temporary as error:
                self.answers[number] = str(error)

        self.turns.add_task(SimpleNamespace(requests=[SimpleNamespace(path=path)], service=service))

    def page(self, number: int, act: Callable[[], object]) -> None:
        self._ask(number, "/healthz", act)

    def until(self, answers: dict[int, object]) -> None:
        end = time.monotonic() + 5
        while self.answers != answers and time.monotonic() < end:
            time.sleep(0.005)
        assert self.answers == answers


@pytest.fixture
def desk() -> Iterator[Desk]:
    storage: Any = SlowStorage()
    made = Desk(storage, Turns(storage, threads=2))
    yield made
    made.turns.shutdown(timeout=1)


def test_what_comes_during_a_commit_goes_together_in_the_next(desk: Desk) -> None:
    desk.ring(1)
    assert desk.storage.came.acquire(timeout=5)
    desk.storage.came.release()
    desk.ring(*range(2, 41))
    desk.page(99, lambda: "a page is answered meanwhile")
    desk.until({99: "a page is answered meanwhile"})
    desk.storage.commit()
    desk.storage.commit()
    desk.until({99: "a page is answered meanwhile", **dict.fromkeys(range(1, 41), True)})
    assert desk.storage.commits == [[1], list(range(2, 41))]


def test_a_commit_that_does_not_come_is_a_503_and_its_late_word_changes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "DEADLINE", 0.2)
    desk.ring(1)
    desk.until({1: "not kept"})
    desk.storage.commit()
    monkeypatch.setattr(turns, "DEADLINE", 5.0)
    desk.ring(2)
    desk.storage.commit()
    desk.until({1: "not kept", 2: True})


def test_one_request_that_fails_does_not_harm_the_others(desk: Desk) -> None:
    def breaks() -> None:
        raise ValueError("a bug")

    desk._ask(1, "/hooks/zendesk/acme", breaks)
    desk.ring(2)
    desk.storage.commit()
    desk.until({2: True})


def test_a_flood_of_refused_requests_holds_nobody_up(desk: Desk) -> None:
    flooding = threading.Event()

    def refused() -> None:
        if not flooding.is_set():
            desk._ask(0, "/hooks/zendesk/acme", refused)  # the next one is there before this one is answered

    refused()
    desk.ring(1)
    assert desk.storage.came.acquire(timeout=5)
    desk.storage.came.release()
    desk.storage.commit()
    desk.until({0: None, 1: True})
    flooding.set()


def test_no_more_than_so_many_go_together(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "MOST_AT_ONCE", 3)
    desk.ring(1)
    desk.storage.commit()
    desk.ring(*range(2, 9))
    for _ in range(3):
        if not desk.storage.came.acquire(timeout=1):
            break
        desk.storage.came.release()
        desk.storage.commit()
    desk.until(dict.fromkeys(range(1, 9), True))
    assert max(map(len, desk.storage.commits)) <= 3


def test_whoever_has_no_turn_keeps_at_once(desk: Desk) -> None:
    assert desk._keep(7) is True
    assert desk.storage.commits == []


def test_what_waits_is_answered_before_the_end(desk: Desk) -> None:
    desk.ring(1, 2)
    ending = threading.Thread(target=desk.turns.shutdown)
    ending.start()
    desk.storage.commit()
    if desk.storage.commits == [[1]]:
        desk.storage.commit()
    ending.join(5)
    assert desk.answers == {1: True, 2: True}
    assert not ending.is_alive()


def test_the_real_server_writes_many_with_few_commits(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    write = Inbox._write
    monkeypatch.setattr(Inbox, "_write", lambda self, batch: (sizes.append(len(batch)), write(self, batch))[1])
    writer = sqlite3.connect(served.house.settings.home / "followthrough.sqlite3", isolation_level=None)
    post(served.port, envelope(event_id="first"))
    writer.execute("BEGIN IMMEDIATE")
    answers: list[int] = []
    callers = [
        threading.Thread(target=lambda n=n: answers.append(post(served.port, envelope(n, event_id=f"e{n}")).status))
        for n in range(30)
    ]
    for caller in callers:
        caller.start()
    time.sleep(1.0)
    page = send(served.port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert page.status == 200
    writer.execute("ROLLBACK")
    for caller in callers:
        caller.join()
    assert answers == [202] * 30
    assert sum(sizes) == 31
    assert len(sizes) <= 6
