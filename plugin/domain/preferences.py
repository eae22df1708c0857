"""Find how, where, when and in which language a customer wants, or does not want, to be contacted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from plugin.domain.addresses import end_addresses, own_handles
from plugin.domain.beside import (
    find_bare,
    find_beside,
    hear_clauses,
    hear_sentences,
    lend_points,
    refuse_points,
    share_points,
    take_agreed_hours,
    take_more_points,
    take_out_hours,
)
from plugin.domain.clauses import Clauses, Frame, Mark, find_frames, find_marks
from plugin.domain.contact_hours import weekly_hours
from plugin.domain.faults import find_blocked
from plugin.domain.findings import Evidence, Preference, key_of
from plugin.domain.leaning import Lists, drop_unended, find_exceptions
from plugin.domain.phrases import Pack, Read
from plugin.domain.points import same_point
from plugin.domain.precedence import current
from plugin.domain.repeated import repeated_tokens
from plugin.domain.side_wishes import SideWishes, lead_in, split_contrasts
from plugin.domain.sounding import Mentions, Sound, ways_named
from plugin.domain.ticket import Channel, Message, Person, Role
from plugin.domain.wishes import (
    PLACES,
    Wish,
    channels_of,
    lifted,
    point_back,
    says_nothing,
    share_out,
    suits,
    waits,
)

__all__ = ["current", "find_blocked", "find_preferences", "label_message"]

_CUES = ("preferences.want", "preferences.refuse", "preferences.resume", "preferences.generic")


def find_preferences(
    read: Read, message: Message, person: Person | None, pack: Pack, region: str = ""
) -> list[Preference]:
    """Every contact preference a customer states in one message, in the order of its words.

    `read` is the pack's reading of the writer's own words (same length as `message.text`), `person` the customer (for
    "my mobile": the profile's number of that label), `region` the account's. Messages of others state none.
    """
    if message.role is not Role.CUSTOMER:
        return []
    read = _drop_parted(drop_unended(read))
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
    frames = find_frames(Clauses(_drop_parted(drop_unended(read)), pack))
    return "G" if any(f.kind == "generic" and f.facts.get("alone") != "N" for f in frames) else "N"


def _drop_parted(read: Read) -> Read:
    """The reading without phrases that may not reach over a comma (comma = "no") and do."""
    names = [n for n in _CUES if any(h.rule.facts.get("comma") == "no" for h in read.hits(n))]
    pauses = read.words.pauses
    kept = {
        n: [
            h
            for h in read.hits(n)
            if h.rule.facts.get("comma") != "no" or not any(pauses[t] for t in range(h.first + 1, h.last))
        ]
        for n in names
    }
    return Read(read.words, {n: hits for n, hits in (read.by_rule | kept).items() if hits}) if names else read


# --- from frames to wishes -------------------------------------------------------------------------------------------


def _find_wishes(clauses: Clauses, message: Message, person: Person | None, pack: Pack, region: str) -> list[Wish]:
    lists, sound = Lists(clauses), Sound(clauses, pack)
    mentions = Mentions(clauses, lists)
    repeated = repeated_tokens(clauses.words)
    frames = [f for f in find_frames(clauses) if not repeated.issuperset(range(f.first, f.last))]
    frames = split_contrasts(lead_in(lists.join(frames), mentions), mentions)
    dead = find_blocked(clauses.read, message, person, pack, region)
    marks = [m for m in find_marks(clauses, region) if not any(same_point(m.value, b.point, region) for b in dead)]
    marks = sorted([*end_addresses(clauses, marks, frames), *own_handles(clauses, marks)], key=lambda m: m.first)
    excepted = find_exceptions(clauses, marks)
    taken_out = {id(m) for m in excepted.values()}
    marks = [m for m in marks if id(m) not in taken_out]
    refused = _refused_of_two(mentions, marks)
    asking = [f for f in frames if f.kind not in ("other", "bare")]
    given = share_out(clauses, asking, marks, refused)
    point_back(given, marks)
    kept = [f for f in asking if not waits(f) or lifted(f, given[f])]
    if len(kept) < len(asking):
        asking, given = (
            kept,
            share_out(clauses, kept, marks, refused),
        )  # what an empty request held is free for the others
        point_back(given, marks)
    wishes = [w for f in asking if (w := _wish_of(clauses, lists, f, given[f])) is not None]
    wishes = [w for w in wishes if w.frame.kind == "generic" or not sound.doubts(w.frame.sentence)]
    wishes += take_out_hours(wishes, excepted)
    told = {clauses.words.sentence_of(t) for t in repeated}
    left = sound.overlooked((*(w.frame.sentence for w in wishes), *told), frames)
    side = SideWishes(clauses, sound, mentions)
    asked = {f.sentence for f in frames if f.kind == "generic"}
    wishes += hear_sentences(clauses, lists, mentions, side, left, marks, asked)
    wishes += find_beside(mentions, wishes, frames, marks)
    wishes += hear_clauses(clauses, lists, side, wishes, frames, marks)
    wishes += take_more_points(side, wishes, marks)
    share_points(side, wishes)
    wishes += refuse_points(wishes, refused)
    wishes += take_agreed_hours(clauses, wishes, marks)
    wishes = _without_reasons(_fold_languages(clauses, wishes))
    if wishes:
        wishes += find_bare(clauses, frames, wishes)
        wishes += lend_points(clauses, wishes, marks)
    return sorted(wishes, key=lambda w: w.frame.first)


def _refused_of_two(mentions: Mentions, marks: Sequence[Mark]) -> list[Mark]:
    """Points and names of telephones beside a "not", in sentences that name two of them or more."""
    places = [m for m in marks if m.kind in PLACES]
    many = {s for s, number in Counter(m.sentence for m in places).items() if number > 1}
    return [m for m in places if m.sentence in many and mentions.refuses(m)] if many else []


def _wish_of(clauses: Clauses, lists: Lists, frame: Frame, marks: list[Mark]) -> Wish | None:
    """What a frame asks for with these marks; None where that is no preference."""
    if waits(frame) and not lifted(frame, marks):
        return None
    channels = channels_of(clauses, lists, frame, marks)
    wish = Wish(frame, channels, marks)
    return None if says_nothing(wish) else wish


def _fold_languages(clauses: Clauses, wishes: list[Wish]) -> list[Wish]:
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


def _without_reasons(wishes: list[Wish]) -> list[Wish]:
    """ "Calls are no use to me, so text": what the pack marks as a reason is a refusal only where nothing else is
    wished."""
    stated = [w for w in wishes if "reason" not in w.frame.facts]
    return stated or wishes


# --- from wishes to preferences --------------------------------------------------------------------------------------


def _preferences_of(
    wish: Wish, clauses: Clauses, message: Message, person: Person | None, pack: Pack
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


def _on_channel(first: Preference, channel: Channel, wish: Wish, person: Person | None) -> Preference:
    point = _point_for(channel, wish, person)
    key = key_of(first.evidence.message_id, channel, str(first.refuse), point, first.evidence.quote)
    return replace(first, key=key, channel=channel, point=point)


def _point_for(channel: Channel, wish: Wish, person: Person | None) -> str:
    for kind in PLACES:
        mark = wish.mark(kind)
        if mark is not None and suits(replace(wish.frame, channels=(channel,)), mark):
            return _of_profile(mark, person) if kind == "label" else mark.value
    return ""


def _of_profile(mark: Mark, person: Person | None) -> str:
    """ "My mobile" is the profile's mobile when it has exactly one; else the customer's words."""
    points = person.points if person is not None and mark.label else ()
    same = {p.value for p in points if p.label.lower() == mark.label and (p.channel is Channel.EMAIL) == mark.is_mail}
    return same.pop() if len(same) == 1 else mark.value


def _evidence(wish: Wish, clauses: Clauses, message: Message) -> Evidence:
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
