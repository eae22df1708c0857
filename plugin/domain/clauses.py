"""Which phrases of a sentence carry a contact preference, what stands beside them, and how near."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from plugin.domain.phrases import Hit, Pack, Read
from plugin.domain.points import PointFound, find_loose_numbers, find_points, normalise
from plugin.domain.ticket import Channel

_KINDS = ("other", "refuse", "resume", "want", "generic", "bare")
"""Frames, and who wins among those of equal length."""

_PAUSE, _JOINT, _WRONG_SIDE = 4, 6, 2
"""What a comma, the start of a new clause and the unusual side cost, in words."""

_SHORT_SENTENCE = 4
"""Words beside a point that still make the sentence one that only gives the point."""

MOST_FRAMES = 200
"""Frames looked at in one message: more is no letter, and every one costs a look at its neighbours."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A phrase that asks for or refuses contact: tokens `first` to `last` (exclusive) of sentence `sentence`."""

    kind: str
    first: int
    last: int
    sentence: int
    channels: tuple[Channel, ...]
    facts: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)


@dataclass(frozen=True, slots=True)
class Mark:
    """What may belong to a frame: point, label, address, window, medium, language or purpose, with its value."""

    kind: str
    first: int
    last: int
    sentence: int
    value: str = ""
    channel: Channel | None = None
    label: str = ""
    toll_free: bool = False
    lead: bool = False
    """A window that is a lead time ("half an hour before"): it tells when to call, never when not to."""

    @property
    def is_mail(self) -> bool:
        return self.channel is Channel.EMAIL


class Clauses:
    """One message as read, with the few questions that frames and marks ask of their sentence."""

    def __init__(self, read: Read, pack: Pack) -> None:
        self.read = read
        self.words = read.words
        order = pack.tables.get("preferences", {}).get("order", {})
        self.marks_before = isinstance(order, dict) and order.get("extras") == "before"
        self._joints = {t for h in read.hits("preferences.joint") for t in range(h.first, h.last)}
        self._glue = {t for h in read.hits("preferences.glue") for t in range(h.first, h.last)}
        self._channels = read.hits("preferences.channel")

    def distance(self, frame: Frame, mark: Mark) -> int:
        """Words between the two, commas and new clauses counted dearer; 0 where they overlap."""
        if mark.first < frame.last and frame.first < mark.last:
            return 0
        after = mark.first >= frame.last
        start, end = (frame.last, mark.first) if after else (mark.last, frame.first)
        gap = sum(self._cost(token) for token in range(start, end)) + self._pause(end)
        return gap + (_WRONG_SIDE if after == self.marks_before else 0)

    def _cost(self, token: int) -> int:
        cost = _JOINT if token in self._joints else 0 if token in self._glue else 1
        return cost + self._pause(token)

    def _pause(self, token: int) -> int:
        return _PAUSE if token < len(self.words.pauses) and self.words.pauses[token] not in ("", ":", "(", ")") else 0

    def starts_clause(self, token: int) -> bool:
        """Does a clause begin here? Names called at the head of the sentence ("@shop") do not count."""
        first = self.words.sentences[self.words.sentence_of(token)].first
        if self.words.pauses[token] or token - 1 in self._joints:
            return True
        return all(self.words.kinds[t] == "handle" for t in range(first, token))

    def fills_sentence(self, frame: Frame) -> bool:
        """Is there nothing in its sentence but the frame, and no question mark?"""
        sentence = self.words.sentences[frame.sentence]
        return frame.first == sentence.first and frame.last == sentence.last and sentence.ender != "?"

    def channels_in(self, first: int, last: int) -> tuple[Channel, ...]:
        """Channels named by these tokens, each once, the longest name first where names overlap."""
        inside = [h for h in self._channels if first <= h.first and h.last <= last]
        inside.sort(key=lambda h: h.first - h.last)
        kept: list[Hit] = []
        for hit in inside:
            if not any(hit.overlaps(other) for other in kept):
                kept.append(hit)
        kept.sort(key=lambda h: h.first)
        return tuple(dict.fromkeys(Channel(h.rule.facts["channel"]) for h in kept))

    def overriding_channel(self, frame: Frame) -> Channel | None:
        """ "on WhatsApp" right beside "call me"."""
        for hit in self._channels:
            near = 0 <= hit.first - frame.last <= 2 or 0 <= frame.first - hit.last <= 2
            if hit.rule.facts.get("over") and near and self.words.sentence_of(hit.first) == frame.sentence:
                return Channel(hit.rule.facts["channel"])
        return None

    def offers_point(self, mark: Mark) -> bool:
        """Is its sentence there to give the point ("My number is …"), rather than to tell a story?"""
        sentence = self.words.sentences[mark.sentence]
        if sentence.ender == "?":
            return False
        if sentence.last - sentence.first - (mark.last - mark.first) <= _SHORT_SENTENCE:
            return True
        return any(self.words.sentence_of(h.first) == mark.sentence for h in self.read.hits("preferences.mine"))


def find_frames(clauses: Clauses) -> list[Frame]:
    """The frames of a message, none overlapping: the longest wins, in the order of the text, but for a wish that
    reaches over a refusal of which the pack says that it wins inside ("Would you please [not call] me any more")."""
    hits = [(kind, hit) for kind in _KINDS for hit in clauses.read.hits(f"preferences.{kind}")][: MOST_FRAMES * 5]
    refused = [h for kind, h in hits if kind == "refuse" and h.rule.facts.get("inside") == "wins"]
    hits.sort(key=lambda pair: (pair[1].first - pair[1].last, _KINDS.index(pair[0]), _depends(pair[1])))
    if refused:
        hits.sort(key=lambda pair: pair[0] == "want" and any(_lies_in(r, pair[1]) for r in refused))
    taken = bytearray(len(clauses.words.tokens))
    frames = []
    for kind, hit in hits:
        if any(taken[hit.first : hit.last]) or not _may_stand(clauses, kind, hit):
            continue
        taken[hit.first : hit.last] = b"\x01" * (hit.last - hit.first)
        frames.append(_frame(clauses, kind, hit))
    frames.sort(key=lambda f: f.first)
    return [f for f in frames[:MOST_FRAMES] if not f.facts.get("beside") or _has_company(f, frames)]


def _lies_in(inner: Hit, outer: Hit) -> bool:
    shorter = inner.last - inner.first < outer.last - outer.first
    return shorter and outer.first <= inner.first and inner.last <= outer.last


def _depends(hit: Hit) -> bool:
    """Does it count only with something beside it? Of two that say the same, the one that needs nothing goes first."""
    return not {"needs", "beside", "reason"}.isdisjoint(hit.rule.facts)


def _may_stand(clauses: Clauses, kind: str, hit: Hit) -> bool:
    if kind == "bare":
        sentence = clauses.words.sentences[clauses.words.sentence_of(hit.first)]
        return hit.first == sentence.first and hit.last == sentence.last
    over = kind in ("other", "refuse") and hit.rule.facts.get("comma") != "yes"
    if over and any(clauses.words.pauses[t] for t in range(hit.first + 1, hit.last)):
        return False  # "As I told you, call me": what stands behind the comma is not what was told
    return hit.rule.facts.get("at") != "start" or clauses.starts_clause(hit.first)


def _frame(clauses: Clauses, kind: str, hit: Hit) -> Frame:
    named = hit.rule.facts.get("channel")
    channels = (Channel(named),) if named else clauses.channels_in(hit.first, hit.last)
    return Frame(kind, hit.first, hit.last, clauses.words.sentence_of(hit.first), channels, hit.rule.facts)


def _has_company(frame: Frame, frames: list[Frame]) -> bool:
    kinds = ("want", "generic", "resume")
    return any(f.sentence == frame.sentence and f.kind in kinds and f is not frame for f in frames)


# --- marks -----------------------------------------------------------------------------------------------------------


def find_marks(clauses: Clauses, region: str) -> list[Mark]:
    """Points, labels, addresses, windows, media, languages and purposes of a message, in the order of the text."""
    marks = [*_points(clauses, region), *_addresses(clauses)]
    windows = _outside(_windows(clauses), marks)
    marks += [*windows, *_outside(_labels(clauses), windows)]  # "in my office hours" names no telephone
    marks += [*_media(clauses), *_languages(clauses), *_purposes(clauses)]
    return sorted(marks, key=lambda m: m.first)


def _outside(marks: Iterable[Mark], others: Sequence[Mark]) -> list[Mark]:
    return [m for m in marks if not any(m.first < o.last and o.first < m.last for o in others)]


def points_of(read: Read, region: str) -> list[PointFound]:
    """Contact points of a text, digits that no numbering plan knows included: the words around decide about them."""
    text = read.words.text
    skip = [(start, end + 4) for start, end in (read.words.span(h.first, h.last) for h in read.hits(_REFERENCE))]
    sure = find_points(text, region, skip=skip)
    loose = [replace(p, value=normalise(p.value, region)) for p in find_loose_numbers(text, skip=skip)]
    return sure + [p for p in loose if not any(p.start < s.end and s.start < p.end for s in sure)]


_REFERENCE = "preferences.reference"


def tokens_of(read: Read, start: int, end: int) -> tuple[int, int]:
    """Tokens that hold these letters, as (first, last exclusive)."""
    return max(0, bisect_left(read.words.starts, start + 1) - 1), bisect_left(read.words.starts, end)


def _points(clauses: Clauses, region: str) -> Iterator[Mark]:
    for point in points_of(clauses.read, region):
        first, last = tokens_of(clauses.read, point.start, point.end)
        if last > first and (point.channel is not Channel.DM or _is_own_handle(clauses, first)):
            sentence = clauses.words.sentence_of(first)
            yield Mark("point", first, last, sentence, point.value, point.channel, toll_free=point.toll_free)


def _is_own_handle(clauses: Clauses, token: int) -> bool:
    """ "my insta @lena": a handle right after the name of its medium. Any other one calls the company by name."""
    return any(h.last == token and h.rule.facts.get("over") for h in clauses.read.hits("preferences.channel"))


def _labels(clauses: Clauses) -> Iterator[Mark]:
    for hit in _longest(clauses.read.hits("preferences.label")):
        facts = hit.rule.facts
        value = clauses.words.quote(hit.first, hit.last)
        channel = Channel(facts.get("channel", "call"))
        sentence = clauses.words.sentence_of(hit.first)
        yield Mark("label", hit.first, hit.last, sentence, value, channel, facts.get("label", ""))


def _addresses(clauses: Clauses) -> Iterator[Mark]:
    """The rest of a sentence after "my address", where it holds a house number."""
    words = clauses.words
    for hit in _longest(clauses.read.hits("preferences.address")):
        sentence = words.sentence_of(hit.first)
        last = words.sentences[sentence].last
        if any(words.kinds[t] == "number" for t in range(hit.last, last)):
            yield Mark("address", hit.last, last, sentence, words.quote(hit.last, last), Channel.LETTER)


def _media(clauses: Clauses) -> Iterator[Mark]:
    for hit in _longest(clauses.read.hits("preferences.medium")):
        channels = clauses.channels_in(hit.first, hit.last)
        if channels:
            yield Mark("medium", hit.first, hit.last, clauses.words.sentence_of(hit.first), channel=channels[0])


def _windows(clauses: Clauses) -> list[Mark]:
    """Neighbouring windows are one: "weekdays after six"."""
    merged: list[Mark] = []
    for hit in _longest(clauses.read.hits("preferences.window")):
        sentence = clauses.words.sentence_of(hit.first)
        if merged and merged[-1].sentence == sentence and hit.first - merged[-1].last <= 1:
            merged[-1] = Mark("window", merged[-1].first, hit.last, sentence)
        else:
            lead = hit.rule.facts.get("shape") == "lead"
            merged.append(Mark("window", hit.first, hit.last, sentence, lead=lead))
    return merged


def _languages(clauses: Clauses) -> Iterator[Mark]:
    for hit in clauses.read.hits("preferences.language"):
        sentence = clauses.words.sentence_of(hit.first)
        inside = any(h.first <= hit.first and hit.last <= h.last for h in clauses.read.hits("preferences.want"))
        if inside:
            yield Mark("language", hit.first, hit.last, sentence, hit.rule.facts["lang"])


def _purposes(clauses: Clauses) -> Iterator[Mark]:
    for hit in _longest(clauses.read.hits("preferences.purpose")):
        first, last = _extend(clauses, hit)
        yield Mark("purpose", first, last, clauses.words.sentence_of(hit.first))


def _extend(clauses: Clauses, hit: Hit) -> tuple[int, int]:
    """To the end (or the beginning) of its clause, where the pack says that the phrase only opens (or closes) it."""
    sentence = clauses.words.sentences[clauses.words.sentence_of(hit.first)]
    first, last = hit.first, hit.last
    if hit.rule.facts.get("extend") == "right":
        while last < sentence.last and not clauses.words.pauses[last]:
            last += 1
    if hit.rule.facts.get("extend") == "left":
        while first > sentence.first and not clauses.words.pauses[first]:
            first -= 1
    return first, last


def _longest(hits: list[Hit]) -> list[Hit]:
    """Of overlapping hits the longest, in the order of the text."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.first, -h.last)):
        if kept and hit.overlaps(kept[-1]):
            if hit.last - hit.first > kept[-1].last - kept[-1].first:
                kept[-1] = hit
        else:
            kept.append(hit)
    return kept
