"""Write to one Zendesk ticket: our own tags safely beside everybody else's, then note and field in one update."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from plugin.connectors.checks import check
from plugin.connectors.texts import read_id
from plugin.connectors.zendesk.asking import ask_ticket, ticket_path
from plugin.connectors.zendesk.payloads import TicketFacts
from plugin.domain.ticket import Ticket
from plugin.http import Conflict, Http, Limit, NotFound
from plugin.ports import Changes, Clock, Rejected, Temporary

MOST_NOTE = 60_000
"""Letters of a note; Zendesk takes 64 KiB."""

TRIES = 8
"""Rounds of writing a tag and looking, before the job comes back later."""

UPDATES = Limit("tickets-update", 100, 60.0)
"""Updates of tickets in one account, agents' own saves included (100 a minute, 300 with the add-on). Whether tag calls
count is not known; we count them."""

UPDATES_OF_ONE = Limit("per-ticket-updates", 30, 600.0, share=1.0)
"""Updates of one ticket by one user: 30 in ten minutes, and that user is ours alone."""


def limits_of(ticket_id: str) -> tuple[Limit, Limit]:
    """What an update of this ticket is counted in."""
    one = UPDATES_OF_ONE
    return UPDATES, Limit(one.name, one.calls, one.seconds, ticket_id, one.share)


def check_changes(ticket: Ticket, changes: Changes) -> None:
    """Rejected for what must never be sent: foreign tags, a closed ticket, a marker or field that is not one."""
    check(ticket, changes, most_note=MOST_NOTE)
    if changes.field_id and not read_id(changes.field_id):
        raise Rejected("a Zendesk field id is a number")


def set_tags(http: Http, ticket: Ticket, changes: Changes, clock: Clock) -> None:
    """Add and remove our tags until they stand as wanted; foreign tags are never sent.

    Each write carries the ticket's stamp, so that Zendesk refuses it (409) when somebody else wrote in the meantime.
    The stamp counts whole seconds: a write within the second of the stamp could pass beside another one unseen, so we
    wait until that second is over, and look again after every write.
    Source: the "Safe Update" part of https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/
    """
    add, remove = set(changes.add_tags), set(changes.remove_tags) - set(changes.add_tags)
    tags, stamp = set(ticket.tags), ticket.stamp
    for attempt in range(TRIES):
        missing, surplus = sorted(add - tags), sorted(remove & tags)
        if not missing and not surplus:
            return
        if not stamp:
            facts = _look_again(http, ticket.id)
            tags, stamp = set(facts.tags), facts.stamp
            continue
        _let_second_pass(http, stamp, clock)
        try:
            _send_tags(http, ticket.id, "PUT" if missing else "DELETE", missing or surplus, stamp)
        except Conflict:
            http.pause(0.1 * 2**attempt * random.uniform(0.5, 1.5))
        facts = _look_again(http, ticket.id)
        tags, stamp = set(facts.tags), facts.stamp
    if add - tags or remove & tags:
        raise Temporary("others keep writing on this ticket at the same time", retry_after=30)


def _let_second_pass(http: Http, stamp: str, clock: Clock) -> None:
    """Wait, for about a second at most, until the stamp's second is over by our clock."""
    try:
        left = (datetime.fromisoformat(stamp) + SECOND - clock.now()).total_seconds()
    except (ValueError, TypeError):
        return
    if 0 < left <= MOST_WAIT:
        http.pause(left)


SECOND = timedelta(seconds=1.05)
"""A stamp's second, and a little for the difference of two clocks."""

MOST_WAIT = 2.0
"""Seconds: a stamp further ahead only shows that their clock is not ours."""


def put_note(http: Http, ticket_id: str, changes: Changes) -> None:
    """The private note and the field in one update that carries our marker. Not repeatable: after an unknown outcome
    the marker has to be looked for."""
    update: dict[str, Any] = {"metadata": {"followthrough": {"card": changes.marker}}}
    if changes.note_html:
        # `public` is said every time: left out, the ticket's first comment decides.
        update["comment"] = {"html_body": changes.note_html, "public": False}
    if changes.field_id:
        update["custom_fields"] = [{"id": int(changes.field_id), "value": changes.field_value or None}]
    if len(update) == 1:
        return
    try:
        http.send("PUT", ticket_path(ticket_id), json={"ticket": update}, limits=limits_of(ticket_id))
    except Conflict:
        # A "database collision" has been seen to leave half of an update behind.
        raise Temporary("Zendesk reports a collision (409)", unknown=True) from None


def _send_tags(http: Http, ticket_id: str, method: str, tags: list[str], stamp: str) -> None:
    body = {"tags": tags, "updated_stamp": stamp, "safe_update": "true"}
    path = ticket_path(ticket_id, "tags")
    http.send(method, path, json=body, limits=limits_of(ticket_id), repeatable=True)


def _look_again(http: Http, ticket_id: str) -> TicketFacts:
    try:
        facts = ask_ticket(http, ticket_id).ticket
    except NotFound:
        raise Rejected("the ticket is gone") from None
    if facts.status in ("closed", "archived", "deleted", "scrubbed"):
        raise Rejected(f"the ticket is {facts.status}: nothing can be written on it")
    return facts
