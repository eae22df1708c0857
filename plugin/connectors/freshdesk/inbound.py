"""Tell whether a delivery really came from our Freshdesk account, and which ticket it points at.

Freshdesk signs nothing. An automation's webhook proves itself by an address nobody can guess and a token in a header;
our own app inside Freshdesk signs what it sends. Neither is believed in what it says: only an integer ticket id counts.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from plugin.connectors.texts import fingerprint_of, read_id
from plugin.ports import Delivery, Doorbell, Refused

TOKEN = "x-followthrough-token"  # noqa: S105 - a header's name
TIME = "x-followthrough-time"
SIGNATURE = "x-followthrough-signature"
"""Header names, lower case as `Delivery` has them."""

WINDOW_SECONDS = 300
"""How far the signed time may be from now, either way."""

MOST_BODY = 65_536
"""Bytes of an automation's webhook: its template holds ids only. An app event may have 256 KB."""

MOST_KEYS = 1_000
MOST_NAME = 80

DEEPEST = 40
"""Levels of a document that are kept; nothing of ours or theirs nests as deep."""

TICKET_EVENTS = frozenset({"onTicketCreate", "onTicketUpdate"})
CONVERSATION_EVENTS = frozenset({"onConversationCreate", "onConversationUpdate", "onConversationDelete"})
GONE_EVENT = "onTicketDelete"
"""Events of the app platform that concern a ticket.
https://developers.freshworks.com/docs/app-sdk/v3.0/support_ticket/serverless-apps/product-events/"""

NEVER_KEPT = frozenset({"privileges", "preferences", "ip", "ip_address", "current_login_ip", "last_login_ip"})
"""What an event tells of the agent who acted and nobody here needs: none of it is ever stored."""

_TELLTALE = re.compile(rb"_ip\b|\bip_|\"ip\"|privileges|preferences|actor", re.IGNORECASE)
_TICKET_ID = re.compile(rb'"ticket_id"\s{0,10}:\s{0,10}"?\s{0,10}([0-9]{1,20})\b')
_SECONDS, _MILLISECONDS = re.compile(r"[0-9]{10}", re.ASCII), re.compile(r"[0-9]{13}", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


def sign(secret: str, time: str, body: bytes) -> str:
    """What our app sends as its signature: hex HMAC-SHA256 over the time, a dot, and the raw body."""
    message = time.encode("utf-8", "surrogatepass") + b"." + body
    return hmac.new(secret.encode("utf-8", "surrogatepass"), message, hashlib.sha256).hexdigest()


def verify(
    delivery: Delivery, tokens: Sequence[str], app_secrets: Sequence[str], hook_path: str, now: datetime
) -> None:
    """Raises Refused unless the delivery has the right address and one of `tokens`, or is signed with one of
    `app_secrets` within 300 s of `now`.

    404: another address. 413: longer than a template makes it. 400: a signature that is none. 401: all else.
    """
    if delivery.path:
        return _verify_hook(delivery, tokens, hook_path)
    return _verify_app(delivery, app_secrets, now)


def _verify_hook(delivery: Delivery, tokens: Sequence[str], hook_path: str) -> None:
    if not hook_path or not _same(hook_path, delivery.path):
        raise Refused(404, "no such address")
    if len(delivery.body) > MOST_BODY:
        raise Refused(413, f"at most {MOST_BODY} bytes: the template of SETUP.md holds ids only")
    given = delivery.headers.get(TOKEN, "")
    # Every token is tried, so that the time taken does not tell which of them is in use.
    matches = [_same(token, given) for token in tokens if token]
    if not any(matches):
        raise Refused(401, "the token does not match" if given else "the token is missing")


def _verify_app(delivery: Delivery, app_secrets: Sequence[str], now: datetime) -> None:
    time, given = delivery.headers.get(TIME, ""), delivery.headers.get(SIGNATURE, "").lower()
    if not time or not given:
        raise Refused(401, "the signature is missing")
    if not _HEX.fullmatch(given):
        raise Refused(400, "the signature is not 64 hexadecimal letters")
    matches = [hmac.compare_digest(sign(secret, time, delivery.body), given) for secret in app_secrets if secret]
    if not any(matches):
        raise Refused(401, "the signature does not match")
    signed_at = _read_time(time)
    if signed_at is None or abs(signed_at - now) > timedelta(seconds=WINDOW_SECONDS):
        raise Refused(401, "the signature is too old or too new")


def point(delivery: Delivery) -> Doorbell:
    """What a verified delivery points at; never raises, whatever the body holds. A webhook's body says neither when nor
    which time it is sent, so only signed events have a fingerprint: of two equal webhooks both count."""
    kind, ticket_id, event, said = _read(delivery.body)
    data = said.get("data")
    actor = data.get("actor") if isinstance(data, dict) else None
    return Doorbell(
        kind=kind,
        ticket_id=ticket_id,
        event=event,
        fingerprint=_fingerprint(delivery),
        actor_id=read_id(actor.get("id")) if isinstance(actor, dict) else "",
        account_ref=read_id(said.get("account_id")),
        keep=_keep(delivery.body, said),
    )


def _fingerprint(delivery: Delivery) -> str:
    time = delivery.headers.get(TIME, "")
    if delivery.path or not time:
        return ""
    return fingerprint_of(time, delivery.body)


def _read(body: bytes) -> tuple[str, str, str, dict[str, Any]]:
    """Kind, ticket id, event name, and the document as far as it is one."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return (*_read_broken(body), {})
    if not isinstance(said, dict) or len(said) > MOST_KEYS:
        return "unreadable", "", "", {}
    event, data = said.get("event"), said.get("data")
    if isinstance(event, str) and isinstance(data, dict):
        return (*_read_event(event, data), said)
    return (*_read_template(said), said)


def _read_broken(body: bytes) -> tuple[str, str, str]:
    """A template that put somebody's quotation mark into JSON: the id may still be found, and it is only a hint."""
    found = _TICKET_ID.search(body[:MOST_BODY])
    ticket_id = read_id(found[1].decode("ascii")) if found else ""
    return ("ticket" if ticket_id else "unreadable"), ticket_id, "broken" if ticket_id else ""


def _read_event(event: str, data: dict[str, Any]) -> tuple[str, str, str]:
    """An event of the app platform, in either envelope; a ticket's `id` is the one that its address shows, `model_id`
    is not."""
    name = _safe(event)
    ticket, conversation = data.get("ticket"), data.get("conversation")
    if event in CONVERSATION_EVENTS and isinstance(conversation, dict):
        ticket_id = read_id(conversation.get("ticket_id"))
    elif event in TICKET_EVENTS | {GONE_EVENT} and isinstance(ticket, dict):
        ticket_id = read_id(ticket.get("id"))
    else:
        known = event in TICKET_EVENTS | CONVERSATION_EVENTS | {GONE_EVENT}
        return ("unreadable" if known else "other"), "", name
    if not ticket_id:
        return "unreadable", "", name
    gone = event == GONE_EVENT or (isinstance(ticket, dict) and _was_deleted(ticket))
    return ("gone" if gone else "ticket"), ticket_id, name


def _was_deleted(ticket: dict[str, Any]) -> bool:
    changes = ticket.get("changes")
    return isinstance(changes, dict) and changes.get("deleted") == [False, True]


def _read_template(said: dict[str, Any]) -> tuple[str, str, str]:
    """The body of an automation's webhook: our template (SETUP.md), or the "Simple" one that wraps its keys."""
    wrapped = said.get("freshdesk_webhook")
    told = wrapped if isinstance(wrapped, dict) else said
    ticket_id = read_id(_plain(told.get("ticket_id")))
    if not ticket_id:
        return "unreadable", "", ""
    event = told.get("event", told.get("triggered_event"))
    return "ticket", ticket_id, _safe(event.strip("{} ")) if isinstance(event, str) else "automation"


def _plain(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _keep(body: bytes, said: dict[str, Any]) -> bytes | None:
    """What may be stored: the document without what an event tells of the acting agent; nothing of one that cannot be
    read and may hold it; None for one that never held it."""
    if not _TELLTALE.search(body):
        return None
    return orjson.dumps(_without_private(said, 0)) if said else b""


def _without_private(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        return None
    if isinstance(value, list):
        return [_without_private(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: item for key, item in value.items() if not _is_private(key.lower())}
    if isinstance(kept.get("actor"), dict):
        kept["actor"] = {key: kept["actor"].get(key) for key in ("id", "type")}
    return {key: _without_private(item, depth + 1) for key, item in kept.items()}


def _is_private(key: str) -> bool:
    return key in NEVER_KEPT or key.endswith("_ip")


def _safe(event: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", event[:MOST_NAME])


def _same(secret: str, given: str) -> bool:
    return hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), given.encode("utf-8", "surrogatepass"))


def _read_time(text: str) -> datetime | None:
    """Unix seconds, or milliseconds, in ASCII digits; None for anything else."""
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    return datetime.fromtimestamp(int(text) / 1000, UTC) if _MILLISECONDS.fullmatch(text) else None
