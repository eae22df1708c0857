"""Let webhooks take turns in one thread: they are read one after the other, go to disk with one commit, and no thread
is woken for any of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread, get_ident
from typing import Any

import structlog
from greenlet import getcurrent, greenlet
from waitress.task import ThreadedTaskDispatcher

from plugin.ports import Delivery, Doorbell, Keeping, Storage
from plugin.web.webhooks import HOOKS
from plugin.work.trouble import place_of

log = structlog.get_logger()

DEADLINE = 5.0
"""Seconds a webhook waits for its commit. Helpdesks hang up after 10 to 12 s; a 503 before that is tried again."""

MOST_AT_ONCE = 256
"""Deliveries that are handed over together at most: beyond that the first would wait for the last."""

_Wait = tuple[greenlet, Keeping]
"""A webhook's turn that goes on once its delivery has an outcome."""


SEND_BYTES = 18_000
"""What waitress's `send_bytes` must be with turns: shorter answers are then sent by its main thread. A turn that sent
them itself would give up the interpreter's lock each time, to a main thread that asks again and again whether it may
send what is being sent already (measured: 5 ms a request, the interpreter's whole switch interval)."""

SWITCH = 0.001
"""Seconds after which a busy thread lets the others have the interpreter; the default of 0.005 is what a webhook would
wait beside a thread that analyses, each time it has touched the network or the disk."""


class Turns:
    """A task dispatcher for waitress: webhooks take turns, all other requests go to its pool of threads."""

    def __init__(self, storage: Storage, threads: int) -> None:
        self._storage = storage
        self._pool = ThreadedTaskDispatcher()
        self._pool.set_thread_count(threads)
        self._steps: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._gathered: list[_Wait] = []
        self._waiting: list[_Wait] = []
        """Those of the commit that is under way."""
        self._until = 0.0
        self._taken = 0
        self._open = True
        self._hub = getcurrent()
        self._thread = Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    # --- what waitress asks for --------------------------------------------------------------------------------------

    def add_task(self, channel: Any) -> None:
        """A whole request has come in on this channel."""
        if getattr(channel.requests[0], "path", "").startswith(HOOKS):
            self._steps.put(lambda: self._go_on(greenlet(channel.service)))
        else:
            self._pool.add_task(channel)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Answer what waits for its commit, then stop."""
        self._steps.put(self._close)
        self._thread.join(timeout)
        return bool(self._pool.shutdown(cancel_pending, timeout))

    # --- what webhooks ask for ---------------------------------------------------------------------------------------

    def keep(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> bool:
        """As `ports.Storage.keep`; in a webhook's turn the others have theirs meanwhile."""
        if get_ident() != self._thread.ident:
            return self._storage.keep(delivery, doorbell, due_at)
        draft = self._storage.draft(delivery, doorbell, due_at)
        self._gathered.append((getcurrent(), draft))
        self._hub.switch()
        return draft.outcome()

    # --- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        self._hub = getcurrent()
        while self._open or self._gathered or self._waiting:
            self._next_step()()

    def _next_step(self) -> Callable[[], None]:
        """What is ready. Before the thread rests what was gathered is handed over, and every so many steps: a flood of
        requests that are refused must not hold up those that are not."""
        self._taken += 1
        try:
            if self._taken < MOST_AT_ONCE:
                return self._steps.get_nowait()
        except Empty:
            pass
        self._taken = 0
        self._hand_over()
        try:
            return self._steps.get(timeout=1)
        except Empty:
            return self._hand_over

    def _hand_over(self) -> None:
        """Have what was gathered committed, unless a commit is under way: what comes meanwhile goes together then."""
        now = time.monotonic()
        if self._waiting and now > self._until:
            self._end(self._waiting)
        if self._gathered and not self._waiting:
            waiting, self._gathered = self._gathered[:MOST_AT_ONCE], self._gathered[MOST_AT_ONCE:]
            self._waiting, self._until = waiting, now + DEADLINE
            try:
                self._storage.keep_all([d for _, d in waiting], lambda: self._steps.put(lambda: self._end(waiting)))
            except Exception as bug:  # they are told to come again
                log.error("webhook.bug", error=place_of(bug))
                self._end(waiting)

    def _end(self, waiting: list[_Wait]) -> None:
        """Their commit is over, or takes too long; the second word about it changes nothing."""
        if waiting is self._waiting:
            self._waiting = []
            for turn, _ in waiting:
                self._go_on(turn)

    def _go_on(self, turn: greenlet) -> None:
        try:
            turn.switch()
        except Exception as bug:  # the thread must live: without it no webhook would be answered
            log.error("webhook.bug", error=place_of(bug))

    def _close(self) -> None:
        self._open = False
