"""What came back from a helpdesk: its bytes, or the error it stands for, without a customer's words in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from plugin.ports import Rejected, Temporary

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,59}", re.ASCII)
"""An error code is one word ("RecordInvalid"); anything longer may be a sentence with somebody's words in it."""

MOST_FIELDS = 5
"""Field names of a 422 that are worth naming."""


class Refusal(Rejected):
    """The helpdesk said no (4xx): its status, its error code and the fields it is about, nothing else of its answer."""

    def __init__(self, status: int, code: str = "", fields: tuple[str, ...] = ()) -> None:
        named = f" ({', '.join(fields)})" if fields else ""
        super().__init__(f"HTTP {status} {code}".strip() + named)
        self.status = status
        self.code = code
        self.fields = fields


class NotFound(Refusal):
    """There is no such thing over there, or not for us (404, 410)."""


class Conflict(Temporary):
    """Somebody else changed it in the meantime (409): nothing was done; look again, then try again."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One good answer. Header names are lower case; the body is bounded and left out of repr."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON ({} when empty); Temporary when it is something else (a proxy's page)."""
        if not self.body.strip():
            return {}
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            # "from None": the error would carry the document, and with it what a customer wrote.
            raise Temporary("the helpdesk answered something that is not JSON") from None


def refuse(status: int, body: bytes) -> Refusal:
    """The error for a 4xx answer, naming its code and the fields it is about, never its sentences."""
    kind = NotFound if status in (404, 410) else Refusal
    code, fields = read_error(body)
    return kind(status, code, fields)


def read_error(body: bytes) -> tuple[str, tuple[str, ...]]:
    """Its code and the fields it is about. Of Zendesk were seen: {"error": "RecordNotFound"}, {"error": {"title": …}},
    {"details": {field: [{"error": …}]}}. Freshdesk documents {"code": "access_denied"} and
    {"errors": [{"field": …, "code": …}]}."""
    try:
        said = orjson.loads(body[:100_000])
    except orjson.JSONDecodeError:
        return "", ()
    if not isinstance(said, dict):
        return "", ()
    details, rows, error = said.get("details"), said.get("errors"), said.get("error", said)
    listed = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    names = [*(details if isinstance(details, dict) else ()), *(row.get("field") for row in listed)]
    codes = [error.get("code") if isinstance(error, dict) else error, *(row.get("code") for row in listed)]
    code = next((word for code in codes if (word := _word(code))), "")
    return code, tuple(word for name in names if (word := _word(name)))[:MOST_FIELDS]


def _word(value: object) -> str:
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""
