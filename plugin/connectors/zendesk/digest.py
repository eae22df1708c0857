"""Keep one ticket for each audience's digests in Zendesk, and put the digests on it as private notes."""

from __future__ import annotations

from html import escape

from plugin.connectors.checks import MARKER
from plugin.connectors.texts import read_id
from plugin.connectors.zendesk.asking import ticket_path
from plugin.connectors.zendesk.payloads import FoundTickets, TicketReply, UploadReply, read
from plugin.connectors.zendesk.writing import limits_of
from plugin.http import Conflict, Http
from plugin.ports import DigestNote, Rejected, Temporary

OURS = "followthrough:digest:"
"""How the `external_id` of a digest ticket begins; the audience follows. Tickets of ours are never analysed."""

DIGEST_TAG = "ft_digest"

MOST_NOTE = 60_000
MOST_PICTURE = 15_000_000
"""Bytes; Zendesk takes 50 MB of an upload."""


def find_ticket(http: Http, audience: str) -> str:
    """The newest ticket of ours for this audience, "" when there is none.
    https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#list-tickets-by-external-id"""
    wanted = OURS + audience
    found = read(FoundTickets, http.get("/api/v2/tickets", {"external_id": wanted}).json()).tickets
    numbers = [int(row.id) for row in found if row.external_id == wanted and read_id(row.id)]
    return str(max(numbers)) if numbers else ""


def open_ticket(http: Http, audience: str, subject: str) -> str:
    """A ticket that our own user asks itself (left out, the requester is whoever calls), private from its first
    message, with nobody else on it."""
    ticket = {
        "subject": subject,
        "comment": {"html_body": f"<div>{escape(subject)}</div>", "public": False},
        "external_id": OURS + audience,
        "tags": [DIGEST_TAG],
    }
    made = read(TicketReply, http.send("POST", "/api/v2/tickets", json={"ticket": ticket}).json()).ticket
    if not read_id(made.id):
        raise Rejected("Zendesk made a ticket without an id")
    return made.id


def post_note(http: Http, ticket_id: str, note: DigestNote) -> None:
    """The picture first, which shows nowhere until a comment carries it; then the private note that carries our marker.
    Rejected (by Zendesk) where the ticket is closed or gone."""
    if not MARKER.fullmatch(note.marker) or len(note.html) > MOST_NOTE or len(note.picture) > MOST_PICTURE:
        raise Rejected("the digest has no marker of plain letters, or is too long")
    comment: dict[str, object] = {"html_body": note.html, "public": False}
    if note.picture:
        comment["uploads"] = [_upload(http, note)]
    update = {"comment": comment, "metadata": {"followthrough": {"card": note.marker}}}
    try:
        http.send("PUT", ticket_path(ticket_id), json={"ticket": update}, limits=limits_of(ticket_id))
    except Conflict:
        raise Temporary("Zendesk reports a collision (409)", unknown=True) from None


def _upload(http: Http, note: DigestNote) -> str:
    """The token of the uploaded picture; one that no comment uses is thrown away there after some days.
    https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/"""
    answer = http.send(
        "POST",
        "/api/v2/uploads",
        params={"filename": note.picture_name},
        content=(note.picture, "image/png"),
        repeatable=True,
    )
    return read(UploadReply, answer.json()).upload.token
