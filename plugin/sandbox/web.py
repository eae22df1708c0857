"""What a request handler sees and gives back, and the table of paths."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from plugin.sandbox.desk import Desk
from plugin.sandbox.errors import bad_request, not_found
from plugin.sandbox.state import Json, User


@dataclass(frozen=True, slots=True)
class Call:
    """One request, after the caller is known. `base` is the account's own URL without a slash."""

    desk: Desk
    user: User
    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    base: str

    @property
    def url(self) -> str:
        """The URL without its query, for links."""
        return self.base + self.path

    def json(self) -> Json:
        """The body as an object; 400 when it is none."""
        try:
            found = json.loads(self.body or b"{}")
        except (ValueError, RecursionError):
            raise bad_request("The request body is not valid JSON", "InvalidJSON") from None
        if not isinstance(found, dict):
            raise bad_request("The request body must be an object", "InvalidJSON")
        return found

    def numbers(self, name: str) -> list[int]:
        """A list of ids in the query: "1,2,3"."""
        parts = [part for part in self.query.get(name, "").split(",") if part.strip()]
        if any(not part.strip().isdigit() for part in parts):
            raise bad_request(f"{name} must be numbers")
        return [int(part) for part in parts]


Reply = tuple[int, Any]
"""Status and JSON (None: no body)."""

Handler = Callable[..., Reply]
"""Called with the Call and the ids in the path."""


class Routes:
    """Paths with `<id>` in them, a handler for each method."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, re.Pattern[str], Handler]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        """`<id>` is a number, `<key>` a webhook's id."""
        pattern = path.replace("<id>", r"(\d{1,19})").replace("<key>", r"([0-9A-Z]{26})")
        self._rows.append((method, re.compile(pattern), handler))

    def find(self, method: str, path: str) -> tuple[Handler, list[Any]] | None:
        """The handler and the ids of the path, or None."""
        for own, pattern, handler in self._rows:
            if own == method and (found := pattern.fullmatch(path)):
                return handler, [int(part) if part.isdigit() and len(part) < 20 else part for part in found.groups()]
        return None


def must(found: Any) -> Any:
    """The record, or 404."""
    if found is None:
        raise not_found()
    return found
