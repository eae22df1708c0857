"""Tell whether a webhook really came from Zendesk, and which ticket it points at."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from plugin.connectors.texts import fingerprint_of, read_id
from plugin.ports import Delivery, Doorbell, Refused

SIGNATURE = "x-zendesk-webhook-signature"
TIMESTAMP = "x-zendesk-webhook-signature-timestamp"
INVOCATION = "x-zendesk-webhook-invocation-id"
"""Header names, lower case as `Delivery` has them."""

PUBLIC_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="  # noqa: S105 - published, and refused below
"""What Zendesk signs a webhook's trial run with before the webhook exists. Everybody knows it, so it proves nothing.
https://developer.zendesk.com/documentation/webhooks/verifying/"""

WINDOW_SECONDS = 300
"""How far the signed time may be from now, either way. Zendesk documents no window; the time is that of the sending,
not of the event: one recorded delivery was signed eight minutes after its event."""

MOST_KEYS = 1_000
"""A webhook has about eight; whoever sends thousands is not read any further."""

MOST_NAME = 80
"""Letters kept of an event's name and of the ids that come with it."""

TICKET_EVENTS = frozenset(
    {
        "created",
        "comment_added",
        "comment_made_private",
        "comment_redacted",
        "status_changed",
        "custom_status_changed",
        "priority_changed",
        "type_changed",
        "agent_assignment_changed",
        "group_assignment_changed",
        "requester_changed",
        "submitter_changed",
        "organization_changed",
        "brand_changed",
        "form_changed",
        "custom_field_changed",
        "tags_changed",
        "subject_changed",
        "description_changed",
        "external_id_changed",
        "email_ccs_changed",
        "followers_changed",
        "attachment_linked_to_comment",
        "attachment_redacted_from_comment",
        "problem_link_changed",
        "task_due_at_changed",
        "marked_as_spam",
        "merged",
        "undeleted",
        "next_sla_breach_changed",
        "sla_policy_changed",
        "ola_policy_changed",
        "schedule_changed",
    }
)
"""What may happen to a ticket and leaves it there to be looked at.
https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/"""

GONE_EVENTS = frozenset({"soft_deleted", "permanently_deleted"})

_EVENT_PREFIX = "zen:event-type:"
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,80}", re.ASCII)
_SUBJECT = re.compile(r"zen:(?:messaging_)?ticket:([0-9]{1,20})", re.ASCII)


def signature_matches(secret: str, timestamp: str, body: bytes, signature: str) -> bool:
    """Is `signature` the base64 of HMAC-SHA256 over timestamp and body, keyed with the secret's own letters?

    The secret looks like base64 but is used as it stands; nothing stands between timestamp and body. Never raises;
    an empty secret matches nothing. https://developer.zendesk.com/documentation/webhooks/verifying/
    """
    given = _decode(signature)
    if given is None or not secret or not timestamp.isascii():
        return False
    key = secret.encode("utf-8", "surrogatepass")
    expected = hmac.new(key, timestamp.encode("ascii") + body, hashlib.sha256).digest()
    return hmac.compare_digest(expected, given)


def verify(delivery: Delivery, secrets: Sequence[str], now: datetime, window: int = WINDOW_SECONDS) -> None:
    """Raises Refused unless one of `secrets` signed exactly these bytes within `window` seconds of `now`.

    400: there is no signature of the right form at all. 401: there is one, and it is not believed. 404: the address
    goes on behind the account, which no address of ours does here.
    """
    if delivery.path:
        raise Refused(404, "no such address")
    timestamp, signature = delivery.headers.get(TIMESTAMP, ""), delivery.headers.get(SIGNATURE, "")
    if not timestamp or not signature:
        raise Refused(401, "the signature is missing")
    if _decode(signature) is None:
        raise Refused(400, "the signature is not base64 of 32 bytes")
    # Every secret is tried, so that the time taken does not tell which of them is in use.
    matches = [signature_matches(s, timestamp, delivery.body, signature) for s in secrets if s != PUBLIC_SECRET]
    if not any(matches):
        raise Refused(401, "the signature does not match")
    signed_at = _read_moment(timestamp)
    if signed_at is None or abs(signed_at - now) > timedelta(seconds=window):
        raise Refused(401, "the signature is too old or too new")


def point(delivery: Delivery) -> Doorbell:
    """What a verified delivery points at, from either kind of webhook; never raises, whatever the body holds."""
    stamp = delivery.headers.get(TIMESTAMP, "")
    invocation, fingerprint = _name(delivery.headers.get(INVOCATION)), fingerprint_of(stamp, delivery.body)
    kind, ticket_id, event, said = _read(delivery.body)
    detail = said.get("detail")
    actor = detail.get("actor_id") if isinstance(detail, dict) else said.get("actor_id")
    return Doorbell(
        kind=kind,
        ticket_id=ticket_id,
        event=event,
        event_id=_name(said.get("id")),
        invocation_id=invocation,
        fingerprint=fingerprint,
        actor_id=read_id(actor),
        account_ref=read_id(said.get("account_id")) or _name(said.get("account_id")),
    )


def _read(body: bytes) -> tuple[str, str, str, dict[str, Any]]:
    """Kind, ticket id, event name, and the document as far as it is one."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "unreadable", "", "", {}
    if not isinstance(said, dict) or len(said) > MOST_KEYS:
        return "unreadable", "", "", {}
    kind_of_event = said.get("type")
    if isinstance(kind_of_event, str) and kind_of_event.startswith(_EVENT_PREFIX):
        return (*_read_event(kind_of_event.removeprefix(_EVENT_PREFIX), said), said)
    return (*_read_trigger(said), said)


def _read_event(event: str, said: dict[str, Any]) -> tuple[str, str, str]:
    """The envelope of an event subscription: {"type", "subject": "zen:ticket:1", "detail": {"id": "1", …}, …}."""
    topic, _, what = event.partition(".")
    name = _safe(event)
    if (topic, what) != ("messaging_ticket", "message_added") and (
        topic != "ticket" or what not in TICKET_EVENTS | GONE_EVENTS
    ):
        return "other", "", name
    ticket_id = _ticket_of(said)
    if not ticket_id:
        return "unreadable", "", name
    return ("gone" if what in GONE_EVENTS else "ticket"), ticket_id, name


def _read_trigger(said: dict[str, Any]) -> tuple[str, str, str]:
    """The body of our trigger template (SETUP.md): ids only, all of them quoted."""
    ticket_id = read_id(said.get("ticket_id"))
    if not ticket_id:
        return "unreadable", "", ""
    status = said.get("status")
    gone = isinstance(status, str) and status.lower() == "deleted"
    return ("gone" if gone else "ticket"), ticket_id, "trigger"


def _ticket_of(said: dict[str, Any]) -> str:
    subject, detail = said.get("subject"), said.get("detail")
    named = _SUBJECT.fullmatch(subject) if isinstance(subject, str) else None
    return (read_id(named[1]) if named else "") or (read_id(detail.get("id")) if isinstance(detail, dict) else "")


def _safe(event: str) -> str:
    return re.sub(r"[^a-z0-9_.-]", "_", event[:MOST_NAME].lower())


def _name(value: object) -> str:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def _decode(signature: str) -> bytes | None:
    if len(signature) != 44:
        return None
    try:
        decoded = base64.b64decode(signature.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return None
    return decoded if len(decoded) == 32 else None


def _read_moment(text: str) -> datetime | None:
    """RFC 3339 in ASCII digits, aware; None for anything else."""
    found = _MOMENT.fullmatch(text)
    if not found:
        return None
    try:
        return datetime.fromisoformat(found[1] + found[3].replace("Z", "+00:00"))
    except ValueError:
        return None
