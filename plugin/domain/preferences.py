"""Find how, where, when and in which language a customer wants, or does not want, to be contacted."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from plugin.domain.clauses import Clauses, Frame, Mark, find_frames, find_marks
from plugin.domain.contact_hours import weekly_hours
from plugin.domain.faults import find_blocked
from plugin.domain.findings import Evidence, Preference, key_of
from plugin.domain.leaning import Lists, drop_unended, find_exceptions
from plugin.domain.phrases import Pack, Read
from plugin.domain.points import same_point
from plugin.domain.precedence import current
from plugin.domain.side_wishes import SideWishes, split_contrasts
from plugin.domain.sounding import Mentions, Sound, ways_named
from plugin.domain.ticket import Channel, Message, Person, Role

__all__ = ["current", "find_blocked", "find_preferences", "label_message"]

_CUES = ("preferences.want", "preferences.refuse", "preferences.resume", "preferences.generic")

_REACH = {"point": 9, "window": 14, "medium": 7, "purpose": 12, "language": 12, "label": 4, "address": 8}
"""How far from its frame something may stand, in words; a comma counts 4, the start of a new clause 6."""

_REACH_OF_GENERIC = {"point": 7, "window": 4, "medium": 4, "language": 7}
"""The same for a request that names no channel, which nothing but these makes a preference."""

_REACH_OF_SENTENCE = 40
"""For frames that point back at what their sentence names: "my e-mail is …, so write there"."""

_REACH_OF_REFUSAL = 5
"""A refused window must stand with its refusal: "I work until 5, don't call" refuses every call. So must any window on
the unusual side: "I can't talk at work, text instead" names no time to text."""

_CARRIES = {
    Channel.CALL: frozenset({Channel.CALL, Channel.SMS, Channel.DM, Channel.ANY}),
    Channel.EMAIL: frozenset({Channel.EMAIL, Channel.ANY, Channel.SMS, Channel.DM}),
    Channel.DM: frozenset({Channel.DM}),
    Channel.LETTER: frozenset({Channel.LETTER, Channel.VISIT, Channel.ANY}),
}
"""Which wishes a point of a kind can belong to: a number is no place to send an e-mail."""


_PLACES = ("point", "address", "label")
"""Marks that say where, the surest first."""


@dataclass(slots=True)
class _Wish:
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
        return next((m.value.casefold() for kind in _PLACES if (m := self.mark(kind)) is not None), "")


def find_preferences(
    read: Read, message: Message, person: Person | None, pack: Pack, region: str = ""
) -> list[Preference]:
    """Every contact preference a customer states in one message, in the order of its words.

    `read` is the pack's reading of the writer's own words (same length as `message.text`), `person` the customer (for
    "my mobile": the profile's number of that label), `region` the account's. Messages of others state none.
    """
    if message.role is not Role.CUSTOMER:
        return []
    read = drop_unended(read)
    if not read.has(*_CUES) and not ways_named(read):
        return []
    clauses = Clauses(read, pack)
    wishes = _find_wishes(clauses, message, person, pack, region)
    found = [p for wish in wishes for p in _preferences_of(wish, clauses, message, person, pack)]
    return _without_repeats(found)


def label_message(read: Read, message: Message, person: Person | None, pack: Pack, region: str = "") -> str:
    """ "P" a preference is stated, "G" contact is asked for and nothing said about how, "N" neither."""
    if find_preferences(read, message, person, pack, region):
        return "P"
    if message.role is not Role.CUSTOMER or not read.has("preferences.generic"):
        return "N"
    frames = find_frames(Clauses(drop_unended(read), pack))
    return "G" if any(f.kind == "generic" and f.facts.get("alone") != "N" for f in frames) else "N"


# --- from frames to wishes -------------------------------------------------------------------------------------------


def _find_wishes(clauses: Clauses, message: Message, person: Person | None, pack: Pack, region: str) -> list[_Wish]:
    lists, sound = Lists(clauses), Sound(clauses, pack)
    mentions = Mentions(clauses, lists)
    frames = split_contrasts(lists.join(find_frames(clauses)), mentions)
    dead = find_blocked(clauses.read, message, person, pack, region)
    marks = [m for m in find_marks(clauses, region) if not any(same_point(m.value, b.point, region) for b in dead)]
    excepted = find_exceptions(clauses, marks)
    taken_out = {id(m) for m in excepted.values()}
    marks = [m for m in marks if id(m) not in taken_out]
    asking = [f for f in frames if f.kind not in ("other", "bare")]
    given = _share_out(clauses, asking, marks)
    _point_back(given, marks)
    kept = [f for f in asking if not _waits(f) or _lifted(f, given[f])]
    if len(kept) < len(asking):
        asking, given = kept, _share_out(clauses, kept, marks)  # what an empty request held is free for the others
        _point_back(given, marks)
    wishes = [w for f in asking if (w := _wish_of(clauses, lists, f, given[f])) is not None]
    wishes = [w for w in wishes if w.frame.kind == "generic" or not sound.doubts(w.frame.sentence)]
    wishes += _exceptions(wishes, excepted)
    left = sound.overlooked((w.frame.sentence for w in wishes), frames)
    side = SideWishes(clauses, sound, mentions)
    asked = {f.sentence for f in frames if f.kind == "generic"}
    wishes += _heard(clauses, lists, mentions, side, left, marks, asked)
    wishes += _beside(mentions, wishes, frames, marks)
    wishes += _in_other_clauses(clauses, lists, side, wishes, frames, marks)
    wishes += _on_other_points(side, wishes, marks)
    wishes = _without_reasons(_fold_languages(clauses, wishes))
    if wishes:
        wishes += _bare_wishes(clauses, frames, wishes)
        _lend_points(clauses, wishes, marks)
    return sorted(wishes, key=lambda w: w.frame.first)


def _heard(
    clauses: Clauses,
    lists: Lists,
    mentions: Mentions,
    side: SideWishes,
    left: Iterable[tuple[int, str]],
    marks: Sequence[Mark],
    asking: Container[int],
) -> list[_Wish]:
    """Wishes of sentences that sound like one, although no phrase in them came to one. Those `asking` for contact, and
    saying nothing about how, are none."""
    frames = [f for sentence, kind in left for f in side.apart(sentence) or mentions.frames(sentence, kind)]
    given = _share_out(clauses, frames, marks)
    wishes = [_Wish(f, _channels_of(clauses, lists, f, given[f]), given[f]) for f in frames]
    return [w for w in wishes if w.frame.sentence not in asking or not _says_nothing(w)]


def _in_other_clauses(
    clauses: Clauses,
    lists: Lists,
    side: SideWishes,
    wishes: Sequence[_Wish],
    frames: Sequence[Frame],
    marks: Sequence[Mark],
) -> list[_Wish]:
    """What the other clauses of a wish's sentence wish for by ways that are not spoken of yet."""
    used = {id(m) for w in wishes for m in w.marks}
    free = [m for m in marks if id(m) not in used]
    taken = [f for f in frames if f.kind not in ("bare", "generic")] + [w.frame for w in wishes]
    heard = side.beside(sorted({w.frame.sentence for w in wishes}), taken)
    given = _share_out(clauses, heard, free)
    found = [_Wish(f, _channels_of(clauses, lists, f, given[f]), given[f]) for f in heard]
    return _new([w for w in found if not _says_nothing(w)], wishes)


def _new(found: Iterable[_Wish], wishes: Iterable[_Wish]) -> list[_Wish]:
    """Those that speak of a channel of which the others do not, or of another point."""
    places: dict[Channel, set[str]] = {}
    for wish in wishes:
        for channel in wish.channels:
            places.setdefault(channel, set()).add(wish.place)
    return [w for w in found if all(c not in places or (w.place and w.place not in places[c]) for c in w.channels)]


def _on_other_points(side: SideWishes, wishes: Sequence[_Wish], marks: Sequence[Mark]) -> list[_Wish]:
    """ "You can reach me on 0131 496 0120 or at a@b.example": one wish more for each point more."""
    holders = {id(m): w for w in wishes for m in w.marks}
    tied = side.more_points(marks)
    found = []
    for mark in marks:
        before = holders.get(id(tied[id(mark)])) if id(mark) in tied and id(mark) not in holders else None
        if before is not None and mark.channel is not None:
            same = any(c in _CARRIES[mark.channel] for c in before.channels)
            channels = before.channels if same else (mark.channel,)
            frame = Frame(before.frame.kind, mark.first, mark.last, mark.sentence, channels)
            found.append(_Wish(frame, channels, [mark]))
            holders[id(mark)] = found[-1]
    return found


def _beside(mentions: Mentions, wishes: Sequence[_Wish], frames: Sequence[Frame], marks: Sequence[Mark]) -> list[_Wish]:
    """ "Let's chat, not by phone" and "don't ring, text": other channels in the sentence of a wish."""
    wanted = {w.frame.sentence for w in wishes if not w.refuse}
    refused = {w.frame.sentence for w in wishes if w.refuse} - wanted
    asking = [*frames, *(w.frame for w in wishes)]
    found = [f for sentence in sorted(wanted) for f in mentions.refused_beside(sentence, asking)]
    found += [f for sentence in sorted(refused) for f in mentions.wanted_beside(sentence, asking)]
    named: dict[int, list[Mark]] = {}
    for mark in marks:
        named.setdefault(mark.first, []).append(mark)
    beside = [_Wish(f, f.channels, [m for t in range(f.first, f.last) for m in named.get(t, [])]) for f in found]
    return _new(beside, wishes)


def _share_out(clauses: Clauses, frames: Sequence[Frame], marks: Sequence[Mark]) -> dict[Frame, list[Mark]]:
    """Each mark goes to the nearest frame of its sentence that can use it; each frame keeps the nearest of a kind."""
    given: dict[Frame, list[tuple[int, Mark]]] = {f: [] for f in frames}
    for mark in marks:
        near = [(clauses.distance(f, mark), f) for f in frames if f.sentence == mark.sentence and _suits(f, mark)]
        near = [(cost, f) for cost, f in near if cost <= _reach(f, mark, clauses.marks_before)]
        if near:
            cost, frame = min(near, key=lambda pair: pair[0])
            given[frame].append((cost, mark))
    return {f: _nearest_of_a_kind(found) for f, found in given.items()}


def _point_back(given: Mapping[Frame, list[Mark]], marks: Sequence[Mark]) -> None:
    """ "My cell is … . Reach me there": what speaks of a point and has none in its sentence means the last one of the
    sentence before."""
    used = {id(m) for found in given.values() for m in found}
    for frame, found in given.items():
        if _waits(frame) and frame.facts.get("reach") == "sentence" and not _lifted(frame, found):
            before = [m for m in marks if m.kind == "point" and m.sentence == frame.sentence - 1 and id(m) not in used]
            found += [m for m in before[-1:] if _suits(frame, m)]


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


def _suits(frame: Frame, mark: Mark) -> bool:
    if mark.kind == "purpose" and frame.kind == "generic" and frame.first < mark.last and mark.first < frame.last:
        return False
    if mark.kind == "window" and mark.lead and frame.kind == "refuse":
        return False
    if mark.toll_free and "needs" in frame.facts:
        return False
    if mark.kind in ("point", "address", "label") and mark.channel is not None:
        return not frame.channels or any(c in _CARRIES.get(mark.channel, ()) for c in frame.channels)
    return True


def _wish_of(clauses: Clauses, lists: Lists, frame: Frame, marks: list[Mark]) -> _Wish | None:
    """What a frame asks for with these marks; None where that is no preference."""
    if _waits(frame) and not _lifted(frame, marks):
        return None
    channels = _channels_of(clauses, lists, frame, marks)
    wish = _Wish(frame, channels, marks)
    return None if _says_nothing(wish) else wish


def _says_nothing(wish: _Wish) -> bool:
    """Contact is wanted, and neither how nor where nor when."""
    return (
        wish.channels == (Channel.ANY,) and not wish.refuse and all(m.kind not in _SAYS_SOMETHING for m in wish.marks)
    )


_SAYS_SOMETHING = frozenset({"point", "label", "window", "language", "address", "medium"})


def _waits(frame: Frame) -> bool:
    """Is it a preference only with something beside it?"""
    return frame.kind == "generic" or "needs" in frame.facts


def _lifted(frame: Frame, marks: Sequence[Mark]) -> bool:
    needs = frame.facts.get("needs", "medium,point,window,language").split(",")
    kinds = {"point" if m.kind in ("label", "address") else m.kind for m in marks}
    return not kinds.isdisjoint(needs)


def _channels_of(clauses: Clauses, lists: Lists, frame: Frame, marks: Sequence[Mark]) -> tuple[Channel, ...]:
    """The frame's own channels, unless what stands beside it knows better ("text me on WhatsApp", "message me at
    a@b.example")."""
    stronger = clauses.overriding_channel(frame)
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


def _exceptions(wishes: Sequence[_Wish], excepted: Mapping[int, Mark]) -> list[_Wish]:
    """ "Call me in the evening but never before six": hours that are refused by the channels of the wish before."""
    found = []
    for first, mark in excepted.items():
        before = [w for w in wishes if w.frame.sentence == mark.sentence and w.frame.last <= first and not w.refuse]
        if before:
            frame = Frame("refuse", first, mark.last, mark.sentence, before[-1].channels)
            found.append(_Wish(frame, before[-1].channels, [mark]))
    return found


def _fold_languages(clauses: Clauses, wishes: list[_Wish]) -> list[_Wish]:
    """ "Call me. In Spanish, please": a wish that names only a language joins the other wish of its sentence."""
    kept = []
    for wish in wishes:
        others = [w for w in wishes if w is not wish and w.frame.sentence == wish.frame.sentence and not w.refuse]
        language = wish.mark("language")
        if wish.channels == (Channel.ANY,) and not wish.refuse and language is not None and others:
            for other in others:
                if other.mark("language") is None:
                    other.marks.append(language)
        else:
            kept.append(wish)
    return kept


def _without_reasons(wishes: list[_Wish]) -> list[_Wish]:
    """ "Calls are no use to me, so text": what the pack marks as a reason is a refusal only where nothing else is
    wished."""
    stated = [w for w in wishes if "reason" not in w.frame.facts]
    return stated or wishes


def _bare_wishes(clauses: Clauses, frames: Sequence[Frame], wishes: Sequence[_Wish]) -> list[_Wish]:
    """ "Not by phone. E-mail.": a sentence of one channel, beside what else the message says."""
    said = {c for w in wishes for c in w.channels}
    return [
        _Wish(f, f.channels, [])
        for f in frames
        if f.kind == "bare" and clauses.fills_sentence(f) and f.channels and not said.intersection(f.channels)
    ]


def _lend_points(clauses: Clauses, wishes: Sequence[_Wish], marks: Sequence[Mark]) -> None:
    """A point in a sentence of its own ("My number is …") belongs to the wish before it, else to the one after."""
    used = {id(m) for w in wishes for m in w.marks}
    for mark in marks:
        if mark.kind != "point" or id(mark) in used or not clauses.offers_point(mark):
            continue
        takers = [w for w in wishes if not w.refuse and w.mark("point") is None and _suits(w.frame, mark)]
        takers = [w for w in takers if abs(w.frame.sentence - mark.sentence) <= 1]
        if takers:
            min(takers, key=lambda w: (w.frame.sentence > mark.sentence, -w.frame.first)).marks.append(mark)


# --- from wishes to preferences --------------------------------------------------------------------------------------


def _preferences_of(
    wish: _Wish, clauses: Clauses, message: Message, person: Person | None, pack: Pack
) -> list[Preference]:
    evidence = _evidence(wish, clauses, message)
    window, purpose, language = wish.mark("window"), wish.mark("purpose"), wish.mark("language")
    first = Preference(
        key="",
        channel=Channel.ANY,
        refuse=wish.refuse,
        evidence=evidence,
        said_at=message.at,
        window=clauses.words.quote(window.first, window.last) if window else "",
        within=weekly_hours(clauses.read, window.first, window.last) if window else "",
        lang=language.value if language else "",
        purpose=clauses.words.quote(purpose.first, purpose.last) if purpose else "",
        lifts=wish.frame.kind == "resume",
        said_in=pack.lang,
    )
    return [_on_channel(first, channel, wish, person) for channel in wish.channels]


def _on_channel(first: Preference, channel: Channel, wish: _Wish, person: Person | None) -> Preference:
    point = _point_for(channel, wish, person)
    key = key_of(first.evidence.message_id, channel, str(first.refuse), point, first.evidence.quote)
    return replace(first, key=key, channel=channel, point=point)


def _point_for(channel: Channel, wish: _Wish, person: Person | None) -> str:
    for kind in _PLACES:
        mark = wish.mark(kind)
        if mark is not None and mark.channel is not None and channel in _CARRIES.get(mark.channel, ()):
            return _of_profile(mark, person) if kind == "label" else mark.value
    return ""


def _of_profile(mark: Mark, person: Person | None) -> str:
    """ "My mobile" is the profile's mobile when it has exactly one; else the customer's words."""
    points = person.points if person is not None and mark.label else ()
    same = {p.value for p in points if p.label.lower() == mark.label and (p.channel is Channel.EMAIL) == mark.is_mail}
    return same.pop() if len(same) == 1 else mark.value


def _evidence(wish: _Wish, clauses: Clauses, message: Message) -> Evidence:
    """The frame, and what belongs to it without a comma's distance."""
    first, last = wish.frame.first, wish.frame.last
    for mark in wish.marks:
        near = mark.sentence == wish.frame.sentence and clauses.distance(wish.frame, mark) <= 6
        if near and mark.kind not in ("purpose", "language"):
            first, last = min(first, mark.first), max(last, mark.last)
    start, end = clauses.words.span(first, last)
    text = message.text if len(message.text) == len(clauses.words.text) else clauses.words.text
    return Evidence(message.id, text[start:end], start)


def _without_repeats(found: list[Preference]) -> list[Preference]:
    """One of each: the same wish said twice in a message is one wish, and the fuller one is kept."""
    kept: list[Preference] = []
    for new in found:
        twin = next((old for old in kept if _same_wish(old, new)), None)
        if twin is None:
            kept.append(new)
        elif not twin.point and new.point:
            kept[kept.index(twin)] = new
    return kept


def _same_wish(a: Preference, b: Preference) -> bool:
    if (a.channel, a.refuse) != (b.channel, b.refuse):
        return False
    return (not a.point or not b.point or a.point == b.point) and (not a.window or not b.window or a.window == b.window)
