"""Jobs as rows: one at a time per lane, oldest first, leased and fenced, never lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, delete, func, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from plugin.ports import Clock, Job, LostLease, Temporary
from plugin.storage.crypto import Vault
from plugin.storage.engine import insert_into
from plugin.storage.tables import accounts, counters, jobs

WAITING, LEASED, BURIED, DONE = "waiting", "leased", "buried", "done"

LONGEST_REASON = 500
"""Characters of `reason` that are kept."""

_RACES = 3
"""How often we look again when another transaction came between (PostgreSQL only: SQLite has one writer)."""


def seal_payload(vault: Vault, payload: Mapping[str, str] | None) -> bytes:
    """JSON, sealed; nothing at all for an empty payload, which is the common case."""
    return vault.seal_text(json.dumps(dict(payload))) if payload else b""


class JobQueue:
    """`ports.Queue` inside one transaction. A finished job's row is deleted and counted in `counters`."""

    def __init__(self, connection: Connection, vault: Vault, clock: Clock) -> None:
        self._connection = connection
        self._vault = vault
        self._clock = clock

    def put(
        self, account_id: str, kind: str, lane: str, due_at: datetime, payload: Mapping[str, str] | None = None
    ) -> bool:
        """As the port says; where one already waits, the newest payload wins."""
        sealed = seal_payload(self._vault, payload)
        for _ in range(_RACES):
            if self._insert(account_id, kind, lane, due_at, sealed):
                return True
            if self._refresh(account_id, kind, lane, due_at, sealed):
                return False
        raise Temporary("the lane is busy")

    def claim(self, now: datetime, lease: timedelta, limit: int) -> list[Job]:
        """As the port says, the longest due first. Attempts and token grow by one."""
        heads = _eligible().where(jobs.c.wake_at <= now).order_by(jobs.c.wake_at, jobs.c.id).limit(limit)
        heads_now = heads.with_for_update(skip_locked=True, of=jobs).cte("heads")  # a CTE: PostgreSQL runs it once
        statement = (
            update(jobs)
            .where(jobs.c.id.in_(select(heads_now.c.id)))
            .values(state=LEASED, wake_at=now + lease, token=jobs.c.token + 1, attempts=jobs.c.attempts + 1)
            .returning(*jobs.c)
        )
        claimed = [self._job(row) for row in self._connection.execute(statement)]
        return sorted(claimed, key=lambda job: (job.due_at, job.id))

    def renew(self, job: Job, now: datetime, lease: timedelta) -> Job:
        statement = update(jobs).where(_still_held(job, now)).values(wake_at=now + lease).returning(*jobs.c)
        row = self._connection.execute(statement).one_or_none()
        if row is None:
            raise LostLease(f"job {job.id}")
        return self._job(row)

    def done(self, job: Job, now: datetime) -> None:
        if not self._connection.execute(delete(jobs).where(_still_held(job, now))).rowcount:
            raise LostLease(f"job {job.id}")
        self._count(job.account_id, f"{DONE}:{job.kind}")

    def again(self, job: Job, now: datetime, due_at: datetime, reason: str) -> None:
        """As the port says. When a newer job of the same kind already waits in the lane, the two become one: the newer
        row survives with the larger number of attempts and this due time."""
        if not self._wait_again(job, now, due_at, job.attempts, reason):
            raise LostLease(f"job {job.id}")

    def release(self, job: Job, now: datetime) -> None:
        """As the port says; nothing happens when the lease is lost already."""
        self._wait_again(job, now, now, max(job.attempts - 1, 0), job.reason)

    def bury(self, job_id: int, now: datetime, reason: str) -> bool:
        """True unless there is no such job or it is buried already. A holder of its lease has lost it."""
        statement = (
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.state != BURIED)
            .values(state=BURIED, wake_at=None, reason=reason[:LONGEST_REASON])
        )
        return bool(self._connection.execute(statement).rowcount)

    def revive(self, job_id: int, now: datetime) -> bool:
        """As the port says; it gets a new id, or becomes one with a job of its kind that already waits."""
        statement = delete(jobs).where(jobs.c.id == job_id, jobs.c.state == BURIED).returning(*jobs.c)
        row = self._connection.execute(statement).one_or_none()
        if row is None:
            return False
        self._insert(row.account_id, row.kind, row.lane, now, row.payload)
        return True

    def jobs(self, account_id: str | None = None, state: str | None = None, limit: int = 100) -> list[Job]:
        """Oldest first."""
        statement = select(jobs).order_by(jobs.c.id).limit(limit)
        if account_id is not None:
            statement = statement.where(jobs.c.account_id == account_id)
        if state is not None:
            statement = statement.where(jobs.c.state == state)
        return [self._job(row) for row in self._connection.execute(statement)]

    def counts(self) -> dict[str, int]:
        """By state; "done" counts what was finished since the account was added."""
        finished = select(func.coalesce(func.sum(counters.c.value), 0)).where(counters.c.name.startswith(f"{DONE}:"))
        found = {WAITING: 0, LEASED: 0, BURIED: 0, DONE: int(self._connection.execute(finished).scalar_one())}
        by_state = self._connection.execute(select(jobs.c.state, func.count()).group_by(jobs.c.state))
        return found | {row[0]: row[1] for row in by_state}

    def next_due(self) -> datetime | None:
        """As the port says, counting only what a claim could take: heads of free lanes of accounts not paused."""
        heads = _eligible(jobs.c.wake_at).where(jobs.c.state == WAITING).order_by(jobs.c.wake_at, jobs.c.id).limit(1)
        found: datetime | None = self._connection.execute(heads).scalar()
        return found

    # --- the steps ---------------------------------------------------------------------------------------------------

    def _insert(self, account_id: str, kind: str, lane: str, due_at: datetime, payload: bytes) -> bool:
        values = {
            "account_id": account_id, "kind": kind, "lane": lane, "payload": payload, "state": WAITING, "attempts": 0,
            "token": 0, "due_at": due_at, "wake_at": due_at, "reason": "", "created_at": self._clock.now(),
        }  # fmt: skip
        statement = insert_into(self._connection, jobs).values(values).on_conflict_do_nothing().returning(jobs.c.id)
        return self._connection.execute(statement).scalar() is not None

    def _refresh(self, account_id: str, kind: str, lane: str, due_at: datetime, payload: bytes) -> bool:
        sooner = case((jobs.c.due_at > due_at, literal(due_at, jobs.c.due_at.type)), else_=jobs.c.due_at)
        statement = (
            update(jobs).where(_waiting(account_id, kind, lane)).values(due_at=sooner, wake_at=sooner, payload=payload)
        )
        return bool(self._connection.execute(statement).rowcount)

    def _wait_again(self, job: Job, now: datetime, due_at: datetime, attempts: int, reason: str) -> bool:
        """False when the lease is lost."""
        mine = _still_held(job, now)
        reason = reason[:LONGEST_REASON]
        if not self._connection.execute(update(jobs).where(mine).values(reason=reason)).rowcount:
            return False
        back = {"state": WAITING, "due_at": due_at, "wake_at": due_at, "attempts": attempts}
        for _ in range(_RACES):
            if self._fold(job, due_at, attempts, reason):
                self._connection.execute(delete(jobs).where(mine))
                return True
            try:
                with self._connection.begin_nested():
                    self._connection.execute(update(jobs).where(mine).values(back))
                return True
            except IntegrityError:
                continue  # one of its kind came to wait meanwhile: fold into that one
        raise Temporary("the lane is busy")

    def _fold(self, job: Job, due_at: datetime, attempts: int, reason: str) -> bool:
        more = case((jobs.c.attempts < attempts, attempts), else_=jobs.c.attempts)
        statement = (
            update(jobs)
            .where(_waiting(job.account_id, job.kind, job.lane))
            .values(due_at=due_at, wake_at=due_at, attempts=more, reason=reason)
        )
        return bool(self._connection.execute(statement).rowcount)

    def _count(self, account_id: str, name: str) -> None:
        statement = insert_into(self._connection, counters).values(account_id=account_id, name=name, value=1)
        more = statement.on_conflict_do_update(
            index_elements=["account_id", "name"], set_={"value": counters.c.value + 1}
        )
        self._connection.execute(more)

    def _job(self, row: Row[Any]) -> Job:
        payload = json.loads(self._vault.open_text(row.payload)) if row.payload else {}
        return Job(
            id=row.id, account_id=row.account_id, kind=row.kind, lane=row.lane, payload=payload, attempts=row.attempts,
            token=row.token, due_at=row.due_at, leased_until=row.wake_at if row.state == LEASED else None,
            state=row.state, reason=row.reason, created_at=row.created_at,
        )  # fmt: skip


def _eligible(*more: Any) -> Select[Any]:
    """Jobs that may run: a leased one (its lease may be over), or the oldest waiting one of a lane where none is
    leased; never those of a paused account. Buried ones have no wake_at and block nobody."""
    other = jobs.alias("other")
    in_the_way = (
        select(other.c.id)
        .where(other.c.account_id == jobs.c.account_id, other.c.lane == jobs.c.lane)
        .where(or_(other.c.state == LEASED, and_(other.c.state == WAITING, other.c.id < jobs.c.id)))
    )
    paused = select(accounts.c.id).where(accounts.c.paused != "")
    return (
        select(*(more or (jobs.c.id,)))
        .where(jobs.c.wake_at.is_not(None), jobs.c.account_id.not_in(paused))
        .where(or_(jobs.c.state == LEASED, and_(jobs.c.state == WAITING, ~in_the_way.exists())))
    )


def _still_held(job: Job, now: datetime) -> ColumnElement[bool]:
    return and_(jobs.c.id == job.id, jobs.c.token == job.token, jobs.c.state == LEASED, jobs.c.wake_at > now)


def _waiting(account_id: str, kind: str, lane: str) -> ColumnElement[bool]:
    return and_(
        jobs.c.account_id == account_id, jobs.c.kind == kind, jobs.c.lane == lane, jobs.c.state == WAITING
    )  # fmt: skip
