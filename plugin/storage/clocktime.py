"""Column types: moments that are always aware, words every engine can hold, and sealed bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)

KEY_LENGTH = 200
"""Longest text used as a key. PostgreSQL refuses index rows over 2,704 bytes (a third of a page,
https://www.postgresql.org/docs/current/btree.html), and a hostile id must not make a whole batch fail."""


def micros(moment: datetime) -> int:
    """Whole microseconds since 1970 UTC; ValueError for a naive moment."""
    if moment.utcoffset() is None:
        raise ValueError("a moment without a time zone is refused")
    return (moment - _EPOCH) // _TICK


def moment_of(ticks: int) -> datetime:
    """The aware UTC moment of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=ticks)


def clean(text: str) -> str:
    """Text that every engine stores: NUL (refused by PostgreSQL) and lone surrogates (not UTF-8) become U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def bounded(text: str) -> str:
    """A clean key of at most KEY_LENGTH characters; what was longer ends in a digest, so that it stays itself."""
    text = clean(text)
    if len(text) <= KEY_LENGTH:
        return text
    return text[: KEY_LENGTH - 33] + "~" + blake2b(text.encode(), digest_size=16).hexdigest()


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970 UTC: exact, ordered and the same on every engine."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else moment_of(value)


class Words(TypeDecorator[str]):
    """Plain text; what an engine cannot hold is replaced by U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean(value)


class Key(TypeDecorator[str]):
    """Plain text that is part of a key: clean and bounded."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else bounded(value)


class Sealed(TypeDecorator[bytes]):
    """Bytes that `crypto.Vault` encrypted; `rotate` finds what to encrypt anew by this type."""

    impl = LargeBinary
    cache_ok = True
