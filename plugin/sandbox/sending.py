"""Send deliveries as a helpdesk does: in no sure order, more than once, late, sometimes not at all."""

from __future__ import annotations

import random
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

import requests

from plugin.sandbox.desk import AnyDesk
from plugin.sandbox.state import Knobs

HELD = 0.3
"""Seconds after which deliveries held back for disorder go out at the latest."""


class Target(Protocol):
    """Where deliveries go, and how badly they travel."""

    id: str
    endpoint: str
    http_method: str
    knobs: Knobs


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
    signed_at: str = ""
    """The moment in its signature, where every attempt bears the same one."""

    def shown(self) -> dict[str, Any]:
        """As JSON, without the body."""
        return {key: value for key, value in asdict(self).items() if key != "body"}


class Sender(ABC):
    """Sends what is queued, at most `workers` requests at once. A helpdesk says what its headers are, when it tries
    again, and which webhooks it has."""

    def __init__(self, desk: AnyDesk[Any], workers: int = 8, seed: int = 11) -> None:
        self._desk = desk
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="sandbox-delivery")
        self._random = random.Random(seed)
        self._luck = random.Random(seed)  # drawn by the workers, so that their haste does not disturb the knobs
        self._timer: threading.Timer | None = None
        self._news = threading.Condition()
        self._pending = 0
        self._closing = False
        self._held: deque[tuple[Target, Invocation]] = deque()
        self._sent: deque[Invocation] = deque(maxlen=100_000)
        self._local = threading.local()

    # --- what a helpdesk adds ---

    @abstractmethod
    def targets(self) -> Mapping[str, Target]:
        """The account's webhooks by id."""

    @abstractmethod
    def headers(self, hook: Any, invocation: Invocation) -> dict[str, str]:
        """The headers of one attempt."""

    @abstractmethod
    def wait_before_retry(self, hook: Any, code: int, asked: float | None, used: Counter[str]) -> float | None:
        """Seconds until this delivery is tried again after `code` (-1: no answer in time, 0: no connection), or None
        to give up. `asked` is the receiver's Retry-After where the helpdesk honours it, `used` counts the retries."""

    def broken(self, hook: Any) -> bool:
        """Has the helpdesk stopped sending to this receiver for now?"""
        return False

    # --- for tests, stories and the control ---

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
        hook = self.targets()[webhook_id]
        with self._desk.lock:
            self._submit(hook, self._invocation(hook, event, ticket_id, 0, body))

    def close(self) -> None:
        """Give up what still waits."""
        self._closing = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    # --- queueing ---

    def _queue(self, hook: Target, event: str, ticket_id: int, actor: int, body: bytes) -> None:
        invocation = self._invocation(hook, event, ticket_id, actor, body)
        knobs = hook.knobs
        if knobs.stop or self._random.random() < knobs.drop:
            self._settle(invocation, "stopped" if knobs.stop else "dropped", None)
            return
        copies = [invocation]
        if self._random.random() < knobs.duplicates:  # the same invocation again, or the event invoked anew
            anew = self._random.random() < 0.5
            copies.append(self._invocation(hook, event, ticket_id, actor, body) if anew else invocation)
        for copy in copies:
            if self._random.random() < knobs.disorder:
                self._hold(hook, copy)
            else:
                self._submit(hook, copy)
        self._release(everything=False)

    def _invocation(self, hook: Target, event: str, ticket_id: int, actor: int, body: bytes) -> Invocation:
        made = Invocation(new_ulid(self._desk.clock.now(), self._random), hook.id, event, ticket_id, actor, body)
        with self._news:
            self._sent.append(made)
        return made

    def _hold(self, hook: Target, invocation: Invocation) -> None:
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

    def _submit(self, hook: Target, invocation: Invocation) -> None:
        with self._news:
            self._pending += 1
        try:
            self._pool.submit(self._run, hook, invocation)
        except RuntimeError:  # closed meanwhile
            self._finish()

    def _run(self, hook: Target, invocation: Invocation) -> None:
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

    def _deliver(self, hook: Target, invocation: Invocation) -> None:
        used: Counter[str] = Counter()
        while True:
            if hook.knobs.stop or self._closing:
                return self._settle(invocation, "stopped", None)
            if self.broken(hook):
                return self._settle(invocation, "circuit broken", None)
            code, asked = self._attempt(hook, invocation)
            invocation.attempts.append(max(code, 0))
            if 200 <= code < 300:
                return self._settle(invocation, "success", hook)
            wait = self.wait_before_retry(hook, code, asked, used)
            if wait is None:
                return self._settle(invocation, "terminated" if 400 <= code < 500 else "failed", hook)
            time.sleep(wait)

    def _attempt(self, hook: Target, invocation: Invocation) -> tuple[int, float | None]:
        """(status, seconds to wait before a further attempt). -1: no answer in time; 0: no connection."""
        try:
            answer = self._session().request(
                hook.http_method, hook.endpoint, data=invocation.body, timeout=hook.knobs.timeout,
                headers=self.headers(hook, invocation), allow_redirects=False,
            )  # fmt: skip
        except requests.Timeout:
            return -1, None
        except requests.RequestException:
            return 0, None
        asked = answer.headers.get("Retry-After", "")
        soon = answer.status_code in (429, 503) and asked.isdigit() and int(asked) < 60
        return answer.status_code, float(asked) if soon else None

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        found: requests.Session = self._local.session
        return found

    def _settle(self, invocation: Invocation, status: str, counted: Target | None) -> None:
        with self._news:
            invocation.status = status
            if counted is not None:
                self._count(counted, status == "success")

    def _count(self, hook: Target, good: bool) -> None:  # noqa: B027 - a helpdesk without a breaker counts nothing
        """Remember how a delivery ended; called with the news held."""


def new_ulid(now: datetime, chance: random.Random) -> str:
    """26 letters of Crockford's base 32: milliseconds, then chance."""
    number = (int(now.timestamp() * 1000) << 80) | chance.getrandbits(80)
    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> (5 * place) & 31] for place in range(25, -1, -1))
