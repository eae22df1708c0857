"""Put deliveries on disk, many with one sync: every caller returns only after the commit that holds its row."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from plugin.ports import Delivery, Doorbell, Temporary
from plugin.storage.clocktime import bounded, clean, micros
from plugin.storage.crypto import Vault
from plugin.storage.errors import describe
from plugin.storage.locks import WriteLock
from plugin.storage.queue import seal_payload

log = logging.getLogger(__name__)

DEADLINE = 5.0
"""Seconds a caller waits for its commit. Helpdesks hang up after 10 to 12 s; a 503 before that is tried again."""

MOST_WAITING = 2_000
"""Deliveries that may wait for the committer; more are told to come again."""

MOST_AT_ONCE = 256
"""Rows in one transaction: beyond that a row costs no less, and the first caller would wait for the last."""

_COLUMNS = (
    "account_id", "event_id", "invocation_id", "fingerprint", "kind", "event", "ticket_id", "actor_id", "received_at",
    "body",
)  # fmt: skip
_NAMES = 4
"""The first columns tell rows of one batch apart."""

_Row = tuple[Any, ...]


@dataclass(slots=True, eq=False)
class Draft:
    """`ports.Keeping`: the rows of one delivery, and what became of them (None: not kept)."""

    row: _Row
    job: _Row | None
    fresh: bool | None = None
    failure: str = "the database did not answer in time"
    gone: bool = False

    def outcome(self) -> bool:
        """As the port says."""
        if self.fresh is None:
            self.gone = True
            raise Temporary(self.failure)
        return self.fresh


_Sheaf = tuple[Sequence[Draft], Callable[[], None]]
"""Drafts that were handed over together, and whom to tell."""


class Inbox:
    """One committer thread, started by the first delivery. `lock` is None where the engine orders writers itself."""

    def __init__(self, engine: Engine, vault: Vault, lock: WriteLock | None) -> None:
        self._engine = engine
        self._vault = vault
        self._lock = lock
        self._queue: SimpleQueue[_Sheaf | None] = SimpleQueue()
        self._connection: Connection | None = None
        self._thread: Thread | None = None
        self._starting = Lock()
        self._closed = False

    def keep(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> bool:
        """See `ports.Storage.keep`. ValueError when a job is wanted for no ticket."""
        draft, sleeping = self.draft(delivery, doorbell, due_at), Lock()
        sleeping.acquire()
        self.keep_all([draft], sleeping.release)
        sleeping.acquire(timeout=DEADLINE)
        return draft.outcome()

    def draft(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> Draft:
        """See `ports.Storage.draft`. ValueError when a job is wanted for no ticket."""
        if self._closed or self._queue.qsize() >= MOST_WAITING:
            raise Temporary("too many deliveries wait for the database")
        return Draft(self._row(delivery, doorbell), self._job(delivery, doorbell, due_at))

    def keep_all(self, drafts: Sequence[Draft], done: Callable[[], None]) -> None:
        """See `ports.Storage.keep_all`."""
        if self._lock is not None and self._lock.mine:
            raise RuntimeError("keep() inside a unit would wait for itself")
        if self._thread is None:
            self._start()
        self._queue.put((drafts, done))

    def close(self) -> None:
        """Commit what waits, then stop."""
        with self._starting:
            self._closed = True
            if self._thread is not None:
                self._queue.put(None)
                self._thread.join(timeout=2 * DEADLINE)

    # --- in the caller's thread --------------------------------------------------------------------------------------

    def _row(self, delivery: Delivery, doorbell: Doorbell) -> _Row:
        return (
            bounded(delivery.account_id),
            bounded(doorbell.event_id) or None,
            bounded(doorbell.invocation_id) or None,
            bounded(doorbell.fingerprint) or None,
            clean(doorbell.kind),
            bounded(doorbell.event),
            bounded(doorbell.ticket_id),
            bounded(doorbell.actor_id),
            micros(delivery.received_at),
            self._vault.seal(delivery.body),
        )

    def _job(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> _Row | None:
        """The job says "gone" where the delivery did, so that nobody asks the helpdesk for a ticket it deleted."""
        if due_at is None:
            return None
        if not doorbell.ticket_id:
            raise ValueError("a job needs a ticket")
        payload = seal_payload(self._vault, {"doorbell": "gone"} if doorbell.kind == "gone" else None)
        due = micros(due_at)
        lane = bounded(f"ticket:{doorbell.ticket_id}")
        return (bounded(delivery.account_id), "analyse", lane, payload, due, due, micros(delivery.received_at))

    def _start(self) -> None:
        with self._starting:
            if self._thread is None and not self._closed:
                self._thread = Thread(target=self._commit_for_ever, name="inbox", daemon=True)
                self._thread.start()

    # --- in the committer's thread -----------------------------------------------------------------------------------

    def _commit_for_ever(self) -> None:
        stop = False
        while not stop:
            sheaves, stop = self._take()
            alive = [draft for drafts, _ in sheaves for draft in drafts if not draft.gone]
            if alive:
                self._keep_all(alive)
            for _, done in sheaves:
                done()
        self._forget_connection()

    def _take(self) -> tuple[list[_Sheaf], bool]:
        """What waits, at least one; and whether to stop after it."""
        sheaves: list[_Sheaf] = []
        number = 0
        sheaf = self._queue.get()
        while sheaf is not None:
            sheaves.append(sheaf)
            number += len(sheaf[0])
            try:
                if number >= MOST_AT_ONCE:
                    return sheaves, False
                sheaf = self._queue.get_nowait()
            except Empty:
                return sheaves, False
        return sheaves, True

    def _keep_all(self, batch: Sequence[Draft]) -> None:
        """Write; a row that breaks a rule (its account was removed meanwhile) must not harm its neighbours."""
        try:
            self._write(batch)
        except IntegrityError as error:
            self._reopen()
            if len(batch) > 1:
                for entry in batch:
                    self._keep_all([entry])
                return
            self._refuse(batch, describe(error))
        except (DBAPIError, SQLAlchemyError, Temporary) as error:
            self._reopen()
            self._refuse(batch, describe(error) if isinstance(error, SQLAlchemyError) else str(error))
        except Exception as bug:  # the thread must live: without it every delivery would be lost
            log.error("inbox: %s", type(bug).__name__)
            self._reopen()
            self._refuse(batch, "the delivery could not be kept")

    def _refuse(self, batch: Sequence[Draft], failure: str) -> None:
        for entry in batch:
            entry.fresh, entry.failure = None, failure

    def _write(self, batch: Sequence[Draft]) -> None:
        turn: AbstractContextManager[None] = nullcontext() if self._lock is None else self._lock.held(DEADLINE)
        with turn:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin():
                fresh = self._insert_deliveries(self._connection, batch)
                self._insert_jobs(self._connection, [entry.job for entry in fresh if entry.job is not None])
        new = set(map(id, fresh))
        for entry in batch:
            entry.fresh = id(entry) in new

    def _insert_deliveries(self, connection: Connection, batch: Sequence[Draft]) -> list[Draft]:
        parameters = tuple(value for entry in batch for value in entry.row)
        inserted = connection.exec_driver_sql(_deliveries_sql(len(batch), connection.dialect.name), parameters)
        if connection.dialect.name != "sqlite":
            kept = Counter(map(tuple, inserted))
        elif inserted.rowcount == len(batch):
            return list(batch)
        else:
            kept = Counter(map(tuple, connection.exec_driver_sql(_NEWEST, (inserted.rowcount,))))
        fresh = []
        for entry in batch:
            names = entry.row[:_NAMES]
            if kept[names] > 0:
                kept[names] -= 1
                fresh.append(entry)
        return fresh

    def _insert_jobs(self, connection: Connection, wanted: Sequence[_Row]) -> None:
        """One row per lane, the soonest due with the newest payload; sorted, so that two processes cannot deadlock."""
        lanes: dict[_Row, _Row] = {}
        for job in wanted:
            before = lanes.get(job[:3])
            due = job[4] if before is None else min(job[4], before[4])
            lanes[job[:3]] = (*job[:4], due, due, job[6])
        if lanes:
            parameters = tuple(value for lane in sorted(lanes) for value in lanes[lane])
            connection.exec_driver_sql(_jobs_sql(len(lanes), connection.dialect.name), parameters)

    def _reopen(self) -> None:
        """After a failed commit or sync nothing that an old connection believes can be trusted."""
        self._forget_connection()
        self._engine.dispose()

    def _forget_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except SQLAlchemyError as error:
                log.warning("inbox: closing failed: %s", describe(error))


def _rows(number: int, values: str, dialect: str) -> str:
    marked = values if dialect == "sqlite" else values.replace("?", "%s")
    return ",".join([f"({marked})"] * number)


# Plain SQL, because compiling one INSERT of a hundred rows costs more than running it. Only placeholders vary.


@lru_cache(maxsize=2 * MOST_AT_ONCE)
def _deliveries_sql(number: int, dialect: str) -> str:
    """On PostgreSQL the statement tells which rows were new.

    SQLite would hand them over one by one, and Python gives up its lock for each: among many busy threads every row
    would wait milliseconds for it (measured: 120 ms a commit). There the number of rows tells, and only where one was a
    repeat are the newest rows looked at.
    """
    rows = _rows(number, ",".join("?" * len(_COLUMNS)), dialect)
    told = "" if dialect == "sqlite" else f" RETURNING {','.join(_COLUMNS[:_NAMES])}"
    return (
        f"INSERT INTO deliveries ({','.join(_COLUMNS)}) VALUES {rows} "  # noqa: S608 - constants and placeholders only
        f"ON CONFLICT DO NOTHING{told}"
    )


_NEWEST = f"SELECT {','.join(_COLUMNS[:_NAMES])} FROM deliveries ORDER BY id DESC LIMIT ?"  # noqa: S608 - constants
"""The rows that this transaction has just inserted: ids grow, and nobody else writes meanwhile (BEGIN IMMEDIATE)."""


@lru_cache(maxsize=2 * MOST_AT_ONCE)
def _jobs_sql(number: int, dialect: str) -> str:
    rows = _rows(number, "?,?,?,?,?,?,?,'waiting',0,0,''", dialect)
    sooner = "CASE WHEN excluded.due_at < jobs.due_at THEN excluded.due_at ELSE jobs.due_at END"
    return (
        "INSERT INTO jobs "  # noqa: S608 - constants and placeholders only
        "(account_id,kind,lane,payload,due_at,wake_at,created_at,state,attempts,token,reason) "
        f"VALUES {rows} ON CONFLICT (account_id,kind,lane) WHERE state = 'waiting' "
        f"DO UPDATE SET due_at = {sooner}, wake_at = {sooner}, payload = excluded.payload "
        "WHERE excluded.due_at < jobs.due_at OR excluded.payload <> jobs.payload"
    )
