"""Read the words that say when: pieces the pack finds become quantities, days, clocks and parts of the day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from plugin.domain.phrases import Read
from plugin.domain.words import ascii_digits

TOPIC = "deadlines."

MAX_AMOUNT = 1000
"""A quantity beyond this is no promise ("within 99999999 days"); it gives no window."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One phrase of the pack, found: its rule's name without the topic, and its facts."""

    kind: str
    facts: Mapping[str, str]
    first: int
    last: int

    @property
    def value(self) -> str:
        return self.facts.get("value", "")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as it was said. `meridiem` is "am", "pm", "24" (cannot mean another hour) or "" (open)."""

    hour: int
    minute: int = 0
    meridiem: str = ""


@dataclass(frozen=True, slots=True)
class Atom:
    """One thing said about time, over tokens `first` to `last` (exclusive).

    `kind` is "quantity", "day", "clock", "part", "close", "vague", or "past" (says when something was, or how long).
    """

    kind: str
    first: int
    last: int
    # quantity: the later bound, a unit ("minute" … "year", "business_day", "business_hour")
    amount: float = 0.0
    unit: str = ""
    lead: bool = False
    # day: "relative", "weekday", "date", "month_day", "week", "month", "quarter", "year", "weekend", "week_number"
    day: str = ""
    number: int = 0
    month: int = 0
    year: int = 0
    plus: int = 0
    since: Atom | None = None
    """The day a range of days begins with ("between Monday and Wednesday")."""
    # clock
    clock: Clock | None = None
    until: Clock | None = None
    place: str = ""
    # part of the day: "morning", "afternoon", "evening"
    part: str = ""
    by: bool = False
    framed: bool = False


_DECIMAL = re.compile(r"(\d{1,4})(?:[.,](\d{1,2}))?")
_RANGE = re.compile(r"(\d{1,4})-(\d{1,4})")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})(?:\2(\d{4}|\d{2}))?")
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")
_TIMES = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?-(\d{1,2})(?:[:.](\d{2}))?")

_GLUED = re.compile(r"([^\W\d_]{1,4})(\d{1,4})")

PLACES = {
    "et": "America/New_York", "est": "America/New_York", "edt": "America/New_York",
    "ct": "America/Chicago", "cdt": "America/Chicago",
    "mt": "America/Denver", "mst": "America/Denver", "mdt": "America/Denver",
    "pt": "America/Los_Angeles", "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles",
    "gmt": "UTC", "utc": "UTC", "bst": "Europe/London", "cet": "Europe/Paris", "cest": "Europe/Paris",
}  # fmt: skip
"""Zone names people write behind a time. Their summer or standard letter is often wrong, so the place decides."""


class Reader:
    """The pieces of one stretch of text, by where they begin and end."""

    def __init__(
        self,
        read: Read,
        first: int,
        last: int,
        *,
        month_first: bool = False,
        joined: tuple[str, ...] = (),
        glued: tuple[str, ...] = (),
    ) -> None:
        """`month_first`: "04/05" is a day in April. `joined`: letters that mean "and" in front of a word or number.
        `glued`: letters written together with the digits that follow them."""
        self.words, self.first, self.last, self.month_first = read.words, first, last, month_first
        self._joined, self._glued = joined, glued
        self._starts: dict[int, list[Piece]] = {}
        self._ends: dict[int, list[Piece]] = {}
        self.any = False
        for name, hits in read.by_rule.items():
            if not name.startswith(TOPIC):
                continue
            for hit in hits:
                if hit.first >= first and hit.last <= last:
                    piece = Piece(name[len(TOPIC) :], hit.rule.facts, hit.first, hit.last)
                    self._starts.setdefault(hit.first, []).append(piece)
                    self._ends.setdefault(hit.last, []).append(piece)
                    self.any = self.any or piece.kind != "filler"

    # looking

    def take(self, at: int, *kinds: str) -> Piece | None:
        """The longest piece of these kinds that begins here."""
        found = [p for p in self._starts.get(at, ()) if p.kind in kinds]
        return max(found, key=lambda p: p.last) if found else None

    def back(self, at: int, *kinds: str) -> Piece | None:
        """The longest piece of these kinds that ends here, or before the fillers that end here."""
        for _ in range(4):
            found = [p for p in self._ends.get(at, ()) if p.kind in kinds]
            if found:
                return min(found, key=lambda p: p.first)
            filler = [p for p in self._ends.get(at, ()) if p.kind in ("filler", "rough")]
            if not filler or self.broken(at):
                return None
            at = min(p.first for p in filler)
        return None

    def skip(self, at: int) -> int:
        """Past the fillers that begin here."""
        for _ in range(3):
            filler = self.take(at, "filler")
            if filler is None:
                break
            at = filler.last
        return at

    def after(self, at: int, *kinds: str) -> Piece | None:
        """A piece of these kinds here, or behind the fillers that begin here."""
        return self.take(at, *kinds) or self.take(self.skip(at), *kinds)

    def before(self, at: int, words: int, *kinds: str) -> bool:
        """Does one of these kinds stand within so many words before, in the same sentence?"""
        floor = max(self.first, at - words)
        return any(
            p.kind in kinds and not any(self.broken(t) for t in range(p.last, at + 1))
            for end in range(floor + 1, at + 1)
            for p in self._ends.get(end, ())
        )

    def number_token(self, at: int) -> str:
        """The token here in ASCII digits, if it is a number."""
        if not self.first <= at < self.last:
            return ""
        token = self.words.tokens[at]
        if self.words.kinds[at] == "number":
            return ascii_digits(token)
        if self._glued and (match := _GLUED.fullmatch(token)) and match[1] in self._glued:
            return ascii_digits(match[2])
        return ""

    def and_joined(self, at: int) -> bool:
        """Does the word here begin with "and" ("و12", "والرابعة")?"""
        return bool(self._joined) and self.first <= at < self.last and self.words.tokens[at].startswith(self._joined)

    def hyphen(self, at: int) -> bool:
        """Is this token tied to the one before it by a hyphen?"""
        return self.first < at < self.last and self.words.text[self.words.ends[at - 1] : self.words.starts[at]] == "-"

    def dash(self, at: int) -> bool:
        """Does a dash stand before this token?"""
        return self.first < at < self.last and (self.hyphen(at) or self.words.pauses[at] in ("-", "–", "—"))

    def broken(self, at: int) -> bool:
        """Does a sentence end before this token? The full stop of an ordinal ("12. Juni") ends none."""
        if not self.first < at < self.last or self.words.sentence_of(at) == self.words.sentence_of(at - 1):
            return False
        token = self.number_token(at - 1)
        glued = self.words.text[self.words.ends[at - 1] : self.words.starts[at]] == ". "
        return not (bool(token) and len(token) <= 10 and glued and self._goes_on(at))

    def _goes_on(self, at: int) -> bool:
        return self.words.tokens[at][:1].islower() or self.take(at, "month", "unit", "business", "end_of") is not None

    # numbers

    def number(self, at: int) -> tuple[float, float, int] | None:
        """(earlier, later bound, where it ends): "3", "3-5", "two or three", "forty-eight", "2,5"."""
        one = self._single(at)
        if one is None:
            return None
        low, high, end = one
        link = self.take(end, "to", "or")
        follow = (
            self._single(link.last if link else end)
            if (link or self.dash(end) or self._listed(end) or self._and(end))
            else None
        )
        if follow and follow[1] > high and follow[1] <= high * 24:
            return low, follow[1], follow[2]
        return one

    def _and(self, at: int) -> bool:
        return self.and_joined(at) and bool(self.number_token(at))

    def _listed(self, at: int) -> bool:
        """Two number words side by side are a range in many languages: "iki üç gün", "zwei, drei Tage"."""
        return self.take(at, "number") is not None and self.take(at, "number_and") is None

    def _single(self, at: int) -> tuple[float, float, int] | None:
        token = self.number_token(at)
        if token:
            if match := _RANGE.fullmatch(token):
                return float(match[1]), float(match[2]), at + 1
            if match := _DECIMAL.fullmatch(token):
                value, plus = float(f"{match[1]}.{match[2] or 0}"), self.take(at + 1, "number_plus")
                value += float(plus.value) if plus else 0
                return value, value, plus.last if plus else at + 1
            return None
        piece = self.take(at, "number")
        if piece is None:
            return None
        value, end = float(piece.value), piece.last
        value, end = self._more(value, end) or (value, end)
        if plus := self.take(end, "number_plus"):
            value, end = value + float(plus.value), plus.last
        return value, value, end

    def _more(self, value: float, at: int) -> tuple[float, int] | None:
        """Tens and units: "forty eight", "cuarenta y ocho", "أربع وعشرون"."""
        joined = self.take(at, "number_and")
        if joined and value < 10 <= float(joined.value):
            return value + float(joined.value), joined.last
        link = self.take(at, "and")
        follow = self.take(link.last if link else at, "number")
        if follow and value >= 10 and value % 10 == 0 and float(follow.value) < (20 if value in (60, 80) else 10):
            return value + float(follow.value), follow.last
        return None

    # quantities

    def quantity(self, at: int) -> Atom | None:
        """ "two or three business days", "half an hour", "ساعتين", "1h30", "the next working day"."""
        found = self._fixed(at) or self._counted(at) or self._implied(at)
        if found is None or found.amount > MAX_AMOUNT:
            return None
        found = self._business(found)
        found = self._sum(found)
        return self._frame(found)

    def _fixed(self, at: int) -> Atom | None:
        piece = self.take(at, "duration")
        if piece is None:
            return None
        amount, unit = piece.value.split()
        return Atom("quantity", at, piece.last, amount=float(amount), unit=unit)

    def _counted(self, at: int) -> Atom | None:
        numbers = self.number(at)
        if numbers is None:
            return None
        low, high, end = numbers
        business = self.take(end, "business")
        unit = self.take(business.last if business else self.skip(end), "unit")
        if unit is None and (span := self._hours_minutes(at)):
            return span
        if unit is None or "count" in unit.facts:
            return None
        if self._is_clock(at, high, unit):
            return None
        tied = self.hyphen(unit.first) and not self.back(at, "within")
        name = _as_business(unit.value) if business else unit.value
        return Atom("past" if tied else "quantity", at, unit.last, amount=high, unit=name, framed=high != low)

    def _is_clock(self, at: int, amount: float, unit: Piece) -> bool:
        """Where hours of the clock and hours of waiting are written alike ("avant 17h", "d'ici 48h"), the word before
        says which it takes: its fact `hours` is "no" (never a span) or "maybe" (a span unless it could be an hour)."""
        ahead = self.back(at, "within")
        manner = ahead.facts.get("hours") if ahead else None
        if manner is None or self.take(unit.first, "hour_mark") is None or amount > 23:
            return False
        return manner == "no" or (amount >= 8 and amount != 12)

    def _hours_minutes(self, at: int) -> Atom | None:
        """ "1h30" as a span of time, which only a word such as "in" before it can tell."""
        mark = self.take(at + 1, "hour_mark")
        minutes = re.sub(r"\D", "", self.words.tokens[at + 1]) if mark else ""
        if not minutes or not self.number_token(at).isdigit() or not self.back(at, "within"):
            return None
        amount = int(self.number_token(at)) * 60 + int(minutes)
        return Atom("quantity", at, at + 2, amount=amount, unit="minute")

    def _implied(self, at: int) -> Atom | None:
        """A unit that carries its number ("يومين"), or means one where its frame says so ("within the hour")."""
        unit = self.take(at, "unit")
        if unit is None:
            return self._next_one(at)
        if "count" in unit.facts:
            count, end = self._and_more(float(unit.facts["count"]), unit)
            return Atom("quantity", at, end, amount=count, unit=unit.value)
        end = self.skip(unit.last)
        business = self.take(unit.last, "business")
        end = business.last if business else unit.last
        one = self.take(end, "number")
        if one and one.value == "1" and self.take(at - 1, "number") is None and not self.take(one.last, "unit"):
            name = _as_business(unit.value) if business else unit.value
            return Atom("quantity", at, one.last, amount=1, unit=name)
        behind = self.after(end, "within_after")
        alone = behind and "numbered" not in behind.facts and not self._ends_number(at)
        if not self.take(at, "period") and (alone or self.back(at, "within")):
            return Atom("quantity", at, unit.last, amount=1, unit=unit.value)
        return None

    def _and_more(self, count: float, unit: Piece) -> tuple[float, int]:
        """ "يومين تلاتة", "من يومين إلى ثلاثة أيام": a dual with a later bound."""
        link = self.take(unit.last, "to", "or")
        more = self._single(link.last if link else unit.last)
        if more is None or more[1] <= count or not (link or more[1] == count + 1):
            return count, unit.last
        again = self.take(more[2], "unit")
        return more[1], again.last if again and again.value == unit.value else more[2]

    def _ends_number(self, at: int) -> bool:
        return bool(self.number_token(at - 1)) or self.back(at, "number") is not None

    def _next_one(self, at: int) -> Atom | None:
        """ "the next working day": one business day."""
        shift = self.take(at, "shift")
        if shift is None or shift.value != "1":
            return None
        before = self.take(shift.last, "business")
        unit = self.take(before.last if before else shift.last, "unit")
        if unit is None or not unit.value.endswith("day"):
            return None
        behind = self.take(unit.last, "business")
        if not (before or behind or unit.value == "business_day"):
            return None
        return Atom("quantity", at, (behind or unit).last, amount=1, unit="business_day", framed=True)

    def _business(self, found: Atom) -> Atom:
        """Business words that stand behind their unit: "jours ouvrés", "أيام عمل"."""
        piece = self.take(found.last, "business")
        if piece is None:
            return found
        return replace(found, last=piece.last, unit=_as_business(found.unit))

    def _sum(self, found: Atom) -> Atom:
        """ "an hour and a half", "2 hours and 15 minutes", "a day or two"."""
        if plus := self.take(found.last, "plus"):
            return replace(found, last=plus.last, amount=found.amount + float(plus.value))
        link = self.take(found.last, "and", "or")
        other = self._single(link.last if link else found.last)
        if other is None:
            return self._or_two(found, link)
        unit = self.take(other[2], "unit")
        if unit and found.unit == "hour" and unit.value == "minute":
            return replace(found, last=unit.last, unit="minute", amount=found.amount * 60 + other[1])
        if link and link.kind == "or" and unit is None and found.amount == 1 and other[1] in (2, 3):
            return replace(found, last=other[2], amount=other[1], framed=True)
        return found

    def _or_two(self, found: Atom, link: Piece | None) -> Atom:
        """ "يوم أو يومين": one or two, where two is a form of the word."""
        two = self.take(link.last, "unit") if link and link.kind == "or" else None
        if two is None or "count" not in two.facts or two.value != found.unit:
            return found
        return replace(found, last=two.last, amount=float(two.facts["count"]), framed=True)

    def _frame(self, found: Atom) -> Atom:
        """What stands around a quantity says whether it looks ahead, back, or from an event."""
        first, last = found.first, found.last
        if found.kind == "past":
            return found
        if lead := self.after(last, "before_event"):
            return replace(found, last=lead.last, lead=True)
        counted_back = self.back(first, "ago")
        if counted_back and (lead := self.take(last, "lead_after")):
            return replace(found, last=lead.last, lead=True)
        if not self.back(first, "before_event", "past_before", "ago") and self.before(first, 4, "before_event"):
            return replace(found, lead=True)
        ago = self.after(last, "past_after")
        if ago or counted_back or self.back(first, "past_before"):
            return replace(found, kind="past", last=ago.last if ago else last)
        behind = self.after(last, "within_after")
        ahead = self.back(first, "within")
        if behind or ahead:
            return replace(
                found, first=ahead.first if ahead else first, last=behind.last if behind else last, framed=True, by=True
            )
        if self.back(first, "lasting") or self.after(last, "lasting_after"):
            return replace(found, kind="past")
        dative = self._dative(found)
        return found if found.framed or dative or found.unit.startswith("business") else replace(found, kind="past")

    def _dative(self, found: Atom) -> bool:
        """A case ending may do what "within" does ("2 güne")."""
        unit = self._ends.get(found.last, ())
        return any(p.kind == "unit" and "framed" in p.facts for p in unit)

    # clocks

    def clock(self, at: int) -> Atom | None:
        """ "5pm", "à 17h30", "half past two", "between 10 and 12", "2-4pm", "saat 15:00'te", "noon"."""
        opener = self.take(at, "between", "from")
        if opener and (found := self._clock_range(self.skip(opener.last), at, opened=True)):
            return found
        intro = self.take(at, "at")
        start = self.skip(intro.last) if intro else at
        dated = self.back(at, "on_date") and not self.take(start + 1, "hour_mark", "oclock", "meridiem")
        if not dated and (found := self._clock_range(start, at, opened=False)):
            return found
        said = self._clock_one(start, intro is not None or self.back(at, "by", "at", "part") is not None)
        if said is None:
            return None
        clock, end = said
        behind = self.after(end, "by_after")
        by = bool(behind or self.back(at, "by"))
        return self._placed(Atom("clock", at, behind.last if behind else end, clock=clock, by=by))

    def _placed(self, found: Atom) -> Atom:
        token = self.words.tokens[found.last] if found.last < self.last else ""
        place = PLACES.get(token.lower(), "") if token.isupper() else ""
        return replace(found, last=found.last + 1, place=place) if place else found

    def _clock_range(self, at: int, first: int, *, opened: bool) -> Atom | None:
        token = self.number_token(at)
        if token and (match := _TIMES.fullmatch(token)) and not _ISO.fullmatch(token):
            return self._token_range(match, at, first, opened)
        one = self._clock_one(at, True)
        if one is None or (self.take(one[1], "unit") and not self.take(one[1], "hour_mark", "oclock")):
            return None
        link = self.take(one[1], "to", "and") if opened else self.take(one[1], "to")
        if link is None and not self.dash(one[1]) and not (opened and self.and_joined(one[1])):
            return None
        start = self.skip(link.last if link else one[1])
        lead_in = self.take(start, "at")
        two = self._clock_one(lead_in.last if lead_in else start, True)
        if two is None:
            return None
        closer = self.after(two[1], "between_after")
        sure = opened or closer or self._marked(first, one[1]) or self._marked(start, two[1])
        if not sure or (self.take(two[1], "unit", "business", "month") and not self._marked(start, two[1])):
            return None
        end = closer.last if closer else two[1]
        return self._placed(Atom("clock", first, end, clock=one[0], until=two[0], framed=True))

    def _token_range(self, match: re.Match[str], at: int, first: int, opened: bool) -> Atom | None:
        """ "2-4pm", "11:00-13:30": one token; bare numbers need a sign that they are hours."""
        clocks = [_clock(match[1], match[2]), _clock(match[3], match[4])]
        if None in clocks:
            return None
        mark = self.take(at + 1, "meridiem", "oclock", "hour_mark")
        closer = self.after(mark.last if mark else at + 1, "between_after")
        told = match[2] or match[4] or mark or opened or closer or self.take(first, "at") or self.back(first, "at")
        if not told or (self.take(at + 1, "unit", "business", "month") and not mark):
            return None
        end = closer.last if closer else mark.last if mark else at + 1
        one, two = clocks
        assert one is not None
        assert two is not None
        if mark and mark.kind == "meridiem":
            two = replace(two, meridiem=mark.value)
        return self._placed(Atom("clock", first, end, clock=one, until=two, framed=True))

    def _marked(self, first: int, last: int) -> bool:
        """Is something in these tokens only said of hours?"""
        return any(
            self.take(t, "at", "oclock", "meridiem", "hour_mark") or ":" in self.number_token(t)
            for t in range(first, last)
        )

    def _clock_one(self, at: int, introduced: bool) -> tuple[Clock, int] | None:
        """One time of day. A bare number is one only where something introduces it."""
        if named := self.take(at, "clock"):
            hour, minute = named.value.split(":")
            return Clock(int(hour), int(minute), "24"), named.last
        if before := self.take(at, "clock_before"):
            base = self._hour(self.skip(before.last))
            return self._shifted(base, int(before.value)) if base else None
        base = self._hour(at)
        if base is None:
            return None
        (clock, end, sure), start = base, at
        if after := self.take(end, "clock_after"):
            shifted = _shift(clock, int(after.value))
            if introduced or sure or "sure" in after.facts:
                return shifted, self._meridiem(shifted, after.last)[1]
        clock, marked_end = self._meridiem(clock, end)
        sure = sure or marked_end > end or (self.take(marked_end, "part") is not None and start == at)
        introduced = introduced or self.after(marked_end, "by_after", "at_after") is not None
        if not (sure or introduced) or self._no_hour(at, marked_end):
            return None
        return clock, marked_end

    def _shifted(self, base: tuple[Clock, int, bool], minutes: int) -> tuple[Clock, int]:
        clock, end, _ = base
        return self._meridiem(_shift(clock, minutes), end)

    def _no_hour(self, at: int, end: int) -> bool:
        """ "at 3 days", "by 12 March": the number belongs to what follows it."""
        marked = self._marked(at, end)
        return not marked and self.take(end, "unit", "business", "month", "ordinal_mark", "thing") is not None

    def _meridiem(self, clock: Clock, at: int) -> tuple[Clock, int]:
        mark = self.take(at, "meridiem") or self.take(self.skip(at), "meridiem")
        if mark is None:
            return clock, at
        return replace(clock, meridiem=mark.value), mark.last

    def _hour(self, at: int) -> tuple[Clock, int, bool] | None:
        """(clock, end, is it surely a time) from a number token or word, with "h30", "Uhr", "o'clock" behind it."""
        token = self.number_token(at)
        if token:
            match = _TIME.fullmatch(token)
            clock = _clock(match[1], match[2]) if match else None
            sure = ":" in token
        else:
            piece = self.take(at, "number", "hour", "hour_word")
            value = float(piece.value) if piece else -1
            clock = Clock(int(value)) if 0 <= value <= 24 and value == int(value) else None
            sure = piece is not None and piece.kind == "hour"
            at = piece.last - 1 if piece else at
        if clock is None:
            return None
        return self._with_mark(clock, at + 1, sure)

    def _with_mark(self, clock: Clock, at: int, sure: bool) -> tuple[Clock, int, bool]:
        if mark := self.take(at, "hour_mark", "oclock"):
            minutes = re.sub(r"\D", "", ascii_digits(self.words.tokens[at])) if mark.kind == "hour_mark" else ""
            if minutes:
                return replace(clock, minute=int(minutes)), mark.last, True
            token = self.number_token(mark.last)
            minutes_follow = token.isdigit() and len(token) == 2 and int(token) < 60 and not clock.minute
            if minutes_follow and not self.take(mark.last + 1, "unit", "month"):
                return replace(clock, minute=int(token)), mark.last + 1, True
            return clock, mark.last, True
        return clock, at, sure


def _as_business(unit: str) -> str:
    return "business_" + unit if unit in ("day", "hour") else unit


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
