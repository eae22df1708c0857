"""Start the plugin with one safeguard taken out: `python -m tests.journey.sabotage NAME serve`.

The journey's checks must then turn red; a check that stays green would prove nothing.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any


def acknowledge_before_commit() -> None:
    """202 goes out while the row still waits for the commit."""
    from plugin.storage import inbox

    write, keep_all = inbox.Inbox._keep_all, inbox.Inbox.keep_all

    def at_once(self: Any, drafts: Any, done: Any) -> None:
        keep_all(self, drafts, lambda: None)
        done()

    def late(self: Any, batch: Any) -> None:
        time.sleep(0.3)
        write(self, batch)

    inbox.Inbox.keep_all = at_once  # type: ignore[method-assign] # sabotage
    inbox.Draft.outcome = lambda self: True  # type: ignore[method-assign] # sabotage
    inbox.Inbox._keep_all = late  # type: ignore[method-assign] # sabotage


def no_unique_index() -> None:
    """Nothing tells a repeat from a new delivery."""
    from plugin.storage.inbox import Inbox

    row = Inbox._row
    Inbox._row = lambda self, d, b: (row(self, d, b)[0], None, None, None, *row(self, d, b)[4:])  # type: ignore[method-assign] # sabotage


def no_lease() -> None:
    """A job in hand may be claimed again at once, and its first holder goes on."""
    from datetime import timedelta

    from plugin.storage import queue

    claim, renew = queue.JobQueue.claim, queue.JobQueue.renew
    queue.JobQueue.claim = lambda self, now, _lease, limit: claim(self, now, timedelta(0), limit)  # type: ignore[method-assign] # sabotage
    queue.JobQueue.renew = lambda self, job, now, _lease: renew(self, job, now, timedelta(0))  # type: ignore[method-assign] # sabotage
    queue._still_held = lambda job, _now: queue.jobs.c.id == job.id  # type: ignore[assignment] # sabotage


def no_marker() -> None:
    """After a lost answer nobody looks whether the note is there."""
    from plugin.connectors.zendesk import ZendeskConnector

    ZendeskConnector.find_marker = lambda *_: False  # type: ignore[method-assign, assignment] # sabotage


def only_our_tags() -> None:
    """On Freshdesk the list of tags is written without having been read."""
    from plugin.connectors.freshdesk import tagging

    look = tagging.look_before_writing
    nothing = {"tags": []}
    tagging.look_before_writing = lambda http, ticket: look(http, ticket).model_copy(update=nothing)  # sabotage


def forget_our_notes() -> None:
    """On Freshdesk nobody looks whether our card is there before it is written."""
    from plugin.connectors.freshdesk.card import Card

    Card._our_notes = lambda *_: iter(())  # type: ignore[method-assign] # sabotage


def forget_our_digests() -> None:
    """Nobody looks whether a digest ticket, or the note on it, is there before another is made."""
    from plugin.connectors.freshdesk.outbound import FreshdeskConnector
    from plugin.connectors.zendesk.outbound import ZendeskConnector

    quick_search()
    for connector in (ZendeskConnector, FreshdeskConnector):
        connector.find_digest_ticket = lambda *_: ""  # type: ignore[method-assign, assignment] # sabotage
        connector.find_marker = lambda *_: False  # type: ignore[method-assign, assignment] # sabotage


def quick_search() -> None:
    """No sabotage: this helpdesk's search finds a new ticket after a second, so nobody has to wait two minutes."""
    from plugin.work import report

    report.SETTLE = timedelta(seconds=4)


SABOTAGE: dict[str, Callable[[], None]] = {
    f.__name__: f
    for f in (
        acknowledge_before_commit,
        no_unique_index,
        no_lease,
        no_marker,
        only_our_tags,
        forget_our_notes,
        forget_our_digests,
        quick_search,
    )
}


def main() -> None:
    from plugin.__main__ import main as run

    SABOTAGE[sys.argv.pop(1)]()
    run()


if __name__ == "__main__":
    main()
