"""Send Freshdesk's news: automation rules without a signature and with patience, app events signed by our own part."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter, deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from plugin.sandbox.freshdesk.desk import FreshDesk, News
from plugin.sandbox.freshdesk.events import app_events, enveloped, render_template, simple_layout, triggered_event
from plugin.sandbox.freshdesk.limits import FreshLimits
from plugin.sandbox.freshdesk.state import Hook
from plugin.sandbox.sending import Invocation, Sender

RETRY_STEPS = {"automation": (1, 6, 12), "app": (1, 1)}
"""A failed call of a rule is tried again after 5, 30 and 60 minutes (freshdesk.md 2), one of our app by its request
template's own options; here in units of `Knobs.retry_wait`."""

LATEST = timedelta(hours=24)
"""A call that was postponed for longer is dropped."""


class FreshDispatcher(Sender):
    """Listens to a desk and sends what its hooks asked for."""

    def __init__(self, desk: FreshDesk, limits: FreshLimits, workers: int = 8, seed: int = 11) -> None:
        super().__init__(desk, workers, seed)
        self._desk: FreshDesk = desk
        self._limits = limits
        self._postponed: deque[tuple[datetime, datetime, Hook, Invocation]] = deque()
        desk.listeners.append(self.hear)

    def targets(self) -> Mapping[str, Hook]:
        return self._desk.state.hooks

    def hear(self, news: News) -> None:
        """Queue deliveries for one piece of news; the desk's lock is held."""
        self._send_postponed()
        for hook in list(self._desk.state.hooks.values()):
            if hook.kind == "app":
                for name, data in app_events(self._desk, news):
                    body = enveloped(self._desk, hook, name, data)
                    self._queue(hook, name, news.ticket.id, news.actor, body)
            elif (said := triggered_event(news)) and (hook.own_too or news.actor != self._desk.state.integration_id):
                self._call(hook, said, news)

    def flush(self, timeout: float = 60.0) -> bool:
        with self._desk.lock:
            self._send_postponed()
        return super().flush(timeout)

    def headers(self, hook: Hook, invocation: Invocation) -> dict[str, str]:
        """Our token in a header of the rule's own, or the signature that our serverless part made: the platform sends
        the same request again."""
        about = {"Content-Type": "application/json", "User-Agent": "Freshdesk"}
        wrong = "x" if self._luck.random() < hook.knobs.wrong_signature else ""
        if hook.kind == "automation":
            return {**about, "X-Followthrough-Token": hook.secret + wrong}
        invocation.signed_at = invocation.signed_at or str(int(self._desk.clock.now().timestamp()))
        signature = sign(hook.secret + wrong, invocation.signed_at, invocation.body)
        return {**about, "X-Followthrough-Time": invocation.signed_at, "X-Followthrough-Signature": signature}

    def wait_before_retry(self, hook: Hook, code: int, asked: float | None, used: Counter[str]) -> float | None:
        """Whatever went wrong, and whatever Retry-After says."""
        steps = RETRY_STEPS[hook.kind]
        if used["again"] >= len(steps):
            return None
        used["again"] += 1
        return hook.knobs.retry_wait * steps[used["again"] - 1]

    def _call(self, hook: Hook, said: str, news: News) -> None:
        """Rules use up the account's own rate limit; what is too much waits until the next hour."""
        simple = hook.template == "simple"
        body = simple_layout(self._desk, news) if simple else render_template(self._desk, hook.template, news)
        if self._limits.spare():
            self._limits.use_up()
            self._queue(hook, said, news.ticket.id, news.actor, body)
            return
        now = self._desk.clock.now()
        next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        invocation = self._invocation(hook, said, news.ticket.id, news.actor, body)
        invocation.status = "postponed"
        self._postponed.append((next_hour, now, hook, invocation))

    def _send_postponed(self) -> None:
        now = self._desk.clock.now()
        while self._postponed and self._postponed[0][0] <= now:
            _due, made, hook, invocation = self._postponed.popleft()
            if now - made > LATEST:
                self._settle(invocation, "dropped", None)
            else:
                invocation.status = "waiting"
                self._submit(hook, invocation)


def sign(secret: str, stamp: str, body: bytes) -> str:
    """hex(HMAC-SHA256(secret, time + "." + body)), as our serverless part signs."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
