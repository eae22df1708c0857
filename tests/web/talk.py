"""Speak HTTP byte by byte, so that a test decides every header, and sign webhooks as Zendesk does."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

SECRET = "the-signing-secret"
ACCOUNT_REF = "22129848"
PATH = "/hooks/zendesk/acme"
OWN_USER = "900"

_numbers = count(1)


@dataclass(frozen=True)
class Answer:
    """What came back; status 0: the connection was closed without a word."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def said(self) -> dict[str, str]:
        """The one-line JSON body."""
        found: dict[str, str] = json.loads(self.body)
        return found


def stamp(ago: float = 0.0) -> str:
    """A signature's timestamp, so many seconds ago."""
    return (datetime.now(UTC) - timedelta(seconds=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def sign(body: bytes, at: str, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), at.encode() + body, hashlib.sha256).digest()).decode()


def envelope(ticket: int | str = 17, *, event: str = "ticket.comment_added", event_id: str = "", actor: str = "7",
             account: int | str = int(ACCOUNT_REF)) -> bytes:  # fmt: skip
    """An event as the helpdesk sends it; every call has an id of its own unless one is given."""
    return json.dumps({
        "account_id": account, "type": f"zen:event-type:{event}", "subject": f"zen:ticket:{ticket}",
        "id": event_id or f"event-{next(_numbers)}", "detail": {"id": str(ticket), "actor_id": actor}, "event": {},
    }).encode()  # fmt: skip


def signed(body: bytes, *, ago: float = 0.0, secret: str = SECRET, invocation: str = "") -> list[tuple[str, str]]:
    """The headers of a webhook with this body."""
    at = stamp(ago)
    return [
        ("X-Zendesk-Webhook-Signature", sign(body, at, secret)),
        ("X-Zendesk-Webhook-Signature-Timestamp", at),
        ("X-Zendesk-Webhook-Invocation-Id", invocation or f"invocation-{next(_numbers)}"),
    ]


def request(body: bytes, headers: list[tuple[str, str]], *, path: str = PATH, method: str = "POST",
            length: str | None = None) -> bytes:  # fmt: skip
    """The bytes of one request; header values are Latin-1, as on the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: plugin", "Content-Type: application/json", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(body: bytes, headers: list[tuple[str, str]], size: int = 700) -> bytes:
    """The same in chunks."""
    head = request(b"", headers).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return head + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def send(port: int, raw: bytes, timeout: float = 20.0) -> Answer:
    """Send these bytes and read the answer to its end."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as line:
        with suppress(BrokenPipeError, ConnectionResetError):  # it may answer before it has read everything
            line.sendall(raw)
        return read_answer(line)


def read_answer(line: socket.socket) -> Answer:
    got = b""
    with suppress(ConnectionResetError):
        while part := line.recv(65_536):
            got += part
    head, _, body = got.partition(b"\r\n\r\n")
    if not head:
        return Answer(0)
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rest)}
    return Answer(int(first.split()[1]), headers, body)


def post(port: int, body: bytes, **how: str | float) -> Answer:
    """Send a signed webhook."""
    return send(port, request(body, signed(body, **how)))  # type: ignore[arg-type] # passed on by name
