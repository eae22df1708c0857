"""Set our own tags on a Freshdesk ticket beside everybody else's, as safely as a list that is only replaced allows."""

from __future__ import annotations

import random

from plugin.connectors.freshdesk.asking import ask_ticket, ticket_path
from plugin.connectors.freshdesk.channels import status_of
from plugin.connectors.freshdesk.payloads import TicketFacts
from plugin.domain.ticket import Status
from plugin.http import Http, Limit, NotFound, Refusal
from plugin.ports import Changes, Rejected, Temporary

LONGEST_TAG = 32
"""Letters. https://developers.freshdesk.com/api/#ticket_attributes says so of outbound tickets; assumed of all."""

TRIES = 6
"""Rounds of reading, writing and looking, before the job comes back later."""

MOST_WAIT = 20.0
"""Seconds that one call waits for "too many requests" to pass; a longer wait goes back to the queue."""

UPDATES = Limit("ticket-update", 80, 60.0)
"""Updates of tickets a minute on the smallest paid plan; no header shows this limit."""


def set_tags(http: Http, ticket_id: str, changes: Changes) -> None:
    """Add and remove our tags until they stand as wanted.

    PUT replaces the whole list and nothing locks it, so each round reads the list, writes it at once with our tags
    joined in, and reads again. A tag that somebody else adds between our reading and our writing (tens of
    milliseconds) is lost without a sign: nothing in the API can prevent or show it. A tag of ours that somebody else
    replaces away is seen and set again. The list is written once a round and never sent again as it stood. An account
    keeps a tag as it was first spelled: capitals do not count.
    Raises Rejected where the ticket is gone or closed, FieldWanted where it needs fields that are not ours to fill,
    Temporary where others keep writing.
    """
    add, remove = set(changes.add_tags), set(changes.remove_tags) - set(changes.add_tags)
    if not add and not remove:
        return
    for attempt in range(TRIES + 1):
        if attempt > 1:
            http.pause(0.1 * 2.0**attempt * random.uniform(0.5, 1.5))
        tags = look_before_writing(http, ticket_id).tags
        wanted = [tag for tag in tags if tag.lower() not in remove] + sorted(add - {tag.lower() for tag in tags})
        if wanted == tags:
            return
        if attempt < TRIES:
            _put(http, ticket_id, wanted)
    raise Temporary("others keep replacing this ticket's tags at the same time", retry_after=30)


def _put(http: Http, ticket_id: str, tags: list[str]) -> None:
    """Write the list once. Not sent again after a wait: it would be stale by then. What became of a write whose answer
    was lost shows at the next look."""
    try:
        http.send("PUT", ticket_path(ticket_id), json={"tags": tags}, limits=(UPDATES,), tries=1)
    except Refusal as refusal:
        raise explain(refusal) from None
    except Temporary as error:
        if not error.unknown and (error.retry_after or 0.0) > MOST_WAIT:
            raise
        http.pause(min(error.retry_after or 0.5, MOST_WAIT))


class FieldWanted(Refusal):
    """A 400 about a field that we did not send: the account demands it on every update, and only an admin can say
    otherwise."""

    def __str__(self) -> str:
        return (
            f"Freshdesk requires the field {', '.join(self.fields)} whenever a ticket is updated: make it optional "
            "for agents (Admin → Workflows → Ticket Fields), or relax the rule that demands it, for the API"
        )


def explain(refusal: Refusal) -> Refusal:
    """The refusal, with what an admin can do where it is about a field that we did not send."""
    foreign = tuple(name for name in refusal.fields if name != "tags")
    return FieldWanted(400, refusal.code, foreign) if refusal.status == 400 and foreign else refusal


def look_before_writing(http: Http, ticket_id: str) -> TicketFacts:
    """The ticket as it is now; Rejected where nothing can be written on it any more."""
    try:
        facts = ask_ticket(http, ticket_id)
    except NotFound:
        raise Rejected("the ticket is gone") from None
    ended = "deleted" if facts.deleted else "spam" if facts.spam else ""
    if not ended and status_of(facts.status, {}) is Status.CLOSED:
        ended = "closed"
    if ended:
        raise Rejected(f"the ticket is {ended}: nothing can be written on it")
    return facts
