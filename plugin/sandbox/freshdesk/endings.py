"""How tickets end: deleted, spam, merged without a pointer, archived; and how they come back."""

from __future__ import annotations

from plugin.sandbox.freshdesk.changes import html_of, say, update_ticket
from plugin.sandbox.freshdesk.desk import SYSTEM, FreshDesk, News
from plugin.sandbox.freshdesk.errors import inconsistent
from plugin.sandbox.freshdesk.state import CLOSED, NOTE, FreshTicket, Person


def delete_ticket(desk: FreshDesk, ticket: FreshTicket, actor: int) -> None:
    """Out of every list but filter=deleted. No automation rule hears of it; the app platform does."""
    ticket.place = "deleted"
    ticket.updated_at = desk.stamp()
    desk.announce(News("deleted", ticket, actor, {"deleted": [False, True]}))


def restore_ticket(desk: FreshDesk, ticket: FreshTicket, actor: int) -> None:
    """Back from deleted or spam."""
    before, ticket.place, ticket.spam = [ticket.place == "deleted", False], "", False
    ticket.updated_at = desk.stamp()
    desk.announce(News("updated", ticket, actor, {"deleted": before}))


def mark_spam(desk: FreshDesk, ticket: FreshTicket, actor: int) -> None:
    """Out of every list but filter=spam."""
    ticket.spam = True
    ticket.updated_at = desk.stamp()
    desk.announce(News("updated", ticket, actor, {"spam": [False, True]}))


def archive_ticket(desk: FreshDesk, ticket: FreshTicket) -> None:
    """What Freshdesk does 120 days after a ticket was closed: it moves to another path and nobody is told."""
    if ticket.status != CLOSED:
        raise inconsistent("Only a closed ticket is archived")
    ticket.place = "archived"
    desk.state.indexed.pop(ticket.id, None)
    desk.changed.set()


def merge_tickets(
    desk: FreshDesk, primary: FreshTicket, sources: list[FreshTicket], by: Person, *, notes: dict[str, tuple[str, bool]]
) -> None:
    """Close `sources` with a note each and put one on the primary. Nothing on a source says where it went but the
    words of its note (freshdesk.md 1.2). `notes`: "primary" and "secondary" → (HTML, private)."""
    for source in sources:
        if source is primary or source.place or source.spam or primary.place or primary.spam:
            raise inconsistent("These tickets cannot be merged")
    for source in sources:
        told = html_of(f"This ticket is closed and merged into ticket {primary.id}")
        html, private = notes.get("secondary", (told, True))
        say(desk, source, by, html, source=NOTE, private=private)
        update_ticket(desk, source, {"status": CLOSED}, SYSTEM)
    listed = ", ".join(str(source.id) for source in sources)
    told = html_of(f"Ticket(s) with ID {listed} are merged into this ticket.")
    html, private = notes.get("primary", (told, True))
    say(desk, primary, by, html, source=NOTE, private=private)
