"""The sandbox's clock: real time, moved forward or standing still, as a story needs it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class MovedClock:
    """A clock that can be moved. Begun with a moment it stands still there until moved (`ticking` lets it run on);
    begun with none it is the computer's own time plus what it was moved by. Implements ports.Clock."""

    def __init__(self, start: datetime | None = None, *, ticking: bool | None = None) -> None:
        self._lock = threading.Lock()
        self._ticking = start is None if ticking is None else ticking
        self._base = start or _computer_time()
        self._since = time.monotonic()

    def now(self) -> datetime:
        """The present moment, aware, UTC."""
        with self._lock:
            return self._now()

    def move_to(self, moment: datetime) -> None:
        """Go to a later moment; an earlier one is ignored, for time does not run back."""
        with self._lock:
            if moment > self._now():
                self._base, self._since = moment.astimezone(UTC), time.monotonic()

    def advance(self, by: timedelta) -> None:
        """Go forward by a span."""
        self.move_to(self.now() + by)

    def run_on(self) -> None:
        """Go on by itself from here, as clocks do."""
        with self._lock:
            self._base, self._since, self._ticking = self._now(), time.monotonic(), True

    def _now(self) -> datetime:
        gone = time.monotonic() - self._since if self._ticking else 0.0
        return self._base + timedelta(seconds=gone)


def _computer_time() -> datetime:
    """The sandbox plays another company's computer, so it may look at the wall clock itself."""
    return datetime.fromtimestamp(time.time(), UTC)
