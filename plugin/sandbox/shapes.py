"""How the state looks through REST: the keys, nulls and odd types of recorded Zendesk answers (zendesk.md 2.2, A1)."""

from __future__ import annotations

from plugin.sandbox.changes import comments_of
from plugin.sandbox.desk import Desk
from plugin.sandbox.state import Audit, CallRecord, Group, Identity, Json, TicketRow, User, Webhook, moment_of

_NO_SOURCE: Json = {"from": {}, "to": {}, "rel": None}


def show_ticket(desk: Desk, ticket: TicketRow, base: str) -> Json:
    """A ticket; comments are not in it."""
    fields = [{"id": int(key), "value": value} for key, value in ticket.custom_fields.items()]
    shown: Json = {
        "url": f"{base}/api/v2/tickets/{ticket.id}.json", "id": ticket.id, "external_id": ticket.external_id,
        "via": ticket.via, "created_at": ticket.created_at, "updated_at": ticket.updated_at,
        "generated_timestamp": ticket.generated, "type": ticket.type, "subject": ticket.subject,
        "raw_subject": ticket.subject, "description": ticket.description, "priority": ticket.priority,
        "status": "deleted" if ticket.gone else ticket.status, "recipient": None,
        "requester_id": ticket.requester_id, "submitter_id": ticket.submitter_id, "assignee_id": ticket.assignee_id,
        "organization_id": None, "group_id": ticket.group_id, "collaborator_ids": [], "follower_ids": [],
        "email_cc_ids": [], "forum_topic_id": None, "problem_id": None, "has_incidents": False,
        "is_public": ticket.is_public, "due_at": None, "tags": list(ticket.tags), "custom_fields": fields,
        "satisfaction_rating": None, "sharing_agreement_ids": [], "custom_status_id": 8447320465790,
        "fields": fields, "followup_ids": list(ticket.followup_ids), "ticket_form_id": 8646151517822,
        "brand_id": 8447346621310, "allow_channelback": False, "allow_attachments": True,
        "from_messaging_channel": ticket.via["channel"] in ("native_messaging", "whatsapp"),
    }  # fmt: skip
    if ticket.followup_of:
        shown["via_followup_source_id"] = ticket.followup_of
    return shown


def show_comments(desk: Desk, ticket: TicketRow) -> list[Json]:
    """All comments, oldest first; `id` is the audit event's id."""
    return [_comment(audit, event) for audit, event in comments_of(desk, ticket)]


def _comment(audit: Audit, event: Json) -> Json:
    shown = {key: value for key, value in event.items() if key not in ("audit_id", "via")}
    via = event.get("via") or {"channel": audit.via["channel"], "source": audit.via.get("source", _NO_SOURCE)}
    return {**shown, "audit_id": audit.id, "via": via, "created_at": audit.created_at,
            "metadata": {"system": {"client": audit.client}, "custom": audit.custom}}  # fmt: skip


def show_audit(audit: Audit) -> Json:
    """One save with its events; `id` is null for a save that changed nothing."""
    return {"id": audit.id or None, "ticket_id": audit.ticket_id, "created_at": audit.created_at,
            "author_id": audit.author_id, "metadata": {"system": {"client": audit.client}, "custom": audit.custom},
            "events": audit.events, "via": audit.via}  # fmt: skip


def show_user(user: User, base: str) -> Json:
    """A user; `time_zone` is the Rails name, `iana_time_zone` the one to use (zendesk.md 8.10)."""
    return {
        "id": user.id, "url": f"{base}/api/v2/users/{user.id}.json", "name": user.name, "email": user.email or None,
        "created_at": user.created_at, "updated_at": user.created_at, "time_zone": user.rails_zone,
        "iana_time_zone": user.zone, "phone": user.phone or None,
        "shared_phone_number": user.shared_phone if user.phone else None, "photo": None, "locale_id": 1,
        "locale": user.locale, "organization_id": None, "role": user.role, "verified": True, "external_id": None,
        "tags": list(user.tags), "alias": "", "active": user.active, "shared": False, "shared_agent": False,
        "last_login_at": user.created_at, "two_factor_auth_enabled": None, "signature": "", "details": "",
        "notes": user.notes, "role_type": None, "custom_role_id": None, "moderator": user.role != "end-user",
        "ticket_restriction": "requested" if user.role == "end-user" else None,
        "only_private_comments": user.light, "restricted_agent": user.role != "admin", "suspended": user.suspended,
        "default_group_id": None, "report_csv": False, "user_fields": dict(user.fields),
    }  # fmt: skip


def anonymous() -> Json:
    """What /users/me gives to nobody in particular: 200, not 401."""
    return {"id": None, "name": "Anonymous user", "role": "end-user", "email": "invalid@example.com", "active": None}


def show_identity(identity: Identity, base: str) -> Json:
    """One address or number, as typed."""
    return {
        "url": f"{base}/api/v2/users/{identity.user_id}/identities/{identity.id}.json", "id": identity.id,
        "user_id": identity.user_id, "type": identity.type, "value": identity.value, "verified": identity.verified,
        "primary": identity.primary, "created_at": identity.created_at, "updated_at": identity.created_at,
        "undeliverable_count": 0, "deliverable_state": "deliverable",
    }  # fmt: skip


def show_group(group: Group, base: str) -> Json:
    """A team."""
    return {"url": f"{base}/api/v2/groups/{group.id}.json", "id": group.id, "name": group.name, "description": "",
            "default": False, "is_public": True, "deleted": group.deleted, "created_at": group.created_at,
            "updated_at": group.created_at}  # fmt: skip


def show_call(call: CallRecord) -> Json:
    """A partner's call; the only place where its numbers stand (zendesk.md 2.2)."""
    return {"id": call.id, "ticket_id": call.ticket_id, "direction": call.direction, "from_line": call.from_line,
            "to_line": call.to_line, "call_started_at": call.started_at, "agent_id": call.agent_id,
            "end_user_id": call.end_user_id, "callback": False, "callback_number": None, "call_disposition": None,
            "completion_status": call.completion_status, "transcript": None, "recording_url": ""}  # fmt: skip


def show_webhook(hook: Webhook) -> Json:
    """A webhook; its secret is never in here, `created_by` is a string (zendesk.md 1.1)."""
    return {"id": hook.id, "name": hook.name, "description": hook.description, "status": hook.status,
            "subscriptions": list(hook.subscriptions), "created_at": hook.created_at.replace("Z", ".906338593Z"),
            "created_by": str(hook.created_by), "endpoint": hook.endpoint, "http_method": hook.http_method,
            "request_format": hook.request_format}  # fmt: skip


def show_metrics(desk: Desk, ticket: TicketRow, base: str) -> Json:
    """Counts and times of a ticket; business minutes equal calendar minutes here."""
    staff = {user.id for user in desk.state.users.values() if user.role != "end-user"}
    changes = [event for audit in desk.state.audits[ticket.id] for event in audit.events if event["type"] == "Change"]
    moves = [event for event in changes if event["field_name"] == "status"]
    replies = [(a, e) for a, e in comments_of(desk, ticket) if e["public"] and e["author_id"] in staff]
    first = _minutes(ticket.created_at, replies[0][0].created_at) if replies else None
    return {
        "url": f"{base}/api/v2/ticket_metrics/{ticket.id}.json", "id": ticket.id + 900000, "ticket_id": ticket.id,
        "created_at": ticket.created_at, "updated_at": ticket.updated_at,
        "group_stations": len({e["value"] for e in changes if e["field_name"] == "group_id"}),
        "assignee_stations": len({e["value"] for e in changes if e["field_name"] == "assignee_id"}),
        "reopens": sum(e["previous_value"] == "solved" and e["value"] == "open" for e in moves),
        "replies": len(replies), "reply_time_in_minutes": {"calendar": first, "business": first},
        "latest_comment_added_at": comments_of(desk, ticket)[-1][0].created_at,
    }  # fmt: skip


def _minutes(start: str, end: str) -> int:
    return int((moment_of(end) - moment_of(start)).total_seconds() // 60)
