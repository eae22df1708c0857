"""Search tickets by their fields in an index that lags behind (freshdesk.md 1.3)."""

from __future__ import annotations

import re
from typing import Any

from plugin.sandbox.freshdesk.errors import invalid
from plugin.sandbox.freshdesk.shapes import show_ticket
from plugin.sandbox.freshdesk.web import FreshCall, Reply
from plugin.sandbox.state import Json

FIELDS = {
    "agent_id",
    "group_id",
    "priority",
    "status",
    "tag",
    "type",
    "due_by",
    "fr_due_by",
    "created_at",
    "updated_at",
}
"""What can be searched, beside custom fields: neither subject nor words nor company."""

_TOKEN = re.compile(r"\s*(?:(\()|(\))|(AND|OR)\b|(\w+)\s*:\s*([<>]?)\s*('[^']*'|null|true|false|-?[\w-]+))", re.I)
PAGES, PER_PAGE, LONGEST = 10, 30, 512


def search_tickets(call: FreshCall) -> Reply:
    """{"total", "results"}: at most ten pages of thirty; the archive is left out."""
    query = call.query.get("query", "")
    if len(query) > LONGEST + 2 or len(query) < 2 or query[0] != '"' or query[-1] != '"':
        raise invalid(
            ("query", "Given query is invalid: put it in double quotes, at most 512 letters", "invalid_value")
        )
    page = call.number("page", 1, PAGES)
    wanted = Query(query[1:-1], FIELDS | set(call.desk.state.custom_fields))
    index = call.desk.searched()
    tickets = call.desk.state.tickets
    ids = [number for number, row in index.items() if wanted.fits(row) and not tickets[number].place]
    ids.sort(key=lambda number: tickets[number].created_at, reverse=True)
    shown = [{**show_ticket(call.desk, tickets[number], call.base), **_stale(index[number])} for number in ids]
    return 200, {"total": len(shown), "results": shown[(page - 1) * PER_PAGE : page * PER_PAGE]}


def _stale(row: Json) -> Json:
    """The index answers with what it knows, not with what is."""
    known = {name: row[name] for name in ("status", "priority", "group_id", "type")}
    return {**known, "tags": row["tag"], "responder_id": row["agent_id"]}


class Query:
    """`priority:4 AND (tag:'vip' OR status:2)`, read once. 400 for what it does not know."""

    def __init__(self, text: str, fields: set[str]) -> None:
        self._tokens: list[tuple[str, ...]] = []
        place = 0
        while place < len(text.rstrip()):
            found = _TOKEN.match(text, place)
            if found is None or (found[4] and found[4] not in fields):
                raise invalid(("query", f"Given query is invalid near {text[place : place + 20]!r}", "invalid_value"))
            place = found.end()
            self._tokens.append(found.groups(""))
        self._place = 0
        self._tree = self._either()
        if self._place != len(self._tokens):
            raise invalid(("query", "Given query is invalid: a bracket too many", "invalid_value"))

    def fits(self, row: Json) -> bool:
        """Does this row of the index match?"""
        return _fits(self._tree, row)

    def _either(self) -> Any:
        parts = [self._both()]
        while self._next("or"):
            parts.append(self._both())
        return ("or", parts)

    def _both(self) -> Any:
        parts = [self._one()]
        while self._next("and"):
            parts.append(self._one())
        return ("and", parts)

    def _one(self) -> Any:
        token = self._tokens[self._place] if self._place < len(self._tokens) else None
        if token is None or token[1] or token[2]:
            raise invalid(("query", "Given query is invalid: something is missing", "invalid_value"))
        self._place += 1
        if not token[0]:
            return token[3], token[4], token[5].strip("'")
        inner = self._either()
        if not (self._place < len(self._tokens) and self._tokens[self._place][1]):
            raise invalid(("query", "Given query is invalid: a bracket is open", "invalid_value"))
        self._place += 1
        return inner

    def _next(self, word: str) -> bool:
        if self._place < len(self._tokens) and self._tokens[self._place][2].lower() == word:
            self._place += 1
            return True
        return False


def _fits(tree: Any, row: Json) -> bool:
    if tree[0] in ("or", "and") and isinstance(tree[1], list):
        found = [_fits(part, row) for part in tree[1]]
        return any(found) if tree[0] == "or" else all(found)
    name, sign, value = tree
    have = row.get(name)
    if isinstance(have, list):
        return value in have
    if value == "null":
        return have is None
    if sign and have is not None:  # Freshdesk's < and > include the day that is named
        return bool(str(have) >= value if sign == ">" else str(have) <= value)
    return bool(str(have) == value and not sign)
