"""Ask Zendesk for everything that belongs to one ticket, page by page and within bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from plugin.connectors.texts import read_id
from plugin.connectors.zendesk.channels import is_hidden
from plugin.connectors.zendesk.conversation import Answers
from plugin.connectors.zendesk.payloads import (
    Audit,
    AuditsReply,
    Comment,
    CommentsReply,
    IdentitiesReply,
    TicketReply,
    User,
    UserIdentity,
    UsersReply,
    read,
)
from plugin.http import Http
from plugin.ports import Rejected

PAGE = 100
"""Records of a page at most. https://developer.zendesk.com/api-reference/introduction/pagination/"""

COMMENT_PAGES = 60
"""A ticket holds at most 5,000 comments."""

AUDIT_PAGES = 100
"""Updates are not limited over there; ten thousand tell the story of any ticket."""

MOST_CALLS = 20
"""Partner calls of one ticket whose record is looked up."""

R = TypeVar("R", CommentsReply, AuditsReply)


def ticket_path(ticket_id: str, part: str = "") -> str:
    """ "/api/v2/tickets/17/comments"; Rejected for an id that is not one, so that no id can lead elsewhere."""
    if not read_id(ticket_id):
        raise Rejected("a Zendesk ticket id is a number")
    return f"/api/v2/tickets/{ticket_id}" + (f"/{part}" if part else "")


def ask_ticket(http: Http, ticket_id: str) -> TicketReply:
    """The ticket itself with its users and group; NotFound when it is deleted."""
    return read(TicketReply, http.get(ticket_path(ticket_id), {"include": "users,groups"}).json())


def ask_everything(http: Http, ticket_id: str) -> Answers:
    """The ticket, its comments, its history, its people and its calls: four calls for an ordinary ticket."""
    first = ask_ticket(http, ticket_id)
    comments, users, cut = _ask_comments(http, ticket_id)
    audits, cut_too = _ask_audits(http, ticket_id)
    known = {user.id: user for user in (*first.users, *users)}
    wanted = {first.ticket.requester_id, *(c.author_id for c in comments), *(a.author_id for a in audits)}
    known.update({user.id: user for user in _ask_users(http, wanted - known.keys())})
    return Answers(
        ticket=first.ticket,
        users=known,
        comments=comments,
        audits=audits,
        identities=_ask_identities(http, first.ticket.requester_id),
        groups=tuple(first.groups),
        calls=_ask_calls(http, comments),
        cut=cut or cut_too,
    )


def turn_pages(http: Http, path: str, model: type[R], params: Mapping[str, str], most: int) -> Iterator[R]:
    """Pages by cursor until `has_more` is false. `links.next` is there on the last page too, and never followed: the
    next request is made from the cursor alone."""
    asked = {"page[size]": str(PAGE), **params}
    for _ in range(most):
        page = read(model, http.get(path, asked).json())
        yield page
        cursor = page.meta.after_cursor
        if not page.meta.has_more or not cursor or cursor == asked.get("page[after]"):
            return
        asked = {**asked, "page[after]": cursor}


def _ask_comments(http: Http, ticket_id: str) -> tuple[tuple[Comment, ...], list[User], bool]:
    comments: dict[str, Comment] = {}
    users: list[User] = []
    more = False
    path, wanted = ticket_path(ticket_id, "comments"), {"include": "users"}
    for page in turn_pages(http, path, CommentsReply, wanted, COMMENT_PAGES):
        comments.update({comment.id: comment for comment in page.comments})
        users += page.users
        more = page.meta.has_more
    return tuple(comments.values()), users, more


def _ask_audits(http: Http, ticket_id: str) -> tuple[tuple[Audit, ...], bool]:
    audits: dict[str, Audit] = {}
    more = False
    for page in turn_pages(http, ticket_path(ticket_id, "audits"), AuditsReply, {}, AUDIT_PAGES):
        audits.update({audit.id: audit for audit in page.audits})
        more = page.meta.has_more
    return tuple(audits.values()), more


def _ask_users(http: Http, ids: Iterable[str]) -> list[User]:
    """Those that no other answer has brought along; deleted ones are simply not in the answer."""
    wanted = sorted(user_id for user_id in ids if read_id(user_id))
    users: list[User] = []
    for start in range(0, len(wanted), PAGE):
        answer = http.get("/api/v2/users/show_many", {"ids": ",".join(wanted[start : start + PAGE])}).json()
        users += read(UsersReply, answer).users
    return users


def _ask_identities(http: Http, user_id: str) -> tuple[UserIdentity, ...]:
    if not read_id(user_id):
        return ()
    reply = http.look_for(f"/api/v2/users/{user_id}/identities", {"page[size]": str(PAGE)})
    return tuple(read(IdentitiesReply, reply.json()).identities) if reply else ()


def _ask_calls(http: Http, comments: Iterable[Comment]) -> dict[str, Mapping[str, Any]]:
    """The records of partner calls whose numbers the comment hides; none where the plan or our rights have none."""
    calls: dict[str, Mapping[str, Any]] = {}
    hidden = [comment for comment in comments if is_hidden(comment) and read_id(comment.data.get("call_id"))]
    for comment in hidden[:MOST_CALLS]:
        reply = http.look_for(f"/api/v2/calls/{read_id(comment.data.get('call_id'))}")
        said = reply.json() if reply else {}
        record = said.get("call", said) if isinstance(said, dict) else {}
        if isinstance(record, dict):
            calls[comment.id] = record
    return calls
