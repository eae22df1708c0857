"""Keep what one account sends within what its helpdesk allows, whichever thread sends it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from plugin.http.headers import Window
from plugin.ports import Clock, Temporary

ACCOUNT = "account"
"""The window that counts every request of the account."""

PATIENCE = 5.0
"""Seconds one call waits for room at most; a longer wait goes back to the queue as Temporary."""

RESERVE = 0.1
"""When less than this share of a window is left, whoever spent it, the rest belongs to the agents."""

MOST_WINDOWS = 2_000
"""Windows kept in memory (one per ticket written to); the idle ones are dropped beyond it."""

JITTER = 0.01
"""Seconds added to a wait, so that it ends after the moment it waits for."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `share` of `calls` in any `seconds`; `scope` tells apart what is counted apart (a ticket's id)."""

    name: str
    calls: int
    seconds: float
    scope: str = ""
    share: float | None = None
    """Part of it that is ours; None: the budget's own share."""


@dataclass(slots=True)
class _Spent:
    """What is known of one window: our calls in it, the helpdesk's own figure, and until when it is shut."""

    at: deque[float] = field(default_factory=deque)
    total: int | None = None
    shut_until: float = 0.0
    seconds: float = 60.0


class Budget:
    """Sliding windows for one account, safe for threads. Starts from the smallest plan and learns from replies.

    `per_minute` is the account's own limit until a reply tells it (the smallest Zendesk plan: 200); `share` is the
    part that is ours, because agents and other integrations live on the same limit.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        per_minute: int = 200,
        share: float = 0.5,
        patience: float = PATIENCE,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._everything = Limit(ACCOUNT, per_minute, 60.0)
        self._share = share
        self._patience = patience
        self._pause = pause
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], _Spent] = {}

    def spend(self, limits: Iterable[Limit] = (), *, patience: float | None = None) -> None:
        """Count one call against the account and `limits`; waits a little for room (`patience` seconds, where that is
        given), else raises Temporary."""
        wanted, most = (self._everything, *limits), self._patience if patience is None else patience
        waited = 0.0
        while wait := self._try(wanted):
            if waited + wait > most:
                raise Temporary("our share of the helpdesk's rate limit is used up", retry_after=wait)
            waited += wait
            self._pause(wait)

    def learn(self, seen: Mapping[str, Window], limits: Iterable[Limit] = ()) -> None:
        """Take over what a reply's headers said about the windows this call was counted in."""
        now = self._now()
        with self._lock:
            for limit in (self._everything, *limits):
                window = seen.get(limit.name)
                if window is not None:
                    _take_over(self._window(limit), window, now)

    def shut(self, seconds: float, seen: Mapping[str, Window], limits: Iterable[Limit] = ()) -> None:
        """The helpdesk said "too many" (429): nobody sends there for that long, only in the window that is full."""
        until = self._now() + seconds
        with self._lock:
            for limit in _full_ones(self._everything, tuple(limits), seen):
                spent = self._window(limit)
                spent.shut_until = max(spent.shut_until, until)

    def allowed(self, limit: Limit | None = None) -> int:
        """How many calls of ours fit into one window of `limit` (the account's, when none is given)."""
        wanted = limit or self._everything
        with self._lock:
            return self._ours(wanted, self._window(wanted))

    def _try(self, wanted: tuple[Limit, ...]) -> float:
        """0.0 when the call was counted; else the seconds until there is room."""
        now = self._now()
        with self._lock:
            wait = max(self._wait(limit, now) for limit in wanted)
            if wait <= 0:
                for limit in wanted:
                    self._window(limit).at.append(now)
            return wait

    def _wait(self, limit: Limit, now: float) -> float:
        spent = self._window(limit)
        _forget_old(spent, limit.seconds, now)
        wait = spent.shut_until - now
        over = len(spent.at) - self._ours(limit, spent)
        if over >= 0:
            wait = max(wait, spent.at[over] + limit.seconds - now)
        return wait + JITTER if wait > 0 else 0.0

    def _ours(self, limit: Limit, spent: _Spent) -> int:
        share = self._share if limit.share is None else limit.share
        return max(1, int((spent.total or limit.calls) * share))

    def _window(self, limit: Limit) -> _Spent:
        key = (limit.name, limit.scope)
        if key not in self._windows:
            if len(self._windows) >= MOST_WINDOWS:
                self._drop_idle()
            self._windows[key] = _Spent(seconds=limit.seconds)
        return self._windows[key]

    def _drop_idle(self) -> None:
        now = self._now()
        for key, spent in list(self._windows.items()):
            _forget_old(spent, spent.seconds, now)
            if key[1] and not spent.at and spent.shut_until <= now:
                del self._windows[key]

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _forget_old(spent: _Spent, seconds: float, now: float) -> None:
    """Calls that left the window; also those "in the future", left behind by a clock that was set back."""
    while spent.at and (spent.at[0] <= now - seconds or spent.at[0] > now + seconds):
        spent.at.popleft()


def _take_over(spent: _Spent, window: Window, now: float) -> None:
    if window.total is not None and window.total > 0:
        spent.total = window.total
    if window.remaining is None:
        return
    if window.remaining <= RESERVE * (spent.total or 0):
        pause = window.resets if window.resets is not None else min(10.0, spent.seconds)
        spent.shut_until = max(spent.shut_until, now + min(pause, spent.seconds))


def _full_ones(everything: Limit, limits: tuple[Limit, ...], seen: Mapping[str, Window]) -> tuple[Limit, ...]:
    """Which windows a 429 was about: those whose own header says 0; else, when the account's header shows room left,
    those this call was specially counted in; else the account's."""
    empty = tuple(limit for limit in (everything, *limits) if _left(seen, limit) == 0)
    if empty:
        return empty
    if limits and (_left(seen, everything) or 0) > 0:
        return limits
    return (everything,)


def _left(seen: Mapping[str, Window], limit: Limit) -> int | None:
    window = seen.get(limit.name)
    return None if window is None else window.remaining
