"""Turn frozen values into JSON and back to equal values: every date keeps its zone, every word its code points."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from plugin.domain.findings import Cause

Value = TypeVar("Value")
Reader = Callable[[Any], Any]

NEVER_STORED = frozenset({(Cause, "weight")})
"""Fields that are for one run only; they come back with their default."""


def to_json(value: object) -> str:
    """A dataclass as JSON. ValueError for a naive datetime."""
    return json.dumps(_plain(value), separators=(",", ":"))


def from_json(kind: type[Value], text: str) -> Value:
    """The value that `to_json` wrote."""
    hint: Any = kind
    value: Value = _reader(hint)(json.loads(text))
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return _moment_text(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return _plain_fields(value)
    return value


def _plain_fields(value: Any) -> dict[str, Any]:
    """Defaults are written out too: a default may change, what was found may not."""
    names = (field.name for field in fields(value) if (type(value), field.name) not in NEVER_STORED)
    return {name: _plain(getattr(value, name)) for name in names}


def _moment_text(moment: datetime) -> str:
    """ISO 8601 with offset, and the zone's name where it has one: "2026-03-29T09:00:00+03:00[Europe/Riga]"."""
    if moment.utcoffset() is None:
        raise ValueError("a moment without a time zone is refused")
    zone = f"[{moment.tzinfo.key}]" if isinstance(moment.tzinfo, ZoneInfo) else ""
    return moment.isoformat() + zone


def _read_moment(text: str) -> datetime:
    iso, _, zone = text.partition("[")
    moment = datetime.fromisoformat(iso)
    return moment.astimezone(ZoneInfo(zone[:-1])) if zone else moment


@lru_cache(maxsize=256)
def _reader(kind: Any) -> Reader:
    """How to read one type; the types are those of plugin.domain.findings."""
    if get_origin(kind) is tuple:
        return _sequence(_reader(get_args(kind)[0]))
    if get_origin(kind) in (Union, UnionType):
        return _optional(_reader(next(part for part in get_args(kind) if part is not NoneType)))
    if kind is datetime:
        return _read_moment
    if is_dataclass(kind):
        return _record(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda content: kind(content)
    return _as_it_is


def _as_it_is(content: Any) -> Any:
    return content


def _sequence(read: Reader) -> Reader:
    return lambda items: tuple(read(item) for item in items)


def _optional(read: Reader) -> Reader:
    return lambda content: None if content is None else read(content)


def _record(kind: Any) -> Reader:
    readers: Mapping[str, Reader] = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}

    def read(content: Mapping[str, Any]) -> Any:
        return kind(**{name: readers[name](part) for name, part in content.items() if name in readers})

    return read
