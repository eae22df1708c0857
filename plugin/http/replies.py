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
    """The helpdesk said no (4xx): its status and its error code, nothing else of its answer."""

    def __init__(self, status: int, code: str = "", fields: tuple[str, ...] = ()) -> None:
        named = f" ({', '.join(fields)})" if fields else ""
        super().__init__(f"HTTP {status} {code}".strip() + named)
        self.status = status
        self.code = code


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
    code, fields = _read_error(body)
    return kind(status, code, fields)


def _read_error(body: bytes) -> tuple[str, tuple[str, ...]]:
    """Error shapes seen: {"error": "RecordNotFound"}, {"error": {"title": …}}, {"details": {field: [{"error": …}]}}."""
    try:
        said = orjson.loads(body[:100_000])
    except orjson.JSONDecodeError:
        return "", ()
    if not isinstance(said, dict):
        return "", ()
    details = said.get("details")
    fields = tuple(_word(name) for name in details) if isinstance(details, dict) else ()
    error = said.get("error")
    return _word(error.get("code") if isinstance(error, dict) else error), tuple(f for f in fields if f)[:MOST_FIELDS]


def _word(value: object) -> str:
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""
