"""Read the words that say when: pieces the pack finds become quantities, days, clocks and parts of the day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from plugin.domain.phrases import Hit, Read
from plugin.domain.words import ascii_digits

TOPIC = "deadlines."


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


def _says_more(one: Piece, other: Piece) -> bool:
    """The longer piece, and of two over the same words the one with more facts."""
    return (one.last - one.first, len(one.facts)) > (other.last - other.first, len(other.facts))


def _first(piece: Piece) -> int:
    return piece.first


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
    edge: str = ""
    """Which part of a week or month is meant: "start", "middle" or its end; "week" where a date names its week."""
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


_BEGINNERS = frozenset({
    "number", "duration", "unit", "shift", "between", "from", "at", "clock", "clock_before", "hour", "hour_word",
    "end_of", "month", "ordinal", "week_number", "day", "weekday", "weekday_short", "period", "part", "close", "vague",
    "past_span", "feast", "nth", "last", "week_of",
})  # fmt: skip
"""Kinds of pieces with which something about time can begin."""

_TELLING = tuple(
    TOPIC + kind
    for kind in (
        "unit", "duration", "day", "weekday", "weekday_short", "month", "period", "clock", "part", "close", "vague",
        "hour", "hour_word", "ordinal", "feast",
    )
)  # fmt: skip
"""Rules of which one at least stands in every text that says when, unless numbers do it alone."""

_BEFORE_HOURS = (TOPIC + "at", TOPIC + "by", TOPIC + "clock_before", TOPIC + "between")

_AFTER_HOURS = (TOPIC + "meridiem", TOPIC + "oclock", TOPIC + "hour_mark", TOPIC + "clock_after")

ALL_BARE = frozenset({"at", "by", "part", "between", "from"})

_GLUED = re.compile(r"([^\W\d_]{1,4})(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Habits:
    """How a language, or the place where it is read, writes times; from the head of its `deadlines.toml`."""

    month_first: bool = False
    """"04/05" is a day in April."""
    joined: tuple[str, ...] = ()
    """Letters that mean "and" in front of a word or number."""
    glued: frozenset[str] = frozenset()
    """Letters written together with the digits that follow them."""
    bare_hours: frozenset[str] = ALL_BARE
    """After which kinds of words a number alone may be an hour."""


class Reader:
    """The pieces of one stretch of text, by where they begin and end."""

    def __init__(self, read: Read, first: int, last: int, habits: Habits) -> None:
        self.words, self.first, self.last, self.habits = read.words, first, last, habits
        self._breaks = _sentence_starts(read, first, last)
        self._starts: dict[int, dict[str, Piece]] = {}
        self._ends: dict[int, dict[str, Piece]] = {}
        for name, hits in read.by_rule.items():
            if name.startswith(TOPIC):
                self._keep(name[len(TOPIC) :], hits)

    def _keep(self, kind: str, hits: list[Hit]) -> None:
        """Of each kind the longest piece, by where it begins and by where it ends."""
        for hit in hits:
            if hit.first < self.first or hit.last > self.last:
                continue
            piece = Piece(kind, hit.rule.facts, hit.first, hit.last)
            starting, ending = self._starts.setdefault(hit.first, {}), self._ends.setdefault(hit.last, {})
            if kind not in starting or _says_more(piece, starting[kind]):
                starting[kind] = piece
            if kind not in ending or _says_more(piece, ending[kind]):
                ending[kind] = piece

    # looking

    def may_start(self, at: int) -> bool:
        """Can anything about time begin here?"""
        here = self._starts.get(at)
        return (here is not None and not here.keys().isdisjoint(_BEGINNERS)) or bool(self.number_token(at))

    def take(self, at: int, *kinds: str) -> Piece | None:
        """The longest piece of these kinds that begins here."""
        here = self._starts.get(at)
        if here is None:
            return None
        best: Piece | None = None
        for kind in kinds:
            piece = here.get(kind)
            if piece is not None and (best is None or piece.last > best.last):
                best = piece
        return best

    def back(self, at: int, *kinds: str) -> Piece | None:
        """The longest piece of these kinds that ends here, or before the fillers that end here."""
        for _ in range(4):
            here = self._ends.get(at)
            if here is None or self.broken(at):
                return None
            found = [here[kind] for kind in kinds if kind in here]
            if found:
                return min(found, key=_first)
            filler = here.get("filler")
            if filler is None:
                return None
            at = filler.first
        return None

    def ending(self, at: int, *kinds: str) -> Piece | None:
        """The longest piece of these kinds that ends right here."""
        here = self._ends.get(at, {})
        return min((here[kind] for kind in kinds if kind in here), key=_first, default=None)

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
            for p in self._ends.get(end, {}).values()
        )

    def free(self, at: int) -> bool:
        """Does no unknown word follow directly: an end, a pause, or a word of this topic?"""
        return at >= self.last or self.broken(at) or bool(self.words.pauses[at]) or at in self._starts

    def number_token(self, at: int) -> str:
        """The token here in ASCII digits, if it is a number."""
        if not self.first <= at < self.last:
            return ""
        token = self.words.tokens[at]
        if self.words.kinds[at] == "number":
            return ascii_digits(token)
        if self.habits.glued and (match := _GLUED.fullmatch(token)) and match[1] in self.habits.glued:
            return ascii_digits(match[2])
        return ""

    def and_joined(self, at: int) -> bool:
        """Does the word here begin with "and" ("و12", "والرابعة")?"""
        joined = self.habits.joined
        return bool(joined) and self.first <= at < self.last and self.words.tokens[at].startswith(joined)

    def hyphen(self, at: int) -> bool:
        """Is this token tied to the one before it by a hyphen?"""
        return self.first < at < self.last and self.words.text[self.words.ends[at - 1] : self.words.starts[at]] == "-"

    def dash(self, at: int) -> bool:
        """Does a dash stand before this token?"""
        return self.first < at < self.last and (self.hyphen(at) or self.words.pauses[at] in ("-", "–", "—"))

    def broken(self, at: int) -> bool:
        """Does a sentence end before this token? The full stop of an ordinal ("12. Juni") ends none."""
        if at not in self._breaks:
            return False
        token = self.number_token(at - 1)
        glued = self.words.text[self.words.ends[at - 1] : self.words.starts[at]] == ". "
        return not (bool(token) and len(token) <= 10 and glued and self._goes_on(at))

    def _goes_on(self, at: int) -> bool:
        return self.words.tokens[at][:1].islower() or self.take(at, "month", "unit", "business", "end_of") is not None


def _sentence_starts(read: Read, first: int, last: int) -> frozenset[int]:
    """The tokens inside `first` to `last` with which a new sentence begins."""
    if last - first < 2:
        return frozenset()
    sentences = read.words.sentences
    begin, end = read.words.sentence_of(first), read.words.sentence_of(last - 1)
    return frozenset(sentences[s].first for s in range(begin + 1, end + 1))


def says_when(read: Read, first: int, last: int) -> bool:
    """Could these tokens say when at all? Nearly free, and false for most texts."""
    by_rule = read.by_rule
    if any(name in by_rule for name in _TELLING):
        return True
    numbers = by_rule.get(TOPIC + "number", ())
    spoken = {hit.last for hit in numbers}
    if spoken and any(hit.first in spoken for name in _AFTER_HOURS for hit in by_rule.get(name, ())):
        return True
    introduced = {hit.last for name in _BEFORE_HOURS for hit in by_rule.get(name, ())}
    if introduced and any(hit.first in introduced for hit in numbers):
        return True
    return any(read.words.tokens[t][-1].isdigit() for t in range(first, last))


def bridge(read: Read, first: int, last: int) -> tuple[int, int]:
    """The same tokens, and the rest of a sentence that an ordinal's full stop cut in two before a month."""
    months = {hit.first for hit in read.by_rule.get(TOPIC + "month", ())}
    if not months or first >= last:
        return first, last
    words = read.words
    if last in months and _ordinal(read, last - 1):
        last = words.sentences[words.sentence_of(last)].last
    if first in months and first > 0 and _ordinal(read, first - 1):
        first = words.sentences[words.sentence_of(first - 1)].first
    return first, last


def _ordinal(read: Read, at: int) -> bool:
    """Is this token a day with the full stop of an ordinal ("12.")?"""
    words = read.words
    token = words.tokens[at]
    return token.isdigit() and len(token) <= 2 and words.text[words.ends[at] : words.ends[at] + 1] == "."
