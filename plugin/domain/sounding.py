"""Ask the words of a sentence again: what sounds so little like a wish that a phrase in it must be mistaken, and what
sounds so much like one that it counts although the phrases in it came to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plugin.domain.clauses import Clauses, Frame, Mark
from plugin.domain.leaning import Lists
from plugin.domain.line_words import LONGEST, NEVER, Lines, line_words_of
from plugin.domain.phrases import Hit, Pack, Read
from plugin.domain.ticket import Channel

LIKELY = 0
"""From here on a sentence counts that names a way to contact somebody, although no phrase for a wish stands in it; in
hundredths for eight words of it: a long complaint adds up many small weights."""

AGAINST = 30
"""The same for one in which a phrase stands that speaks against a wish ("I'll call you")."""

NAMELESS = 50
"""The same for one that names no way: "Use the new number only"."""

SURE = 40
"""The same for one in which phrases for a wish stand and came to nothing."""

DOUBTFUL = -200
"""Below it what phrases found is dropped."""

_FEWEST = 3
"""Words, apart from numbers and addresses, without which a line says nothing: "Mobile: 07700 900121" is a signature."""

_USUAL = 8
"""Words of a sentence whose weight is taken as it is."""

MOST_HEARD = 50
"""Such sentences of one message: more is no letter."""

_NEAR = 3
"""Words between a "not" and what it refuses, in a sentence that no phrase spells."""

_VERY_NEAR = 1
"""The same beside a wish that a phrase spells: "not by phone", but not "never read my mail"."""

_NEAR_POINT = 2
"""The same for a point: "not on the 0131 496 0120"."""

_WAYS = tuple(f"preferences.{name}" for name in ("channel", "medium", "label", "language", "address"))

_NAMES = ("channel", "label")
"""Rules whose words name a way, or the place of one ("not the landline")."""

_BAR_BESIDE = {"want": SURE, "refuse": SURE, "resume": SURE, "other": AGAINST}


class Sound:
    """How the sentences of one message sound; without a model nothing is doubted and nothing added."""

    def __init__(self, clauses: Clauses, pack: Pack) -> None:
        self._clauses = clauses
        model = line_words_of(pack, "preferences")
        self._lines = Lines(clauses.read, model) if model is not None else None

    def doubts(self, sentence: int) -> bool:
        """Does it sound like anything but a wish?"""
        return NEVER < self._weight(sentence) < DOUBTFUL

    def overlooked(self, known: Iterable[int], frames: Iterable[Frame]) -> list[tuple[int, str]]:
        """Sentences beside the `known` ones, in which wishes stand, that sound like one as well, and whether it is
        "want" or "refuse"."""
        if self._lines is None:
            return []
        known, named = set(known), ways_named(self._clauses.read)
        bars = self._bars(frames)
        heard = []
        for s in range(len(self._clauses.words.sentences)):
            bar = max(bars[s], LIKELY if s in named else NAMELESS)
            if s not in known and self._weight(s) >= bar and self._speaks(s):
                heard.append((s, self._lines.sort(s)))
        return heard[:MOST_HEARD]

    def of_clause(self, sentence: int, first: int, last: int) -> tuple[int, str]:
        """The weight of a part of a sentence (for eight words of it), and whether it is "want" or "refuse"; NEVER where
        it is too short or there is no model."""
        if self._lines is None:
            return NEVER, "want"
        weight = self._lines.weight_of(sentence, first, last)
        scaled = weight if weight == NEVER else weight * _USUAL // max(_USUAL, min(last - first, LONGEST))
        return scaled, self._lines.sort_of(first, last)

    def _bars(self, frames: Iterable[Frame]) -> list[int]:
        """How sure the words must be of each sentence, by the phrases that stand in it."""
        bars = [LIKELY] * len(self._clauses.words.sentences)
        for frame in frames:
            bars[frame.sentence] = max(bars[frame.sentence], _BAR_BESIDE.get(frame.kind, LIKELY))
        return bars

    def _speaks(self, sentence: int) -> bool:
        words = self._clauses.words
        span = words.sentences[sentence]
        return words.kinds[span.first : span.last].count("word") >= _FEWEST

    def _weight(self, sentence: int) -> int:
        """Its weight for eight words of it; 0 where there is no model."""
        if self._lines is None:
            return 0
        span, weight = self._clauses.words.sentences[sentence], self._lines.weight(sentence)
        return weight if weight == NEVER else weight * _USUAL // max(_USUAL, min(span.last - span.first, LONGEST))


def ways_named(read: Read) -> set[int]:
    """Sentences that say by which channel, where or in which language."""
    words = read.words
    found = {words.sentence_of(hit.first) for name in _WAYS for hit in read.hits(name) if _is_way(read, hit)}
    if "email" in words.kinds:
        found |= {words.sentence_of(token) for token, kind in enumerate(words.kinds) if kind == "email"}
    return found


def _is_way(read: Read, hit: Hit) -> bool:
    """Not "here" and "at work" (weak = "yes"), which are ways only beside a wish, nor the "pm" of "5 pm"."""
    after_number = hit.first > 0 and read.words.kinds[hit.first - 1] == "number"
    return hit.rule.facts.get("weak") != "yes" and hit.rule.facts.get("channel") != "chat" and not after_number


class Mentions:
    """The channels that a message names, sentence by sentence, and which of them a "not" refuses."""

    def __init__(self, clauses: Clauses, lists: Lists) -> None:
        self._clauses, self._lists = clauses, lists
        self._named: dict[int, list[Hit]] = {}
        for hit in _longest([h for name in _NAMES for h in clauses.read.hits(f"preferences.{name}")]):
            self._named.setdefault(clauses.words.sentence_of(hit.first), []).append(hit)
        nots = clauses.read.hits("preferences.not")
        self._nots = {h.first if clauses.marks_before else h.last for h in nots}
        firm = [h for h in nots if h.rule.facts.get("firm") == "yes"]
        self._firm = {h.first if clauses.marks_before else h.last for h in firm}
        self._joints = {h.first for h in clauses.read.hits("preferences.joint")}

    def frames(self, sentence: int, kind: str) -> list[Frame]:
        """What a sentence that sounds like a wish asks for: the channel it names first, and those on a list with it;
        channels beside a "not" are refused."""
        span = self._clauses.words.sentences[sentence]
        return self.frames_in(sentence, span.first, span.last, kind)

    def frames_in(self, sentence: int, first: int, last: int, kind: str) -> list[Frame]:
        """The same of a part of one, tokens `first` to `last` (exclusive)."""
        named = self._named_in(sentence, first, last)
        near = _NEAR if kind == "refuse" else _VERY_NEAR
        refused = [h for h in named if self._is_refused(h, near)]
        meant = [h for h in named if h not in refused]
        if not meant and refused:
            kind, meant, refused = "refuse", refused, []
        channels: tuple[Channel, ...] = ()
        meant.sort(key=_is_label)  # "my mobile please, by text"
        if meant:
            channels = (_channel(meant[0]), *self._lists.after(meant[0].last, nouns=True)[0])
        elif kind == "refuse" and sentence and not refused:
            channels = self._spoken_of(sentence - 1)
        whole = Frame(kind, first, last, sentence, tuple(dict.fromkeys(channels)))
        others = [h for h in refused if kind == "want" and _channel(h) not in channels]
        return [whole, *(_frame("refuse", h, sentence) for h in others)]

    def _spoken_of(self, sentence: int) -> tuple[Channel, ...]:
        """The channel that a sentence names last: what the one after it calls "them" ("Turn them off")."""
        named = [h for h in self._named.get(sentence, []) if not _is_label(h) and _channel(h) is not Channel.CHAT]
        return (_channel(named[-1]),) if named else ()

    def refuses(self, mark: Mark) -> bool:
        """Does a "not" stand right beside a point, an address or the name of a telephone?"""
        return self._refused(mark.first, mark.last, _NEAR_POINT)

    def names_way(self, first: int, last: int) -> bool:
        """Do these tokens of one sentence name a channel, a telephone or an address?"""
        words = self._clauses.words
        named = self._named_in(words.sentence_of(first), first, last)
        return any(_is_way(self._clauses.read, h) for h in named) or "email" in words.kinds[first:last]

    def refused_within(self, frame: Frame) -> list[Frame]:
        """Channels inside a frame of which the words in it say that they are the unwanted ones."""
        hits = self._named_in(frame.sentence, frame.first, frame.last)
        return [_frame("refuse", h, frame.sentence) for h in hits if self._is_refused(h, _VERY_NEAR)]

    def listed_before(self, frame: Frame) -> list[Channel]:
        """Channels that stand before a frame, each alone between commas."""
        found: list[Channel] = []
        pauses, first = self._clauses.words.pauses, frame.first
        for hit in reversed(self._named_in(frame.sentence, 0, frame.first)):
            if hit.last != first or not pauses[first] or not (hit.last - hit.first == 1 and self._starts(hit)):
                break
            found.insert(0, _channel(hit))
            first = hit.first
        return found

    def _starts(self, hit: Hit) -> bool:
        sentence = self._clauses.words.sentences[self._clauses.words.sentence_of(hit.first)]
        return hit.first == sentence.first or bool(self._clauses.words.pauses[hit.first])

    def _named_in(self, sentence: int, first: int, last: int) -> list[Hit]:
        return [h for h in self._named.get(sentence, []) if first <= h.first and h.last <= last]

    def refused_beside(self, sentence: int, frames: Iterable[Frame]) -> list[Frame]:
        """Channels beside a "not" in a sentence that wishes for another one, where no phrase speaks of them."""
        free = [h for h in self._free(sentence, frames) if self._is_refused(h, _VERY_NEAR)]
        free = [h for h in free if self._ends_clause(h) or self._is_contrasted(h)]
        return [_frame("refuse", h, sentence) for h in free]

    def wanted_beside(self, sentence: int, frames: Iterable[Frame]) -> list[Frame]:
        """Channels that are a clause of their own in a sentence that refuses another one: "Don't ring, text."."""
        alone = [h for h in self._free(sentence, frames) if self._starts_clause(h, sentence)]
        free = [h for h in alone if self._ends_clause(h) and not self._is_refused(h, _NEAR)]
        return [_frame("want", h, sentence) for h in free]

    def _is_contrasted(self, hit: Hit) -> bool:
        """Does a word that can refuse nothing but a way ("instead of", firm = "yes") stand beside it? Behind others the
        way may be a verb ("don't e-mail the bank")."""
        first, last = hit.first - _VERY_NEAR, hit.first
        if self._clauses.marks_before:
            first, last = hit.last, hit.last + _VERY_NEAR
        return any(t in self._firm for t in range(first, last + 1))

    def _starts_clause(self, hit: Hit, sentence: int) -> bool:
        """Nothing but an article may stand before it where it begins the sentence: "A mail, not a call."."""
        first = self._clauses.words.sentences[sentence].first
        return hit.first - first <= 1 or self._clauses.starts_clause(hit.first)

    def _free(self, sentence: int, frames: Iterable[Frame]) -> list[Hit]:
        taken = [f for f in frames if f.sentence == sentence]
        named = self._named.get(sentence, [])
        return [h for h in named if not any(f.first < h.last and h.first < f.last for f in taken)]

    def _is_refused(self, hit: Hit, near: int) -> bool:
        return self._refused(hit.first, hit.last, near)

    def _refused(self, first: int, last: int, near: int) -> bool:
        """Does a "not" stand on its side of these tokens, so near and without a pause between?"""
        pauses = self._clauses.words.pauses
        if self._clauses.marks_before:
            places = range(last, min(last + near + 1, len(pauses)))
            return any(t in self._nots and not any(pauses[last : t + 1]) for t in places)
        places = range(max(0, first - near), first + 1)
        return any(t in self._nots and not any(pauses[t : first + 1]) for t in places)

    def _ends_clause(self, hit: Hit) -> bool:
        words = self._clauses.words
        last = words.sentences[words.sentence_of(hit.first)].last
        return hit.last >= last or bool(words.pauses[hit.last]) or hit.last in self._joints


def _frame(kind: str, hit: Hit, sentence: int) -> Frame:
    return Frame(kind, hit.first, hit.last, sentence, (_channel(hit),))


def _channel(hit: Hit) -> Channel:
    return Channel(hit.rule.facts.get("channel", "call"))


def _is_label(hit: Hit) -> bool:
    return hit.rule.name == "preferences.label"


def _longest(hits: Sequence[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.first, -h.last)):
        if not kept or hit.first >= kept[-1].last:
            kept.append(hit)
    return kept
