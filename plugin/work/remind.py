"""Notice promises whose moment has come: each gets a fresh look at its ticket, and that look decides what to say."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from plugin.domain.calendar import Calendar, open_calendar
from plugin.ports import Account, Unit
from plugin.work.tools import Tools, lane_of

STILL_THERE = timedelta(hours=1)
"""After closing: what was due at the close of business is said the same day, while people are on their way out."""


def remind(tools: Tools) -> int:
    """Queue a look for every ticket with a promise at risk or due by now; returns how many were queued. Where nobody is
    at work (night, weekend, holiday) it waits for the next opening: nobody could act on it. A ticket whose look was
    buried is left alone until somebody revives it, or it would be buried anew at every sweep."""
    now = tools.clock.now()
    with tools.storage.unit() as u:
        due = _due_by_day(u, now)
        buried = {(j.account_id, j.lane) for j in u.queue.jobs(None, "buried", 100_000)} if due else set()
        looks = [(a, lane_of(t)) for a, t in due if (a, lane_of(t)) not in buried]
        return sum(u.queue.put(a, "analyse", lane, now, {"why": "due"}) for a, lane in looks)


def _due_by_day(u: Unit, now: datetime) -> list[tuple[str, str]]:
    """(account id, ticket id) of accounts where somebody is at work; those where nobody is take no places of others."""
    awake: set[str] = set()
    asleep: set[str] = set()
    while True:
        due = u.ledger.due(now, without=asleep)
        unknown = {a for a, _ in due} - awake
        if not unknown:
            return due
        shut = {a for a in unknown if (account := u.accounts.get(a)) and not _someone_is_there(account, now)}
        awake |= unknown - shut
        asleep |= shut


def _someone_is_there(account: Account, now: datetime) -> bool:
    calendar = _calendar(account.zone, account.hours, account.holidays, account.region)
    return calendar.is_working(now) or calendar.is_working(now - STILL_THERE)


@lru_cache(maxsize=1_000)
def _calendar(zone: str, hours: str, holidays: tuple[str, ...], region: str) -> Calendar:
    return open_calendar(zone, hours, holidays, region)
