"""The rows that say what must be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Job:
    """A row that says what must be done. `token` grows with every claim: an older holder can no longer save."""

    id: int
    account_id: str
    kind: str
    """"analyse" or "post"."""
    lane: str
    """One lane, one job at a time, oldest first: "ticket:4711"."""
    payload: Mapping[str, str]
    attempts: int
    token: int
    due_at: datetime
    leased_until: datetime | None
    state: str
    """"waiting", "leased", "done", "buried"."""
    reason: str = ""
    created_at: datetime | None = None


class Queue(Protocol):
    """The inbox and outbox: jobs as rows. All calls belong to the surrounding unit's transaction."""

    def put(
        self, account_id: str, kind: str, lane: str, due_at: datetime, payload: Mapping[str, str] | None = None
    ) -> bool:
        """Add a job unless the same (account, kind, lane) already waits; True if a row was added. When one waits with
        a later due time, it is moved to the earlier one."""
        ...

    def claim(self, now: datetime, lease: timedelta, limit: int) -> list[Job]:
        """Lease the due heads of free lanes of accounts that are not paused, and jobs whose lease ran out."""
        ...

    def renew(self, job: Job, now: datetime, lease: timedelta) -> Job:
        """Prolong the lease; LostLease when it is no longer ours."""
        ...

    def done(self, job: Job, now: datetime) -> None:
        """Finish it; LostLease when the lease ran out or passed to another."""
        ...

    def again(self, job: Job, now: datetime, due_at: datetime, reason: str) -> None:
        """Back to waiting until `due_at`, keeping its attempts; LostLease as above."""
        ...

    def release(self, job: Job, now: datetime) -> None:
        """Give it back untouched (shutdown): waiting, due now, this attempt not counted."""
        ...

    def bury(self, job_id: int, now: datetime, reason: str) -> bool: ...

    def revive(self, job_id: int, now: datetime) -> bool:
        """A buried job waits again, at the end of its lane, with its attempts at zero."""
        ...

    def jobs(self, account_id: str | None = None, state: str | None = None, limit: int = 100) -> list[Job]: ...

    def counts(self) -> dict[str, int]:
        """Jobs by state: {"waiting": 3, "leased": 0, "buried": 1}."""
        ...

    def next_due(self) -> datetime | None:
        """When the earliest waiting job falls due."""
        ...
