"""Zendesk's two ways to page, with the traps of both (zendesk.md 2.5)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import urlencode

from plugin.sandbox.errors import bad_request
from plugin.sandbox.state import Json

MAX_PAGE = 100
MAX_OFFSET_PAGES = 100
"""Beyond 10,000 records offset paging answers 400."""


def page_of(name: str, rows: list[Json], query: Mapping[str, str], url: str) -> Json:
    """One page of rows under `name`: by cursor when `page[size]` or `page[after]` is given, else by offset."""
    if any(key.startswith("page[") for key in query):
        return _by_cursor(name, rows, query, url)
    return _by_offset(name, rows, query, url)


def _by_cursor(name: str, rows: list[Json], query: Mapping[str, str], url: str) -> Json:
    """`links.next` is there on the last page too; only `meta.has_more` tells the truth."""
    size = min(_number(query.get("page[size]", "100")), MAX_PAGE)
    start = _position(query["page[after]"]) if query.get("page[after]") else 0
    shown = rows[start : start + size]
    end = start + len(shown)
    after, before = (_cursor(end), _cursor(start)) if shown else (None, None)
    links: dict[str, str | None] = {"prev": None, "next": None}
    if shown:
        kept = {key: value for key, value in query.items() if not key.startswith("page[")}
        links["next"] = url + "?" + urlencode({**kept, "page[after]": after, "page[size]": size})
        links["prev"] = url + "?" + urlencode({**kept, "page[before]": before, "page[size]": size})
    return {name: shown, "meta": {"has_more": end < len(rows), "after_cursor": after, "before_cursor": before},
            "links": links}  # fmt: skip


def _by_offset(name: str, rows: list[Json], query: Mapping[str, str], url: str) -> Json:
    size = min(_number(query.get("per_page", "100")), MAX_PAGE)
    page = _number(query.get("page", "1"))
    if page > MAX_OFFSET_PAGES:
        raise bad_request("Offset pagination goes no further; use cursor pagination", "OffsetPaginationLimit")
    start, more = (page - 1) * size, page * size < len(rows)
    kept = {key: value for key, value in query.items() if key != "page"}
    link = {n: url + "?" + urlencode({**kept, "page": n}) for n in (page - 1, page + 1)}
    return {name: rows[start : start + size], "count": len(rows), "next_page": link[page + 1] if more else None,
            "previous_page": link[page - 1] if page > 1 else None}  # fmt: skip


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) == int(text):
        raise bad_request("Invalid pagination parameter", "InvalidPaginationParameter")
    return int(text)


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"o:{position}".encode()).decode()


def _position(cursor: str) -> int:
    try:
        kind, _, number = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        if kind == "o":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise bad_request("page[after] is not valid", "InvalidPaginationParameter")
