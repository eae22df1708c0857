"""Tickets, conversations, notes, replies and the summary slot over REST, with the refusals of the real thing."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from plugin.sandbox.freshdesk import changes, checks, endings, shapes
from plugin.sandbox.freshdesk.errors import denied, invalid, not_found
from plugin.sandbox.freshdesk.login import may_see
from plugin.sandbox.freshdesk.paging import page_of
from plugin.sandbox.freshdesk.search import search_tickets
from plugin.sandbox.freshdesk.state import NOTE, FreshTicket, Person
from plugin.sandbox.freshdesk.web import FreshCall, Reply, must
from plugin.sandbox.state import Json, moment_of, stamp_of
from plugin.sandbox.web import Routes

USUAL_DAYS = 30
"""Without `updated_since` a list holds only tickets created in so many days."""

OLDEST = 10
"""So many conversations `include=conversations` gives, the oldest ones."""

_STAMP = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?)?")


def add_routes(routes: Routes) -> None:
    """Everything about tickets."""
    one = "/api/v2/tickets/<id>"
    routes.add("GET", "/api/v2/tickets", list_tickets)
    routes.add("POST", "/api/v2/tickets", create)
    routes.add("PUT", "/api/v2/tickets/merge", merge)
    routes.add("GET", "/api/v2/tickets/archived/<id>", show_archived)
    routes.add("GET", "/api/v2/tickets/archived/<id>/conversations", list_archived)
    routes.add("GET", one, show)
    routes.add("PUT", one, update)
    routes.add("DELETE", one, delete)
    routes.add("PUT", one + "/restore", restore)
    routes.add("GET", one + "/conversations", list_conversations)
    routes.add("POST", one + "/notes", note)
    routes.add("POST", one + "/reply", reply)
    routes.add("GET", "/api/v2/search/tickets", search_tickets)


def find(call: FreshCall, ticket_id: int, *, reading: bool = False) -> FreshTicket:
    """A ticket this caller may touch; 404 or 403 otherwise. Archived ones live on another path."""
    ticket = call.desk.state.tickets.get(ticket_id)
    if ticket is None or ticket.place == "archived":
        raise not_found()
    how = call.desk.state.settings.deleted_answer
    if ticket.place == "deleted" and not (reading and how == "shown"):
        raise denied() if how == "403" else not_found()
    if not may_see(call.user, ticket):
        raise denied()
    return ticket


def list_tickets(call: FreshCall) -> Reply:
    """Only some tickets unless one asks rightly: see freshdesk.md 1.3."""
    kind = call.one_of("filter", ("new_and_my_open", "watching", "spam", "deleted"))
    order = call.one_of("order_by", ("created_at", "due_by", "updated_at", "status"), "created_at")
    falling = call.one_of("order_type", ("asc", "desc"), "desc") == "desc"
    wanted = _included(call, ("stats", "requester", "description"))
    since = _since(call)
    soonest = stamp_of(call.desk.clock.now() - timedelta(days=USUAL_DAYS))
    rows = [
        ticket for ticket in call.desk.state.tickets.values()
        if _listed(ticket, kind, call.user) and may_see(call.user, ticket)
        and (ticket.updated_at >= since if since else ticket.created_at >= soonest)
        and call.query.get("requester_id", str(ticket.requester_id)) == str(ticket.requester_id)
    ]  # fmt: skip
    rows.sort(key=lambda ticket: (getattr(ticket, order), ticket.id), reverse=falling)
    return 200, [_shown(call, ticket, wanted, described="description" in wanted) for ticket in page_of(call, rows)]


def _listed(ticket: FreshTicket, kind: str, user: Person) -> bool:
    if kind == "deleted":
        return ticket.place == "deleted"
    if kind == "spam":
        return ticket.spam and not ticket.place
    if ticket.place or ticket.spam:
        return False
    return kind != "new_and_my_open" or (ticket.status == 2 and ticket.responder_id in (None, user.id))


def _since(call: FreshCall) -> str:
    text = call.query.get("updated_since", "")
    if text and not _STAMP.fullmatch(text):
        raise invalid(("updated_since", "It should be in the 'combined date and time ISO8601' format", "invalid_value"))
    if not text:
        return ""
    moment = datetime.fromisoformat(text)
    return stamp_of(moment if moment.tzinfo else moment_of(moment.isoformat() + "Z"))


def _included(call: FreshCall, known: tuple[str, ...]) -> list[str]:
    wanted = [part for part in call.query.get("include", "").split(",") if part]
    if any(part not in known for part in wanted):
        raise invalid(("include", f"It should be one of these values: '{','.join(known)}'", "invalid_value"))
    return wanted


def _shown(call: FreshCall, ticket: FreshTicket, wanted: list[str], *, described: bool = True) -> Json:
    shown = shapes.show_ticket(call.desk, ticket, call.base, described=described)
    if "stats" in wanted:
        shown["stats"] = shapes.show_stats(ticket)
    if "requester" in wanted:
        shown["requester"] = shapes.show_requester(call.desk.state.people[ticket.requester_id])
    if "company" in wanted:
        shown["company"] = {}
    if "conversations" in wanted:
        turns = call.desk.state.conversations[ticket.id][:OLDEST]
        shown["conversations"] = [shapes.show_conversation(call.desk, turn, call.base) for turn in turns]
    return shown


def show(call: FreshCall, ticket_id: int) -> Reply:
    wanted = _included(call, ("conversations", "requester", "company", "stats"))
    ticket = find(call, ticket_id, reading=True)
    call.desk.note_tags(call.user.id, ticket, ticket.tags)
    return 200, _shown(call, ticket, wanted)


def create(call: FreshCall) -> Reply:
    given = call.fields()
    checks.check_keys(given, checks.CREATE)
    checks.demand(given, "subject", "description")
    checks.check_values(call.desk, given)
    requester = given.get("requester_id") or _requester(call, given)
    source = call.user if requester == call.user.id else call.desk.state.people[requester]
    made = changes.create_ticket(call.desk, {**given, "requester_id": requester}, call.user if source.agent else source)
    call.headers["Location"] = f"{call.base}/api/v2/tickets/{made.id}"
    return 201, _shown(call, made, [])


def _requester(call: FreshCall, given: Json) -> int:
    """The contact of an address or number, made when it is new; an agent's address gives the agent."""
    email, phone = given.get("email"), given.get("phone")
    if not email and not phone:
        raise invalid(("requester_id", "One of requester_id, phone, email, twitter_id, unique_external_id is needed",
                       "missing_field"))  # fmt: skip
    for person in call.desk.state.people.values():
        if (email and person.email == email) or (phone and person.phone == phone):
            return person.id
    name = given.get("name") or str(email or phone).partition("@")[0]
    return call.desk.add_person(name, email=email or "", phone=phone).id


def update(call: FreshCall, ticket_id: int) -> Reply:
    """Whatever is in `tags` becomes the whole list. A field the admin made required refuses even a harmless change."""
    ticket, given = find(call, ticket_id), call.fields()
    if not given:
        raise invalid(("request", "No parameters were given", "missing_field"))
    checks.check_keys(given, checks.UPDATE)
    checks.check_values(call.desk, given)
    if ticket.source == 10 and {"subject", "description"} & set(given):
        raise invalid(("subject", "It cannot be changed on an outbound ticket", "readonly_field"))
    checks.check_required(call.desk, ticket, given)
    if given.get("requester_id"):
        ticket.requester_id = given["requester_id"]
    if "description" in given:
        ticket.description = changes.clean(given["description"])
        ticket.description_text = changes.text_of(ticket.description)
    before = list(ticket.tags)
    changes.update_ticket(call.desk, ticket, given, call.user.id)
    call.desk.note_tags(call.user.id, ticket, before)
    return 200, _shown(call, ticket, [])


def delete(call: FreshCall, ticket_id: int) -> Reply:
    endings.delete_ticket(call.desk, find(call, ticket_id), call.user.id)
    return 204, None


def restore(call: FreshCall, ticket_id: int) -> Reply:
    ticket = call.desk.state.tickets.get(ticket_id)
    endings.restore_ticket(call.desk, must(ticket if ticket and ticket.place == "deleted" else None), call.user.id)
    return 204, None


def merge(call: FreshCall) -> Reply:
    given = call.fields()
    known = {"primary_id": int, "ticket_ids": list, "note_in_primary": dict, "note_in_secondary": dict,
             "convert_recepients_to_cc": bool}  # fmt: skip
    checks.check_keys(given, known)
    checks.demand(given, "primary_id", "ticket_ids")
    notes = {}
    for name, key in (("note_in_primary", "primary"), ("note_in_secondary", "secondary")):
        if told := given.get(name):
            notes[key] = (str(told.get("body", "")), bool(told.get("private", True)))
    sources = [find(call, int(number)) for number in given["ticket_ids"]]
    endings.merge_tickets(call.desk, find(call, given["primary_id"]), sources, call.user, notes=notes)
    return 204, None


def _archived(call: FreshCall, ticket_id: int) -> FreshTicket:
    ticket = call.desk.state.tickets.get(ticket_id)
    found: FreshTicket = must(ticket if ticket and ticket.place == "archived" else None)
    return found


def show_archived(call: FreshCall, ticket_id: int) -> Reply:
    return 200, _shown(call, _archived(call, ticket_id), _included(call, ("conversations", "requester", "stats")))


def list_archived(call: FreshCall, ticket_id: int) -> Reply:
    return 200, _turns(call, _archived(call, ticket_id))


def list_conversations(call: FreshCall, ticket_id: int) -> Reply:
    return 200, _turns(call, find(call, ticket_id, reading=True))


def _turns(call: FreshCall, ticket: FreshTicket) -> list[Json]:
    """Oldest first."""
    turns = page_of(call, call.desk.state.conversations[ticket.id])
    return [shapes.show_conversation(call.desk, turn, call.base) for turn in turns]


def note(call: FreshCall, ticket_id: int) -> Reply:
    """A note; private unless said otherwise. It belongs to the key's owner unless `user_id` names another agent."""
    ticket, given = find(call, ticket_id), call.fields()
    checks.check_keys(given, checks.NOTE_FIELDS)
    checks.demand(given, "body")
    private = given.get("private")
    turn = changes.say(
        call.desk, ticket, _author(call, given), given["body"], source=NOTE, private=private is not False,
        incoming=bool(given.get("incoming")), to_emails=list(given.get("notify_emails") or []),
        attachments=list(given.get("attachments") or []),
    )  # fmt: skip
    shown = shapes.show_conversation(call.desk, turn, call.base)
    return 201, {**shown, "notified_to": list(turn.to_emails)}


def reply(call: FreshCall, ticket_id: int) -> Reply:
    ticket, given = find(call, ticket_id), call.fields()
    checks.check_keys(given, checks.REPLY_FIELDS)
    checks.demand(given, "body")
    to = call.desk.state.people[ticket.requester_id].email
    turn = changes.say(
        call.desk, ticket, _author(call, given), given["body"], to_emails=[to] if to else [],
        from_email=given.get("from_email") or call.desk.support_email, cc_emails=list(given.get("cc_emails") or []),
        attachments=list(given.get("attachments") or []),
    )  # fmt: skip
    return 201, {**shapes.show_conversation(call.desk, turn, call.base), "replied_to": list(turn.to_emails)}


def _author(call: FreshCall, given: Json) -> Person:
    asked = given.get("user_id")
    if asked is None:
        return call.user
    person = call.desk.state.people.get(asked)
    if person is None:
        raise invalid(("user_id", "There is no person matching the given user_id", "invalid_value"))
    return person
