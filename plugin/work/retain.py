"""Let go of what nobody needs any longer: the words in old webhooks. That they came, and when, stays known."""

from __future__ import annotations

from datetime import timedelta

from plugin.ports import Unit
from plugin.work.tools import Tools

EMPTIED = "bodies_emptied"
"""Cursor with the number of the last delivery that was looked at."""

AT_ONCE = 500
"""Deliveries a transaction: webhooks wait meanwhile."""


def empty_old_bodies(tools: Tools, days: int) -> int:
    """Empty the bodies of webhooks that came before so many days and were understood; returns how many there were.
    One that could not be read keeps its body until its account is removed: it is all that is known of it."""
    with tools.storage.unit(reading=True) as u:
        accounts = [account.id for account in u.accounts.all()]
    return sum(_empty_all(tools, account_id, days) for account_id in accounts)


def _empty_all(tools: Tools, account_id: str, days: int) -> int:
    emptied = 0
    while True:
        with tools.storage.unit() as u:
            number, more = _empty_some(u, tools, account_id, days)
        emptied += number
        if not more:
            return emptied


def _empty_some(u: Unit, tools: Tools, account_id: str, days: int) -> tuple[int, bool]:
    """(how many, whether there may be more)."""
    now = tools.clock.now()
    after = int(u.history.cursor(account_id, EMPTIED) or 0)
    last, number = u.history.empty_bodies(account_id, now - timedelta(days=days), after, AT_ONCE)
    if last > after:
        u.history.set_cursor(account_id, EMPTIED, str(last), now)
    return number, last > after
