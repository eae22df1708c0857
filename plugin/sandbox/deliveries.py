"""Send events to webhooks as Zendesk does: signed, tried again by the answer, until a circuit opens."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections import Counter, deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from plugin.sandbox.desk import Desk
from plugin.sandbox.events import TRIGGER, Happening, envelope, fires_trigger, pretty, render_template
from plugin.sandbox.sending import Invocation, Sender, Target, new_ulid
from plugin.sandbox.state import Audit, TicketRow, Webhook, stamp_of

__all__ = ["Dispatcher", "Invocation", "new_ulid", "sign"]

RETRIES = {"conflict": 3, "busy": 3, "timeout": 5}
"""After the first attempt: 409 three times and timeouts five (zendesk.md 1.5); how often 429 and 503 with a
Retry-After below 60 are tried again is not known: three is assumed."""

BREAKER_SHARE, BREAKER_ERRORS, BREAKER_SPAN = 0.7, 1000, timedelta(minutes=5)
"""The circuit opens at 70 % errors or more than 1000 errors in five minutes. From how many deliveries the share
counts is not known: `Knobs.breaker_after`."""


class Dispatcher(Sender):
    """Listens to a desk and sends what its webhooks asked for."""

    def __init__(self, desk: Desk, workers: int = 8, seed: int = 11) -> None:
        super().__init__(desk, workers, seed)
        self._desk: Desk = desk
        self._results: dict[str, deque[tuple[datetime, bool]]] = {}
        desk.listeners.append(self.hear)

    def targets(self) -> Mapping[str, Webhook]:
        return self._desk.state.webhooks

    def hear(self, ticket: TicketRow, audit: Audit | None, happenings: list[Happening], actor: int) -> None:
        """Queue deliveries for one save; the desk's lock is held."""
        sequence = f"{self._random.getrandbits(128):032x}"
        marks = [{"id": sequence, "position": n + 1, "total": len(happenings)} for n in range(len(happenings))]
        bodies = [
            (h.type, pretty(envelope(self._desk, ticket, h, actor, mark)))
            for h, mark in zip(happenings, marks, strict=True)
        ]
        for hook in self._desk.state.webhooks.values():
            if hook.status != "active":
                continue
            if TRIGGER in hook.subscriptions:
                if audit is not None and actor != hook.not_user and fires_trigger(audit) and not ticket.gone:
                    self._queue(hook, "trigger", ticket.id, actor, render_template(hook.template, ticket, actor))
                continue
            for event, body in bodies:
                if f"zen:event-type:{event}" in hook.subscriptions:
                    self._queue(hook, event, ticket.id, actor, body)

    def headers(self, hook: Webhook, invocation: Invocation) -> dict[str, str]:
        """Signed with the moment of sending, again at every attempt (zendesk.md 0.7)."""
        stamp = stamp_of(self._desk.clock.now())
        wrong = self._luck.random() < hook.knobs.wrong_signature
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Zendesk Webhook",
            "X-Zendesk-Account-Id": str(self._desk.state.settings.account_id),
            "X-Zendesk-Webhook-Id": hook.id,
            "X-Zendesk-Webhook-Invocation-Id": invocation.id,
            "X-Zendesk-Webhook-Signature-Timestamp": stamp,
            "X-Zendesk-Webhook-Signature": sign(hook.secret + ("x" if wrong else ""), stamp, invocation.body),
        }

    def wait_before_retry(self, hook: Webhook, code: int, asked: float | None, used: Counter[str]) -> float | None:
        again = "timeout" if code == -1 else "conflict" if code == 409 else "busy" if asked is not None else ""
        if not again or used[again] >= RETRIES[again]:
            return None
        used[again] += 1
        return hook.knobs.retry_wait if asked is None else min(asked, hook.knobs.retry_wait * 20)

    def _count(self, hook: Target, good: bool) -> None:
        self._results.setdefault(hook.id, deque(maxlen=5000)).append((self._desk.clock.now(), good))

    def broken(self, hook: Webhook) -> bool:
        with self._news:
            since = self._desk.clock.now() - BREAKER_SPAN
            lately = [good for at, good in self._results.get(hook.id, ()) if at > since]
        errors = lately.count(False)
        share = len(lately) >= hook.knobs.breaker_after and errors / len(lately) >= BREAKER_SHARE
        return hook.knobs.breaker and (share or errors > BREAKER_ERRORS)


def sign(secret: str, stamp: str, body: bytes) -> str:
    """base64(HMAC-SHA256(secret as text, timestamp + body)), zendesk.md 1.4."""
    return base64.b64encode(hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()).decode()
