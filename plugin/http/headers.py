"""Read what a reply's headers say about waiting, limits and the time over there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 3600.0
"""Seconds; whoever asks us to come back in thirty years is asked again in an hour."""

_NUMBER = re.compile(r"\s*(-?[0-9]{1,12})(?:\.[0-9]+)?\s*", re.ASCII)

_PAIR = re.compile(r"\b(total|remaining|resets)\s*=\s*([0-9]{1,9})\b", re.ASCII | re.IGNORECASE)

_ENDPOINT = re.compile(r"zendesk-rate-?limit-([a-z0-9-]{1,60})", re.ASCII)
"""`zendesk-rate-limit-*` (2023) and `zendesk-ratelimit-*` (2024 on) were both recorded."""

_TOTALS = ("ratelimit-limit", "rate-limit", "x-rate-limit", "x-ratelimit-limit", "x-ratelimit-total")
_REMAINING = ("ratelimit-remaining", "rate-limit-remaining", "x-rate-limit-remaining", "x-ratelimit-remaining")
_RESETS = ("ratelimit-reset", "rate-limit-reset", "x-rate-limit-reset", "x-ratelimit-reset")


@dataclass(frozen=True, slots=True)
class Window:
    """One rate limit as a reply told it: calls in all, calls left, seconds until it starts anew; None: not said."""

    total: int | None = None
    remaining: int | None = None
    resets: float | None = None


def read_windows(headers: Mapping[str, str]) -> dict[str, Window]:
    """All rate limits in a reply: "account", and endpoint limits by their name ("tickets-update").

    Header names may come in any case. Spellings seen in recorded Zendesk traffic: `x-rate-limit`, `rate-limit` (2023),
    `ratelimit-limit` (2024 on), and `zendesk-rate-limit-NAME` or `zendesk-ratelimit-NAME` with a value such as
    `total=20; remaining=19; resets=59`.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    windows = {}
    account = Window(_first(lower, _TOTALS), _first(lower, _REMAINING), _first(lower, _RESETS))
    if account != Window():
        windows["account"] = account
    for name, value in lower.items():
        if found := _ENDPOINT.fullmatch(name):
            windows[found[1]] = _read_pairs(value)
    return windows


def read_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds to wait, 0 or more and at most an hour, from a number or an HTTP date; None when absent or unreadable."""
    if value is None:
        return None
    if number := _NUMBER.fullmatch(value):
        return _bounded(float(number[1]))
    moment = read_date(value)
    return None if moment is None else _bounded((moment - now).total_seconds())


def read_date(value: str | None) -> datetime | None:
    """An HTTP date ("Sat, 21 Nov 2026 21:00:00 GMT"), aware; None when absent or unreadable."""
    try:
        moment = parsedate_to_datetime((value or "")[:64])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> int | None:
    for name in names:
        if found := _NUMBER.match(headers.get(name, "")):
            return max(0, int(found[1]))
    return None


def _read_pairs(value: str) -> Window:
    said = {key.lower(): int(number) for key, number in _PAIR.findall(value[:200])}
    return Window(said.get("total"), said.get("remaining"), said.get("resets"))
