"""Ask Freshdesk for everything that belongs to one ticket, page by page and within bounds."""

from __future__ import annotations

from collections.abc import Iterator

from plugin.connectors.freshdesk.conversation import Answers
from plugin.connectors.freshdesk.directory import Directory
from plugin.connectors.freshdesk.payloads import Conversation, Conversations, TicketFacts, read, read_list
from plugin.connectors.texts import read_id
from plugin.http import Http, NotFound
from plugin.ports import Rejected

PAGE = 100
"""Records of a page at most. https://developers.freshdesk.com/api/#pagination"""

CONVERSATION_PAGES = 60
"""Six thousand turns tell the story of any ticket."""


def ticket_path(ticket_id: str, part: str = "", *, archived: bool = False) -> str:
    """ "/api/v2/tickets/17/conversations"; Rejected for an id that is not one, so that no id can lead elsewhere."""
    if not read_id(ticket_id):
        raise Rejected("a Freshdesk ticket id is a number")
    folder = "/api/v2/tickets/archived" if archived else "/api/v2/tickets"
    return f"{folder}/{ticket_id}" + (f"/{part}" if part else "")


def ask_ticket(http: Http, ticket_id: str) -> TicketFacts:
    """The ticket itself; NotFound when it is not there (deleted for ever, or archived)."""
    return read(TicketFacts, http.get(ticket_path(ticket_id)).json())


def ask_everything(http: Http, ticket_id: str, directory: Directory) -> Answers:
    """The ticket, its conversations and its people: three calls for an ordinary ticket, since who is an agent, what the
    account calls its sources and statuses, and its groups are remembered. NotFound when it is nowhere.

    Conversations are read on their own pages: `include=conversations` shows only the ten oldest.
    """
    archived = False
    try:
        facts = ask_ticket(http, ticket_id)
    except NotFound:
        facts = read(TicketFacts, http.get(ticket_path(ticket_id, archived=True)).json())
        archived = True
    turns, cut = _read_all(http, ticket_id, archived)
    agents = directory.agents()
    strangers = {turn.user_id for turn in turns} - {facts.requester_id} - agents.keys()
    contacts = {user_id: contact for user_id in sorted(strangers) if (contact := directory.contact(user_id))}
    requester = directory.requester(facts.requester_id)
    return Answers(
        ticket=facts,
        conversations=turns,
        requester=requester,
        agents=agents,
        contacts=contacts,
        statuses=directory.labels("default_status"),
        sources=directory.labels("default_source"),
        group_name=directory.group_name(facts.group_id),
        archived=archived,
        cut=cut,
    )


def turn_pages(http: Http, ticket_id: str, *, archived: bool = False) -> Iterator[tuple[list[Conversation], bool]]:
    """Pages of conversations, oldest first, each with whether more follow. The `Link` header says so; its address is
    never followed."""
    path = ticket_path(ticket_id, "conversations", archived=archived)
    for number in range(1, CONVERSATION_PAGES + 1):
        reply = http.get(path, {"page": number, "per_page": PAGE})
        rows = read_list(Conversations, reply.json()).rows
        more = len(rows) >= PAGE or 'rel="next"' in reply.headers.get("link", "")
        yield rows, more and bool(rows)
        if not more or not rows:
            return


def _read_all(http: Http, ticket_id: str, archived: bool) -> tuple[tuple[Conversation, ...], bool]:
    turns: dict[str, Conversation] = {}
    more = False
    for rows, follows in turn_pages(http, ticket_id, archived=archived):
        turns.update({row.id: row for row in rows})
        more = follows
    return tuple(turns.values()), more
