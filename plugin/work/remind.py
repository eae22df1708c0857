"""Notice promises whose moment has come: each gets a fresh look at its ticket, and that look decides what to say."""

from __future__ import annotations

from plugin.work.tools import Tools, lane_of


def remind(tools: Tools) -> int:
    """Queue a look for every ticket with a promise at risk or due by now; returns how many were queued."""
    now = tools.clock.now()
    with tools.storage.unit() as u:
        queued = [u.queue.put(a, "analyse", lane_of(t), now, {"why": "due"}) for a, t in u.ledger.due(now)]
    return sum(queued)
