"""Do the jobs that are due, one ticket at a time, and decide what becomes of one that fails."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import timedelta

import structlog

from plugin.ports import Account, Disconnected, Job, LostLease, Rejected, Temporary
from plugin.work.analyse import analyse
from plugin.work.emerge import emerge
from plugin.work.learn import learn_job
from plugin.work.post import post
from plugin.work.report import report
from plugin.work.tools import Tools
from plugin.work.trouble import place_of

log = structlog.get_logger()

VERBS: Mapping[str, Callable[[Job, Account, Tools], None]] = {
    "analyse": analyse,
    "post": post,
    "digest": report,
    "learn": learn_job,
    "emerge": emerge,
}

WRITES = frozenset({"post", "digest"})
"""Kinds that may be on their way to the helpdesk: when a worker stops, their lease keeps the next try from overtaking
them."""


CRASHES = 5
"""Tries beyond the limit that a job may have because its worker never came back: a process may be killed for reasons of
its own, but not every time with the same job in hand."""


def claim(tools: Tools, limit: int) -> list[Job]:
    """Lease up to `limit` jobs that are due."""
    with tools.storage.unit() as u:
        return u.queue.claim(tools.clock.now(), tools.limits.lease, limit)


def perform(job: Job, tools: Tools) -> str:
    """Do one leased job. Returns what became of it: done, again, buried or lost."""
    try:
        return _try(job, tools)
    except LostLease:
        log.warning("job.lost_lease", job=job.id, kind=job.kind, account=job.account_id)
        return "lost"


def _try(job: Job, tools: Tools) -> str:
    with tools.storage.unit() as u:
        account = u.accounts.get(job.account_id)
    if account is None:
        return _bury(job, tools, "the account is gone")
    if job.attempts > tools.limits.max_attempts + CRASHES:
        return _bury(job, tools, f"its worker did not come back {job.attempts - 1} times; see what ends the process")
    try:
        VERBS[job.kind](job, account, tools)
    except LostLease:
        raise
    except Disconnected as error:
        return _pause(job, account, tools, str(error))
    except Rejected as error:
        return _bury(job, tools, str(error))
    except Temporary as error:
        return _again(job, tools, str(error), error.retry_after)
    except Exception as error:
        log.error("job.bug", job=job.id, kind=job.kind, account=job.account_id, error=place_of(error))
        return _again(job, tools, f"bug: {type(error).__name__}", None)
    log.info("job.done", job=job.id, kind=job.kind, account=job.account_id, attempts=job.attempts)
    return "done"


def wait_before(attempts: int, jitter: float) -> timedelta:
    """How long before the next try: 5 s, doubling to at most an hour, times the jitter (0.5 to 1.5)."""
    return timedelta(seconds=min(3600.0, 5.0 * 2.0 ** min(attempts - 1, 12)) * jitter)


def _again(job: Job, tools: Tools, reason: str, retry_after: float | None) -> str:
    if job.attempts >= tools.limits.max_attempts:
        return _bury(job, tools, f"after {job.attempts} tries: {reason}")
    wait = wait_before(job.attempts, random.uniform(0.5, 1.5))
    if retry_after is not None:
        wait = max(timedelta(seconds=min(retry_after, 3600.0)), wait)
    with tools.storage.unit() as u:
        now = tools.clock.now()
        u.queue.again(job, now, now + wait, reason)
    log.warning("job.again", job=job.id, kind=job.kind, account=job.account_id, seconds=wait.total_seconds())
    return "again"


def _bury(job: Job, tools: Tools, reason: str) -> str:
    with tools.storage.unit() as u:
        now = tools.clock.now()
        u.queue.renew(job, now, tools.limits.lease)
        u.queue.bury(job.id, now, reason)
    log.error("job.buried", job=job.id, kind=job.kind, account=job.account_id, reason=reason)
    return "buried"


def _pause(job: Job, account: Account, tools: Tools, reason: str) -> str:
    """No hot loop on refused credentials: the account rests, visibly, and the job keeps its place. Where only this
    ticket is forbidden to us, the account goes on and the job is buried."""
    if _still_welcome(account, tools):
        return _bury(job, tools, reason)
    with tools.storage.unit() as u:
        now = tools.clock.now()
        u.accounts.update(account.id, paused=reason)
        u.queue.release(job, now)
    log.error("account.paused", account=account.id, reason=reason)
    return "again"


def _still_welcome(account: Account, tools: Tools) -> bool:
    try:
        tools.connect(account).whoami()
    except (Rejected, Temporary):
        return False
    return True


def drain(tools: Tools, limit: int = 1_000_000) -> int:
    """Do everything that is due now, in this thread; returns how many jobs were done or tried."""
    tried = 0
    while tried < limit and (jobs := claim(tools, 16)):
        for job in jobs:
            perform(job, tools)
            tried += 1
    return tried
