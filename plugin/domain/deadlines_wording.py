"""Quote a time as it was said: with its preposition and what rounds it off, as in "spätestens am Donnerstag"."""

from __future__ import annotations

import re

from plugin.domain.deadlines_words import Reader

_BEFORE = ("by", "on_day", "on_date", "at", "between")
"""Kinds of pieces that belong to the words of a time when they stand before it, but for fillers."""

_RIGHT_BEFORE = ("wording", "in_month")
"""Kinds that do so when nothing at all stands between; too many sentences have an "in" or a "round"."""

_AFTER = ("wording_after", "by_after", "on_date_after", "day_tail", "at_after")
"""Kinds that belong to it when they stand right behind."""

_MOST = 4
"""Pieces on each side that are looked at."""


def widen(reader: Reader, first: int, last: int) -> tuple[int, int]:
    """The tokens of a time and of the small words around it that are part of saying it."""
    shift = reader.ending(first, "shift")
    first = shift.first if shift and not _apart(reader, first, first) else first
    for _ in range(_MOST):
        found = [p for p in (reader.ending(first, *_RIGHT_BEFORE), reader.back(first, *_BEFORE)) if p]
        piece = min(found, key=lambda p: p.first, default=None)
        if piece is None or _apart(reader, piece.last, first):
            break
        first = piece.first
    for _ in range(_MOST):
        piece = reader.take(last, *_AFTER)
        if piece is None or _apart(reader, last, last):
            break
        last = piece.last
    return first, last


def quote(reader: Reader, first: int, last: int) -> str:
    """These tokens as they stand in the text, with the full stop that ends a date or an abbreviation ("bis 30.11.",
    "5 p.m.")."""
    words = reader.words
    said = words.quote(first, last)
    dotted = _DOTTED.search(said) and words.text.startswith(".", words.ends[last - 1])
    return said + "." if dotted and not reader.back(last - 1, "at") else said


_DOTTED = re.compile(r"(?<!\d)\d{1,2}\.\d{1,2}$|\b[ap]\.\s?m$")


def _apart(reader: Reader, first: int, last: int) -> bool:
    """Does anything stand between the words before `first` and those from `last` on?"""
    return any(reader.broken(t) or reader.words.pauses[t] for t in range(first, last + 1) if t < reader.last)
