"""How tickets end or lose something: deleted, spam, merged, restored, redacted, made private."""

from __future__ import annotations

from plugin.sandbox.changes import comments_of, plain_via, record, save_ticket, set_tags
from plugin.sandbox.desk import Desk
from plugin.sandbox.errors import closed, invalid, not_found
from plugin.sandbox.events import Happening
from plugin.sandbox.state import Json, TicketRow, User, moment_of

REDACTED = "▇"
"""What every letter of a redacted string becomes."""


def remove_ticket(desk: Desk, ticket: TicketRow, by: User, event: str) -> None:
    """Gone for the API (404), shown as deleted by incremental exports only."""
    ticket.gone = "deleted"
    _touch(desk, ticket)
    desk.announce(ticket, None, [Happening(event, {})], by.id)


def restore_ticket(desk: Desk, ticket: TicketRow, by: User) -> None:
    """Bring a deleted ticket back."""
    ticket.gone = ""
    _touch(desk, ticket)
    desk.announce(ticket, None, [Happening("ticket.undeleted", {})], by.id)


def merge_tickets(desk: Desk, source: TicketRow, into: TicketRow, by: User) -> None:
    """Close `source` into `into`: a private comment on both, the tag closed_by_merge and the target's tags joined."""
    if source.status == "closed" or into.status == "closed" or source is into:
        raise invalid("base", "Tickets cannot be merged")
    told = f'Request #{source.id} "{source.subject}" was closed and merged into this request.'
    note = {"comment": {"body": told, "public": False}, "tags": into.tags + source.tags}
    save_ticket(desk, into, note, by, plain_via("web", rel="merge"))
    told = f'This request was closed and merged into request #{into.id} "{into.subject}".'
    via = plain_via("web", rel="merge")
    source.merged_into = into.id
    fields: Json = {"comment": {"body": told, "public": False}, "status": "closed"}
    save_ticket(desk, source, fields, by, via)
    events = set_tags(desk, source, [*source.tags, "closed_by_merge"])
    merged = Happening("ticket.merged", {"target_ticket_id": str(into.id)})
    record(desk, source, events, by.id, via, extra=[merged])


def make_private(desk: Desk, ticket: TicketRow, comment_id: int, by: User) -> None:
    """Turn a public comment into a note."""
    event = _comment(desk, ticket, comment_id)
    event["public"] = False
    _touch(desk, ticket)
    said = Happening("ticket.comment_made_private", {"comment": {"id": str(comment_id), "is_public": False}})
    change = {"id": desk.new_id(), "type": "CommentPrivacyChange", "comment_id": comment_id, "public": False}
    record(desk, ticket, [change], by.id, plain_via("web"), extra=[said])


def redact_words(desk: Desk, ticket: TicketRow, comment_id: int, words: str, by: User) -> None:
    """Black out words in a comment, for ever."""
    if ticket.status == "closed":
        raise closed()
    event = _comment(desk, ticket, comment_id)
    if not words or words not in event["body"]:
        raise invalid("text", "Text: was not found in the comment")
    for name in ("body", "html_body", "plain_body"):
        event[name] = event[name].replace(words, REDACTED * len(words))
    ticket.description = ticket.description.replace(words, REDACTED * len(words))
    said = Happening("ticket.comment_redacted", {"comment": {"id": str(comment_id)}})
    change = {"id": desk.new_id(), "type": "CommentRedactionEvent", "comment_id": comment_id}
    record(desk, ticket, [change], by.id, plain_via("web"), extra=[said])


def close_ticket(desk: Desk, ticket: TicketRow) -> None:
    """What the account's automation does some days after "solved"."""
    via = {"channel": "rule", "source": {"from": {"title": "Close ticket after solved"}, "to": {}, "rel": "automation"}}
    change = {"id": desk.new_id(), "type": "Change", "field_name": "status", "value": "closed",
              "previous_value": ticket.status}  # fmt: skip
    ticket.status = "closed"
    record(desk, ticket, [change], -1, via)


def _comment(desk: Desk, ticket: TicketRow, comment_id: int) -> Json:
    for _audit, event in comments_of(desk, ticket):
        if event["id"] == comment_id:
            return event
    raise not_found()


def _touch(desk: Desk, ticket: TicketRow) -> None:
    ticket.updated_at = desk.stamp()
    ticket.generated = int(moment_of(ticket.updated_at).timestamp())
