"""One writer at a time within the process, first come first served."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident

from plugin.ports import Temporary

_LONGEST_WAIT = 30.0
"""Seconds; units are short, so whoever waits longer is told to come again."""


class WriteLock:
    """A fair lock: SQLite's busy handler sleeps and guesses, and lets a busy writer starve all others."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._waiting: deque[Lock] = deque()
        self._held = False
        self._holder: int | None = None

    @contextmanager
    def held(self, wait: float = _LONGEST_WAIT) -> Iterator[None]:
        """Temporary after `wait` seconds; RuntimeError for a unit inside a unit of the same thread."""
        if self.mine:
            raise RuntimeError("a transaction inside a transaction of the same thread")
        if not self._take(wait):
            raise Temporary("the database is busy: other writers hold it")
        self._holder = get_ident()
        try:
            yield
        finally:
            self._holder = None
            self._pass_on()

    @property
    def mine(self) -> bool:
        """Does this thread hold it?"""
        return self._holder == get_ident()

    def _take(self, wait: float) -> bool:
        with self._guard:
            if not self._held:
                self._held = True
                return True
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=wait):
            return True
        with self._guard:
            if turn not in self._waiting:
                return True  # it was handed over at the last moment
            self._waiting.remove(turn)
            return False

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False
