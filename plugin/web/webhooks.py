"""Answer helpdesks' webhooks on a path of their own in front of Flask: verified, on disk, then 202."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Protocol

import structlog

from plugin.domain.taxonomy import Taxonomy
from plugin.ports import Account, Clock, Connector, Delivery, Refused, Storage, Temporary
from plugin.settings import Settings
from plugin.work.receive import Keep, receive
from plugin.work.trouble import place_of

log = structlog.get_logger()

MAX_BODY = 1_048_576
"""Bytes of a webhook body; helpdesks send a few kilobytes."""

RETRY_AFTER = "5"
"""Seconds we ask for when we cannot keep a delivery; Zendesk comes back only where it is under 60."""

HOOKS = "/hooks/"
"""Where helpdesks' webhooks come in."""

_PATH = re.compile(r"/hooks/([a-z0-9_-]{1,40})/([A-Za-z0-9_-]{1,80})(?:/([A-Za-z0-9_-]{1,80}))?/?\Z")
"""Helpdesk, account, and what some helpdesks' webhooks prove themselves with: the connector looks at that."""

_REASONS = {
    200: "200 OK", 202: "202 Accepted", 400: "400 Bad Request", 401: "401 Unauthorized", 404: "404 Not Found",
    405: "405 Method Not Allowed", 413: "413 Content Too Large", 503: "503 Service Unavailable",
}  # fmt: skip

Environ = dict[str, Any]
Start = Callable[..., Any]
Wsgi = Callable[[Environ, Start], Iterable[bytes]]


class Door(Protocol):
    """What the web rooms need of the house."""

    settings: Settings
    storage: Storage
    clock: Clock
    quiet: timedelta

    def workers_alive(self) -> bool: ...

    def account(self, account_id: str) -> Account | None: ...

    def connector(self, account: Account) -> Connector: ...

    def taxonomy(self, account: Account) -> Taxonomy: ...


class Webhooks:
    """WSGI: `POST /hooks/<helpdesk>/<account>[/<secret>]` is answered here, all else by the inner application."""

    def __init__(self, inner: Wsgi, door: Door, keep: Keep | None = None) -> None:
        self.inner = inner
        self.door = door
        self._keep = keep or door.storage.keep

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(HOOKS):
            return self.inner(environ, start)
        try:
            status, reason = self._answer(path, environ)
        except Refused as refused:
            status, reason = refused.status, refused.reason
            log.info("webhook.refused", status=status, reason=reason, path=_public(path))
        except Temporary as error:
            status, reason = 503, str(error)
            log.warning("webhook.temporary", reason=reason)
        except Exception as error:
            status, reason = 503, "internal error"
            log.error("webhook.bug", error=place_of(error))
        return _reply(start, status, reason)

    def _answer(self, path: str, environ: Environ) -> tuple[int, str]:
        match = _PATH.match(path)
        account = self.door.account(match[2]) if match else None
        if match is None or account is None or account.helpdesk != match[1]:
            raise Refused(404, "no such address")
        if environ["REQUEST_METHOD"] != "POST":
            raise Refused(405, "send a POST")
        sent = _headers(environ), _body(environ)
        delivery = Delivery(account.id, *sent, self.door.clock.now(), path=match[3] or "")
        new = receive(delivery, account, self.door.connector(account), self._keep, self.door.quiet)
        return 202, "accepted" if new else "known already"


def _public(path: str) -> str:
    """The address without what stands behind the account: that may be a secret."""
    return "/".join(path[:400].split("/")[:4])[:120]


def _headers(environ: Environ) -> dict[str, str]:
    return {
        name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")
    } | {"content-type": environ.get("CONTENT_TYPE", "")}


def _body(environ: Environ) -> bytes:
    """The raw bytes, never more than we take."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise Refused(400, "Content-Length is not a number") from None
    if length > MAX_BODY:
        raise Refused(413, f"at most {MAX_BODY} bytes")
    body: bytes = environ["wsgi.input"].read(length)
    if len(body) != length:
        raise Refused(400, "the body ended early")
    return body


def _reply(start: Start, status: int, reason: str) -> Iterable[bytes]:
    body = json.dumps({"status" if status < 400 else "error": reason}).encode() + b"\n"
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    if status == 503:
        headers.append(("Retry-After", RETRY_AFTER))
    start(_REASONS.get(status, f"{status} Error"), headers)
    return [body]
