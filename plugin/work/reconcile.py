"""Find what no doorbell told: ask the helpdesk what has changed since we last asked."""

from __future__ import annotations

from plugin.ports import Account, Page, Rejected, Temporary
from plugin.work.tools import Tools, lane_of

CURSOR = "changed_since"

PAGES_AT_ONCE = 50
"""Pages read in one run; the rest waits for the next one, so that no account starves another."""


def reconcile(account: Account, tools: Tools) -> int:
    """Queue a look for every ticket that changed and that we have not seen so; returns how many. Resumable: the cursor
    moves with each page, in the same transaction as the jobs."""
    connector, queued = tools.connect(account), 0
    for _ in range(PAGES_AT_ONCE):
        with tools.storage.unit() as u:
            cursor = u.history.cursor(account.id, CURSOR)
        page = connector.changed_since(cursor)
        queued += _queue(page, account, tools)
        if not page.more:
            break
    return queued


def _queue(page: Page, account: Account, tools: Tools) -> int:
    now, queued = tools.clock.now(), 0
    with tools.storage.unit() as u:
        seen = u.ledger.seen(account.id, [ticket_id for ticket_id, _ in page.tickets])
        for ticket_id, updated_at in page.tickets:
            if ticket_id not in seen or seen[ticket_id] < updated_at:
                queued += u.queue.put(account.id, "analyse", lane_of(ticket_id), now, {"why": "reconcile"})
        u.history.set_cursor(account.id, CURSOR, page.cursor, now)
    return queued


def reconcile_all(tools: Tools) -> dict[str, str]:
    """Every account that is not paused; one that fails does not keep the others waiting. {account id: outcome}."""
    with tools.storage.unit() as u:
        accounts = [a for a in u.accounts.all() if not a.paused]
    outcomes = {}
    for account in accounts:
        try:
            outcomes[account.id] = f"{reconcile(account, tools)} queued"
        except (Temporary, Rejected) as error:
            outcomes[account.id] = f"failed: {error}"
    return outcomes
