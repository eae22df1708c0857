"""Do the jobs with threads of this process: one claims, the others work; a stop gives back what was not begun."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog

from plugin.ports import Job, LostLease, Temporary
from plugin.work.drain import claim, perform
from plugin.work.tools import Tools

log = structlog.get_logger()

LOOK_EVERY = 0.5
"""Seconds between looks for due jobs when nobody rings; the row is the truth, the ring only saves this wait."""


class Embedded:
    """Worker threads and the thread that feeds them."""

    def __init__(self, tools: Tools, workers: int, look_every: float = LOOK_EVERY) -> None:
        self.tools = tools
        self.workers = workers
        self.look_every = look_every
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="worker")
        self._free = threading.Semaphore(workers)
        self._stop = threading.Event()
        self._bell = threading.Event()
        self._feeder = threading.Thread(target=self._feed, name="feeder", daemon=True)

    def start(self) -> None:
        self._feeder.start()

    def ring(self) -> None:
        """Look now."""
        self._bell.set()

    @property
    def alive(self) -> bool:
        return self._feeder.is_alive() and not self._stop.is_set()

    def stop(self, patience: float = 10.0) -> None:
        """Take no more jobs, wait for those that run; what the process does not finish comes back by its lease."""
        self._stop.set()
        self._bell.set()
        if self._feeder.ident is not None:
            self._feeder.join(patience)
        waiter = threading.Thread(target=self._pool.shutdown, kwargs={"wait": True, "cancel_futures": True})
        waiter.daemon = True
        waiter.start()
        waiter.join(patience)

    def _feed(self) -> None:
        while not self._stop.is_set():
            if not self._feed_once():
                self._bell.wait(self.look_every)
                self._bell.clear()

    def _feed_once(self) -> bool:
        """Claim as many jobs as there are free workers; True when there was something to do."""
        self._free.acquire()
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
            self._begin(job)
        return bool(jobs)

    def _begin(self, job: Job) -> None:
        try:
            self._pool.submit(self._work, job)
        except RuntimeError:
            self._free.release()
            self._give_back(job)

    def _work(self, job: Job) -> None:
        try:
            if self._stop.is_set():
                self._give_back(job)
            else:
                perform(job, self.tools)
        except Exception as error:  # the database failed twice: the lease brings the job back
            log.exception("worker.failed", job=job.id, error=type(error).__name__)
        finally:
            self._free.release()
            self._bell.set()

    def _give_back(self, job: Job) -> None:
        with suppress(LostLease, Temporary), self.tools.storage.unit() as u:
            u.queue.release(job, self.tools.clock.now())


Sweep = Callable[[], object]
