"""Misfortunes on order: the next requests fail, hang, or lose their answer after the work was done."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

from plugin.sandbox.errors import ApiError, too_many_requests

KINDS = ("429-json", "429-text", "429-html", "500", "503", "html", "conflict", "hang", "reset", "drop")
"""What can be ordered. "reset": the connection breaks before anything is done; "drop": after it was done."""


@dataclass
class Fault:
    """`left` more requests whose method is in `methods` ("" = any) and whose path matches `path` fail as `kind`."""

    kind: str
    left: int
    methods: tuple[str, ...] = ()
    path: str = ""
    seconds: float = 30.0
    retry_after: int = 93


class Faults:
    """The orders, oldest first; `kinds` are those the helpdesk knows."""

    def __init__(self, kinds: tuple[str, ...] = KINDS) -> None:
        self._kinds = kinds
        self._orders: list[Fault] = []
        self._lock = threading.Lock()

    def order(self, fault: Fault) -> None:
        """Add an order; ValueError for a kind that does not exist."""
        if fault.kind not in self._kinds:
            raise ValueError(f"no fault is called {fault.kind}; there are {', '.join(self._kinds)}")
        with self._lock:
            self._orders.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this request, if one does."""
        with self._lock:
            for fault in self._orders:
                fits = (not fault.methods or method in fault.methods) and re.search(fault.path, path)
                if fault.left > 0 and fits:
                    fault.left -= 1
                    return fault
        return None


def answer_for(fault: Fault) -> ApiError:
    """The answer of a fault that has one."""
    if fault.kind.startswith("429-"):
        return too_many_requests(fault.kind[4:], fault.retry_after, "Too many requests")
    if fault.kind == "503":
        return ApiError(503, "Service Unavailable", {"Retry-After": str(fault.retry_after)}, "text/plain")
    if fault.kind == "conflict":
        return ApiError(409, {"error": "DatabaseConflict", "description": "Database collision"})
    page = "<html><head><title>Something went wrong</title></head><body>Please try again later</body></html>"
    return ApiError(502 if fault.kind == "html" else 500, page, {}, "text/html; charset=utf-8")
