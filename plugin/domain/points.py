"""Find the numbers, addresses and handles by which somebody can be reached, and tell when two of them are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from plugin.domain.ticket import Channel
from plugin.domain.words import ascii_digits, fold

LONGEST_TEXT = 50_000
"""Letters of a message that are searched: nobody hides a telephone number behind ten pages."""

MOST_NUMBERS = 50
"""Numbers taken from one message; a longer list is a table and no invitation."""

_FEWEST_DIGITS = 6
_FEWEST_LOOSE = 7
_SHORTEST_STEM = 4

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_HANDLE = re.compile(r"(?<![\w@./])@\w{2,50}")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]{1,2000}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{2,4}){3,8}\b")
_LONG_NUMBER = re.compile(r"(?<!\+)(?<!\d)\d(?:[ -]?\d){12,18}(?![ -]?\d)")
_DATE = re.compile(
    r"(?<!\d)(?<!\d[-./])(?:\d{4}([-./])\d{1,2}\1\d{1,2}|\d{1,2}([-./])\d{1,2}\2(?:\d{4}|\d{2}))(?!\d)(?![-./]\d)"
)
_VERSION = re.compile(r"(?<![\d.+])(?!1\.\d{3}\.\d{3}\.\d{4}\b)[1-9]\d{0,2}(?:\.\d{1,5}){3,5}(?![\d.])")
_LOOSE = re.compile(r"(?<![\w#@,/+])(?<!\d\.)(?:\+|\()?\d[\d \u00a0().·/-]{4,22}\d(?![\w@:])")
_TRAILING = re.compile(r"(?<=\d{3}) \d{1,2}$")
"""The "30" of "07700 900123 30 minutes before": after a long group a short one starts something else."""
_TOLL_FREE = re.compile(r"(?:\+?1[ .-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .-]|0800[ /-]")
"""How numbers begin that cost the caller nothing, in North America and in most of Europe."""
_NOT_DIGIT = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class PointFound:
    """A contact point in a text: `text[start:end]` is how it was written, `value` how it is compared.

    `value` is E.164 for a number the region knows (with ";ext=12" where there is an extension), a lower-case address,
    a handle with its "@", or the words as written where no numbering plan knows the number.
    """

    channel: Channel
    value: str
    start: int
    end: int
    toll_free: bool = False
    """A number that companies give out: in a customer's words it is seldom the customer's own."""


Spans = Sequence[tuple[int, int]]


def is_landline(value: str, region: str = "") -> bool:
    """Does the numbering plan give this number to fixed lines only? (Some, as North America's, do not tell.)"""
    number = _parse(value, region)
    return number is not None and bool(_library().number_type(number) == _library().PhoneNumberType.FIXED_LINE)


def find_points(text: str, region: str = "", *, skip: Spans = ()) -> list[PointFound]:
    """Every valid telephone number, e-mail address and handle, in the order of the text.

    `region` is that of the account ("LV", "US-CA"; "" knows international numbers only). Numbers that start in a span
    of `skip` (what the pack calls a reference) are left out, as are cards, account numbers, dates and versions.
    """
    text = ascii_digits(text[:LONGEST_TEXT])
    found = list(_find_addresses(text))
    if _digits(text) >= _FEWEST_DIGITS:
        closed = [*_closed_spans(text), *skip]
        numbers = [p for p in _find_numbers(text, region) if _stands_alone(text, p) and not _inside(p, closed)]
        found += [*numbers, *_find_unusual(text, region, [*closed, *((p.start, p.end) for p in numbers)])]
    return sorted(found, key=lambda point: point.start)


def find_loose_numbers(text: str, *, skip: Spans = ()) -> list[PointFound]:
    """Digits that may be a number nobody's plan knows ("555-0134"), as written: for use only where the words around
    them say that it is one."""
    text = ascii_digits(text[:LONGEST_TEXT])
    closed = [*_closed_spans(text), *skip]
    found = []
    for match in _LOOSE.finditer(text):
        value = _TRAILING.sub("", match.group().rstrip(" ().-/"))
        free = bool(_TOLL_FREE.match(value))
        point = PointFound(Channel.CALL, _balance(value), match.start(), match.start() + len(value), free)
        if _FEWEST_LOOSE <= _digits(value) <= 15 and not _inside(point, closed):
            found.append(point)
        if len(found) == MOST_NUMBERS:
            break
    return found


def same_point(a: str, b: str, region: str = "") -> bool:
    """Do these two reach the same place? Numbers match with and without country code, addresses without case; words
    ("mobile", "my mobile") match when one holds the other."""
    if not a or not b:
        return False
    return _normal(a, region) == _normal(b, region) or _numbers_match(a, b, region) or _words_match(a, b)


def normalise(value: str, region: str = "") -> str:
    """A number as E.164 where the region's plan knows it, an address in lower case, else as it was, trimmed."""
    value = ascii_digits(value.strip())
    if "@" in value:
        return value.lower().rstrip(".")
    number = _parse(value, region) if _digits(value) >= _FEWEST_DIGITS else None
    return _written(number) if number is not None else value


_normal = lru_cache(maxsize=4096)(normalise)


@lru_cache(maxsize=4096)
def is_number(value: str) -> bool:
    """Is it written with enough digits to be dialled?"""
    return "@" not in value and _digits(value) >= _FEWEST_DIGITS and not any(c.isalpha() for c in value.split(";")[0])


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _find_addresses(text: str) -> Iterator[PointFound]:
    taken: list[tuple[int, int]] = []
    for match in _EMAIL.finditer(text) if "@" in text else ():
        taken.append(match.span())
        yield PointFound(Channel.EMAIL, match.group().lower(), match.start(), match.end())
    for match in _HANDLE.finditer(text) if "@" in text else ():
        if not any(start <= match.start() < end for start, end in taken):
            yield PointFound(Channel.DM, match.group(), match.start(), match.end())


def _find_numbers(text: str, region: str) -> Iterator[PointFound]:
    library = _library()
    country = region[:2].upper() or None
    matcher = library.PhoneNumberMatcher(text, country, library.Leniency.VALID, max_tries=MOST_NUMBERS)
    for match in matcher:
        free = library.number_type(match.number) == library.PhoneNumberType.TOLL_FREE
        yield PointFound(Channel.CALL, _written(match.number), match.start, match.end, free)


def _find_unusual(text: str, region: str, closed: Spans) -> Iterator[PointFound]:
    """Numbers that the library passes over: written with a country code its plan has no room for, with "00" where the
    country dials another prefix, with one dot or slash between all groups, or from a range kept for stories."""
    for point in find_loose_numbers(text, skip=closed):
        number = _parse_unusual(point.value, region)
        if number is not None and not _inside(point, closed):
            yield replace(point, value=_written(number))


def _parse_unusual(written: str, region: str) -> Any | None:
    library = _library()
    plain = re.sub(r"^00", "+", written)
    try:
        number = library.parse(re.sub("[./]", " ", plain), region[:2].upper() or None)
    except library.NumberParseException:
        return None
    if not library.is_possible_number(number):
        return None
    separators = set(re.findall(r"[^\d+]", written.lstrip("+")))
    uniform = len(separators) == 1 and separators <= {".", "/"} and len(re.split(r"[./]", written)) >= 4
    good = library.is_valid_number(number) and (uniform or plain.startswith("+"))
    return number if good or _written(number).startswith(_KEPT_FOR_STORIES) else None


_KEPT_FOR_STORIES = ("+447700900",)
"""Ranges that a regulator keeps free for drama and examples (Ofcom, telephone numbers for drama use): nobody is reached
there, and the library calls them invalid, but a message that names one means a number."""


def _stands_alone(text: str, point: PointFound) -> bool:
    """A number glued to letters or to a number sign is a reference."""
    before = text[point.start - 1 : point.start]
    after = text[point.end : point.end + 1]
    return not (before and (before.isalnum() or before in "#_@")) and not (after and (after.isalpha() or after == "@"))


def _closed_spans(text: str) -> list[tuple[int, int]]:
    """Where digits are no telephone number, whatever the plan says."""
    spans = [m.span() for pattern in (_URL, _EMAIL, _IBAN, _DATE, _VERSION) for m in pattern.finditer(text)]
    spans += [m.span() for m in _LONG_NUMBER.finditer(text) if _is_card(m.group())]
    return spans


def _inside(point: PointFound, spans: Spans) -> bool:
    return any(start < point.end and point.start < end for start, end in spans)


def _is_card(text: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1, the Luhn formula)."""
    digits = [int(c) for c in _NOT_DIGIT.sub("", text)]
    doubled = [d * 2 - 9 * (d > 4) if place % 2 else d for place, d in enumerate(reversed(digits))]
    return not text.startswith("00") and sum(doubled) % 10 == 0


def _balance(value: str) -> str:
    return value if value.count("(") == value.count(")") else value.strip("()")


def _numbers_match(a: str, b: str, region: str) -> bool:
    if not (is_number(a) and is_number(b)):
        return False
    first, second = _parse(a, region), _parse(b, region)
    if first is not None and second is not None:
        return bool(first == second)
    return _tails_match(a, b)


def _tails_match(a: str, b: str) -> bool:
    """Where the plan cannot tell: the one's digits, without leading zeros, end the other's."""
    ends = [_NOT_DIGIT.sub("", ascii_digits(value).split(";")[0]).lstrip("0") for value in (a, b)]
    short, long = sorted(ends, key=len)
    return len(short) >= _FEWEST_DIGITS and long.endswith(short)


def _words_match(a: str, b: str) -> bool:
    if is_number(a) or is_number(b) or "@" in a or "@" in b:
        return False
    short, long = sorted((set(fold(a).split()), set(fold(b).split())), key=len)
    return bool(short) and all(any(_alike(word, other) for other in long) for word in short)


def _alike(a: str, b: str) -> bool:
    """The same word, or the same stem with a case ending more ("hattı", "hattını")."""
    short, long = sorted((a, b), key=len)
    return a == b or (len(short) >= _SHORTEST_STEM and long.startswith(short))


@lru_cache(maxsize=4096)
def _parse(value: str, region: str) -> Any | None:
    """The number as the library knows it, or None where it is no valid number there."""
    library = _library()
    try:
        number = library.parse(value.replace(";ext=", " ext. "), region[:2].upper() or None)
    except library.NumberParseException:
        return None
    return number if library.is_valid_number(number) else None


def _written(number: Any) -> str:
    library = _library()
    plain: str = library.format_number(number, library.PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else plain


_loaded: list[Any] = []


def _library() -> Any:
    """phonenumbers, when the first digits come and not before: its tables weigh 14 MB."""
    if not _loaded:
        import phonenumbers

        _loaded.append(phonenumbers)
    return _loaded[0]
