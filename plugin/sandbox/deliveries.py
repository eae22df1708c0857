"""Send events to webhooks as Zendesk does: signed, in no sure order, more than once, sometimes not at all."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import threading
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests

from plugin.sandbox.desk import Desk
from plugin.sandbox.events import TRIGGER, Happening, envelope, fires_trigger, pretty, render_template
from plugin.sandbox.state import Audit, TicketRow, Webhook, stamp_of

RETRIES = {"conflict": 3, "busy": 3, "timeout": 5}
"""After the first attempt: 409 three times and timeouts five (zendesk.md 1.5); how often 429 and 503 with a
Retry-After below 60 are tried again is not known: three is assumed."""

BREAKER_SHARE, BREAKER_ERRORS, BREAKER_SPAN = 0.7, 1000, timedelta(minutes=5)
"""The circuit opens at 70 % errors or more than 1000 errors in five minutes. From how many deliveries the share
counts is not known: `Knobs.breaker_after`."""

HELD = 0.3
"""Seconds after which deliveries held back for disorder go out at the latest."""


@dataclass
class Invocation:
    """One delivery to one webhook, with every attempt's status code (0: no answer)."""

    id: str
    webhook_id: str
    event: str
    ticket_id: int
    actor_id: int
    body: bytes
    status: str = "waiting"
    """waiting, success, failed, terminated, dropped, stopped, circuit broken"""
    attempts: list[int] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """As JSON, without the body."""
        return {key: value for key, value in asdict(self).items() if key != "body"}


class Dispatcher:
    """Listens to a desk and sends what its webhooks asked for, at most `workers` requests at once."""

    def __init__(self, desk: Desk, workers: int = 8, seed: int = 11) -> None:
        self._desk = desk
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="sandbox-delivery")
        self._random = random.Random(seed)
        self._luck = random.Random(seed)  # drawn by the workers, so that their haste does not disturb the knobs
        self._timer: threading.Timer | None = None
        self._news = threading.Condition()
        self._pending = 0
        self._closing = False
        self._held: deque[tuple[Webhook, Invocation]] = deque()
        self._sent: deque[Invocation] = deque(maxlen=100_000)
        self._results: dict[str, deque[tuple[datetime, bool]]] = {}
        self._local = threading.local()
        desk.listeners.append(self.hear)

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
                    self._queue(hook, "trigger", ticket, actor, render_template(hook.template, ticket, actor))
                continue
            for event, body in bodies:
                if f"zen:event-type:{event}" in hook.subscriptions:
                    self._queue(hook, event, ticket, actor, body)

    def flush(self, timeout: float = 60.0) -> bool:
        """Wait until everything is delivered or given up; False when time ran out first."""
        end = time.monotonic() + timeout
        self._release(everything=True)
        with self._news:
            while self._pending:
                if not self._news.wait(max(end - time.monotonic(), 0.0)):
                    return False
        return True

    def deliveries(self) -> list[dict[str, Any]]:
        """Every delivery so far, oldest first; the newest 100,000 are kept."""
        with self._news:
            return [invocation.shown() for invocation in self._sent]

    def bodies(self) -> list[bytes]:
        """The bodies of the same deliveries."""
        with self._news:
            return [invocation.body for invocation in self._sent]

    def ring(self, webhook_id: str, body: bytes, event: str = "by hand", ticket_id: int = 0) -> None:
        """Send any body to a webhook, signed: for tests of odd payloads and for load."""
        hook = self._desk.state.webhooks[webhook_id]
        with self._desk.lock:
            self._submit(hook, self._invocation(hook, event, ticket_id, 0, body))

    def close(self) -> None:
        """Give up what still waits."""
        self._closing = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    # --- queueing ---

    def _queue(self, hook: Webhook, event: str, ticket: TicketRow, actor: int, body: bytes) -> None:
        invocation = self._invocation(hook, event, ticket.id, actor, body)
        knobs = hook.knobs
        if knobs.stop or self._random.random() < knobs.drop:
            self._settle(invocation, "stopped" if knobs.stop else "dropped", None)
            return
        copies = [invocation]
        if self._random.random() < knobs.duplicates:  # the same invocation again, or the event invoked anew
            anew = self._random.random() < 0.5
            copies.append(self._invocation(hook, event, ticket.id, actor, body) if anew else invocation)
        for copy in copies:
            if self._random.random() < knobs.disorder:
                self._hold(hook, copy)
            else:
                self._submit(hook, copy)
        self._release(everything=False)

    def _invocation(self, hook: Webhook, event: str, ticket_id: int, actor: int, body: bytes) -> Invocation:
        made = Invocation(new_ulid(self._desk.clock.now(), self._random), hook.id, event, ticket_id, actor, body)
        with self._news:
            self._sent.append(made)
        return made

    def _hold(self, hook: Webhook, invocation: Invocation) -> None:
        """Keep one back until later ones have gone, or HELD seconds have."""
        self._held.append((hook, invocation))
        if self._timer is None or not self._timer.is_alive():
            self._timer = threading.Timer(HELD, self._release, kwargs={"everything": True})
            self._timer.daemon = True
            self._timer.start()

    def _release(self, *, everything: bool) -> None:
        """Let go of held deliveries, the newest first: a few at a time, or all."""
        with self._desk.lock:
            while self._held and (everything or len(self._held) > 4):
                self._submit(*self._held.pop())

    def _submit(self, hook: Webhook, invocation: Invocation) -> None:
        with self._news:
            self._pending += 1
        try:
            self._pool.submit(self._run, hook, invocation)
        except RuntimeError:  # closed meanwhile
            self._finish()

    def _run(self, hook: Webhook, invocation: Invocation) -> None:
        try:
            if hook.knobs.delay:
                time.sleep(hook.knobs.delay)
            self._deliver(hook, invocation)
        finally:
            self._finish()

    def _finish(self) -> None:
        with self._news:
            self._pending -= 1
            self._news.notify_all()

    # --- sending ---

    def _deliver(self, hook: Webhook, invocation: Invocation) -> None:
        used: Counter[str] = Counter()
        while True:
            if hook.knobs.stop or self._closing:
                return self._settle(invocation, "stopped", None)
            if self._broken(hook):
                return self._settle(invocation, "circuit broken", None)
            code, wait = self._attempt(hook, invocation)
            again = "timeout" if code == -1 else "conflict" if code == 409 else "busy" if wait is not None else ""
            invocation.attempts.append(max(code, 0))
            if 200 <= code < 300:
                return self._settle(invocation, "success", hook)
            if not again or used[again] >= RETRIES[again]:
                return self._settle(invocation, "terminated" if 400 <= code < 500 else "failed", hook)
            used[again] += 1
            time.sleep(hook.knobs.retry_wait if wait is None else min(wait, hook.knobs.retry_wait * 20))

    def _attempt(self, hook: Webhook, invocation: Invocation) -> tuple[int, float | None]:
        """(status, seconds to wait before a further attempt). -1: no answer in time; 0: no connection."""
        try:
            answer = self._session().request(
                hook.http_method, hook.endpoint, data=invocation.body, timeout=hook.knobs.timeout,
                headers=self._headers(hook, invocation), allow_redirects=False,
            )  # fmt: skip
        except requests.Timeout:
            return -1, None
        except requests.RequestException:
            return 0, None
        asked = answer.headers.get("Retry-After", "")
        soon = answer.status_code in (429, 503) and asked.isdigit() and int(asked) < 60
        return answer.status_code, float(asked) if soon else None

    def _headers(self, hook: Webhook, invocation: Invocation) -> dict[str, str]:
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

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        found: requests.Session = self._local.session
        return found

    def _settle(self, invocation: Invocation, status: str, counted: Webhook | None) -> None:
        with self._news:
            invocation.status = status
            if counted is not None:
                results = self._results.setdefault(counted.id, deque(maxlen=5000))
                results.append((self._desk.clock.now(), status == "success"))

    def _broken(self, hook: Webhook) -> bool:
        with self._news:
            since = self._desk.clock.now() - BREAKER_SPAN
            lately = [good for at, good in self._results.get(hook.id, ()) if at > since]
        errors = lately.count(False)
        share = len(lately) >= hook.knobs.breaker_after and errors / len(lately) >= BREAKER_SHARE
        return hook.knobs.breaker and (share or errors > BREAKER_ERRORS)


def sign(secret: str, stamp: str, body: bytes) -> str:
    """base64(HMAC-SHA256(secret as text, timestamp + body)), zendesk.md 1.4."""
    return base64.b64encode(hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()).decode()


def new_ulid(now: datetime, chance: random.Random) -> str:
    """26 letters of Crockford's base 32: milliseconds, then chance."""
    number = (int(now.timestamp() * 1000) << 80) | chance.getrandbits(80)
    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> (5 * place) & 31] for place in range(25, -1, -1))
