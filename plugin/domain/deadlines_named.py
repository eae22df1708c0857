"""Read days that are named by what they are: a feast, or the first Monday of a month."""

from __future__ import annotations

from plugin.domain.deadlines_words import Atom, Piece, Reader

LAST = -1
"""Which one of its kind the last one of a month is."""

_COUNTED = ("day", "business_day", "week")


def read_named_day(reader: Reader, at: int) -> Atom | None:
    """The feast or the day of a month that begins here; None where there is none."""
    return _feast(reader, at) or _nth(reader, at)


def _feast(reader: Reader, at: int) -> Atom | None:
    """ "by Christmas Eve": only where a word before it says that it is a date, since wishes name feasts as well."""
    piece = reader.take(at, "feast")
    if piece is None or not reader.back(at, "by", "on_day", "on_date", "within"):
        return None
    month, _, day = piece.value.partition("-")
    return Atom("day", at, piece.last, day="date", number=int(day), month=int(month))


def _nth(reader: Reader, at: int) -> Atom | None:
    """ "the first Monday in January", "le dernier jour ouvré du mois", "the second week of March"."""
    which = reader.take(at, "ordinal", "nth", "last")
    what = _counted(reader, which.last) if which else None
    if which is None or what is None:
        return None
    kind, weekday, end = what
    link = reader.take(end, "in_month")
    month = reader.after(link.last if link else end, "month") or _month_unit(reader, end)
    if month is None:
        return None
    shift = reader.take(month.last, "shift") or _between(reader, end, month.first)
    ahead = int(shift.value) if shift else 0
    last = max(month.last, shift.last if shift else 0)
    number = int(which.value)
    named = int(month.value) if month.kind == "month" else 0
    return Atom("day", at, last, day="nth", number=number, month=named, unit=kind, amount=weekday, plus=ahead)


def _counted(reader: Reader, at: int) -> tuple[str, int, int] | None:
    """What is counted: ("weekday", which one, where it ends), or a kind of day, or a week."""
    if weekday := reader.take(at, "weekday"):
        return "weekday", int(weekday.value), weekday.last
    before = reader.take(at, "business")
    unit = reader.take(before.last if before else at, "unit")
    if unit is None or unit.value not in _COUNTED or "count" in unit.facts:
        return None
    behind = reader.take(unit.last, "business")
    kind = "business_day" if unit.value == "day" and (before or behind) else unit.value
    return kind, 0, (behind or unit).last


def _month_unit(reader: Reader, at: int) -> Piece | None:
    shift = reader.after(at, "shift")
    unit = reader.after(shift.last if shift else at, "unit")
    return unit if unit and unit.value == "month" else None


def _between(reader: Reader, first: int, last: int) -> Piece | None:
    shift = reader.after(first, "shift")
    return shift if shift and shift.last <= last else None
