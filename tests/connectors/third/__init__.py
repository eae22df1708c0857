"""A toy helpdesk's connector, as somebody else might write it: this folder and its name are all that it takes."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from plugin.connectors.checks import MARKER, check
from plugin.connectors.texts import read_id
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.http import Basic, Http, NotFound
from plugin.ports import (
    Account,
    Capabilities,
    Changes,
    Clock,
    Connector,
    Delivery,
    DigestNote,
    Disconnected,
    Doorbell,
    Hours,
    Identity,
    Page,
    PageRequest,
    Refused,
    Rejected,
    Viewer,
)

SECRETS = {"key": "the key of the toy's API"}
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def connect(account: Account, http: Http, clock: Clock) -> Connector:
    return Third(account, http, clock)


class Third:
    def __init__(self, account: Account, http: Http, clock: Clock) -> None:
        self._account, self._clock = account, clock
        self._http = http.signed(Basic("key", account.credentials.get("key", "")))

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(atomic_tags=True)

    def verify(self, delivery: Delivery, secrets: Sequence[str], now: datetime) -> None:
        if delivery.path:
            raise Refused(404, "no such address")
        given = delivery.headers.get("x-third-key", "").encode("utf-8", "surrogatepass")
        if not any(secret and hmac.compare_digest(secret.encode(), given) for secret in secrets):
            raise Refused(401, "the key does not match")

    def point(self, delivery: Delivery) -> Doorbell:
        try:
            said = json.loads(delivery.body)
            ticket_id = read_id(said.get("t"))
        except (ValueError, AttributeError, RecursionError):
            ticket_id = ""
        return Doorbell("ticket" if ticket_id else "unreadable", ticket_id)

    def ticket_url(self, ticket_id: str, message_id: str = "") -> str:
        return f"{self._account.host}/t/{ticket_id}"

    def open_page(self, request: PageRequest, account: Account) -> Viewer:
        raise Refused(404, "the toy has no pages")

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        try:
            said = self._ask(self._path(ticket_id))
        except NotFound:
            return Ticket(ticket_id, Status.DELETED, Person(""), EPOCH, EPOCH, url=self.ticket_url(ticket_id))
        rows = [row for row in said.get("said", []) if isinstance(row, dict)]
        messages = tuple(
            Message(str(n), Role(row["by"]), datetime.fromisoformat(row["at"]), row["text"], channel=Channel.EMAIL)
            for n, row in enumerate(rows)
        )
        updated = messages[-1].at if messages else EPOCH
        tags, url = frozenset(said.get("tags", [])), self.ticket_url(ticket_id)
        return Ticket(ticket_id, Status.OPEN, Person("c"), EPOCH, updated, messages=messages, tags=tags, url=url)

    def changed_since(self, cursor: str) -> Page:
        return Page((), self._clock.now().isoformat(), more=False)

    def write(self, ticket: Ticket, changes: Changes) -> None:
        check(ticket, changes, most_note=10_000)
        for tag in changes.add_tags:
            self._http.send("PUT", f"{self._path(ticket.id)}/tags/{tag}", repeatable=True)
        if changes.note_html:
            body = {"html": changes.note_html, "marker": changes.marker}
            self._http.send("POST", f"{self._path(ticket.id)}/notes", json=body)

    def find_marker(self, ticket_id: str, marker: str, since: datetime) -> bool:
        try:
            return marker in self._ask(self._path(ticket_id)).get("markers", [])
        except NotFound:
            return False

    def find_digest_ticket(self, audience: str) -> str:
        return ""

    def open_digest_ticket(self, audience: str, subject: str) -> str:
        raise Rejected("the toy takes no tickets")

    def post_digest(self, ticket_id: str, note: DigestNote) -> None:
        raise Rejected("a marker of plain letters, please" if not MARKER.fullmatch(note.marker) else "no digests here")

    def whoami(self) -> Identity:
        said = self._ask("/api/me")
        return Identity(str(said.get("id", "")), "Followthrough", "agent")

    def calendar(self) -> Hours | None:
        return None

    def _path(self, ticket_id: str) -> str:
        if not read_id(ticket_id):
            raise Rejected("a ticket of the toy has a number")
        if not self._account.credentials.get("key"):
            raise Disconnected("the toy needs a key")
        return f"/api/t/{ticket_id}"

    def _ask(self, path: str) -> dict[str, Any]:
        said = self._http.get(path).json()
        if not isinstance(said, dict):
            raise Rejected("the toy answered in a shape we do not know")
        return said
