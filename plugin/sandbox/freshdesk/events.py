"""What Freshdesk tells about a change: bodies of automation rules from a template, and events of the app platform."""

from __future__ import annotations

import json
import re
from typing import Any

from plugin.sandbox.freshdesk.desk import FreshDesk, News
from plugin.sandbox.freshdesk.state import NOTE, Conversation, FreshTicket, Hook, Person
from plugin.sandbox.state import Json

TEMPLATE = (
    '{"ticket_id":"{{ticket.id}}","event":"{{triggered_event}}","subject":"{{ticket.subject}}",'
    '"status":"{{ticket.status}}","priority":"{{ticket.priority}}","requester":"{{ticket.requester.name}}"}'
)
"""A template as admins write them: everything is text, statuses are labels, and a quote in the subject breaks it."""

PRIORITIES = {1: "Low", 2: "Medium", 3: "High", 4: "Urgent"}

_RULED = ("status", "priority", "type", "responder_id", "group_id")
"""Changes of a ticket that our rules listen to; the first one that fits is reported (freshdesk.md 2)."""


def triggered_event(news: News) -> str:
    """How a rule says what set it off, which is not JSON; "" when no rule of ours listens to it."""
    if news.kind == "created":
        return "{ticket_action:created}"
    if news.kind == "said" and news.conversation is not None:
        if news.conversation.source == NOTE:
            return "{note_type:private}" if news.conversation.private else "{note_type:public}"
        return "{reply_sent:sent}"
    for name in _RULED:
        if news.kind == "updated" and name in news.changes:
            old, new = news.changes[name]
            return f"{{{name.removesuffix('_id')}:{{from:{_bare(old)},to:{_bare(new)}}}}}"
    return ""


def render_template(desk: FreshDesk, template: str, news: News) -> bytes:
    """Placeholders become text, unescaped; unknown ones become nothing."""
    ticket, people = news.ticket, desk.state.people
    requester, agent = people[ticket.requester_id], people.get(ticket.responder_id or 0)
    turns = [turn for turn in desk.state.conversations[ticket.id] if not turn.private]
    status = desk.state.settings.statuses.get(str(ticket.status), ["?"])[0]
    values = {
        "ticket.id": ticket.id, "ticket.subject": ticket.subject, "ticket.description": ticket.description,
        "ticket.status": status, "ticket.priority": PRIORITIES[ticket.priority],
        "ticket.ticket_type": ticket.type or "",
        "ticket.url": f"https://{desk.state.settings.subdomain}.freshdesk.example/a/tickets/{ticket.id}",
        "ticket.requester.name": requester.name, "ticket.requester.email": requester.email,
        "ticket.customer.id": requester.id, "ticket.agent.id": agent.id if agent else "",
        "ticket.latest_public_comment": turns[-1].body_text if turns else "", "triggered_event": triggered_event(news),
    }  # fmt: skip
    return re.sub(r"\{\{\s*([\w.]+)\s*\}\}", lambda found: str(values.get(found[1], "")), template).encode()


def simple_layout(desk: FreshDesk, news: News) -> bytes:
    """What the layout "simple" sends: ticked fields under one key, with other names."""
    ticket = news.ticket
    status = desk.state.settings.statuses.get(str(ticket.status), ["?"])[0]
    inner = {"ticket_id": ticket.id, "ticket_subject": ticket.subject, "ticket_status": status,
             "ticket_priority": PRIORITIES[ticket.priority], "triggered_event": triggered_event(news)}  # fmt: skip
    return json.dumps({"freshdesk_webhook": inner}).encode()


def app_events(desk: FreshDesk, news: News) -> list[tuple[str, Json]]:
    """(event name, data) of the app platform for one piece of news (freshdesk.md 3.4). Display ids stand in tickets,
    internal ones in conversations beside them."""
    actor = _actor(desk.state.people.get(news.actor))
    requester = _requester(desk.state.people[news.ticket.requester_id])
    if news.kind in ("said", "edited", "unsaid") and news.conversation is not None:
        name = {"said": "Create", "edited": "Update", "unsaid": "Delete"}[news.kind]
        turn = _conversation(news.ticket, news.conversation)
        if news.changes:
            turn["changes"] = dict(news.changes)
        return [(f"onConversation{name}", {"actor": actor, "conversation": turn})]
    if set(news.changes) == {"tags"} and not desk.state.settings.tag_events:
        return []
    ticket = _ticket(desk, news.ticket)
    if news.kind == "created":
        return [("onTicketCreate", {"actor": actor, "requester": requester, "ticket": ticket})]
    data = {"actor": actor, "requester": requester, "ticket": {**ticket, "changes": dict(news.changes)}}
    return [("onTicketUpdate", data)] + ([("onTicketDelete", data)] if news.kind == "deleted" else [])


def enveloped(desk: FreshDesk, hook: Hook, name: str, data: Json) -> bytes:
    """An event as our serverless part passes it on: ids alone, or all of it in the envelope of the samples or of the
    3.0 texts, with the moment in seconds, and with numbers where the other has text."""
    if hook.envelope == "ours":
        return json.dumps(_ids_alone(desk, name, data), separators=(",", ":")).encode()
    now, settings = desk.clock.now().timestamp(), desk.state.settings
    host = f"{settings.subdomain}.freshdesk.example"
    if hook.envelope == "docs":
        about: Json = {
            "currentHost": {"subscribed_modules": ["support_ticket"],
                            "endpoint_urls": {"freshdesk": f"https://{host}"}},
            "data": data, "event": name, "iparams": {"plugin_host": "plugin.example"}, "region": "EU", "timestamp": now,
        }  # fmt: skip
    else:
        about = {"region": "EU", "data": data, "account_id": str(settings.account_id), "domain": host, "event": name,
                 "timestamp": now, "version": "1.0.0"}  # fmt: skip
    return json.dumps(about, ensure_ascii=False).encode()


def _ids_alone(desk: FreshDesk, name: str, data: Json) -> Json:
    """The body that our packaged app makes: no person's words, address or rights."""
    turn, ticket = data.get("conversation"), data.get("ticket")
    about: Json = {"id": str(ticket["id"])} if ticket else {}
    ids = {"conversation": {"id": str(turn["id"]), "ticket_id": str(turn["ticket_id"])}} if turn else {"ticket": about}
    return {"event": name, "timestamp": desk.clock.now().timestamp(),
            "account_id": str(desk.state.settings.account_id),
            "data": {"actor": {"id": str(data["actor"]["id"])}, **ids}}  # fmt: skip


def _bare(value: Any) -> str:
    return "--" if value is None else str(value)


def _actor(person: Person | None) -> Json:
    """Who did it, with the address and the rights that must not be kept."""
    if person is None:
        return {"id": 0, "type": "system", "name": "System"}
    return {"id": person.id, "name": person.name, "email": person.email, "phone": person.phone, "mobile": person.mobile,
            "type": "agent" if person.agent else "contact", "helpdesk_agent": person.agent, "active": person.active,
            "current_login_ip": "203.0.113.77", "last_login_ip": "203.0.113.78", "privileges": "1125899906842623",
            "preferences": {"agent_preferences": {"shortcuts_enabled": True}}, "time_zone": person.rails_zone,
            "created_at": person.created_at}  # fmt: skip


def _requester(person: Person) -> Json:
    return {"id": person.id, "name": person.name, "email": person.email, "mobile": person.mobile,
            "phone": person.phone, "language": person.language, "created_at": person.created_at}  # fmt: skip


def _ticket(desk: FreshDesk, ticket: FreshTicket) -> Json:
    """Some of the hundred keys; names of custom fields carry the account's id."""
    suffix = desk.state.settings.account_id
    return {
        "id": ticket.id, "model_id": ticket.model_id, "display_id": ticket.id, "subject": ticket.subject,
        "description": ticket.description_text[:1000], "is_description_truncated": len(ticket.description_text) > 1000,
        "status": ticket.status, "priority": ticket.priority, "type": ticket.type, "tags": list(ticket.tags),
        "spam": ticket.spam, "source": ticket.source, "source_info": None, "requester_id": ticket.requester_id,
        "responder_id": ticket.responder_id, "group_id": ticket.group_id, "product_id": ticket.product_id,
        "custom_fields": {f"{name}_{suffix}": value for name, value in ticket.custom_fields.items()},
        "deleted": ticket.place == "deleted", "archive": ticket.place == "archived", "parent_id": None,
        "created_at": ticket.created_at, "updated_at": ticket.updated_at, "due_by": ticket.due_by,
        "fr_due_by": ticket.fr_due_by, "outbound_count": 0, "inbound_count": 1, "account_id": 13,
        "requester_responded_at": ticket.stats.get("requester_responded_at"),
        "agent_responded_at": ticket.stats.get("agent_responded_at"),
    }  # fmt: skip


def _conversation(ticket: FreshTicket, turn: Conversation) -> Json:
    kinds = {1: "customer_response", 2: "agent_private_response", 3: "agent_public_response", 7: "customer_feedback"}
    return {
        "id": turn.id, "body": turn.body_text[:1000], "is_body_truncated": len(turn.body_text) > 1000,
        "from_email": turn.from_email, "to_emails": list(turn.to_emails), "cc_emails": list(turn.cc_emails),
        "bcc_emails": [], "support_email": None, "user_id": turn.user_id, "ticket_id": ticket.id,
        "private": turn.private, "incoming": turn.incoming, "source": turn.source, "created_at": turn.created_at,
        "category": {"id": turn.category, "name": kinds.get(turn.category, "meta")},
        "kind": "private_note" if turn.private else "reply", "notable_id": ticket.model_id,
        "notable_type": "Helpdesk::Ticket", "deleted": False, "source_additional_info": None,
    }  # fmt: skip
