"""Change a ticket the way Zendesk does: one audit for a save, tags as a set, comments as audit events."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from plugin.sandbox.desk import Desk
from plugin.sandbox.errors import ApiError, closed, invalid
from plugin.sandbox.events import COMMENT_TYPES, Happening, happenings_of
from plugin.sandbox.state import Audit, Json, TicketRow, User, moment_of
from plugin.sandbox.texts import clean_html, html_of_text, text_of_html
from plugin.sandbox.uploads_api import take_files

STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
"""What REST takes and gives."""

MAX_COMMENTS = 5000
"""After so many a ticket takes no more (zendesk.md 2.1)."""

_PLAIN = {
    "subject": str, "status": str, "priority": str, "type": str, "external_id": str, "assignee_id": int,
    "group_id": int, "requester_id": int,
}  # fmt: skip


def split_tags(given: Iterable[object] | str) -> list[str]:
    """Tags as they are stored: lower case, split at blanks and commas, each once, in order."""
    text = given if isinstance(given, str) else " ".join(str(tag) for tag in given)
    return list(dict.fromkeys(re.split(r"[\s,]+", text.lower().strip()))) if text.strip() else []


def plain_via(channel: str, **source: Any) -> Json:
    """`via` of a save."""
    return {"channel": channel, "source": {"from": source.get("sender", {}), "to": source.get("to", {}),
                                           "rel": source.get("rel")}}  # fmt: skip


def create_ticket(desk: Desk, fields: Json, author: User, via: Json) -> tuple[TicketRow, Audit]:
    """A new ticket with its first comment and its first audit."""
    comment = fields.get("comment") or {}
    text = comment.get("body") or text_of_html(comment.get("html_body", "")) or fields.get("description", "")
    if not text and not comment.get("voice"):
        raise invalid("base", "Description: cannot be blank", "BlankValue")
    requester = int(fields.get("requester_id") or author.id)
    now = desk.stamp()
    subject = fields.get("subject") or text[:80]
    ticket = TicketRow(desk.state.next_ticket, subject, text, requester, author.id, now, now, 0, via)
    desk.state.next_ticket += 1
    ticket.public_default = bool(comment.get("public", True))
    ticket.followup_of = fields.get("via_followup_source_id")
    desk.state.tickets[ticket.id] = ticket
    desk.state.audits[ticket.id] = []
    opening = {"comment": comment if comment else {"body": text}, **_without(fields, "subject", "requester_id")}
    events = [_create(desk, name, getattr(ticket, name)) for name in ("subject", "status", "requester_id")]
    audit = save_ticket(desk, ticket, opening, author, via, opening_events=events)
    return ticket, audit


def save_ticket(
    desk: Desk, ticket: TicketRow, fields: Json, author: User, via: Json, opening_events: list[Json] | None = None
) -> Audit:
    """Apply one save. Without any event nothing is stored and `updated_at` stays (zendesk.md 2.2); the audit that
    is returned is then empty, with id 0."""
    if ticket.status == "closed":
        raise closed()
    events = list(opening_events or [])
    _check(desk, ticket, fields, author)
    if fields.get("comment"):
        events.append(_comment_event(desk, ticket, fields["comment"], author, via))
    if not opening_events and fields.get("comment"):
        _move_status_for_reply(ticket, fields, author)
    events += _field_events(desk, ticket, fields)
    events += _custom_field_events(desk, ticket, fields.get("custom_fields") or [])
    if "tags" in fields:
        events += set_tags(desk, ticket, split_tags(fields["tags"] or []))
    return record(desk, ticket, events, author.id, via, fields.get("metadata") or {}, created=bool(opening_events))


def record(
    desk: Desk, ticket: TicketRow, events: list[Json], author_id: int, via: Json, custom: Json | None = None,
    *, created: bool = False, extra: list[Happening] | None = None,
) -> Audit:  # fmt: skip
    """Store one audit with these events, move the stamps, and tell who listens."""
    audit = Audit(desk.new_id() if events else 0, ticket.id, desk.stamp(), author_id, via, events, custom or {})
    if not events:
        return audit
    if any(event["type"] == "Comment" and event["public"] for event in events):
        events.append(_notification(desk, ticket, author_id))
    for event in events:
        event.setdefault("audit_id", audit.id)
    desk.state.audits[ticket.id].append(audit)
    ticket.updated_at = audit.created_at
    ticket.generated = int(moment_of(audit.created_at).timestamp())
    desk.announce(ticket, audit, happenings_of(desk, ticket, audit, created=created) + (extra or []), author_id)
    return audit


def set_tags(desk: Desk, ticket: TicketRow, wanted: list[str]) -> list[Json]:
    """The whole set of tags is replaced; the Change event, or nothing when it is the same set. A tagger field
    follows its option's tag (zendesk.md 2.3)."""
    if sorted(wanted) == sorted(ticket.tags):
        return []
    event = _change(desk, "tags", sorted(wanted), sorted(ticket.tags))
    ticket.tags = sorted(wanted)
    for field in desk.state.fields.values():
        if field.type == "tagger":
            chosen = [option for option in field.options if option in ticket.tags]
            ticket.custom_fields[str(field.id)] = chosen[-1] if chosen else None
    return [event]


def comments_of(desk: Desk, ticket: TicketRow) -> list[tuple[Audit, Json]]:
    """(audit, comment event), oldest first; voice comments included."""
    return [(a, e) for a in desk.state.audits[ticket.id] for e in a.events if e["type"] in COMMENT_TYPES]


def _check(desk: Desk, ticket: TicketRow, fields: Json, author: User) -> None:
    if (status := fields.get("status")) is not None and status not in STATUSES:
        raise invalid("status", f"Status: {str(status)[:40]} is not recognised")
    if (group := fields.get("group_id")) is not None and int(group) not in desk.state.groups:
        raise invalid("group", "Group: is invalid", "InvalidValue")
    for name in ("assignee_id", "requester_id"):
        if (person := fields.get(name)) is not None and int(person) not in desk.state.users:
            raise invalid(name.removesuffix("_id"), f"{name}: is invalid")
    comment = fields.get("comment")
    if comment and len(comments_of(desk, ticket)) >= MAX_COMMENTS:
        raise invalid("base", "Ticket has too many comments", "TooManyComments")
    if comment and not (comment.get("body") or comment.get("html_body") or comment.get("voice")):
        raise invalid("comment", "Comment: cannot be blank", "BlankValue")
    if comment and author.role == "end-user" and comment.get("public") is False:
        raise ApiError(403, {"error": "Forbidden", "description": "End users cannot write private comments"})


def _comment_event(desk: Desk, ticket: TicketRow, comment: Json, author: User, via: Json) -> Json:
    speaker = int(comment.get("author_id") or author.id)
    public = bool(comment.get("public", ticket.public_default)) and not author.light
    event: Json = {"id": desk.new_id(), "type": "Comment", "author_id": speaker, "public": public,
                   "attachments": take_files(desk, comment.get("uploads") or [])}  # fmt: skip
    if voice := comment.get("voice"):
        event.update(voice)
    if comment.get("html_body"):
        stored = clean_html(comment["html_body"])
        text = text_of_html(stored)
        event |= {"html_body": stored, "body": text.replace("&nbsp;", " "), "plain_body": text}
    else:
        text = str(comment.get("body", ""))
        event |= {"html_body": html_of_text(text), "body": text, "plain_body": text}
    ticket.is_public = ticket.is_public or public
    return event


def _move_status_for_reply(ticket: TicketRow, fields: Json, author: User) -> None:
    """A customer's word opens a ticket again; an agent's first public word takes it out of "new"."""
    if fields.get("status") is not None:
        return
    by_customer = author.role == "end-user" or int(fields["comment"].get("author_id") or 0) == ticket.requester_id
    if by_customer and ticket.status in ("pending", "hold", "solved"):
        fields["status"] = "open"


def _field_events(desk: Desk, ticket: TicketRow, fields: Json) -> list[Json]:
    events: list[Json] = []
    for name, kind in _PLAIN.items():
        if name not in fields:
            continue
        value = None if fields[name] is None else kind(fields[name])
        if value != getattr(ticket, name):
            events.append(_change(desk, name, value, getattr(ticket, name)))
            setattr(ticket, name, value)
    if ticket.assignee_id and ticket.status == "new":
        events.append(_change(desk, "status", "open", "new"))
        ticket.status = "open"
    return events


def _custom_field_events(desk: Desk, ticket: TicketRow, given: list[Json]) -> list[Json]:
    events: list[Json] = []
    for entry in given:
        field = desk.state.fields.get(int(entry["id"]))
        if field is None or ticket.custom_fields.get(str(field.id)) == entry.get("value"):
            continue
        value, before = entry.get("value"), ticket.custom_fields.get(str(field.id))
        if field.type == "tagger" and value is not None and value not in field.options:
            raise invalid("base", f"{field.title}: {str(value)[:40]} is invalid", "FieldValidationError")
        events.append(_change(desk, str(field.id), value, before))
        ticket.custom_fields[str(field.id)] = value
        if field.type == "tagger":
            kept = [tag for tag in ticket.tags if tag not in field.options]
            events += set_tags(desk, ticket, kept + ([str(value)] if value else []))
    return events


def _create(desk: Desk, name: str, value: Any) -> Json:
    return {"id": desk.new_id(), "type": "Create", "field_name": name, "value": _shown(value)}


def _change(desk: Desk, name: str, value: Any, before: Any) -> Json:
    return {"id": desk.new_id(), "type": "Change", "field_name": name, "value": _shown(value),
            "previous_value": _shown(before)}  # fmt: skip


def _notification(desk: Desk, ticket: TicketRow, author_id: int) -> Json:
    """What the account's own "notify requester" trigger leaves behind: a mail, in the audits only."""
    via = {"channel": "rule", "source": {"from": {"deleted": False, "title": "Notify requester and CCs of comment"},
                                         "rel": "trigger"}}  # fmt: skip
    to = ticket.requester_id if author_id != ticket.requester_id else ticket.assignee_id
    return {"id": desk.new_id(), "type": "Notification", "via": via, "subject": f"[{ticket.id}] {ticket.subject}",
            "body": "A comment was added.", "recipients": [to] if to else []}  # fmt: skip


def _shown(value: Any) -> Any:
    """Ids inside Create and Change are strings (zendesk.md 2.2)."""
    return str(value) if isinstance(value, int) else value


def _without(fields: Json, *names: str) -> Json:
    return {name: value for name, value in fields.items() if name not in names}
