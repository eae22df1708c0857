"""Tickets, comments, audits and tags over REST, with the refusals of the real thing."""

from __future__ import annotations

import time
from typing import Any

from plugin.sandbox import changes, shapes
from plugin.sandbox.desk import Desk
from plugin.sandbox.endings import make_private, merge_tickets, redact_words, remove_ticket, restore_ticket
from plugin.sandbox.errors import conflict, invalid, too_many_values
from plugin.sandbox.paging import page_of
from plugin.sandbox.state import Json, TicketRow
from plugin.sandbox.web import Call, Reply, Routes, must


def add_routes(routes: Routes) -> None:
    """Everything under /api/v2/tickets."""
    one = "/api/v2/tickets/<id>"
    routes.add("GET", "/api/v2/tickets", list_tickets)
    routes.add("POST", "/api/v2/tickets", create)
    routes.add("GET", "/api/v2/tickets/show_many", show_many)
    routes.add("GET", one, show)
    routes.add("PUT", one, update)
    routes.add("DELETE", one, delete)
    routes.add("PUT", "/api/v2/deleted_tickets/<id>/restore", restore)
    routes.add("GET", one + "/comments", list_comments)
    routes.add("PUT", one + "/comments/<id>/make_private", make_comment_private)
    routes.add("PUT", one + "/comments/<id>/redact", redact)
    routes.add("GET", one + "/audits", list_audits)
    routes.add("GET", one + "/metrics", metrics)
    routes.add("PUT", one + "/mark_as_spam", spam)
    routes.add("POST", one + "/merge", merge)
    routes.add("GET", one + "/tags", get_tags)
    routes.add("PUT", one + "/tags", add_tags)
    routes.add("POST", one + "/tags", replace_tags)
    routes.add("DELETE", one + "/tags", remove_tags)


def find(desk: Desk, ticket_id: int) -> TicketRow:
    """A ticket that is still there; 404 for one that was deleted or marked as spam."""
    ticket = desk.state.tickets.get(ticket_id)
    found: TicketRow = must(ticket if ticket and not ticket.gone else None)
    return found


def list_tickets(call: Call) -> Reply:
    wanted = call.query.get("external_id")
    found = [t for t in call.desk.state.tickets.values() if not t.gone and wanted in (None, t.external_id)]
    rows = [shapes.show_ticket(call.desk, t, call.base) for t in found]
    return 200, page_of("tickets", rows, call.query, call.url)


def create(call: Call) -> Reply:
    fields = call.json().get("ticket") or {}
    if "requester_id" in fields and int(fields["requester_id"]) not in call.desk.state.users:
        raise invalid("requester", "Requester: is invalid")
    ticket, audit = changes.create_ticket(call.desk, fields, call.user, changes.plain_via("api"))
    return 201, {"ticket": shapes.show_ticket(call.desk, ticket, call.base), "audit": shapes.show_audit(audit)}


def show_many(call: Call) -> Reply:
    ids = call.numbers("ids")
    if len(ids) > 100:
        raise too_many_values()
    found = [t for t in (call.desk.state.tickets.get(i) for i in ids) if t is not None and not t.gone]
    rows = [shapes.show_ticket(call.desk, t, call.base) for t in found]
    sides = [side for ticket in found for side in [_sideloads(call, ticket)]]
    merged: Json = {}
    for side in sides:
        for name, entries in side.items():
            merged.setdefault(name, []).extend(e for e in entries if e not in merged.get(name, []))
    return 200, {"tickets": rows, "count": len(rows), "next_page": None, "previous_page": None, **merged}


def show(call: Call, ticket_id: int) -> Reply:
    ticket = find(call.desk, ticket_id)
    return 200, {"ticket": shapes.show_ticket(call.desk, ticket, call.base), **_sideloads(call, ticket)}


def _sideloads(call: Call, ticket: TicketRow) -> Json:
    wanted = call.query.get("include", "").split(",")
    people = (ticket.requester_id, ticket.submitter_id, ticket.assignee_id)
    users = [call.desk.state.users[i] for i in dict.fromkeys(people) if i in call.desk.state.users]
    found: Json = {}
    if "users" in wanted:
        found["users"] = [shapes.show_user(user, call.base) for user in users]
    if "groups" in wanted:
        groups = [call.desk.state.groups[ticket.group_id]] if ticket.group_id else []
        found["groups"] = [shapes.show_group(group, call.base) for group in groups]
    if "metric_sets" in wanted:
        found["metric_sets"] = [shapes.show_metrics(call.desk, ticket, call.base)]
    return found


def update(call: Call, ticket_id: int) -> Reply:
    ticket, fields = find(call.desk, ticket_id), call.json().get("ticket")
    if not isinstance(fields, dict):
        raise invalid("base", "Parameter ticket is required")
    _guard(fields, ticket)
    fields = {name: value for name, value in fields.items() if name != "description"}  # silently ignored, A1
    if set(fields) <= {"tags", "safe_update", "updated_stamp"} and "tags" in fields and ticket.status == "closed":
        events = changes.set_tags(call.desk, ticket, changes.split_tags(fields["tags"] or []))
        audit = changes.record(call.desk, ticket, events, call.user.id, changes.plain_via("api"))
    else:
        audit = changes.save_ticket(call.desk, ticket, fields, call.user, changes.plain_via("api"))
    return 200, {"ticket": shapes.show_ticket(call.desk, ticket, call.base), "audit": shapes.show_audit(audit)}


def delete(call: Call, ticket_id: int) -> Reply:
    remove_ticket(call.desk, find(call.desk, ticket_id), call.user, "ticket.soft_deleted")
    return 204, None


def restore(call: Call, ticket_id: int) -> Reply:
    restore_ticket(call.desk, must(call.desk.state.tickets.get(ticket_id)), call.user)
    return 200, {}


def list_comments(call: Call, ticket_id: int) -> Reply:
    rows = shapes.show_comments(call.desk, find(call.desk, ticket_id))
    if call.query.get("sort") == "-created_at" or call.query.get("sort_order") == "desc":
        rows.reverse()
    page = page_of("comments", rows, call.query, call.url)
    if "users" in call.query.get("include", "").split(","):
        ids = dict.fromkeys(row["author_id"] for row in page["comments"])
        users = [call.desk.state.users[i] for i in ids if i in call.desk.state.users]
        page["users"] = [shapes.show_user(user, call.base) for user in users]
    return 200, page


def make_comment_private(call: Call, ticket_id: int, comment_id: int) -> Reply:
    make_private(call.desk, find(call.desk, ticket_id), comment_id, call.user)
    return 200, {}


def redact(call: Call, ticket_id: int, comment_id: int) -> Reply:
    words = str(call.json().get("text") or "")
    redact_words(call.desk, find(call.desk, ticket_id), comment_id, words, call.user)
    rows = shapes.show_comments(call.desk, find(call.desk, ticket_id))
    return 200, {"comment": next(row for row in rows if row["id"] == comment_id)}


def list_audits(call: Call, ticket_id: int) -> Reply:
    ticket = find(call.desk, ticket_id)
    rows = [shapes.show_audit(audit) for audit in call.desk.state.audits[ticket.id]]
    return 200, page_of("audits", rows, call.query, call.url)


def metrics(call: Call, ticket_id: int) -> Reply:
    return 200, {"ticket_metric": shapes.show_metrics(call.desk, find(call.desk, ticket_id), call.base)}


def spam(call: Call, ticket_id: int) -> Reply:
    """The ticket goes and its requester is suspended."""
    ticket = find(call.desk, ticket_id)
    call.desk.state.users[ticket.requester_id].suspended = True
    remove_ticket(call.desk, ticket, call.user, "ticket.marked_as_spam")
    return 200, {}


def merge(call: Call, ticket_id: int) -> Reply:
    asked = call.json()
    into = find(call.desk, ticket_id)
    for source in asked.get("ids") or []:
        merge_tickets(call.desk, find(call.desk, int(source)), into, call.user)
    job = {"id": f"V3-{call.desk.random.getrandbits(128):032x}", "status": "completed", "total": 1, "progress": 1}
    return 200, {"job_status": job}


def get_tags(call: Call, ticket_id: int) -> Reply:
    return 200, {"tags": list(find(call.desk, ticket_id).tags)}


def add_tags(call: Call, ticket_id: int) -> Reply:
    tags = _tags_in(call)
    return 200, {"tags": _write_tags(call, ticket_id, lambda old: old + [t for t in tags if t not in old])}


def replace_tags(call: Call, ticket_id: int) -> Reply:
    tags = _tags_in(call)
    return 201, {"tags": _write_tags(call, ticket_id, lambda old: tags)}


def remove_tags(call: Call, ticket_id: int) -> Reply:
    tags = _tags_in(call)
    _write_tags(call, ticket_id, lambda old: [t for t in old if t not in tags])
    return 204, None


def _tags_in(call: Call) -> list[str]:
    given = call.json().get("tags", [])
    return changes.split_tags(given if isinstance(given, list | str) else [])


def _write_tags(call: Call, ticket_id: int, change: Any) -> list[str]:
    """Read, let others in for a moment, write: whoever writes between loses tags, as at Zendesk (zendesk.md 2.3).
    A safe update is held against the stamp only before that moment, so two writers of one second still collide."""
    ticket = find(call.desk, ticket_id)
    _guard(call.json(), ticket)
    seen = list(ticket.tags)
    call.desk.lock.release()
    try:
        time.sleep(call.desk.state.settings.race)
    finally:
        call.desk.lock.acquire()
    if _is_safe(call.json()):
        _guard(call.json(), ticket)
    events = changes.set_tags(call.desk, ticket, change(seen))
    changes.record(call.desk, ticket, events, call.user.id, changes.plain_via("api"))
    return list(ticket.tags)


def _is_safe(asked: Json) -> bool:
    return str(asked.get("safe_update", "")).lower() == "true"


def _guard(asked: Json, ticket: TicketRow) -> None:
    """409 when a safe update names another second than the ticket's last change."""
    if _is_safe(asked) and asked.get("updated_stamp") != ticket.updated_at:
        raise conflict()
