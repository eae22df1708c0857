"""What a Freshdesk request handler sees: the person, the query, and a body as JSON or as a form with files."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from plugin.sandbox.freshdesk.desk import FreshDesk
from plugin.sandbox.freshdesk.errors import bad_json, invalid, not_found, plain
from plugin.sandbox.freshdesk.state import Attachment, Person
from plugin.sandbox.state import Json

MAX_FILES = 20 * 2**20
"""Bytes of all attachments of one request (freshdesk.md 1.6)."""

Reply = tuple[int, Any]
"""Status and JSON (None: no body)."""


@dataclass
class FreshCall:
    """One request, after the caller is known. `base` is the account's own URL without a slash; `headers` go on the
    answer."""

    desk: FreshDesk
    user: Person
    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    content_type: str
    base: str
    headers: dict[str, str] = field(default_factory=dict)

    def fields(self) -> Json:
        """The body's keys. A form's values are text, its lists and objects are written `tags[]` and
        `custom_fields[x]`, its files become Attachments. 400 or 415 for what cannot be read."""
        kind, options = parse_options_header(self.content_type)
        if kind == "multipart/form-data":
            return self._form(options)
        if kind != "application/json":
            raise plain(415, "unsupported_content_type", "Content-Type header should be application/json")
        try:
            found = json.loads(self.body or b"{}")
        except (ValueError, RecursionError):
            raise bad_json() from None
        if not isinstance(found, dict):
            raise bad_json()
        return found

    def number(self, name: str, usual: int, most: int) -> int:
        """A positive number of the query; 400 for anything else."""
        text = self.query.get(name, str(usual))
        if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) <= most:
            raise invalid((name, f"It should be a Positive Integer less than or equal to {most}", "invalid_value"))
        return int(text)

    def one_of(self, name: str, values: tuple[str, ...], usual: str = "") -> str:
        """A word of the query; 400 for one that is not in `values`."""
        text = self.query.get(name, usual)
        if text and text not in values:
            raise invalid((name, f"It should be one of these values: '{','.join(values)}'", "invalid_value"))
        return text

    def _form(self, options: Mapping[str, str]) -> Json:
        stream, length = io.BytesIO(self.body), len(self.body)
        _rest, form, files = FormDataParser(silent=False).parse(stream, "multipart/form-data", length, dict(options))
        found: Json = {}
        for name, value in form.items(multi=True):
            outer, _, inner = name.partition("[")
            if name.endswith("[]"):
                found.setdefault(outer, []).append(value)
            elif inner:
                found.setdefault(outer, {})[inner.rstrip("]")] = value
            else:
                found[name] = typed(value)
        for name, sent in files.items(multi=True):
            raw = sent.read()
            made = Attachment(self.desk.new_id(), sent.filename or "file", sent.mimetype, len(raw),
                              base64.b64encode(raw).decode(), self.desk.stamp())  # fmt: skip
            found.setdefault(name.removesuffix("[]"), []).append(made)
        size = sum(file.size for file in found.get("attachments", []) if isinstance(file, Attachment))
        if size > MAX_FILES:
            raise invalid(("attachments", "Invalid/Missing size: total is above 20MB", "invalid_size"))
        return found


def typed(text: str) -> Any:
    """A form's value: numbers and truth values are read as such."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else text


def must(found: Any) -> Any:
    """The record, or 404."""
    if found is None:
        raise not_found()
    return found
