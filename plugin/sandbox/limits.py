"""Count requests against Zendesk's limits and say so in its headers (zendesk.md 2.6)."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from plugin.sandbox.desk import AnyDesk, Desk
from plugin.sandbox.errors import too_many_requests

Headers = dict[str, str]

_UPDATE = re.compile(r"/api/v2/tickets/(\d+)(/tags)?")
UPDATE_TEXT = "Rate limit for ticket updates exceeded, please wait before updating this ticket again"


class Windows:
    """How often something was used in the present window, by the desk's clock."""

    def __init__(self, desk: AnyDesk[Any]) -> None:
        self._desk = desk
        self._used: dict[tuple[str, int], int] = defaultdict(int)

    def _take(self, key: str, limit: int, span: int, cost: int = 1) -> tuple[int, int]:
        """(left of `limit`, less than 0 when it is exceeded; seconds until the window of `span` seconds ends)."""
        now = int(self._desk.clock.now().timestamp())
        window = now - now % span
        if len(self._used) > 10_000:
            self._used = defaultdict(int, {k: v for k, v in self._used.items() if k[1] > now - 600})
        self._used[key, window] += cost
        return limit - self._used[key, window], window + span - now


class Limits(Windows):
    """Windows of a minute (ten for one ticket and user) by the desk's clock. Tag calls count as ticket updates:
    not known, so the stricter reading is taken."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk: Desk = desk

    def charge(self, method: str, path: str, user_id: int | None) -> Headers:
        """Count one request; the headers its answer carries. Raises ApiError 429, which carries them as well."""
        settings = self._desk.state.settings
        headers = self._account(settings.limit)
        if "/incremental/" in path and method == "GET":
            headers |= self._endpoint("incremental-exports", "export", settings.export_limit, 60, "json", headers)
        if method in ("PUT", "POST", "DELETE") and (found := _UPDATE.fullmatch(path)):
            headers |= self._endpoint("tickets-update", "update", settings.update_limit, 60, "text", headers)
            key = f"ticket:{found[1]}:{user_id}"
            headers |= self._endpoint("per-ticket-updates", key, settings.per_ticket_limit, 600, "text", headers)
        return headers

    def count_save(self) -> None:
        """An agent's save in the browser uses up the account's ticket updates as well."""
        self._take("update", self._desk.state.settings.update_limit, 60)

    def _account(self, limit: int) -> Headers:
        left, resets = self._take("account", limit, 60)
        headers = _general(self._desk.state.settings.spelling, limit, max(left, 0), resets)
        if left < 0:
            text = "Number of allowed API requests per minute exceeded"
            self._refuse(resets, text, headers, self._desk.state.settings.too_many)
        return headers

    def _endpoint(self, name: str, key: str, limit: int, span: int, style: str, sofar: Headers) -> Headers:
        left, resets = self._take(key, limit, span)
        word = "zendesk-ratelimit" if self._desk.state.settings.spelling == "2024" else "zendesk-rate-limit"
        headers = {f"{word}-{name}": f"total={limit}; remaining={max(left, 0)}; resets={resets}"}
        if left < 0:
            self._refuse(resets, UPDATE_TEXT if style == "text" else "Too many requests", sofar | headers, style)
        return headers

    def _refuse(self, resets: int, text: str, headers: Headers, style: str) -> None:
        error = too_many_requests(style, resets, text)
        error.headers |= headers
        raise error


def _general(spelling: str, limit: int, left: int, resets: int) -> Headers:
    old = {"X-Rate-Limit": str(limit), "X-Rate-Limit-Remaining": str(left)}
    if spelling == "old":
        return old
    word = "ratelimit" if spelling == "2024" else "rate-limit"
    return old | {f"{word}-limit" if spelling == "2024" else word: str(limit), f"{word}-remaining": str(left),
                  f"{word}-reset": str(resets)}  # fmt: skip
