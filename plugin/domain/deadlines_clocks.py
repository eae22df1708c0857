"""Read times of day: one, or from one to another, as each language says them."""

from __future__ import annotations

import re
from dataclasses import replace

from plugin.domain.deadlines_spans import number_word
from plugin.domain.deadlines_words import Atom, Clock, Piece, Reader
from plugin.domain.words import ascii_digits

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_H_MINUTES = re.compile(r"[hH]([0-5]\d)")
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2})(?::\d{2})?)?")
_TIMES = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?-(\d{1,2})(?:[:.](\d{2}))?")

_LEADING = frozenset({"at", "by", "part"})
"""Kinds that may stand before an hour."""

_AFTER_HOUR = ("oclock", "meridiem", "clock_after", "hour_mark")
"""What makes an hour of the word for one, which is an article in many languages ("at a later date")."""

PLACES = {
    "et": "America/New_York", "est": "America/New_York", "edt": "America/New_York",
    "ct": "America/Chicago", "cdt": "America/Chicago",
    "mt": "America/Denver", "mst": "America/Denver", "mdt": "America/Denver",
    "pt": "America/Los_Angeles", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles",
    "gmt": "UTC", "utc": "UTC", "bst": "Europe/London", "cet": "Europe/Paris", "cest": "Europe/Paris",
}  # fmt: skip
"""Zone names people write behind a time. Their summer or standard letter is often wrong, so the place decides."""


# clocks


def read_clock(reader: Reader, at: int) -> Atom | None:
    """ "5pm", "à 17h30", "half past two", "between 10 and 12", "2-4pm", "saat 15:00'te", "noon"."""
    opener = reader.take(at, "between", "from")
    if opener and (found := _clock_range(reader, reader.skip(opener.last), at, opener.kind)):
        return found
    if _is_day_with_part(reader, at):
        return None
    intro = None if reader.take(at, "hour") else reader.take(at, "at")
    start = reader.skip(intro.last) if intro else at
    told = _told_off(reader, at, start)
    if not told and not _is_date(reader, at, start) and (found := _clock_range(reader, start, at, "")):
        return found
    bare = reader.habits.bare_hours
    introduced = (intro is not None and "at" in bare) or reader.back(at, *(bare & _LEADING)) is not None
    said = _clock_one(reader, at if told else start, introduced)
    if said is None:
        return None
    clock, end = said
    if _loose(reader, intro or reader.back(at, "at"), start, end):
        return None
    behind = reader.after(end, "by_after")
    by = bool(behind or reader.back(at, "by"))
    return _placed(reader, Atom("clock", at, behind.last if behind else end, clock=clock, by=by))


def _is_day_with_part(reader: Reader, at: int) -> bool:
    """ "el jueves 12 por la tarde": a number right behind a weekday, before what is a part of the day as well as a mark
    of an hour, is the day of the month; up to 7 it may be an hour."""
    token = reader.number_token(at)
    named = token.isdigit() and int(token) > 7 and reader.ending(at, "weekday", "weekday_short")
    return bool(named and reader.take(at + 1, "part") and reader.take(at + 1, "meridiem"))


def _told_off(reader: Reader, at: int, start: int) -> bool:
    """ "At ten to five": minutes to an hour, which without the word in front would be a span ("ten to five")."""
    before = reader.take(at, "clock_before")
    return before is not None and before.last > start


def _is_date(reader: Reader, at: int, start: int) -> bool:
    """ "le 20 à 11h", "lundi 17 à 14h": the first number is the day, not the beginning of a span of hours."""
    if reader.take(start + 1, "hour_mark", "oclock", "meridiem") or not reader.number_token(start).isdigit():
        return False
    day_named = reader.back(at, "weekday", "weekday_short") and reader.take(start + 1, "at")
    return bool(reader.back(at, "on_date") or day_named)


def _loose(reader: Reader, intro: Piece | None, start: int, end: int) -> bool:
    """ "About 3", "from 9": words that stand before other numbers as well, unless nothing follows to be counted."""
    if intro is None or "loose" not in intro.facts:
        return False
    told = any(
        reader.take(t, *_AFTER_HOUR, "clock", "hour") or ":" in reader.number_token(t) for t in range(start, end)
    )
    return not told and (not reader.free(end) or reader.take(end, "to") is not None)


def _placed(reader: Reader, found: Atom) -> Atom:
    token = reader.words.tokens[found.last] if found.last < reader.last else ""
    place = PLACES.get(token.lower(), "") if token.isupper() or token in ("gmt", "utc") else ""
    return replace(found, last=found.last + 1, place=place) if place else found


def _clock_range(reader: Reader, at: int, first: int, opened: str) -> Atom | None:
    token = reader.number_token(at)
    if token and (match := _TIMES.fullmatch(token)) and not _ISO.fullmatch(token):
        return _token_range(reader, match, at, first, opened)
    intro = reader.take(at, "at")
    one = _clock_one(reader, intro.last if intro else at, True)
    if one is None or (reader.take(one[1], "unit") and not reader.take(one[1], "hour_mark", "oclock")):
        return None
    link = reader.take(one[1], "to", "and") if opened else reader.take(one[1], "to")
    if link is None and not reader.dash(one[1]) and not (opened and reader.and_joined(one[1])):
        return None
    start = reader.skip(link.last if link else one[1])
    lead_in = reader.take(start, "at")
    two = _clock_one(reader, lead_in.last if lead_in else start, True)
    if two is None:
        return None
    closer = reader.after(two[1], "between_after")
    marked = _marked(reader, first, one[1]) or _marked(reader, start, two[1])
    other = reader.take(two[1], "unit", "business", "thing") or reader.after(two[1], "month")
    if not (marked or closer or _opens(reader, opened, two[1])) or (other and not _marked(reader, start, two[1])):
        return None
    end = closer.last if closer else two[1]
    return _placed(reader, Atom("clock", first, end, clock=one[0], until=two[0], framed=True))


def _token_range(reader: Reader, match: re.Match[str], at: int, first: int, opened: str) -> Atom | None:
    """ "2-4pm", "11:00-13:30": one token; bare numbers need a sign that they are hours."""
    clocks = [_clock(match[1], match[2]), _clock(match[3], match[4])]
    if None in clocks:
        return None
    mark = reader.take(at + 1, "meridiem", "oclock", "hour_mark")
    closer = reader.after(mark.last if mark else at + 1, "between_after")
    bare_at = "at" in reader.habits.bare_hours and (reader.take(first, "at") or reader.back(first, "at"))
    told = match[2] or match[4] or mark or closer or bare_at or _opens(reader, opened, at + 1)
    if not told or (reader.take(at + 1, "unit", "business", "month", "thing") and not mark):
        return None
    end = closer.last if closer else mark.last if mark else at + 1
    one, two = clocks
    assert one is not None
    assert two is not None
    if mark and mark.kind == "meridiem":
        two = replace(two, meridiem=mark.value)
    return _placed(reader, Atom("clock", first, end, clock=one, until=two, framed=True))


def _opens(reader: Reader, opened: str, end: int) -> bool:
    """Does the word in front make hours of two bare numbers? "From" does so only where nothing follows that they could
    count ("from 9 to 5 people")."""
    return opened in reader.habits.bare_hours and (opened == "between" or reader.free(end))


def _marked(reader: Reader, first: int, last: int) -> bool:
    """Is something in these tokens only said of hours?"""
    return any(
        reader.take(t, "oclock", "meridiem", "hour_mark", "clock", "hour")
        or ":" in reader.number_token(t)
        or ("at" in reader.habits.bare_hours and reader.take(t, "at"))
        for t in range(first, last)
    )


def _clock_one(reader: Reader, at: int, introduced: bool) -> tuple[Clock, int] | None:
    """One time of day. A bare number is one only where something introduces it."""
    if before := reader.take(at, "clock_before"):
        base = _hour(reader, reader.skip(before.last))
        return _meridiem(reader, _shift(base[0], int(before.value)), base[1]) if base else None
    base = _hour(reader, at)
    if base is None:
        return None
    clock, end, sure = base
    if (after := reader.take(end, "clock_after")) and (introduced or sure or "sure" in after.facts):
        return _meridiem(reader, _shift(clock, int(after.value)), after.last)
    clock, end = _and_minutes(reader, clock, end) if introduced else (clock, end)
    clock, marked_end = _meridiem(reader, clock, end)
    sure = sure or marked_end > end or reader.take(marked_end, "part") is not None or _dated_part(reader, marked_end)
    introduced = introduced or reader.after(marked_end, "by_after", "at_after") is not None
    if not (sure or introduced) or _no_hour(reader, at, marked_end):
        return None
    return clock, marked_end


def _dated_part(reader: Reader, at: int) -> bool:
    """ "(9) tomorrow morning"."""
    day = reader.take(at, "day", "weekday")
    return day is not None and reader.take(day.last, "part") is not None


def _and_minutes(reader: Reader, clock: Clock, at: int) -> tuple[Clock, int]:
    """ "الساعة 3 و15 دقيقة": an hour and its minutes."""
    link = reader.take(at, "and")
    start = link.last if link else at
    token = reader.number_token(start)
    unit = reader.take(start + 1, "unit")
    told = (link or reader.and_joined(at)) and token.isdigit() and unit is not None and unit.value == "minute"
    if not told or unit is None or int(token) > 59:
        return clock, at
    return replace(clock, minute=int(token)), unit.last


def _no_hour(reader: Reader, at: int, end: int) -> bool:
    """ "at 3 days", "by 12 March": the number belongs to what follows it."""
    marked = _marked(reader, at, end)
    return not marked and reader.take(end, "unit", "business", "month", "ordinal_mark", "thing") is not None


def _meridiem(reader: Reader, clock: Clock, at: int) -> tuple[Clock, int]:
    mark = reader.take(at, "meridiem") or reader.take(reader.skip(at), "meridiem")
    if mark is None:
        return clock, at
    return replace(clock, meridiem=mark.value), mark.last


def _hour(reader: Reader, at: int) -> tuple[Clock, int, bool] | None:
    """(clock, end, is it surely a time) from a number token or word, with "h30", "Uhr", "o'clock" behind it, or a name
    such as "noon"."""
    if named := reader.take(at, "clock"):
        hour, minute = named.value.split(":")
        return Clock(int(hour), int(minute), "24"), named.last, True
    token = reader.number_token(at)
    if token:
        match = _TIME.fullmatch(token)
        clock = _clock(match[1], match[2]) if match else None
        sure = ":" in token or ("." in token and reader.back(at, "day", "weekday") is not None)
    else:
        spoken = _spoken_hour(reader, at)
        clock, at, sure = spoken if spoken else (None, at, False)
    if clock is None:
        return None
    return _with_mark(reader, clock, at + 1, sure)


def _spoken_hour(reader: Reader, at: int) -> tuple[Clock, int, bool] | None:
    """An hour in words: (clock, its last token, is it surely a time)."""
    if piece := reader.take(at, "hour", "hour_word"):
        return Clock(int(piece.value)), piece.last - 1, piece.kind == "hour"
    found = number_word(reader, at)
    if found is None or found[0] not in range(25):
        return None
    hour, end = int(found[0]), found[1]
    if hour == 1 and not reader.take(end, *_AFTER_HOUR):
        return None
    return Clock(hour, 0, "24" if hour > 12 else ""), end - 1, False


def _with_mark(reader: Reader, clock: Clock, at: int, sure: bool) -> tuple[Clock, int, bool]:
    """The minutes and marks behind an hour."""
    if mark := reader.take(at, "hour_mark", "oclock"):
        digits = re.sub(r"\D", "", ascii_digits(reader.words.tokens[at])) if mark.kind == "hour_mark" else ""
        minute, end = (int(digits), mark.last) if digits else _spoken_minutes(reader, clock, mark.last)
        return replace(clock, minute=minute), end, True
    glued = at < reader.last and reader.words.starts[at] == reader.words.ends[at - 1]
    if glued and (match := _H_MINUTES.fullmatch(reader.words.tokens[at])):
        return replace(clock, minute=int(match[1])), at + 1, True
    if not reader.number_token(at - 1) and not reader.number_token(at) and not reader.take(at, "clock_after"):
        minute, at = _spoken_minutes(reader, clock, at)
        clock = replace(clock, minute=minute)
    return clock, at, sure


def _spoken_minutes(reader: Reader, clock: Clock, at: int) -> tuple[int, int]:
    """ "(quatorze heures) trente", "(15 Uhr) 30": minutes that nothing else claims, else the hour's own."""
    token = reader.number_token(at)
    if token:
        value, end = (int(token), at + 1) if token.isdigit() and len(token) == 2 else (-1, at)
    else:
        found = number_word(reader, at)
        value, end = (int(found[0]), found[1]) if found else (-1, at)
    if clock.minute or not 5 <= value < 60 or reader.take(end, "unit", "month", "business", "oclock", "hour_mark"):
        return clock.minute, at
    return (value, end) if value >= 10 else (clock.minute, at)


def _clock(hour: str, minute: str | None) -> Clock | None:
    if int(hour) > 24 or int(minute or 0) > 59:
        return None
    fixed = int(hour) > 12 or int(hour) == 0 or (len(hour) == 2 and hour[0] == "0")
    return Clock(int(hour), int(minute or 0), "24" if fixed else "")


def _shift(clock: Clock, minutes: int) -> Clock:
    total = (clock.hour * 60 + clock.minute + minutes) % 1440
    hour = total // 60
    if hour == 0 and clock.meridiem == "":
        hour = 12
    return replace(clock, hour=hour, minute=total % 60)
