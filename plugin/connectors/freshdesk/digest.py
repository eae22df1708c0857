"""Keep one ticket for each audience's digests in Freshdesk, and put the digests on it as private notes."""

from __future__ import annotations

import re
from hashlib import blake2b
from html import escape

from plugin.connectors.checks import MARKER
from plugin.connectors.freshdesk.asking import ticket_path
from plugin.connectors.freshdesk.card import with_mark
from plugin.connectors.freshdesk.conversation import DIGEST_TAG
from plugin.connectors.freshdesk.listing import LISTS
from plugin.connectors.freshdesk.payloads import DigestTickets, TicketFacts, read, read_list
from plugin.connectors.freshdesk.tagging import LONGEST_TAG, look_before_writing
from plugin.connectors.texts import read_id
from plugin.http import Http, Limit, NotFound, encode_form
from plugin.ports import DigestNote, Rejected

PAGE = 100
PAGES = 20
"""Pages of our own tickets that are looked through: one ticket for each audience, and one more for each that closed."""

EVER = "2000-01-01T00:00:00Z"
"""Without `updated_since` the list shows 30 days only."""

CREATIONS = Limit("ticket-create", 80, 60.0)
"""Tickets created a minute on the smallest paid plan; no header shows this limit."""

OPEN, LOW, PORTAL = 2, 1, 2
"""Status, priority and source of a digest ticket. https://developers.freshdesk.com/api/#ticket_attributes"""

_PLAIN = re.compile(r"[a-z0-9]+(?::[a-z0-9_]+)?", re.ASCII)
"""Audiences that stay what they are in a tag, so that no two become the same."""

MOST_NOTE = 200_000
MOST_PICTURE = 15_000_000
"""Bytes; Freshdesk takes 20 MB of attachments."""


def find_ticket(http: Http, own_user_id: str, audience: str) -> str:
    """The newest ticket of ours for this audience, "" when there is none. Asked of the list, which knows a ticket at
    once; the search learns of it minutes later."""
    tag = tag_of(audience)
    asked: dict[str, str | int] = {
        "requester_id": own_user_id, "updated_since": EVER, "order_by": "created_at", "order_type": "desc",
        "per_page": PAGE,
    }  # fmt: skip
    for number in range(1, PAGES + 1):
        rows = read_list(DigestTickets, http.get("/api/v2/tickets", {**asked, "page": number}, limits=(LISTS,)).json())
        for row in rows.rows:
            if tag in {tag.lower() for tag in row.tags}:
                return row.id
        if len(rows.rows) < PAGE:
            return ""
    return ""


def open_ticket(http: Http, own_user_id: str, audience: str, subject: str) -> str:
    """A ticket that our own agent asks itself: Freshdesk has no private first message, so it only repeats the subject,
    and there is nobody else whom it could reach. Its tags keep it out of every analysis."""
    ticket = {
        "subject": subject,
        "description": f"<div>{escape(subject)}</div>",
        "requester_id": int(own_user_id),
        "status": OPEN,
        "priority": LOW,
        "source": PORTAL,
        "tags": [DIGEST_TAG, tag_of(audience)],
    }
    made = read(TicketFacts, http.send("POST", "/api/v2/tickets", json=ticket, limits=(CREATIONS,)).json())
    if not read_id(made.id):
        raise Rejected("Freshdesk made a ticket without an id")
    return made.id


def post_note(http: Http, ticket_id: str, note: DigestNote) -> None:
    """The private note with its picture, in one call; nobody is told. Rejected where the ticket is closed or gone."""
    if not MARKER.fullmatch(note.marker) or len(note.html) > MOST_NOTE or len(note.picture) > MOST_PICTURE:
        raise Rejected("the digest has no marker of plain letters, or is too long")
    look_before_writing(http, ticket_id)
    path, body = ticket_path(ticket_id, "notes"), with_mark(note.html, "digest", note.marker)
    try:
        if note.picture:
            files = {"attachments[]": (note.picture_name, note.picture, "image/png")}
            http.send("POST", path, content=encode_form({"body": body, "private": "true"}, files))
        else:
            http.send("POST", path, json={"body": body, "private": True})
    except NotFound:
        raise Rejected("the ticket is gone") from None


def tag_of(audience: str) -> str:
    """ "ft_digest_owner_product" for "owner:product": at most 32 letters, another for each audience."""
    tag = f"{DIGEST_TAG}_{re.sub(r'[^a-z0-9]+', '_', audience.lower())}"
    if _PLAIN.fullmatch(audience) and len(tag) <= LONGEST_TAG:
        return tag
    return f"{tag[: LONGEST_TAG - 9]}_{blake2b(audience.encode(), digest_size=4).hexdigest()}"
