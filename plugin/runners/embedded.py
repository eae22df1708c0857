"""Do the jobs with threads of this process: one claims, the others work; a stop gives back what was not begun."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

import structlog

from plugin.ports import Job, LostLease, Temporary
from plugin.work.drain import WRITES, claim, perform
from plugin.work.tools import Tools
from plugin.work.trouble import place_of

log = structlog.get_logger()

LOOK_EVERY = 0.5
"""Seconds between looks for due jobs when nobody rings; the row is the truth, the ring only saves this wait."""


PATIENCE = 6.0
"""Seconds a stop waits for jobs in hand; container engines kill after ten."""


def _spare_what_is_loaded() -> None:
    """Packs, models and tables stay for as long as the process lives; without this Python's collector stops every
    thread to look at all of them again and again (measured with seven packs: 0.15 s each time, none afterwards)."""
    gc.collect()
    gc.freeze()


class Embedded:
    """Worker threads and the thread that feeds them. They are daemons: a helpdesk that does not answer must not keep
    the process from ending."""

    def __init__(
        self,
        tools: Tools,
        workers: int,
        look_every: float = LOOK_EVERY,
        warm: Callable[[], object] | None = None,
    ) -> None:
        """`warm` is called once before the first job: what every job needs is then loaded once, and not by all workers
        at the same time while webhooks wait for the interpreter."""
        self.tools = tools
        self._warm = warm
        self.workers = workers
        self.look_every = look_every
        self._handed: SimpleQueue[Job | None] = SimpleQueue()
        self._in_hand: dict[int, Job] = {}
        self._free = threading.Semaphore(workers)
        self._stop = threading.Event()
        self._bell = threading.Event()
        self._feeder = threading.Thread(target=self._feed, name="feeder", daemon=True)
        self._threads = [
            threading.Thread(target=self._work_on, name=f"worker-{n + 1}", daemon=True) for n in range(workers)
        ]

    def start(self) -> None:
        for thread in (*self._threads, self._feeder):
            thread.start()

    def ring(self) -> None:
        """Look now."""
        self._bell.set()

    @property
    def alive(self) -> bool:
        return self._feeder.is_alive() and not self._stop.is_set()

    def stop(self, patience: float = PATIENCE) -> None:
        """Take no more jobs, wait for those in hand, and give back what does not end in time."""
        self._stop.set()
        self._bell.set()
        end = time.monotonic() + patience
        if self._feeder.ident is None:
            return
        self._feeder.join(patience)
        for _ in self._threads:
            self._handed.put(None)
        for thread in self._threads:
            thread.join(max(end - time.monotonic(), 0.0))
        for job in list(self._in_hand.values()):
            if job.kind not in WRITES:
                self._give_back(job)

    def _feed(self) -> None:
        try:
            if self._warm is not None:
                self._warm()
                _spare_what_is_loaded()
        except Exception as error:  # the first job will meet the same trouble, and be kept
            log.error("feeder.cannot_warm_up", error=place_of(error))
        while not self._stop.is_set():
            if not self._feed_once():
                self._bell.wait(self.look_every)
                self._bell.clear()

    def _feed_once(self) -> bool:
        """Claim as many jobs as there are free workers; True when there was something to do."""
        if not self._free.acquire(timeout=self.look_every):
            return True
        room = 1
        while room < self.workers and self._free.acquire(blocking=False):
            room += 1
        jobs: list[Job] = []
        try:
            jobs = claim(self.tools, room) if not self._stop.is_set() else []
        except Exception as error:  # a database that is away now may be back in a moment
            log.warning("feeder.cannot_claim", error=type(error).__name__)
        for _ in range(room - len(jobs)):
            self._free.release()
        for job in jobs:
            self._in_hand[job.id] = job
            self._handed.put(job)
        return bool(jobs)

    def _work_on(self) -> None:
        while (job := self._handed.get()) is not None:
            self._work(job)

    def _work(self, job: Job) -> None:
        try:
            if self._stop.is_set():
                self._give_back(job)
            else:
                perform(job, self.tools)
        except Exception as error:  # the database failed twice: the lease brings the job back
            log.error("worker.failed", job=job.id, error=place_of(error))
        finally:
            self._in_hand.pop(job.id, None)
            self._free.release()
            self._bell.set()

    def _give_back(self, job: Job) -> None:
        with suppress(LostLease, Temporary), self.tools.storage.unit() as u:
            u.queue.release(job, self.tools.clock.now())
