"""The agent's page of a Freshdesk ticket: the summary slot, the description and the conversations."""

from __future__ import annotations

from plugin.sandbox.freshdesk.changes import clean
from plugin.sandbox.freshdesk.desk import FreshDesk
from plugin.sandbox.freshdesk.state import Attachment, FreshTicket
from plugin.sandbox.pages import Sheet, Turn, render_list, render_sheet


def show_page(desk: FreshDesk, ticket: FreshTicket) -> str:
    """The page of one ticket; bodies are cleaned again."""
    state = desk.state
    requester, status = state.people[ticket.requester_id].name, state.settings.statuses[str(ticket.status)][0]
    turns = [Turn(0, requester, True, ticket.created_at, "description", clean(ticket.description),
                  files=_files(ticket.attachments))]  # fmt: skip
    for turn in state.conversations[ticket.id]:
        kind = "automatic" if turn.auto_response else f"source {turn.source}"
        turns.append(Turn(turn.id, state.people[turn.user_id].name, not turn.private, turn.created_at, kind,
                          clean(turn.body), files=_files(turn.attachments)))  # fmt: skip
    place = ticket.place or ("spam" if ticket.spam else status)
    slot = clean(ticket.summary.body) if ticket.summary else ""
    sheet = Sheet(ticket.id, ticket.subject, f"{place} · {requester} · source {ticket.source}", tuple(ticket.tags),
                  tuple(turns), slot)  # fmt: skip
    return render_sheet(sheet)


def show_list(desk: FreshDesk) -> str:
    """All tickets with links, the newest first."""
    tickets = [ticket for ticket in reversed(desk.state.tickets.values()) if not ticket.place and not ticket.spam]
    return render_list([(f"/a/tickets/{t.id}", t.id, t.subject, f"{t.status} {' '.join(t.tags)}") for t in tickets])


def _files(files: list[Attachment]) -> tuple[tuple[str, str, bool], ...]:
    return tuple((f"/attachments/{file.id}", file.name, file.content_type.startswith("image/")) for file in files)
