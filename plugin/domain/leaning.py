"""Find what leans on another wish: "or by e-mail" names one more channel, "but never before nine" takes hours out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plugin.domain.clauses import Clauses, Frame, Mark
from plugin.domain.phrases import Hit, Read
from plugin.domain.ticket import Channel

_SMALL_WORDS = 2
"""Words between "or" and the next channel: "or by the post"."""

_GOES_ON = ("joint", "window", "purpose", "also", "glue", "medium", "follow")
"""What may follow the last channel of a list; a word of any other kind makes it a verb ("or email the bank")."""


class Lists:
    """The lists of channels in one message."""

    def __init__(self, clauses: Clauses) -> None:
        read = clauses.read
        self._words = clauses.words
        self._also = {h.first: h for h in read.hits("preferences.also")}
        if self._also:
            self._also_before = {h.last: h for h in self._also.values()}
            self._channels: dict[int, Hit] = {}
            self._channels_before: dict[int, Hit] = {}
            for hit in sorted(read.hits("preferences.channel"), key=lambda h: h.last - h.first):
                self._channels[hit.first] = hit  # of those that begin together, or end, the longest
                self._channels_before[hit.last] = hit
            self._small = {t for h in read.hits("preferences.glue") for t in range(h.first, h.last)}
            self._media = {h.first for h in read.hits("preferences.medium")}
            self._after = {h.first for name in _GOES_ON for h in read.hits(f"preferences.{name}")}

    def join(self, frames: Sequence[Frame]) -> list[Frame]:
        """The frames, each with all channels of the list that it begins: "no calls, texts or letters". A frame that
        stood for the rest of a refused list ("texts please") is part of it."""
        if not self._also:
            return list(frames)
        joined: list[Frame] = []
        for frame in frames:
            if joined and frame.first < joined[-1].last:
                continue
            if frame.kind in ("want", "refuse", "resume") and frame.channels and Channel.ANY not in frame.channels:
                more, last = self.after(frame.last, frames, refused=frame.kind == "refuse")
                less, first = self._before(frame.first, frames)
                channels = tuple(dict.fromkeys((*less, *frame.channels, *more)))
                frame = replace(frame, channels=channels, first=first, last=last)
            joined.append(frame)
        return joined

    def after(
        self, at: int, frames: Sequence[Frame] = (), *, refused: bool = False, nouns: bool = False
    ) -> tuple[tuple[Channel, ...], int]:
        """The channels that go on a list from token `at`, and where it ends; () and `at` where nothing is added. Those
        behind commas count only where a word like "or" follows. `nouns`: none can be a verb ("by phone or e-mail")."""
        found: list[Channel] = []
        waiting: list[Channel] = []
        end = at
        while self._also and (step := self._step(at, nouns)) is not None:
            hit, link = step
            other = next((f for f in frames if f.first < hit.last and hit.first < f.last and f.first >= end), None)
            if other is not None and not (refused and link is not None and link.rule.facts.get("strong")):
                break
            waiting.append(Channel(hit.rule.facts["channel"]))
            at = max(hit.last, other.last if other else 0)
            if link is not None:
                found, waiting, end = found + waiting, [], at
        return tuple(found), end

    def _before(self, at: int, frames: Sequence[Frame]) -> tuple[tuple[Channel, ...], int]:
        """The channels of a list that ends where a frame begins ("texts or calls are fine"), and where it begins."""
        found: list[Channel] = []
        if at not in self._channels:
            return (), at
        while (link := self._also_before.get(at)) is not None:
            hit = self._channels_before.get(link.first)
            if hit is None or any(f.first < hit.last and hit.first < f.last for f in frames):
                break
            found.insert(0, Channel(hit.rule.facts["channel"]))
            at = hit.first
        return tuple(found), at

    def _step(self, at: int, nouns: bool) -> tuple[Hit, Hit | None] | None:
        """The next channel of a list, and the word ("or") that leads to it; None in its place for a comma."""
        words = self._words
        sentence = words.sentences[words.sentence_of(at - 1)]
        link = self._also.get(at)
        if at >= sentence.last or (link is None and not words.pauses[at]):
            return None
        start = link.last if link else at
        for token in range(start, min(start + _SMALL_WORDS + 1, sentence.last)):
            hit = self._channels.get(token)
            if hit is not None:
                return (hit, link) if nouns or self._ends_at(hit.last, sentence.last) else None
            if token not in self._small and token not in self._media:
                return None
        return None

    def _ends_at(self, token: int, last: int) -> bool:
        return token >= last or bool(self._words.pauses[token]) or token in self._after or token in self._small


def find_exceptions(clauses: Clauses, marks: Sequence[Mark]) -> dict[int, Mark]:
    """Windows that words like "but not" take out of a wish, by the token at which those words and they begin."""
    found = {}
    for hit in clauses.read.hits("preferences.except"):
        for mark in marks:
            gap = hit.first - mark.last if clauses.marks_before else mark.first - hit.last
            if mark.kind == "window" and not mark.lead and 0 <= gap <= 1:
                found[min(hit.first, mark.first)] = mark
    return found


def drop_unended(read: Read) -> Read:
    """The reading without phrases that count only where they end their clause (at = "end") and do not: "just call" is
    a wish, "just call the bank" is none."""
    names = [n for n in _FRAMES if any(h.rule.facts.get("at") == "end" for h in read.hits(n))]
    if not names:
        return read
    joints = {h.first for h in read.hits("preferences.joint")}
    kept = {n: [h for h in read.hits(n) if h.rule.facts.get("at") != "end" or _ends(read, h, joints)] for n in names}
    return Read(read.words, {n: hits for n, hits in (read.by_rule | kept).items() if hits})


_FRAMES = ("preferences.want", "preferences.refuse", "preferences.resume", "preferences.generic")


def _ends(read: Read, hit: Hit, joints: set[int]) -> bool:
    words, token = read.words, hit.last
    last = words.sentences[words.sentence_of(hit.first)].last
    return token >= last or bool(words.pauses[token]) or token in joints
