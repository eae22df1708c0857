"""Let in our own page inside Freshdesk: its app proves the installation, and only that."""

from __future__ import annotations

import hmac
import json
from urllib.parse import quote

from plugin.ports import Account, PageRequest, Refused, Viewer

APP_HEADER = "x-followthrough-app"
"""Carries the app's secret; a request template puts it there on Freshworks' side, so that no browser ever sees it."""

LONGEST_ID = 18
"""Digits of an id."""


def ticket_url(host: str, ticket_id: str, message_id: str = "") -> str:
    """Where an agent opens a ticket; the message is named in the fragment. No such name is documented: a page that does
    not know it opens at its top, as it would without."""
    place = f"#comment-{quote(message_id, safe='')}" if message_id else ""
    return f"{host}/a/tickets/{quote(ticket_id, safe='')}{place}"


def open_page(request: PageRequest, account: Account) -> Viewer:
    """Who opens the sidebar. Refused(401) without the app's secret, Refused(400) without a ticket.

    The secret proves that the request came through an installation of our app in this account. It proves neither the
    agent nor the ticket: both are told by the page, which runs in the agent's browser.
    """
    given = request.headers.get(APP_HEADER, "").encode()
    secrets = account.credentials.get("app_secret", "").split()
    if not [s for s in secrets if hmac.compare_digest(s.encode(), given)]:
        raise Refused(401, "the request does not carry this account's app secret")
    said = _read(request.body)
    ticket_id = _id(said.get("ticket_id"))
    if not ticket_id:
        raise Refused(400, "the page names no ticket")
    return Viewer(ticket_id=ticket_id, user_id=_id(said.get("agent_id")))


def _read(body: bytes) -> dict[str, object]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _id(value: object) -> str:
    """An id as digits; the platform gives numbers, some of its clients strings."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID else ""
