"""Notice promises whose moment has come: each gets a fresh look at its ticket, and that look decides what to say."""

from __future__ import annotations

from plugin.work.tools import Tools, lane_of


def remind(tools: Tools) -> int:
    """Queue a look for every ticket with a promise at risk or due by now; returns how many were queued. A ticket whose
    look was buried is left alone until somebody revives it, or it would be buried anew at every sweep."""
    now = tools.clock.now()
    with tools.storage.unit() as u:
        due = u.ledger.due(now)
        buried = {(j.account_id, j.lane) for j in u.queue.jobs(None, "buried", 100_000)} if due else set()
        looks = [(a, lane_of(t)) for a, t in due if (a, lane_of(t)) not in buried]
        return sum(u.queue.put(a, "analyse", lane, now, {"why": "due"}) for a, lane in looks)
