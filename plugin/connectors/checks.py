"""What no helpdesk is ever sent: foreign tags, notes on closed tickets, markers that are none."""

from __future__ import annotations

import re

from plugin.domain.ticket import Ticket
from plugin.ports import Changes, Rejected

OUR_TAG = re.compile(r"ft_[a-z0-9_]{1,60}", re.ASCII)
"""The only tags that ever leave this house. Helpdesks lower letters and split at spaces and commas, so none of these
is allowed."""

MARKER = re.compile(r"[A-Za-z0-9._:-]{1,100}", re.ASCII)


def check(ticket: Ticket, changes: Changes, *, most_note: int, longest_tag: int = 63) -> None:
    """Rejected, with the reason, for changes that must not be sent. `most_note` and `longest_tag` are letters."""
    if not ticket.status.writable:
        raise Rejected(f"the ticket is {ticket.status.value}: nothing can be written on it")
    tags = (*changes.add_tags, *changes.remove_tags)
    if not all(OUR_TAG.fullmatch(tag) and len(tag) <= longest_tag for tag in tags):
        raise Rejected(f"only tags of our own (ft_…), of at most {longest_tag} letters, may be added or removed")
    if not MARKER.fullmatch(changes.marker):
        raise Rejected("a write needs a marker of plain letters")
    if len(changes.note_html) > most_note:
        raise Rejected(f"the note is longer than the {most_note} letters the helpdesk takes")
