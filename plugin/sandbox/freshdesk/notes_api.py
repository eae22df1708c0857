"""Notes edited in place, and the summary slot, over REST."""

from __future__ import annotations

from plugin.sandbox.freshdesk import changes, checks, shapes
from plugin.sandbox.freshdesk.errors import denied, needs_feature
from plugin.sandbox.freshdesk.state import NOTE, Conversation, FreshTicket
from plugin.sandbox.freshdesk.tickets_api import find
from plugin.sandbox.freshdesk.web import FreshCall, Reply, must
from plugin.sandbox.web import Routes


def add_routes(routes: Routes) -> None:
    """What is edited in place."""
    one = "/api/v2/tickets/<id>"
    routes.add("GET", one + "/summary", show_summary)
    routes.add("PUT", one + "/summary", put_summary)
    routes.add("DELETE", one + "/summary", delete_summary)
    routes.add("PUT", "/api/v2/conversations/<id>", edit)
    routes.add("DELETE", "/api/v2/conversations/<id>", remove)


def _turn(call: FreshCall, turn_id: int) -> Conversation:
    every = (turn for turns in call.desk.state.conversations.values() for turn in turns)
    found: Conversation = must(next((turn for turn in every if turn.id == turn_id), None))
    find(call, found.ticket_id)
    return found


def edit(call: FreshCall, turn_id: int) -> Reply:
    """Notes only (freshdesk.md 1.4); how a reply is refused is not known."""
    turn, given = _turn(call, turn_id), call.fields()
    checks.check_keys(given, checks.EDIT_FIELDS)
    checks.demand(given, "body")
    if turn.source != NOTE:
        raise denied()
    changes.edit_note(call.desk, turn, given["body"], list(given.get("attachments") or []), call.user.id)
    return 200, shapes.show_conversation(call.desk, turn, call.base)


def remove(call: FreshCall, turn_id: int) -> Reply:
    changes.remove_note(call.desk, _turn(call, turn_id), call.user.id)
    return 204, None


def _with_summary(call: FreshCall, ticket_id: int) -> FreshTicket:
    """403 where the plan has no summaries."""
    if not call.desk.state.settings.summaries:
        raise needs_feature("ticket_summary")
    return find(call, ticket_id)


def show_summary(call: FreshCall, ticket_id: int) -> Reply:
    ticket = _with_summary(call, ticket_id)
    return 200, shapes.show_summary(ticket, must(ticket.summary))


def put_summary(call: FreshCall, ticket_id: int) -> Reply:
    ticket, given = _with_summary(call, ticket_id), call.fields()
    checks.check_keys(given, checks.SUMMARY_FIELDS)
    checks.demand(given, "body")
    return 200, shapes.show_summary(ticket, changes.set_summary(call.desk, ticket, given["body"], call.user.id))


def delete_summary(call: FreshCall, ticket_id: int) -> Reply:
    ticket = _with_summary(call, ticket_id)
    must(ticket.summary)
    changes.remove_summary(call.desk, ticket, call.user.id)
    return 204, None
