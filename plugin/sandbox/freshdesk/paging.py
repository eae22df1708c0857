"""Pages by number, with a Link header until the last one (freshdesk.md 1.3)."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import urlencode

from plugin.sandbox.freshdesk.web import FreshCall

T = TypeVar("T")


def page_of(call: FreshCall, rows: list[T], usual: int = 30) -> list[T]:
    """One page of rows; the Link header is absent on the last one. 400 beyond 100 a page or the last page there is."""
    size = call.number("per_page", usual, 100)
    page = call.number("page", 1, call.desk.state.settings.max_pages)
    if page * size < len(rows):
        query = urlencode({**call.query, "page": page + 1})
        call.headers["Link"] = f'<{call.base}{call.path}?{query}>; rel="next"'
    return rows[(page - 1) * size : page * size]
