"""The clock of the house: what is done every few seconds or minutes, by one process only, never twice at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from plugin.ports import Clock, Storage, Temporary
from plugin.work.trouble import place_of

log = structlog.get_logger()

Chore = Callable[[], object]

GRACE = timedelta(seconds=15)
"""How much longer than its interval a chore's lease lasts. After a crash nobody does the chore for so long: promises
falling due must still be noticed within a minute."""


class Schedule:
    """Chores by name with their interval; each runs only while this process holds the chore's lease in the database,
    because APScheduler has no lock across processes."""

    def __init__(self, storage: Storage, clock: Clock, chores: Mapping[str, tuple[timedelta, Chore]]) -> None:
        self.storage = storage
        self.clock = clock
        self.holder = uuid.uuid4().hex
        self._mine: set[str] = set()
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(2)},
            job_defaults={"coalesce": True, "max_instances": 1},
            timezone="UTC",
        )
        for name, (every, chore) in chores.items():
            self._scheduler.add_job(
                self._run, IntervalTrigger(seconds=every.total_seconds()), (name, every, chore), id=name,
                misfire_grace_time=None,
            )  # fmt: skip

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Run nothing more, and let the next process begin at once."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for name in self._mine:
            with suppress(Temporary), self.storage.unit() as u:
                u.history.hold(f"chore:{name}", self.holder, self.clock.now(), timedelta(0))

    def _run(self, name: str, every: timedelta, chore: Chore) -> None:
        try:
            with self.storage.unit() as u:
                mine = u.history.hold(f"chore:{name}", self.holder, self.clock.now(), every + GRACE)
            if mine:
                self._mine.add(name)
                chore()
        except Exception as error:  # a chore that fails is tried again at its next turn, and seen
            log.error("chore.failed", chore=name, error=place_of(error))
