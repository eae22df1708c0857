"""How Freshdesk's API shows its records: blanks are null, times are UTC with whole seconds."""

from __future__ import annotations

from typing import Any

from plugin.sandbox.freshdesk.desk import FreshDesk
from plugin.sandbox.freshdesk.state import (
    Attachment,
    Conversation,
    FreshGroup,
    FreshTicket,
    Hours,
    Person,
    Rating,
    Summary,
    TimeEntry,
)
from plugin.sandbox.state import Json

_STATS = (
    "agent_responded_at", "requester_responded_at", "first_responded_at", "status_updated_at", "reopened_at",
    "resolved_at", "closed_at", "pending_since",
)  # fmt: skip


def show_ticket(desk: FreshDesk, ticket: FreshTicket, base: str, *, described: bool = True) -> Json:
    """A ticket. Older accounts show null where newer ones show empty lists; `deleted` only stands where it is so."""
    blank: list[Any] | None = [] if desk.state.settings.generation == "new" else None
    shown: Json = {
        "cc_emails": list(ticket.cc_emails) or blank, "fwd_emails": blank, "reply_cc_emails": blank,
        "ticket_cc_emails": list(ticket.cc_emails) or blank, "fr_escalated": False, "spam": ticket.spam,
        "email_config_id": ticket.email_config_id, "group_id": ticket.group_id, "priority": ticket.priority,
        "requester_id": ticket.requester_id, "responder_id": ticket.responder_id, "source": ticket.source,
        "company_id": ticket.company_id, "status": ticket.status, "subject": ticket.subject,
        "association_type": ticket.association_type, "support_email": None, "to_emails": ticket.to_emails,
        "product_id": ticket.product_id, "id": ticket.id, "type": ticket.type, "due_by": ticket.due_by,
        "fr_due_by": ticket.fr_due_by, "is_escalated": False, "custom_fields": dict(ticket.custom_fields),
        "created_at": ticket.created_at, "updated_at": ticket.updated_at, "associated_tickets_count": None,
        "tags": list(ticket.tags), "nr_due_by": None, "nr_escalated": False,
    }  # fmt: skip
    if described:
        shown |= {"description": ticket.description, "description_text": ticket.description_text,
                  "structured_description": None,
                  "attachments": [show_attachment(desk, file, base) for file in ticket.attachments]}  # fmt: skip
    if ticket.place == "deleted":
        shown["deleted"] = True
    if ticket.place == "archived":
        shown["archived"] = True
    return shown


def show_stats(ticket: FreshTicket) -> Json:
    """What include=stats adds."""
    return {name: ticket.stats.get(name) for name in _STATS}


def show_requester(person: Person) -> Json:
    """What include=requester adds."""
    return {"id": person.id, "name": person.name, "email": person.email or None, "mobile": person.mobile,
            "phone": person.phone}  # fmt: skip


def show_conversation(desk: FreshDesk, turn: Conversation, base: str) -> Json:
    """One turn, with the keys the documentation leaves out."""
    blank: list[Any] | None = [] if desk.state.settings.generation == "new" else None
    return {
        "body": turn.body, "body_text": turn.body_text, "structured_body": None, "id": turn.id,
        "incoming": turn.incoming, "private": turn.private, "user_id": turn.user_id, "support_email": None,
        "source": turn.source, "category": turn.category, "ticket_id": turn.ticket_id,
        "to_emails": list(turn.to_emails) or blank, "from_email": turn.from_email,
        "cc_emails": list(turn.cc_emails) or blank, "bcc_emails": blank,
        "email_failure_count": turn.email_failure_count, "outgoing_failures": None, "thread_id": None,
        "thread_message_id": None, "created_at": turn.created_at, "updated_at": turn.updated_at,
        "last_edited_at": turn.last_edited_at, "last_edited_user_id": turn.last_edited_user_id,
        "attachments": [show_attachment(desk, file, base) for file in turn.attachments],
        "automation_id": turn.automation_id, "automation_type_id": 1 if turn.automation_id else None,
        "auto_response": turn.auto_response, "source_additional_info": None,
    }  # fmt: skip


def show_attachment(desk: FreshDesk, file: Attachment, base: str) -> Json:
    """A file; its link runs out."""
    until = int(desk.clock.now().timestamp()) + 300
    return {"id": file.id, "content_type": file.content_type, "size": file.size, "name": file.name,
            "attachment_url": f"{base}/attachments/{file.id}?X-Amz-Expires=300&until={until}",
            "created_at": file.created_at, "updated_at": file.created_at}  # fmt: skip


def show_summary(ticket: FreshTicket, summary: Summary) -> Json:
    """The slot below the description."""
    return {"body": summary.body, "body_text": summary.body_text, "id": ticket.model_id + 1, "ticket_id": ticket.id,
            "user_id": summary.user_id, "attachments": [], "last_edited_at": summary.last_edited_at,
            "last_edited_user_id": summary.last_edited_user_id, "created_at": summary.created_at,
            "updated_at": summary.updated_at}  # fmt: skip


def show_contact(person: Person) -> Json:
    """A contact."""
    return {
        "active": person.active, "address": None, "company_id": None, "view_all_tickets": False,
        "deleted": person.deleted, "description": None, "email": person.email or None, "id": person.id,
        "job_title": None, "language": person.language, "mobile": person.mobile, "name": person.name,
        "phone": person.phone, "time_zone": person.rails_zone, "twitter_id": None,
        "custom_fields": dict(person.custom_fields), "tags": list(person.tags), "other_emails": [],
        "facebook_id": None, "created_at": person.created_at, "updated_at": person.updated_at, "csat_rating": None,
        "preferred_source": person.preferred_source, "unique_external_id": None, "other_companies": [], "avatar": None,
    }  # fmt: skip


def show_agent(person: Person) -> Json:
    """An agent: `id` is the user's id."""
    contact = {"active": person.active, "email": person.email, "job_title": None, "language": person.language,
               "last_login_at": None, "mobile": person.mobile, "name": person.name, "phone": person.phone,
               "time_zone": person.rails_zone, "created_at": person.created_at,
               "updated_at": person.updated_at}  # fmt: skip
    return {"available": False, "occasional": False, "id": person.id, "ticket_scope": person.scope,
            "created_at": person.created_at, "updated_at": person.updated_at, "last_active_at": None,
            "available_since": None, "type": "support_agent", "contact": contact, "deactivated": not person.active,
            "signature": None, "focus_mode": False, "group_ids": list(person.group_ids),
            "role_ids": [67000000000 + (1 if person.admin else 2)], "skill_ids": []}  # fmt: skip


def show_group(group: FreshGroup) -> Json:
    """A team."""
    return {"id": group.id, "name": group.name, "description": None, "escalate_to": None, "unassigned_for": None,
            "business_hour_id": group.business_hour_id, "group_type": "support_agent_group",
            "created_at": group.created_at, "updated_at": group.created_at, "agent_ids": list(group.agent_ids),
            "auto_ticket_assign": 0}  # fmt: skip


def show_hours(hours: Hours) -> Json:
    """Business hours; a day that is closed is left out."""
    return {"id": hours.id, "name": hours.name, "description": None, "is_default": hours.default,
            "time_zone": hours.rails_zone, "business_hours": {day: dict(span) for day, span in hours.days.items()},
            "created_at": hours.created_at, "updated_at": hours.created_at}  # fmt: skip


def show_time_entry(entry: TimeEntry) -> Json:
    """Logged time."""
    spent = f"{entry.seconds // 3600:02d}:{entry.seconds % 3600 // 60:02d}"
    return {"id": entry.id, "ticket_id": entry.ticket_id, "agent_id": entry.agent_id, "billable": True,
            "note": entry.note or None, "timer_running": False, "time_spent": spent,
            "time_spent_in_seconds": entry.seconds, "company_id": None, "executed_at": entry.executed_at,
            "start_time": entry.executed_at, "created_at": entry.executed_at,
            "updated_at": entry.executed_at}  # fmt: skip


def show_rating(rating: Rating) -> Json:
    """A survey's answer."""
    return {"id": rating.id, "survey_id": 67000000001, "user_id": rating.user_id, "agent_id": rating.agent_id,
            "feedback": rating.feedback or None, "group_id": None, "ticket_id": rating.ticket_id,
            "created_at": rating.created_at, "updated_at": rating.created_at,
            "ratings": {"default_question": rating.score}}  # fmt: skip


def show_fields(desk: FreshDesk) -> list[Json]:
    """The account's ticket fields with their choices: the only true source of labels (freshdesk.md 1.2)."""
    settings = desk.state.settings
    agents = {p.name: p.id for p in desk.state.people.values() if p.agent}
    rows: list[tuple[str, str, str, Any]] = [
        ("requester", "default_requester", "Search a requester", None),
        ("subject", "default_subject", "Subject", None),
        ("ticket_type", "default_ticket_type", "Type", list(settings.types)),
        ("source", "default_source", "Source", {
            "Email": 1, "Portal": 2, "Phone": 3, "Forum": 4, "Twitter": 5, "Facebook": 6, "Chat": 7, "MobiHelp": 8,
            "Feedback Widget": 9, "Outbound Email": 10, "Ecommerce": 11, "Bot": 12, "Whatsapp": 13}),
        ("status", "default_status", "Status", dict(settings.statuses)),
        ("priority", "default_priority", "Priority", {"Low": 1, "Medium": 2, "High": 3, "Urgent": 4}),
        ("group", "default_group", "Group", {g.name: g.id for g in desk.state.groups.values()}),
        ("agent", "default_agent", "Agent", agents),
        ("description", "default_description", "Description", None),
        *((name, "custom_text", name.removeprefix("cf_").title(), None) for name in desk.state.custom_fields),
    ]  # fmt: skip
    shown = []
    for place, (name, kind, label, choices) in enumerate(rows, 1):
        row = {"id": 67000100000 + place, "name": name, "label": label, "description": None, "position": place,
               "required_for_closure": False, "required_for_agents": name in settings.required, "type": kind,
               "default": not name.startswith("cf_"), "customers_can_edit": True, "customers_can_filter": False,
               "label_for_customers": label, "required_for_customers": False, "displayed_to_customers": True,
               "created_at": "2023-01-10T09:00:00Z", "updated_at": "2023-01-10T09:00:00Z"}  # fmt: skip
        shown.append(row if choices is None else {**row, "choices": choices})
    return shown
