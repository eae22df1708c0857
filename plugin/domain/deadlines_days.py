"""Read the words that name a day, a week or a month, in the order each language writes them."""

from __future__ import annotations

import re
from dataclasses import replace

from plugin.domain.deadlines_named import read_named_day
from plugin.domain.deadlines_spans import number_word
from plugin.domain.deadlines_words import Atom, Piece, Reader

_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4}|\d{2}))?")
_ALWAYS = frozenset({"24/7", "7/24", "7/7"})
"""Round the clock, no 24 July."""

_PERIODS = ("week", "month", "quarter", "year", "weekend")


def read_day(reader: Reader, at: int) -> Atom | None:
    """The day, week or month that begins here, with the small words around it; None where there is none."""
    found = (
        _end_of(reader, at)
        or _week_of(reader, at)
        or read_named_day(reader, at)
        or _numeric(reader, at)
        or _written(reader, at)
        or _month_first(reader, at)
        or _numbered_week(reader, at)
        or _named(reader, at)
        or _weekday(reader, at)
        or _period(reader, at)
        or _day_of_month(reader, at)
    )
    return _judge_frame(reader, found) if found else None


def _judge_frame(reader: Reader, found: Atom) -> Atom:
    """A day that is over, or returns every week, is no deadline."""
    first, last = found.first, found.last
    by = reader.back(first, "by")
    tail = reader.take(last, "day_tail")
    last = tail.last if tail else last
    behind = reader.after(last, "by_after")
    found = replace(found, by=bool(by or behind), last=behind.last if behind else last)
    over = None if found.since else reader.back(first, "past_before", "never")
    ago = reader.take(last, "past_after", "never_after")
    if over or (ago and not _is_limit(reader, ago)):
        return replace(found, kind="past")
    spoken_past = reader.back(first, "past_verb") and not reader.before(first, 10, "future")
    return replace(found, kind="past") if spoken_past and not by else found


# --- dates -----------------------------------------------------------------------------------------------------------


def _numeric(reader: Reader, at: int) -> Atom | None:
    """ "2026-08-14", "18.09.2026", "02/01", "04/17/2026"."""
    token = reader.number_token(at)
    if match := _ISO.fullmatch(token):
        return _date(at, at + 1, int(match[4]), int(match[3]), int(match[1]))
    match = _DATE.fullmatch(token)
    counted = reader.take(at + 1, "unit", "oclock", "meridiem", "thing", "number")
    if match is None or token in _ALWAYS or (counted and not _is_day_tail(reader, at + 1, match[3])):
        return None
    one, mark, two, year = int(match[1]), match[2], int(match[3]), int(match[4] or 0)
    if not year and (mark == "-" or not _may_be_date(reader, at, mark)):
        return None
    day, month = (two, one) if (reader.habits.month_first and mark == "/" and one <= 12) or two > 12 else (one, two)
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    return _date(at, at + 1, day, month, year + 2000 if 0 < year < 100 else year)


def _is_day_tail(reader: Reader, at: int, month: str) -> bool:
    """ "12.06 günü": a word for the day behind a date, not what a fraction counts ("2.5 gün")."""
    return len(month) == 2 and reader.take(at, "day_tail") is not None


def _may_be_date(reader: Reader, at: int, mark: str) -> bool:
    """ "17.30" is a time or a price as well as a date, and "2/2" the second of two messages: a day before it, or a
    preposition of dates, tells."""
    if mark == "/" and not _is_part(reader.number_token(at)):
        return True
    if reader.back(at, "at"):
        return False
    glued = mark == "." and reader.words.text[reader.words.ends[at] : reader.words.ends[at] + 1] == "."
    told = reader.back(at, "by", "on_date", "weekday", "weekday_short") or (mark == "/" and reader.back(at, "on_day"))
    return bool(glued or told or reader.after(at + 1, "by_after", "on_date_after", "day_tail"))


def _is_part(token: str) -> bool:
    """Could "1/3" be "one of three"? Not with a leading zero, and not when the first number is the larger."""
    one, _, two = token.partition("/")
    return not token.startswith("0") and "/0" not in token and (int(one) <= int(two) <= 12)


def _date(first: int, last: int, day: int, month: int, year: int) -> Atom:
    return Atom("day", first, last, day="date", number=day, month=month, year=year)


def _written(reader: Reader, at: int) -> Atom | None:
    """ "12 May 2026", "le 1er mars", "15. martā", "the first of March", "12-14 March" (the later)."""
    day = _day_number(reader, at)
    if day is None:
        return None
    number, end = begin, _ = day
    link = reader.after(end, "to", "and", "or")
    if link or reader.dash(end):
        later = _day_number(reader, reader.skip(link.last if link else end))
        if later and later[0] > number and reader.after(later[1], "month"):
            number, end = later
    month = reader.after(end, "month")
    if month is None:
        return None
    year, last = _year(reader, month.last)
    found = _date(at, last, number, int(month.value), year)
    opened = number > begin and reader.back(at, "between", "from")
    return replace(found, since=replace(found, number=begin)) if opened else found


def _month_first(reader: Reader, at: int) -> Atom | None:
    """ "June 18", "March 3rd, 2026", and with the year in front "2026. gada 15. martā"."""
    if front := _year_in_front(reader, at):
        return front
    month = reader.take(at, "month")
    if month is None:
        return None
    day = _day_number(reader, reader.skip(month.last))
    if day is None or reader.take(day[1], "unit", "oclock", "meridiem", "business"):
        return None
    year, last = _year(reader, day[1])
    return _date(at, last, day[0], int(month.value), year)


def _year_in_front(reader: Reader, at: int) -> Atom | None:
    token = reader.number_token(at)
    mark = reader.take(at + 1, "year_mark")
    if not mark or len(token) != 4:
        return None
    found = _written(reader, mark.last)
    return replace(found, first=at, year=int(token)) if found else None


def _day_number(reader: Reader, at: int) -> tuple[int, int] | None:
    """A day of the month, 1-31, and where it ends."""
    token = reader.number_token(at)
    if piece := reader.take(at, "ordinal"):
        return int(piece.value), piece.last
    if "-" in token and (match := re.fullmatch(r"(\d{1,2})-(\d{1,2})", token)):
        token = match[2]
    if not token.isdigit() or not 1 <= int(token) <= 31:
        piece = reader.take(at, "number")
        value = float(piece.value) if piece else 0
        return (int(value), piece.last) if piece and value in range(1, 32) and _near_month(reader, piece) else None
    mark = reader.take(at + 1, "ordinal_mark")
    return int(token), mark.last if mark else at + 1


def _near_month(reader: Reader, number: Piece) -> bool:
    month = reader.after(number.last, "month")
    return month is not None and "weak" not in month.facts


def _year(reader: Reader, at: int) -> tuple[int, int]:
    """A year from 2000 to 2099 here ("2026", "de 2026"), or (0, at)."""
    start = reader.skip(at)
    token = reader.number_token(start)
    if len(token) == 4 and token.startswith("20") and not reader.take(start + 1, "unit"):
        mark = reader.take(start + 1, "year_mark")
        return int(token), mark.last if mark else start + 1
    return 0, at


def _day_of_month(reader: Reader, at: int) -> Atom | None:
    """ "the 25th", "le 20", "ayın 20'si", "am 12.", "jueves 15", "20 of this month"."""
    ordinal = reader.take(at, "ordinal")
    if ordinal:
        return _ordinal_day(reader, at, ordinal)
    token = reader.number_token(at)
    if not token:
        return _spoken_day(reader, at)
    if not token.isdigit() or not 1 <= int(token) <= 31:
        return None
    mark = reader.take(at + 1, "ordinal_mark")
    end = mark.last if mark else at + 1
    marked = reader.take(end, "meridiem") if not reader.take(end, "part") else None
    if marked or reader.take(end, "unit", "business", "oclock", "hour_mark", "number", "thing"):
        return None
    later = _of_month(reader, end)
    named = None if later else reader.after(end, "on_date_after")
    told = named or later or _told_date(reader, at, int(token), mark)
    if not told or (end < reader.last and reader.dash(end)):
        return None
    return Atom("day", at, named.last if named else end, day="month_day", number=int(token))


def _spoken_day(reader: Reader, at: int) -> Atom | None:
    """ "ayın on beşine": a plain number in words, where what stands before it speaks of nothing but days of a month."""
    told, found = reader.back(at, "on_date"), number_word(reader, at)
    if told is None or "words" not in told.facts or found is None or found[0] not in range(1, 32):
        return None
    return Atom("day", at, found[1], day="month_day", number=int(found[0]))


def _ordinal_day(reader: Reader, at: int, ordinal: Piece) -> Atom | None:
    """ "by the first": a word that numbers many things is a date only where nothing follows that it could number."""
    end = ordinal.last
    alone = end >= reader.last or reader.broken(end) or bool(reader.words.pauses[end]) or _of_month(reader, end)
    alone = alone or reader.take(end, "at", "part", "clock", "by_after") is not None
    named = reader.take(end, "on_date_after")
    if not named and not (alone and reader.back(at, "on_date")):
        return None
    return Atom("day", at, named.last if named else end, day="month_day", number=int(ordinal.value))


def _told_date(reader: Reader, at: int, day: int, mark: Piece | None) -> bool:
    """Does something say that this number is a day of the month? After a weekday ("jueves 15") a number that can be an
    afternoon hour is none."""
    told = reader.back(at, "on_date")
    if told and ("marked" not in told.facts or mark):
        return True
    return bool(reader.back(at, "weekday", "weekday_short")) and (day > 7 or mark is not None)


def _of_month(reader: Reader, at: int) -> bool:
    """ "(the 20th) of next month"."""
    shift = reader.after(at, "shift")
    unit = reader.after(shift.last, "unit") if shift else reader.after(at, "unit")
    behind = reader.after(unit.last, "shift") if unit else None
    return bool(unit and unit.value == "month" and (shift or behind) and reader.skip(at) > at)


# --- names -----------------------------------------------------------------------------------------------------------


def _named(reader: Reader, at: int) -> Atom | None:
    """ "tomorrow", "übermorgen", "hier": days counted from today; "tonight" brings its part of the day along."""
    piece = reader.take(at, "day")
    if piece is None:
        return None
    offset = int(piece.value)
    kind = "past" if offset < 0 else "day"
    return Atom(kind, at, piece.last, day="relative", number=offset, part=piece.facts.get("part", ""))


def _weekday(reader: Reader, at: int) -> Atom | None:
    """ "Friday", "next Tuesday", "lundi en huit", "Dienstagmittag", "Mon." where the neighbourhood shows it is one."""
    shift = reader.take(at, "shift")
    start = reader.skip(shift.last) if shift else at
    piece = reader.take(start, "weekday") or _short_weekday(reader, start)
    if piece is None:
        return None
    behind = reader.take(piece.last, "shift") or reader.take(reader.skip(piece.last), "shift")
    if behind and (reader.after(behind.last, "unit") or _is_limit(reader, behind)):
        behind = None
    plus = reader.take(behind.last if behind else piece.last, "week_later")
    last = plus.last if plus else behind.last if behind else piece.last
    steps = [int(s.value) for s in (shift, behind) if s]
    kind = "past" if any(s < 0 for s in steps) else "day"
    extra = int(plus.value or 1) if plus else 1 if any(s >= 2 for s in steps) else 0
    part, clock = piece.facts.get("part", ""), piece.facts.get("clock", "")
    part = "midday" if clock else part
    return Atom(kind, at, last, day="weekday", number=int(piece.value), plus=extra, part=part)


def _is_limit(reader: Reader, behind: Piece) -> bool:
    """ "Vendredi dernier délai": what looks like "last Friday" is the beginning of a limit."""
    limit = reader.take(behind.first, "by_after")
    return limit is not None and limit.last > behind.last


def _short_weekday(reader: Reader, at: int) -> Piece | None:
    """Abbreviations are often other words ("so", "mar", "sat"): beside a number or a word of time they are days."""
    piece = reader.take(at, "weekday_short")
    if piece is None:
        return None
    end = reader.skip(piece.last)
    beside = reader.number_token(end) or reader.take(end, "part", "at", "clock", "between", "from", "by_after")
    return piece if beside or reader.back(at, "by", "on_day") else None


# --- weeks, months and their ends ------------------------------------------------------------------------------------


def _period(reader: Reader, at: int) -> Atom | None:
    """ "this week", "semaine prochaine", "haftaya", "im Laufe des Monats", "in October"."""
    if piece := reader.take(at, "period"):
        name, number, *edge = piece.value.split()
        shift = reader.after(piece.last, "shift")
        ahead, last = (int(shift.value), shift.last) if shift else (int(number), piece.last)
        kind = "past" if ahead < 0 else "day"
        return _with_end(reader, Atom(kind, at, last, day=name, number=ahead, edge=edge[0] if edge else ""))
    shift = reader.take(at, "shift")
    start = reader.skip(shift.last) if shift else at
    if shift and (piece := reader.take(start, "period")):
        name, number, *edge = piece.value.split()
        ahead = int(number) + int(shift.value)
        edged = edge[0] if edge else ""
        return Atom("past" if ahead < 0 else "day", at, piece.last, day=name, number=ahead, edge=edged)
    unit = reader.after(shift.last if shift else at, "unit", "month") if shift else reader.take(at, "unit", "month")
    if unit is None or "count" in unit.facts:
        return None
    behind = reader.after(unit.last, "shift")
    if unit.kind == "month":
        return _bare_month(reader, at, unit, shift or behind)
    if (unit.value not in _PERIODS and unit.value != "day") or _or_more(reader, unit):
        return None
    told = shift or behind
    if told is None:
        return _ended(reader, at, unit)
    last, ahead = max(told.last, unit.last), int(told.value)
    kind = "past" if ahead < 0 else "day"
    if unit.value == "day":
        return Atom(kind, at, last, day="relative", number=ahead)
    return _with_end(reader, Atom(kind, at, last, day=unit.value, number=ahead))


def _or_more(reader: Reader, unit: Piece) -> bool:
    """ "In the next day or two" counts days."""
    link = reader.take(unit.last, "or")
    return unit.value == "day" and link is not None and reader.take(link.last, "number") is not None


def _with_end(reader: Reader, found: Atom) -> Atom:
    """ "gelecek hafta sonuna kadar": the word for the end may follow."""
    end = reader.after(found.last, "end_of")
    return replace(found, last=end.last, edge=end.value) if end else found


def _ended(reader: Reader, at: int, unit: Piece) -> Atom | None:
    """ "ay sonu", "mēneša beigās": a period followed by the word for its end."""
    end = reader.after(unit.last, "end_of")
    if end is None:
        return None
    if unit.value == "day":
        return None if end.value else Atom("close", at, end.last)
    return Atom("day", at, end.last, day=unit.value, edge=end.value)


def _bare_month(reader: Reader, at: int, month: Piece, shift: Piece | None) -> Atom | None:
    end = reader.after(month.last, "end_of")
    told = end or shift or reader.back(at, "in_month") or reader.after(month.last, "in_month_after")
    if not told or (shift and int(shift.value) < 0) or (told is shift and "weak" in month.facts):
        return None
    year, last = _year(reader, month.last)
    last = max(last, end.last if end else 0, shift.last if shift else 0)
    edge = end.value if end else ""
    return Atom("day", at, last, day="month", month=int(month.value), year=year, edge=edge)


def _end_of(reader: Reader, at: int) -> Atom | None:
    """ "end of the month", "fin octobre", "Ende nächster Woche", "end of day Friday"; "Mitte Juni"."""
    end = reader.take(at, "end_of")
    if end is None:
        return None
    start = reader.skip(end.last)
    if month := reader.take(start, "month"):
        year, last = _year(reader, month.last)
        return Atom("day", at, last, day="month", month=int(month.value), year=year, edge=end.value)
    found = _named(reader, start) or _weekday(reader, start) or _period(reader, start)
    if found:
        return replace(found, first=at, edge=end.value or found.edge)
    unit = reader.take(start, "unit", "business")
    if unit and unit.kind == "business":
        unit = reader.take(unit.last, "unit")
    if unit is None or "count" in unit.facts:
        return None
    if unit.value in ("day", "business_day"):
        return None if end.value else Atom("close", at, unit.last)
    return Atom("day", at, unit.last, day=unit.value, edge=end.value) if unit.value in _PERIODS else None


def _week_of(reader: Reader, at: int) -> Atom | None:
    """ "the week of 9 June", "la semaine du 9": the week in which that day lies."""
    mark = reader.take(at, "week_of")
    start = reader.skip(mark.last) if mark else at
    found = (_numeric(reader, start) or _written(reader, start) or _month_first(reader, start)) if mark else None
    return replace(found, first=at, edge="week") if found else None


def _numbered_week(reader: Reader, at: int) -> Atom | None:
    """ "KW 42", "semaine 42", "42. hafta": the week of ISO 8601."""
    mark = reader.take(at, "week_number")
    token = reader.number_token(mark.last) if mark else ""
    if mark is None or not token.isdigit() or not 1 <= int(token) <= 53:
        return None
    return Atom("day", at, mark.last + 1, day="week_number", number=int(token))
