"""Count requests against Freshdesk's limits, those its headers tell and those they hide (freshdesk.md 1.6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plugin.sandbox.freshdesk.errors import needs_feature, too_many_requests
from plugin.sandbox.limits import Headers, Windows

if TYPE_CHECKING:
    from plugin.sandbox.freshdesk.desk import FreshDesk

PLANS: dict[str, dict[str, int]] = {
    "free": {"account": 0},
    "trial": {"account": 50},
    "growth": {"account": 200, "create": 80, "update": 80, "tickets": 20, "contacts": 20},
    "pro": {"account": 400, "create": 160, "update": 160, "tickets": 100, "contacts": 100},
    "enterprise": {"account": 700, "create": 280, "update": 280, "tickets": 200, "contacts": 200},
}
"""Calls a minute by plan: of the whole account, to create and update tickets, to list tickets and contacts."""

_KINDS = (
    ("create", "POST", re.compile(r"/api/v2/tickets")),
    ("update", "PUT", re.compile(r"/api/v2/tickets/\d+")),
    ("tickets", "GET", re.compile(r"/api/v2/tickets")),
    ("contacts", "GET", re.compile(r"/api/v2/contacts")),
)


class FreshLimits(Windows):
    """Windows of a minute by the desk's clock, for the account as a whole: other integrations use them up as well."""

    def __init__(self, desk: FreshDesk) -> None:
        super().__init__(desk)
        self._settings = desk.state.settings

    def charge(self, method: str, path: str, query: dict[str, str], headers: Headers) -> None:
        """Count one request and write what its answer says into `headers`; ApiError 429 when there were too many. A
        hidden limit refuses although `Remaining` is above nought."""
        plan = PLANS[self._settings.plan]
        limit = self._limit
        if limit == 0:
            raise needs_feature("api")
        cost = cost_of(path, query)
        left, resets = self._take("account", limit, 60, cost)
        word = self._settings.header_case
        rest = "Used-CurrentRequest" if word[0] == "X" else "used-currentrequest"
        names = ("Total", "Remaining", rest) if word[0] == "X" else ("total", "remaining", rest)
        values = (limit, max(left, 0), cost)
        headers |= {f"{word}-{name}": str(value) for name, value in zip(names, values, strict=True)}
        if left < 0:
            raise too_many_requests(resets)
        for kind, verb, pattern in _KINDS:
            if self._settings.sub_limits and kind in plan and method == verb and pattern.fullmatch(path):
                left, resets = self._take(kind, plan[kind], 60)
                if left < 0:
                    raise too_many_requests(resets)

    def spare(self) -> bool:
        """Is there room for one more request of the account in this minute?"""
        left, _resets = self._take("account", self._limit, 60, 0)
        return left > 0

    @property
    def _limit(self) -> int:
        return PLANS[self._settings.plan]["account"] if self._settings.limit is None else self._settings.limit

    def use_up(self, kind: str = "account", count: int = 1) -> None:
        """What somebody else's requests use: "account", or one of the hidden kinds."""
        self._take(kind, 0, 60, count)


def cost_of(path: str, query: dict[str, str]) -> int:
    """Credits of a request: one more for each thing included, two more for each on a list."""
    wanted = [part for part in query.get("include", "").split(",") if part]
    listing = path in ("/api/v2/tickets", "/api/v2/contacts")
    return 1 + len(wanted) * (2 if listing else 1)
