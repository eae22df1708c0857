"""Find the second and third wish of a sentence: a clause that names a way of its own is heard by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from plugin.domain.clauses import Clauses, Frame, Mark
from plugin.domain.sounding import Mentions, Sound
from plugin.domain.ticket import Channel

BESIDE = 60
"""Hundredths from which a clause beside a wish is one more; the sentence speaks of contact already, and most of its
other clauses say why or when."""

APART = 90
"""The same for clauses of a sentence that no phrase spells, to be wishes of their own."""

BY_MEDIUM = -200
"""The same for short clauses in which a way stands as one is named by which something goes: "the contract by post";
longer ones ("by e-mail we shall never understand each other") say why."""

_SHORT = 6
"""Words of such a clause."""

_FEWEST = 2
"""Words of the shortest clause that wishes for something ("text me")."""

MOST_ASKED = 30
"""Clauses of one message that are asked: each costs a look at all phrases found, and no letter wishes for so much."""

_LONGEST_LINK = 6
"""Words between two points of one wish: "on 555-0134, or in the evening at …"."""

_LINKS = ("also", "joint", "glue", "window", "label", "purpose")
"""What these words may be."""

_FRAMED = ("preferences.want", "preferences.refuse", "preferences.other", "preferences.not", "preferences.fault")
"""Words between two points that make the second one anything but one more of the kind."""


class SideWishes:
    """The clauses of one message, each asked by itself."""

    def __init__(self, clauses: Clauses, sound: Sound, mentions: Mentions) -> None:
        self._clauses, self._sound, self._mentions = clauses, sound, mentions
        self._asked = 0
        self._joints = {h.first: h.last for h in clauses.read.hits("preferences.joint")}
        self._glue = {t for h in clauses.read.hits("preferences.glue") for t in range(h.first, h.last)}
        self._framed = {t for name in _FRAMED for h in clauses.read.hits(name) for t in range(h.first, h.last)}
        self._also = {t for h in clauses.read.hits("preferences.also") for t in range(h.first, h.last)}
        self._media = {h.first for h in clauses.read.hits("preferences.medium")}
        self._links = {
            t for name in _LINKS for h in clauses.read.hits(f"preferences.{name}") for t in range(h.first, h.last)
        }

    def beside(self, sentences: Iterable[int], frames: Iterable[Frame]) -> list[Frame]:
        """Wishes of the clauses of these sentences in which none of the frames stands: "don't ring, text me, and post
        me the form"."""
        taken = {t for f in frames for t in range(f.first, f.last)}
        spans = [(s, span) for s in sentences for span in self._spans(s)]
        free = [(s, span) for s, span in spans if taken.isdisjoint(range(*span))]
        return [f for s, span in free for f in self._heard(s, span, BESIDE)]

    def apart(self, sentence: int) -> list[Frame]:
        """Wishes of the clauses of a sentence that no phrase spells, where two of them or more sound like one."""
        spans = [span for span in self._spans(sentence) if self._mentions.names_way(*span)]
        found = [self._heard(sentence, span, APART) for span in spans] if len(spans) > 1 else []
        parts = [frames for frames in found if frames]
        return [f for frames in parts for f in frames] if len(parts) > 1 else []

    def _heard(self, sentence: int, span: tuple[int, int], bar: int) -> list[Frame]:
        if self._asked >= MOST_ASKED or not self._mentions.names_way(*span):
            return []
        self._asked += 1
        weight, kind = self._sound.of_clause(sentence, *span)
        if span[1] - span[0] <= _SHORT and any(span[0] <= t < span[1] for t in self._media):
            bar = min(bar, BY_MEDIUM)
        return self._mentions.frames_in(sentence, *span, kind) if weight >= bar else []

    def _spans(self, sentence: int) -> Iterator[tuple[int, int]]:
        """Its clauses, as tokens (first, last exclusive), without the words that join them."""
        words, whole = self._clauses.words, self._clauses.words.sentences[sentence]
        cuts = [t for t in range(whole.first + 1, whole.last) if words.pauses[t] or t in self._joints]
        for first, last in pairwise([whole.first, *cuts, whole.last]):
            first = min(self._joints.get(first, first), last)
            if last - first >= _FEWEST:
                yield first, last

    def more_points(self, marks: Iterable[Mark]) -> dict[int, Tie]:
        """Points that go on a list ("on 0131 496 0120 or at a@b.example", "in the office and later on my mobile"), by
        identity."""
        ties: dict[int, Tie] = {}
        for kind in ("point", "label"):
            same = [m for m in marks if m.kind == kind]
            for one, other in pairwise(same):
                if self._is_tied(one, other):
                    ties[id(other)] = Tie(one, turns=self._turns(one.last, other.first))
        return ties

    def are_listed(self, first: int, last: int) -> bool:
        """Do only words like "or", and small ones, stand from token `first` to `last` (exclusive)?"""
        return first < last and all(t in self._also or t in self._glue for t in range(first, last))

    def _turns(self, first: int, last: int) -> bool:
        """Does a new clause begin there that no "and" or "or" opens: "not to a@b.example but to c@d.example"?"""
        new = any(t in self._joints and t not in self._also for t in range(first, last))
        return new or not (self._also.intersection(range(first, last)) or last - first <= 1)

    def _is_tied(self, before: Mark, mark: Mark) -> bool:
        """Do only joining words, hours and the like stand between the two, or words for what the first is good for?"""
        gap, pauses = range(before.last, mark.first), self._clauses.words.pauses
        if mark.sentence != before.sentence or mark.first < before.last or len(gap) > _LONGEST_LINK:
            return False
        joined = any(t in self._joints or t in self._also for t in gap)
        if mark.kind == "label":
            return joined and all(t in self._links for t in gap)
        if all(t in self._links for t in gap):
            return bool(gap) or bool(pauses[mark.first])
        head = next((t for t in reversed(gap) if t not in self._glue), before.last)
        apart = pauses[mark.first] or head in self._joints
        return bool(apart) and not any(t in self._framed for t in gap)


class Tie(NamedTuple):
    """That a point goes on the list of another one; `turns`: by a "but", so that what refuses one wants the other."""

    before: Mark
    turns: bool


def lead_in(frames: Iterable[Frame], mentions: Mentions) -> list[Frame]:
    """The frames; one that names several channels takes in those that begin its list: "Call, e-mail or text me"."""
    return [
        replace(f, channels=tuple(dict.fromkeys((*first, *f.channels))))
        if len(f.channels) > 1 and (first := mentions.listed_before(f))
        else f
        for f in frames
    ]


def split_contrasts(frames: Iterable[Frame], mentions: Mentions) -> list[Frame]:
    """The frames; of one that names two ways and refuses one of them ("texts over calls", "from e-mail to text") the
    refused way is a frame of its own."""
    split: list[Frame] = []
    for frame in frames:
        asks = frame.kind in ("want", "generic") and len(frame.channels) > 1
        refused = mentions.refused_within(frame) if asks else []
        lost = {c for f in refused for c in f.channels}
        left: tuple[Channel, ...] = tuple(c for c in frame.channels if c not in lost)
        split += [replace(frame, channels=left), *refused] if left and refused else [frame]
    return split
