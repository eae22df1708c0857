"""Send signed webhooks over many connections and time the answers; used by the measurements, not one itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

SECRET = "bench-signing-secret"
ACCOUNT_REF = "4711"


def signed_request(path: str, number: int, sent_at: datetime) -> bytes:
    """One webhook as it goes over the wire: event number `number`, for one of 5,000 tickets, about 1 KB of body."""
    body = json.dumps({
        "account_id": int(ACCOUNT_REF),
        "detail": {"id": str(number % 5000), "actor_id": "900", "subject": "x" * 400, "tags": ["a"], "status": "OPEN"},
        "event": {"comment": {"id": str(number), "body": "y" * 300}},
        "id": f"event-{number}",
        "subject": f"zen:ticket:{number % 5000}",
        "time": sent_at.isoformat(),
        "type": "zen:event-type:ticket.comment_added",
        "zendesk_event_version": "2022-11-06",
    }, indent=3).encode()  # fmt: skip
    stamp = sent_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = base64.b64encode(hmac.new(SECRET.encode(), stamp.encode() + body, hashlib.sha256).digest()).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"X-Zendesk-Webhook-Signature: {signature}\r\nX-Zendesk-Webhook-Signature-Timestamp: {stamp}\r\n"
        f"X-Zendesk-Webhook-Invocation-Id: inv-{number}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(frozen=True, slots=True)
class Result:
    """`per_second` answers 202 a second; latencies in milliseconds."""

    answered: int
    wrong: int
    per_second: float
    p50: float
    p99: float


def fire(port: int, requests: list[bytes], connections: int, seconds: float) -> Result:
    """Send requests over keep-alive connections, each waiting for its answer, until the time is up or none is left."""
    selector = selectors.DefaultSelector()
    queue = iter(requests)
    latencies: list[float] = []
    wrong = 0
    begun: dict[socket.socket, float] = {}
    partial: dict[socket.socket, bytes] = {}
    for _ in range(connections):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(sock, selectors.EVENT_READ)
        if not _send(sock, queue, begun):
            break
    started = time.perf_counter()
    while begun and time.perf_counter() - started < seconds:
        for key, _ in selector.select(timeout=1):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            answer = partial.pop(sock, b"") + sock.recv(4096)
            if not _is_whole(answer):
                partial[sock] = answer
                continue
            latencies.append(time.perf_counter() - begun.pop(sock))
            wrong += not answer.startswith(b"HTTP/1.1 202")
            _send(sock, queue, begun)
    spent = time.perf_counter() - started
    for key in list(selector.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr] # sockets all
    latencies.sort()
    at = lambda share: 1000 * latencies[min(len(latencies) - 1, int(share * len(latencies)))]  # noqa: E731
    return Result(len(latencies), wrong, (len(latencies) - wrong) / spent, at(0.5), at(0.99))


def _is_whole(answer: bytes) -> bool:
    """Head and body are there; an empty read would be a closed connection, which no server should do here."""
    if not answer:
        raise ConnectionError("the server closed a connection")
    head, found, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return bool(found) and len(body) >= int(length)


def _send(sock: socket.socket, queue: Iterator[bytes], begun: dict[socket.socket, float]) -> bool:
    request = next(queue, None)
    if request is not None:
        begun[sock] = time.perf_counter()
        sock.sendall(request)
    return request is not None


def now() -> datetime:
    return datetime.now(UTC)
