"""One wish on its way to a preference: a phrase, the channels it speaks of, and what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plugin.domain.clauses import Clauses, Frame, Mark
from plugin.domain.leaning import Lists
from plugin.domain.ticket import Channel

_REACH = {"point": 9, "window": 14, "medium": 7, "purpose": 12, "language": 12, "label": 4, "address": 8}
"""How far from its frame something may stand, in words; a comma counts 4, the start of a new clause 6."""

_REACH_OF_GENERIC = {"point": 7, "window": 4, "medium": 4, "language": 7}
"""The same for a request that names no channel, which nothing but these makes a preference."""

_REACH_OF_SENTENCE = 40
"""For frames that point back at what their sentence names: "my e-mail is …, so write there"."""

_REACH_OF_REFUSAL = 5
"""A refused window must stand with its refusal: "I work until 5, don't call" refuses every call. So must any window on
the unusual side: "I can't talk at work, text instead" names no time to text."""

CARRIES = {
    Channel.CALL: frozenset({Channel.CALL, Channel.SMS, Channel.DM, Channel.ANY}),
    Channel.EMAIL: frozenset({Channel.EMAIL, Channel.ANY, Channel.SMS, Channel.DM}),
    Channel.DM: frozenset({Channel.DM}),
    Channel.LETTER: frozenset({Channel.LETTER, Channel.VISIT, Channel.ANY}),
}
"""Which wishes a point of a kind can belong to: a number is no place to send an e-mail."""


PLACES = ("point", "address", "label")
"""Marks that say where, the surest first."""


@dataclass(slots=True)
class Wish:
    """One frame with what belongs to it, on the way to one preference for each of its channels."""

    frame: Frame
    channels: tuple[Channel, ...]
    marks: list[Mark]

    def mark(self, kind: str) -> Mark | None:
        return next((m for m in self.marks if m.kind == kind), None)

    @property
    def refuse(self) -> bool:
        return self.frame.kind == "refuse"

    @property
    def place(self) -> str:
        """Its point, as compared with those of other wishes; "" where it has none."""
        return next((m.value.casefold() for kind in PLACES if (m := self.mark(kind)) is not None), "")


def share_out(
    clauses: Clauses, frames: Sequence[Frame], marks: Sequence[Mark], refused: Sequence[Mark] = ()
) -> dict[Frame, list[Mark]]:
    """Each mark goes to the nearest frame of its sentence that can use it, a `refused` one only to a refusal; each
    frame keeps the nearest of a kind."""
    given: dict[Frame, list[tuple[int, Mark]]] = {f: [] for f in frames}
    unwanted = {id(m) for m in refused}
    for mark in marks:
        near = [(clauses.distance(f, mark), f) for f in frames if f.sentence == mark.sentence and suits(f, mark)]
        near = [(cost, f) for cost, f in near if f.kind == "refuse" or id(mark) not in unwanted]
        near = [(cost, f) for cost, f in near if cost <= _reach(f, mark, clauses.marks_before)]
        if near:
            cost, frame = min(near, key=lambda pair: pair[0])
            given[frame].append((cost, mark))
    return {f: _nearest_of_a_kind(found) for f, found in given.items()}


def point_back(given: Mapping[Frame, list[Mark]], marks: Sequence[Mark]) -> None:
    """ "My cell is … . Reach me there": what speaks of a point and has none in its sentence means the last one of the
    sentence before."""
    used = {id(m) for found in given.values() for m in found}
    for frame, found in given.items():
        if waits(frame) and frame.facts.get("reach") == "sentence" and not lifted(frame, found):
            before = [m for m in marks if m.kind == "point" and m.sentence == frame.sentence - 1 and id(m) not in used]
            found += [m for m in before[-1:] if suits(frame, m)]


def _nearest_of_a_kind(found: list[tuple[int, Mark]]) -> list[Mark]:
    kept: dict[str, Mark] = {}
    for _, mark in sorted(found, key=lambda pair: pair[0]):
        kept.setdefault(mark.kind, mark)
    return list(kept.values())


def _reach(frame: Frame, mark: Mark, marks_before: bool) -> int:
    if frame.facts.get("reach") == "sentence":
        return _REACH_OF_SENTENCE
    if frame.kind == "generic":
        return _REACH_OF_GENERIC.get(mark.kind, _REACH[mark.kind])
    other_side = mark.kind == "window" and (mark.first < frame.first) != marks_before
    if frame.kind == "refuse" or other_side:
        return _REACH_OF_REFUSAL
    return _REACH[mark.kind]


def suits(frame: Frame, mark: Mark) -> bool:
    if mark.kind == "purpose" and frame.kind == "generic" and frame.first < mark.last and mark.first < frame.last:
        return False
    if mark.kind == "window" and mark.lead and frame.kind == "refuse":
        return False
    if mark.toll_free and "needs" in frame.facts:
        return False
    if mark.kind == "label" and mark.channel is Channel.LETTER and Channel.EMAIL in frame.channels:
        return True  # "my work address" may be either
    if mark.kind in ("point", "address", "label") and mark.channel is not None:
        return not frame.channels or any(c in CARRIES.get(mark.channel, ()) for c in frame.channels)
    return True


def says_nothing(wish: Wish) -> bool:
    """Contact is wanted, and neither how nor where nor when."""
    return (
        wish.channels == (Channel.ANY,) and not wish.refuse and all(m.kind not in _SAYS_SOMETHING for m in wish.marks)
    )


_SAYS_SOMETHING = frozenset({"point", "label", "window", "language", "address", "medium"})


def waits(frame: Frame) -> bool:
    """Is it a preference only with something beside it?"""
    return frame.kind == "generic" or "needs" in frame.facts


def lifted(frame: Frame, marks: Sequence[Mark]) -> bool:
    needs = frame.facts.get("needs", "medium,point,window,language").split(",")
    kinds = {"point" if m.kind in ("label", "address") else m.kind for m in marks}
    return not kinds.isdisjoint(needs)


def channels_of(clauses: Clauses, lists: Lists, frame: Frame, marks: Sequence[Mark]) -> tuple[Channel, ...]:
    """The frame's own channels, unless what stands beside it knows better ("text me on WhatsApp", "message me at
    a@b.example")."""
    stronger = _overriding(clauses, frame)
    if stronger is not None and frame.kind != "refuse" and frame.channels != (Channel.EMAIL,):
        return (stronger,)
    by_kind = {m.kind: m for m in marks if m.channel is not None}
    point = by_kind.get("point")
    if frame.channels and frame.channels != (Channel.ANY,):
        mailed = point is not None and point.channel is Channel.EMAIL and len(frame.channels) == 1
        return (Channel.EMAIL,) if mailed else frame.channels
    for kind in ("medium", "point", "label", "address"):
        mark = by_kind.get(kind)
        if mark is not None and mark.channel is not None:
            more = lists.after(mark.last, nouns=True)[0] if kind == "medium" else ()
            return tuple(dict.fromkeys((mark.channel, *more)))
    return (Channel.ANY,)


def _overriding(clauses: Clauses, frame: Frame) -> Channel | None:
    """ "on WhatsApp" right beside "call me", and no comma between ("I left WhatsApp, call me")."""
    channel = clauses.overriding_channel(frame)
    if channel is None:
        return None
    last = clauses.words.sentences[frame.sentence].last
    pauses = clauses.words.pauses
    near = [h for h in clauses.read.hits("preferences.channel") if h.rule.facts.get("over")]
    near = [h for h in near if -3 <= h.first - frame.last <= 2 or 0 <= frame.first - h.last <= 2]
    for hit in near:
        first, end = (frame.last, hit.first) if hit.first >= frame.first else (hit.last, frame.first)
        if hit.first < last and not any(pauses[t] for t in range(first, min(end, last - 1) + 1)):
            return Channel(hit.rule.facts["channel"])
    return None
