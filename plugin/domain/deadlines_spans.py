"""Read spans of time: how many of what, looking ahead, back, or from an event."""

from __future__ import annotations

import re
from dataclasses import replace

from plugin.domain.deadlines_words import Atom, Piece, Reader

MAX_AMOUNT = 1000
"""A quantity beyond this is no promise ("within 99999999 days"); it gives no window."""

_DECIMAL = re.compile(r"(\d{1,4})(?:[.,](\d{1,2}))?")
_RANGE = re.compile(r"(\d{1,4})-(\d{1,4})")
_EITHER = re.compile(r"(\d{1,3})/(\d{1,3})")


# numbers


def _number(reader: Reader, at: int) -> tuple[float, float, int] | None:
    """(earlier, later bound, where it ends): "3", "3-5", "two or three", "between 24 and 48", "2,5"."""
    one = _single(reader, at)
    if one is None:
        return None
    low, high, end = one
    link = reader.take(end, "to", "or") or (reader.take(end, "and") if reader.back(at, "between") else None)
    follow = (
        _single(reader, link.last if link else end)
        if (link or reader.dash(end) or _listed(reader, end) or _and(reader, end))
        else None
    )
    if follow and follow[1] > high and follow[1] <= high * 24:
        return low, follow[1], follow[2]
    return one


def _and(reader: Reader, at: int) -> bool:
    return reader.and_joined(at) and bool(reader.number_token(at))


def _listed(reader: Reader, at: int) -> bool:
    """Two number words side by side are a range in many languages: "iki üç gün", "zwei, drei Tage"."""
    return reader.take(at, "number") is not None and reader.take(at, "number_and") is None


def _single(reader: Reader, at: int) -> tuple[float, float, int] | None:
    token = reader.number_token(at)
    if token:
        return _digits(reader, at, token)
    found = number_word(reader, at)
    if found is None:
        return None
    value, end = found
    plus = reader.take(end, "number_plus")
    value, end = (value + float(plus.value), plus.last) if plus else (value, end)
    return value, value, end


def _digits(reader: Reader, at: int, token: str) -> tuple[float, float, int] | None:
    """A number written in digits: "3", "2,5", "3-5", and "24/48" where a unit follows."""
    if match := _RANGE.fullmatch(token):
        return float(match[1]), float(match[2]), at + 1
    if (match := _EITHER.fullmatch(token)) and reader.take(at + 1, "unit", "business"):
        return float(match[1]), float(match[2]), at + 1
    match = _DECIMAL.fullmatch(token)
    if match is None:
        return None
    value, plus = float(f"{match[1]}.{match[2] or 0}"), reader.take(at + 1, "number_plus")
    value += float(plus.value) if plus else 0
    return value, value, plus.last if plus else at + 1


def number_word(reader: Reader, at: int) -> tuple[float, int] | None:
    """A number in words and where it ends: "three", "forty-eight", "on beş"."""
    piece = reader.take(at, "number")
    if piece is None:
        return None
    value = float(piece.value)
    return _more(reader, value, piece.last) or (value, piece.last)


def _more(reader: Reader, value: float, at: int) -> tuple[float, int] | None:
    """Tens and units: "forty eight", "cuarenta y ocho", "أربع وعشرون"."""
    joined = reader.take(at, "number_and")
    if joined and value < 10 <= float(joined.value):
        return value + float(joined.value), joined.last
    link = reader.take(at, "and")
    follow = reader.take(link.last if link else at, "number")
    if follow and value >= 10 and value % 10 == 0 and float(follow.value) < (20 if value in (60, 80) else 10):
        return value + float(follow.value), follow.last
    return None


# quantities


def read_quantity(reader: Reader, at: int) -> Atom | None:
    """ "two or three business days", "half an hour", "ساعتين", "1h30", "the next working day"."""
    found = _fixed(reader, at) or _counted(reader, at) or _implied(reader, at)
    if found is None or found.amount > MAX_AMOUNT:
        return None
    found = _business(reader, found)
    found = _sum(reader, found)
    return _frame(reader, found)


def _fixed(reader: Reader, at: int) -> Atom | None:
    piece = reader.take(at, "duration")
    if piece is None:
        return None
    amount, unit = piece.value.split()
    return Atom("quantity", at, piece.last, amount=float(amount), unit=unit)


def _counted(reader: Reader, at: int) -> Atom | None:
    numbers = _number(reader, at)
    if numbers is None:
        return None
    low, high, end = numbers
    business = reader.take(end, "business")
    unit = reader.after(business.last if business else end, "unit")
    clock = reader.take(unit.first, "clock_after") if unit else None
    if unit and clock and clock.last > unit.last:  # "beşe çeyrek kala", a quarter to five
        return None
    if unit is None and (span := _hours_minutes(reader, at)):
        return span
    if unit is None or "count" in unit.facts:
        return None
    hours_or_of = reader.take(unit.first, "hour_mark") or (business is None and unit.first > end)
    dated = hours_or_of and reader.back(at, "on_date")
    if dated or _is_clock(reader, at, numbers, unit):
        return None
    tied = reader.hyphen(unit.first) and not reader.back(at, "within")
    name = _as_business(unit.value) if business else unit.value
    return Atom("past" if tied else "quantity", at, unit.last, amount=high, unit=name, framed=high != low)


def _is_clock(reader: Reader, at: int, numbers: tuple[float, float, int], unit: Piece) -> bool:
    """Where hours of the clock and hours of waiting are written alike ("avant 17h", "d'ici 48h", "14-16h"), what
    stands around decides: the fact `hours` of the word before is "no" (never a span) or "maybe" (a span unless it could
    be an hour of a working day)."""
    low, high, _ = numbers
    if high > 23 or not reader.take(unit.first, "hour_mark", "oclock"):
        return False
    working = high >= 8 and high != 12
    ahead = reader.back(at, "within")
    if ahead is None:
        return low != high or (working and reader.after(unit.last, "by_after") is not None)
    manner = ahead.facts.get("hours")
    return manner == "no" or (manner == "maybe" and working)


def _hours_minutes(reader: Reader, at: int) -> Atom | None:
    """ "1h30" as a span of time, which only a word such as "in" before it can tell."""
    mark = reader.take(at + 1, "hour_mark")
    minutes = re.sub(r"\D", "", reader.words.tokens[at + 1]) if mark else ""
    if not minutes or not reader.number_token(at).isdigit() or not reader.back(at, "within"):
        return None
    amount = int(reader.number_token(at)) * 60 + int(minutes)
    return Atom("quantity", at, at + 2, amount=amount, unit="minute")


def _implied(reader: Reader, at: int) -> Atom | None:
    """A unit that carries its number ("يومين"), or means one where its frame says so ("within the hour", "stundu pirms
    vizītes")."""
    unit = reader.take(at, "unit")
    if unit is None:
        return _next_one(reader, at)
    if "count" in unit.facts:
        count, end = _and_more(reader, float(unit.facts["count"]), unit)
        return Atom("quantity", at, end, amount=count, unit=unit.value)
    end = reader.skip(unit.last)
    business = reader.take(unit.last, "business")
    end = business.last if business else unit.last
    one = reader.take(end, "number")
    if one and one.value == "1" and reader.take(at - 1, "number") is None and not reader.take(one.last, "unit"):
        name = _as_business(unit.value) if business else unit.value
        return Atom("quantity", at, one.last, amount=1, unit=name)
    shift = reader.after(end, "shift")
    if business and shift and shift.value == "1" and unit.value == "day" and not _ends_number(reader, at):
        return Atom("quantity", at, shift.last, amount=1, unit="business_day", framed=True)
    if unit.value == "day" and reader.take(unit.last, "weekday"):  # "at the latest on the day Thursday" counts none
        return None
    behind = reader.after(end, "within_after")
    ahead_of = reader.take(end, "before_event") is not None and reader.take(end, "by_after") is None
    alone = (ahead_of or (behind and "numbered" not in behind.facts)) and not _ends_number(reader, at)
    if not reader.take(at, "period") and (alone or reader.back(at, "within")):
        return Atom("quantity", at, unit.last, amount=1, unit=unit.value)
    return None


def _and_more(reader: Reader, count: float, unit: Piece) -> tuple[float, int]:
    """ "يومين تلاتة", "من يومين إلى ثلاثة أيام": a dual with a later bound."""
    link = reader.take(unit.last, "to", "or")
    more = _single(reader, link.last if link else unit.last)
    if more is None or more[1] <= count or not (link or more[1] == count + 1):
        return count, unit.last
    again = reader.take(more[2], "unit")
    return more[1], again.last if again and again.value == unit.value else more[2]


def _ends_number(reader: Reader, at: int) -> bool:
    return bool(reader.number_token(at - 1)) or reader.back(at, "number") is not None


def _next_one(reader: Reader, at: int) -> Atom | None:
    """ "the next working day": one business day."""
    shift = reader.take(at, "shift")
    if shift is None or shift.value != "1":
        return None
    before = reader.take(shift.last, "business")
    unit = reader.take(before.last if before else shift.last, "unit")
    if unit is None or not unit.value.endswith("day"):
        return None
    behind = reader.take(unit.last, "business")
    if not (before or behind or unit.value == "business_day"):
        return None
    return Atom("quantity", at, (behind or unit).last, amount=1, unit="business_day", framed=True)


def _business(reader: Reader, found: Atom) -> Atom:
    """Business words that stand behind their unit: "jours ouvrés", "أيام عمل"."""
    piece = reader.take(found.last, "business")
    if piece is None:
        return found
    return replace(found, last=piece.last, unit=_as_business(found.unit))


def _sum(reader: Reader, found: Atom) -> Atom:
    """ "an hour and a half", "2 hours and 15 minutes", "a day or two"."""
    if plus := reader.take(found.last, "plus"):
        return replace(found, last=plus.last, amount=found.amount + float(plus.value))
    link = reader.take(found.last, "and", "or")
    other = _single(reader, link.last if link else found.last)
    if other is None:
        return _or_two(reader, found, link)
    unit = reader.take(other[2], "unit")
    if unit and found.unit == "hour" and unit.value == "minute":
        return replace(found, last=unit.last, unit="minute", amount=found.amount * 60 + other[1])
    if link and link.kind == "or" and unit is None and found.amount == 1 and other[1] in (2, 3):
        return replace(found, last=other[2], amount=other[1], framed=True)
    return found


def _or_two(reader: Reader, found: Atom, link: Piece | None) -> Atom:
    """ "يوم أو يومين": one or two, where two is a form of the word."""
    two = reader.take(link.last, "unit") if link and link.kind == "or" else None
    if two is None or "count" not in two.facts or two.value != found.unit:
        return found
    return replace(found, last=two.last, amount=float(two.facts["count"]), framed=True)


def _frame(reader: Reader, found: Atom) -> Atom:
    """What stands around a quantity says whether it looks ahead, back, or from an event."""
    first, last = found.first, found.last
    if found.kind == "past":
        return found
    if lead := reader.after(last, "before_event"):
        return replace(found, last=lead.last, lead=True)
    counted_back = reader.back(first, "ago")
    if counted_back and (lead := reader.take(last, "lead_after")):
        return replace(found, last=lead.last, lead=True)
    if not reader.back(first, "before_event", "past_before", "ago") and reader.before(first, 4, "before_event"):
        return replace(found, lead=True)
    ago = reader.after(last, "past_after")
    if ago and "weak" in ago.facts and reader.back(first, "within"):
        ago = None
    if ago or counted_back or reader.back(first, "past_before"):
        return replace(found, kind="past", last=ago.last if ago else last)
    behind = reader.after(last, "within_after")
    ahead = reader.back(first, "within")
    if behind or ahead:
        return replace(
            found, first=ahead.first if ahead else first, last=behind.last if behind else last, framed=True, by=True
        )
    if reader.back(first, "lasting") or reader.after(last, "lasting_after"):
        return replace(found, kind="past")
    dative = _dative(reader, found)
    return found if found.framed or dative or found.unit.startswith("business") else replace(found, kind="past")


def _dative(reader: Reader, found: Atom) -> bool:
    """A case ending may do what "within" does ("2 güne")."""
    unit = reader.back(found.last, "unit")
    return unit is not None and "framed" in unit.facts


def _as_business(unit: str) -> str:
    return "business_" + unit if unit in ("day", "hour") else unit
