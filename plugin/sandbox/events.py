"""What Zendesk tells about a save: event envelopes for subscriptions, a rendered template for triggers."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plugin.sandbox.state import Audit, Json, TicketRow

if TYPE_CHECKING:
    from plugin.sandbox.desk import Desk

PREFIX = "zen:event-type:"
TRIGGER = "conditional_ticket_events"
"""The subscription of the trigger kind; it cannot be mixed with event types (zendesk.md 1.1)."""

COMMENT_TYPES = ("Comment", "VoiceComment", "TpeVoiceComment")

_FIELD_EVENTS = {
    "status": "status_changed", "priority": "priority_changed", "type": "type_changed",
    "assignee_id": "agent_assignment_changed", "group_id": "group_assignment_changed",
    "requester_id": "requester_changed", "subject": "subject_changed", "external_id": "external_id_changed",
}  # fmt: skip
_CHANNELS = {"api": "web_service", "web": "web_form", "email": "mail"}
"""Event spellings of via.channel differ from REST (zendesk.md 1.3; the list is not complete there either)."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing subscribers may hear of: an event type without its prefix, and its `event` object."""

    type: str
    event: Json


def happenings_of(desk: Desk, ticket: TicketRow, audit: Audit, *, created: bool) -> list[Happening]:
    """The events of one save, in Zendesk's own order; they share a sequence when sent."""
    found = [Happening("ticket.created", {})] if created else []
    for event in audit.events:
        if event["type"] in COMMENT_TYPES:
            found.append(Happening("ticket.comment_added", {"comment": _comment(desk, event)}))
        elif event["type"] == "Change" and event["field_name"] == "tags":
            found.append(Happening("ticket.tags_changed", _tag_change(event)))
        elif event["type"] == "Change" and event["field_name"] in _FIELD_EVENTS:
            found.append(Happening("ticket." + _FIELD_EVENTS[event["field_name"]], _field_change(event)))
        elif event["type"] == "Change":
            found.append(Happening("ticket.custom_field_changed", _custom_change(event)))
    return found


def envelope(desk: Desk, ticket: TicketRow, happening: Happening, actor: int, sequence: Json) -> Json:
    """One event as it is sent: ids are strings, unset ids "0", enums in capitals (zendesk.md 1.3, A2)."""
    now = desk.clock.now()
    inner = {**happening.event, "meta": {"sequence": sequence}} if happening.event else {}
    return {
        "account_id": desk.state.settings.account_id,
        "detail": _detail(ticket, actor),
        "event": inner,
        "id": str(uuid.UUID(int=desk.random.getrandbits(128), version=4)),
        "subject": f"zen:ticket:{ticket.id}",
        "time": now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond:06d}{desk.random.randrange(1000):03d}Z",
        "type": PREFIX + happening.type,
        "zendesk_event_version": "2022-11-06",
    }


def pretty(body: Json) -> bytes:
    """JSON as Zendesk writes it: three blanks a level, keys in order, `{ }` for nothing, a new line at the end."""
    text = json.dumps(body, indent=3, sort_keys=True, ensure_ascii=False)
    return (text.replace(": {},", ": { },").replace(": {}\n", ": { }\n") + "\n").encode()


def trigger_template(account_id: int) -> str:
    """The template SETUP recommends: ids only, all quoted, the account written out (zendesk.md A4)."""
    return (
        '{"source":"zendesk_trigger","v":1,"account_id":"ACCOUNT","ticket_id":"{{ticket.id}}","status":"{{ticket.status}}",'
        '"updated_at":"{{ticket.updated_at_with_timestamp}}","actor_id":"{{current_user.id}}",'
        '"requester_id":"{{ticket.requester.id}}"}'
    ).replace("ACCOUNT", str(account_id))


def fires_trigger(audit: Audit) -> bool:
    """The conditions that belong to the template: a comment is present, or the status changed (zendesk.md A4)."""
    return any(
        event["type"] in COMMENT_TYPES or (event["type"] == "Change" and event["field_name"] == "status")
        for event in audit.events
    )


def render_template(template: str, ticket: TicketRow, actor: int) -> bytes:
    """Placeholders become text, unquoted and unescaped, as the real ones do; unknown ones become nothing."""
    values = {
        "ticket.id": ticket.id, "ticket.status": ticket.status, "ticket.title": ticket.subject,
        "ticket.updated_at_with_timestamp": ticket.updated_at, "current_user.id": actor,
        "ticket.requester.id": ticket.requester_id, "ticket.description": ticket.description,
    }  # fmt: skip
    return re.sub(r"\{\{\s*([\w.]+)\s*\}\}", lambda found: str(values.get(found[1], "")), template).encode()


def _detail(ticket: TicketRow, actor: int) -> Json:
    return {
        "actor_id": str(actor),
        "assignee_id": _id(ticket.assignee_id),
        "brand_id": "8447346621310",
        "created_at": ticket.created_at,
        "custom_status": "8447320465790",
        "description": ticket.description,
        "external_id": ticket.external_id or "",
        "form_id": "8646151517822",
        "group_id": _id(ticket.group_id),
        "id": str(ticket.id),
        "is_public": ticket.is_public,
        "organization_id": "0",
        "priority": (ticket.priority or "").upper() or None,
        "requester_id": str(ticket.requester_id),
        "status": "DELETED" if ticket.gone else ticket.status.upper(),
        "subject": ticket.subject,
        "submitter_id": str(ticket.submitter_id),
        "tags": list(ticket.tags),
        "type": (ticket.type or "").upper() or None,
        "updated_at": ticket.updated_at,
        "via": {"channel": _CHANNELS.get(ticket.via["channel"], ticket.via["channel"])},
    }


def _comment(desk: Desk, event: Json) -> Json:
    author = desk.state.users.get(event["author_id"])
    staff = author is not None and author.role != "end-user"
    who = {"id": str(event["author_id"]), "is_staff": staff, "name": author.name if author else ""}
    return {"id": str(event["id"]), "body": event["body"], "is_public": event["public"], "author": who}


def _tag_change(event: Json) -> Json:
    new, old = set(event["value"]), set(event["previous_value"])
    return {"tags_added": sorted(new - old), "tags_removed": sorted(old - new)}


def _field_change(event: Json) -> Json:
    return {"current": _loud(event, "value"), "previous": _loud(event, "previous_value")}


def _loud(event: Json, side: str) -> Any:
    value, name = event[side], event["field_name"]
    if name.endswith("_id") and name != "external_id":
        return value or "0"
    return value.upper() if name in ("status", "priority", "type") and value else value or ""


def _custom_change(event: Json) -> Json:
    field = {"id": str(event["field_name"]), "type": "tagger"}
    return {"current": event["value"], "previous": event["previous_value"], "field": field}


def _id(value: int | None) -> str:
    return str(value or 0)
