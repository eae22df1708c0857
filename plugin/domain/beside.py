"""Find what a message wishes for beside the wishes that its phrases tell."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import pairwise

from plugin.domain.clauses import Clauses, Frame, Mark
from plugin.domain.leaning import Lists
from plugin.domain.side_wishes import SideWishes
from plugin.domain.sounding import Mentions
from plugin.domain.ticket import Channel
from plugin.domain.wishes import CARRIES, Wish, channels_of, says_nothing, share_out, suits


def hear_sentences(
    clauses: Clauses,
    lists: Lists,
    mentions: Mentions,
    side: SideWishes,
    left: Iterable[tuple[int, str]],
    marks: Sequence[Mark],
    asking: Container[int],
) -> list[Wish]:
    """Wishes of sentences that sound like one, although no phrase in them came to one. Those `asking` for contact, and
    saying nothing about how, are none."""
    frames = [f for sentence, kind in left for f in side.apart(sentence) or mentions.frames(sentence, kind)]
    given = share_out(clauses, frames, marks)
    wishes = [Wish(f, channels_of(clauses, lists, f, given[f]), given[f]) for f in frames]
    return [w for w in wishes if w.frame.sentence not in asking or not says_nothing(w)]


def hear_clauses(
    clauses: Clauses,
    lists: Lists,
    side: SideWishes,
    wishes: Sequence[Wish],
    frames: Sequence[Frame],
    marks: Sequence[Mark],
) -> list[Wish]:
    """What the other clauses of a wish's sentence wish for by ways that are not spoken of yet."""
    used = {id(m) for w in wishes for m in w.marks}
    free = [m for m in marks if id(m) not in used]
    taken = [f for f in frames if f.kind not in ("bare", "generic")] + [w.frame for w in wishes]
    heard = side.beside(sorted({w.frame.sentence for w in wishes}), taken)
    given = share_out(clauses, heard, free)
    found = [Wish(f, channels_of(clauses, lists, f, given[f]), given[f]) for f in heard]
    return _new([w for w in found if not says_nothing(w)], wishes)


def _new(found: Iterable[Wish], wishes: Iterable[Wish]) -> list[Wish]:
    """Those that speak of a channel of which the others do not, or of another point."""
    places: dict[Channel, set[str]] = {}
    for wish in wishes:
        for channel in wish.channels:
            places.setdefault(channel, set()).add(wish.place)
    return [w for w in found if all(c not in places or (w.place and w.place not in places[c]) for c in w.channels)]


def take_more_points(side: SideWishes, wishes: Sequence[Wish], marks: Sequence[Mark]) -> list[Wish]:
    """ "You can reach me on 0131 496 0120 or at a@b.example": one wish more for each point more. Behind "not a but b"
    it is the other way round."""
    holders = {id(m): w for w in wishes for m in w.marks}
    ties = side.more_points(marks)
    found = []
    for mark in marks:
        tie = ties.get(id(mark)) if id(mark) not in holders else None
        before = holders.get(id(tie.before)) if tie is not None else None
        if tie is not None and before is not None and mark.channel is not None:
            same = any(c in CARRIES[mark.channel] for c in before.channels)
            channels = before.channels if same else (mark.channel,)
            kind = "want" if before.refuse and tie.turns else before.frame.kind
            found.append(Wish(Frame(kind, mark.first, mark.last, mark.sentence, channels), channels, [mark]))
            holders[id(mark)] = found[-1]
    return found


def share_points(side: SideWishes, wishes: Sequence[Wish]) -> None:
    """ "My number is 07700 900123: call or send a text": two wishes with nothing but an "or" between have one point."""
    ordered = sorted((w for w in wishes if not w.refuse), key=lambda w: w.frame.first)
    for one, other in pairwise(ordered):
        if one.frame.sentence == other.frame.sentence and side.are_listed(one.frame.last, other.frame.first):
            for giver, taker in ((one, other), (other, one)):
                point = giver.mark("point")
                outside = point is not None and not one.frame.last <= point.first < other.frame.last
                if point is not None and outside and not taker.place and suits(taker.frame, point):
                    taker.marks.append(point)


def find_beside(
    mentions: Mentions, wishes: Sequence[Wish], frames: Sequence[Frame], marks: Sequence[Mark]
) -> list[Wish]:
    """ "Let's chat, not by phone" and "don't ring, text": other channels in the sentence of a wish."""
    wanted = {w.frame.sentence for w in wishes if not w.refuse}
    refused = {w.frame.sentence for w in wishes if w.refuse} - wanted
    asking = [*frames, *(w.frame for w in wishes)]
    found = [f for sentence in sorted(wanted) for f in mentions.refused_beside(sentence, asking)]
    found += [f for sentence in sorted(refused) for f in mentions.wanted_beside(sentence, asking)]
    named: dict[int, list[Mark]] = {}
    for mark in marks:
        named.setdefault(mark.first, []).append(mark)
    beside = [Wish(f, f.channels, [m for t in range(f.first, f.last) for m in named.get(t, [])]) for f in found]
    return _new(beside, wishes)


def take_out_hours(wishes: Sequence[Wish], excepted: Mapping[int, Mark]) -> list[Wish]:
    """ "Call me in the evening but never before six", "Ring me. Just not before ten.": hours that are refused by the
    channels of the wish before."""
    found, speaking = [], {w.frame.sentence for w in wishes}
    for first, mark in excepted.items():
        here = mark.sentence if mark.sentence in speaking else mark.sentence - 1
        before = [w for w in wishes if w.frame.sentence == here and w.frame.last <= first and not w.refuse]
        if before:
            frame = Frame("refuse", first, mark.last, mark.sentence, before[-1].channels)
            found.append(Wish(frame, before[-1].channels, [mark]))
    return found


def refuse_points(wishes: Sequence[Wish], refused: Iterable[Mark]) -> list[Wish]:
    """ "Ring 0131 496 0120 and never 0131 496 0155": a point beside a "not", refused by the channels of the wish beside
    it."""
    used = {id(m) for w in wishes for m in w.marks}
    wanted = {w.frame.sentence: w for w in wishes if not w.refuse}
    found = []
    for mark in refused:
        wish = wanted.get(mark.sentence)
        if wish is not None and mark.channel is not None and id(mark) not in used:
            channels = _carried(wish, mark)
            frame = Frame("refuse", mark.first, mark.last, mark.sentence, channels)
            found.append(Wish(frame, channels, [mark]))
    return found


def _carried(wish: Wish, mark: Mark) -> tuple[Channel, ...]:
    """The channels of a wish that reach this point; its own where none does."""
    channel = mark.channel or Channel.ANY
    return tuple(c for c in wish.channels if c in CARRIES.get(channel, ()) and c is not Channel.ANY) or (channel,)


def take_agreed_hours(clauses: Clauses, wishes: Sequence[Wish], marks: Sequence[Mark]) -> list[Wish]:
    """ "Please don't ring in the mornings. From three on, gladly.": other hours for the channels that were refused."""
    agreed = {clauses.words.sentence_of(h.first) for h in clauses.read.hits("preferences.agree")}
    if not agreed:
        return []
    used = {id(m) for w in wishes for m in w.marks}
    refused = {w.frame.sentence: w for w in wishes if w.refuse and Channel.ANY not in w.channels}
    wanted = {c for w in wishes if not w.refuse for c in w.channels}
    found = []
    for mark in marks:
        if mark.kind == "window" and mark.sentence in agreed and id(mark) not in used:
            wish = next((refused[s] for s in (mark.sentence, mark.sentence - 1) if s in refused), None)
            if wish is not None and wanted.isdisjoint(wish.channels):
                frame = Frame("want", mark.first, mark.last, mark.sentence, wish.channels)
                found.append(Wish(frame, wish.channels, [mark]))
                wanted.update(wish.channels)
    return found


def find_bare(clauses: Clauses, frames: Sequence[Frame], wishes: Sequence[Wish]) -> list[Wish]:
    """ "Not by phone. E-mail.": a sentence of one channel, beside what else the message says."""
    said = {c for w in wishes for c in w.channels}
    return [
        Wish(f, f.channels, [])
        for f in frames
        if f.kind == "bare" and clauses.fills_sentence(f) and f.channels and not said.intersection(f.channels)
    ]


def lend_points(clauses: Clauses, wishes: Sequence[Wish], marks: Sequence[Mark]) -> list[Wish]:
    """A point in a sentence of its own ("My number is …") belongs to the wish before it, else to the one after; beside
    nothing but the refusal of another point ("Don't use the old number. From today 0131 496 0120.") it is a wish."""
    used = {id(m) for w in wishes for m in w.marks}
    found = []
    for mark in marks:
        if mark.kind != "point" or id(mark) in used or not clauses.offers_point(mark):
            continue
        near = [w for w in wishes if abs(w.frame.sentence - mark.sentence) <= 1]
        takers = [w for w in near if not w.refuse and w.mark("point") is None and suits(w.frame, mark)]
        if takers:
            min(takers, key=lambda w: (w.frame.sentence > mark.sentence, -w.frame.first)).marks.append(mark)
            continue
        others = [w for w in near if w.refuse and w.place and w.place != mark.value.casefold()]
        if others and mark.channel is not None:
            channels = _carried(others[0], mark)
            found.append(Wish(Frame("want", mark.first, mark.last, mark.sentence, channels), channels, [mark]))
    return found
