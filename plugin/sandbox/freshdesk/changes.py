"""Change a ticket the way Freshdesk does: tags as one list, notes that move `updated_at`, replies that move more."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import nh3

from plugin.sandbox.freshdesk.desk import FreshDesk, News
from plugin.sandbox.freshdesk.state import (
    CLOSED,
    NOTE,
    OPEN,
    PENDING,
    PHONE,
    REPLY,
    RESOLVED,
    SURVEY,
    Attachment,
    Conversation,
    FreshTicket,
    Person,
    Summary,
)
from plugin.sandbox.state import Json, stamp_of
from plugin.sandbox.texts import KEPT_TAGS, paragraphs_of, text_of_html

PLAIN = (
    "subject", "status", "priority", "source", "type", "responder_id", "group_id", "company_id", "product_id",
    "email_config_id", "due_by", "fr_due_by",
)  # fmt: skip
"""Fields of a ticket that an update sets as they come."""

CATEGORIES = {"customer": 1, "agent_private": 2, "agent_public": 3, "feedback": 7}
"""Conversation categories (freshdesk.md 1.4; 1 is a hint of other integrators only)."""


def clean(given: str) -> str:
    """HTML as it is stored. Freshdesk's own list is not published: Zendesk's common subset; comments, classes and
    data attributes do not survive, neither does a picture or link that is not https."""
    kept = nh3.clean(given, tags=KEPT_TAGS, attributes={"a": {"href"}, "img": {"src", "alt"}, "*": {"dir"}},
                     url_schemes={"https", "mailto"})  # fmt: skip
    return kept.strip()


def html_of(text: str) -> str:
    """What a mail client makes of a text."""
    return f'<div dir="auto">{paragraphs_of(text)}</div>'


def text_of(html: str) -> str:
    """`body_text` and `description_text`: one line of words after the other."""
    return re.sub(r"[ \t]+", " ", text_of_html(html).replace("&nbsp;", " ").replace("\xa0", " ")).strip()


def create_ticket(desk: FreshDesk, fields: Json, author: Person) -> FreshTicket:
    """A new ticket; its first message is its description, not a conversation (freshdesk.md 1.2)."""
    now, state = desk.stamp(), desk.state
    html = clean(str(fields["description"]))
    due = stamp_of(desk.clock.now() + timedelta(days=3))
    soon = stamp_of(desk.clock.now() + timedelta(days=1))
    ticket = FreshTicket(
        state.next_ticket, desk.new_id(), fields["subject"], html, text_of(html), int(fields["requester_id"]), now, now,
        fields.get("due_by") or due, fields.get("fr_due_by") or soon, source=fields.get("source", 2),
    )  # fmt: skip
    state.next_ticket += 1
    state.tickets[ticket.id], state.conversations[ticket.id] = ticket, []
    for name in PLAIN[1:]:
        if fields.get(name) is not None:
            setattr(ticket, name, fields[name])
    ticket.tags = desk.tags_as_known(fields.get("tags") or [])
    ticket.custom_fields = dict.fromkeys(state.custom_fields) | (fields.get("custom_fields") or {})
    ticket.cc_emails = list(fields.get("cc_emails") or [])
    ticket.attachments = list(fields.get("attachments") or [])
    ticket.to_emails = [desk.support_email] if ticket.source == 1 else None
    ticket.stats = {"status_updated_at": now}
    desk.announce(News("created", ticket, author.id))
    return ticket


def update_ticket(desk: FreshDesk, ticket: FreshTicket, fields: Json, actor: int) -> dict[str, list[Any]]:
    """Set fields; `tags` replaces the whole list. Returns field → [old, new]; nothing changed, nothing moves."""
    changes: dict[str, list[Any]] = {}
    for name in PLAIN:
        if name in fields and fields[name] != getattr(ticket, name):
            changes[name] = [getattr(ticket, name), fields[name]]
            setattr(ticket, name, fields[name])
    if "tags" in fields:
        wanted = desk.tags_as_known(fields["tags"] or [])
        if sorted(wanted) != sorted(ticket.tags):
            changes["tags"] = [list(ticket.tags), wanted]
            ticket.tags = wanted
    for name, value in (fields.get("custom_fields") or {}).items():
        if ticket.custom_fields.get(name) != value:
            changes[name] = [ticket.custom_fields.get(name), value]
            ticket.custom_fields[name] = value
    if changes:
        ticket.updated_at = desk.stamp()
        _count_status(ticket, changes, ticket.updated_at)
        desk.announce(News("updated", ticket, actor, changes))
    return changes


def say(
    desk: FreshDesk, ticket: FreshTicket, author: Person, html: str, *, source: int = REPLY, private: bool = False,
    incoming: bool = False, **more: Any,
) -> Conversation:  # fmt: skip
    """One more turn. Any turn moves `updated_at`; only a public one of an agent counts as an answer, only a word of
    the requester counts as theirs, and it opens the ticket again (freshdesk.md 1.2)."""
    now, body = desk.stamp(), clean(html)
    turn = Conversation(
        desk.new_id(), ticket.id, body, text_of(body), incoming, private, author.id, source,
        _category(author, source, private), now, now, **more,
    )  # fmt: skip
    desk.state.conversations[ticket.id].append(turn)
    ticket.updated_at = now
    if incoming and source in (REPLY, SURVEY, PHONE):
        ticket.stats["requester_responded_at"] = now
    elif not incoming and not private and not turn.auto_response:
        ticket.stats["agent_responded_at"] = now
        ticket.stats.setdefault("first_responded_at", now)
    desk.announce(News("said", ticket, author.id, conversation=turn))
    if incoming and source == REPLY and ticket.status != OPEN:
        update_ticket(desk, ticket, {"status": OPEN}, author.id)
    return turn


def edit_note(desk: FreshDesk, turn: Conversation, html: str, files: list[Attachment], actor: int) -> None:
    """Replace a note's words in place."""
    ticket = desk.state.tickets[turn.ticket_id]
    turn.body = clean(html)
    turn.body_text, turn.updated_at = text_of(turn.body), desk.stamp()
    turn.last_edited_at, turn.last_edited_user_id = turn.updated_at, actor
    turn.attachments = turn.attachments + files
    ticket.updated_at = turn.updated_at
    desk.announce(News("edited", ticket, actor, {"body": [None, "*"]}, turn))


def remove_note(desk: FreshDesk, turn: Conversation, actor: int) -> None:
    """Take a conversation off its ticket."""
    ticket = desk.state.tickets[turn.ticket_id]
    desk.state.conversations[ticket.id].remove(turn)
    ticket.updated_at = desk.stamp()
    desk.announce(News("unsaid", ticket, actor, conversation=turn))


def set_summary(desk: FreshDesk, ticket: FreshTicket, html: str, actor: int) -> Summary:
    """Write the summary slot. Whether that moves `updated_at` is not known: it does here, the harder case."""
    now, body = desk.stamp(), clean(html)
    if ticket.summary is None:
        ticket.summary = Summary(body, text_of(body), actor, now, now)
    else:
        ticket.summary.body, ticket.summary.body_text, ticket.summary.updated_at = body, text_of(body), now
        ticket.summary.last_edited_at, ticket.summary.last_edited_user_id = now, actor
    _touch(desk, ticket, actor)
    return ticket.summary


def remove_summary(desk: FreshDesk, ticket: FreshTicket, actor: int) -> None:
    """Empty the summary slot."""
    ticket.summary = None
    _touch(desk, ticket, actor)


def _touch(desk: FreshDesk, ticket: FreshTicket, actor: int) -> None:
    ticket.updated_at = desk.stamp()
    desk.announce(News("updated", ticket, actor, {"summary": [None, "*"]}))


def _category(author: Person, source: int, private: bool) -> int:
    if source == SURVEY:
        return CATEGORIES["feedback"]
    if not author.agent:
        return CATEGORIES["customer"]
    return CATEGORIES["agent_private" if private and source == NOTE else "agent_public"]


def _count_status(ticket: FreshTicket, changes: dict[str, list[Any]], now: str) -> None:
    if "status" not in changes:
        return
    old, new = changes["status"]
    ticket.stats["status_updated_at"] = now
    if new in (RESOLVED, CLOSED):
        ticket.stats["resolved_at" if new == RESOLVED else "closed_at"] = now
        ticket.stats.setdefault("resolved_at", now)
    if old in (RESOLVED, CLOSED) and new == OPEN:
        ticket.stats |= {"reopened_at": now, "resolved_at": None, "closed_at": None}
    ticket.stats["pending_since"] = now if new == PENDING else None
