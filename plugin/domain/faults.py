"""Find contact points that are themselves the reported fault: nobody can be reached on a line that is dead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from plugin.domain.clauses import points_of, tokens_of
from plugin.domain.findings import BlockedPoint, Evidence, PointReport
from plugin.domain.phrases import Hit, Pack, Read
from plugin.domain.points import is_landline, same_point
from plugin.domain.ticket import Channel, Message, Person, Role

_REACH = 10
"""Words that may stand between a point and what is wrong with it."""

_REACH_OF_NOUN = 3
"""The same for a noun ("my landline"), which is a point only together with its fault."""

_NEW_CLAUSE = 9
"""What the start of a new clause ("but", "so", a comma) costs, in words."""

_AT_HOME, _ELSEWHERE = frozenset({"home", "landline"}), frozenset({"work", "mobile", "shared"})

_PAUSES = frozenset({",", ";", "،", "؛", "-", "–", "—"})


def find_blocked(
    read: Read, message: Message, person: Person | None, pack: Pack, region: str = ""
) -> list[BlockedPoint]:
    """Points that this message of a customer reports as dead, bouncing or locked (C1), with the words that say so.

    A written number or address goes before a noun ("my landline"); a noun that the profile knows by that label is
    resolved to it. What the same sentence calls working is not blocked.
    """
    if message.role is not Role.CUSTOMER or not read.has("preferences.fault"):
        return []
    points = list(_candidates(read, person, region))
    found = [(fault, _broken_by(read, fault, points)) for fault in read.hits("preferences.fault")]
    told = {p.channel for _, p in found if p is not None and not p.noun}
    blocked: list[BlockedPoint] = []
    for fault, point in found:
        if point is None or (point.noun and point.channel in told):  # "the line" is the number said beside it
            continue
        if not any(same_point(point.value, b.point, region) for b in blocked):
            blocked.append(BlockedPoint(point.channel, point.value, _evidence(read, message, fault, point)))
    return blocked


def _broken_by(read: Read, fault: Hit, points: list[_Candidate]) -> _Candidate | None:
    """The point that this fault has broken, if it has broken one and it still is."""
    if _seems(read, fault.first, fault.last) or _over_by_now(read, fault):
        return None
    point = _nearest(read, fault, points)
    return None if point is None or _only_maybe(read, fault, point) else point


def find_working(
    read: Read, message: Message, person: Person | None, pack: Pack, region: str = ""
) -> list[BlockedPoint]:
    """Points that somebody says work (again), in the same form, so that a block can be lifted."""
    if not read.has("preferences.works"):
        return []
    points = list(_candidates(read, person, region))
    found = []
    for hit in read.hits("preferences.works"):
        near = [(_distance(read, hit, p), p) for p in points if read.words.sentence_of(p.first) == _sentence(read, hit)]
        if near:
            point = min(near, key=lambda pair: pair[0])[1]
            found.append(BlockedPoint(point.channel, point.value, _evidence(read, message, hit, point)))
    return found


def find_reports(
    read: Read, message: Message, person: Person | None, pack: Pack, region: str = ""
) -> list[PointReport]:
    """What a message says of points: those that work (again) first, then those that are dead."""
    working = [PointReport(b, message.at, works=True) for b in find_working(read, message, person, pack, region)]
    dead = find_blocked(read, message, person, pack, region)
    return [*working, *(PointReport(replace(b, at=message.at), message.at) for b in dead)]


def hold_blocked(
    reports: Iterable[PointReport], region: str = "", start: Sequence[BlockedPoint] = ()
) -> tuple[list[BlockedPoint], list[PointReport]]:
    """Points that are dead after all these reports, on whichever ticket they were made, and the reports that changed
    anything: "my mobile works" lifts nothing where no mobile was dead."""
    blocked, telling = list(start), []
    for report in sorted(reports, key=lambda r: r.at):
        before = blocked
        if report.works:
            blocked = [b for b in blocked if not same_point(b.point, report.point.point, region)]
        elif _is_new(report.point, blocked, region):
            blocked = [*blocked, report.point]
        if len(blocked) != len(before):
            telling.append(report)
    return blocked, telling


def _is_new(found: BlockedPoint, known: Sequence[BlockedPoint], region: str) -> bool:
    """ "The home line" said again is no second line beside the number that is known to be dead."""
    if any(same_point(b.point, found.point, region) and b.channel is found.channel for b in known):
        return False
    return any(c.isdigit() for c in found.point) or found.channel not in {b.channel for b in known}


class _Candidate:
    """A point or the noun of one, and where it stands."""

    __slots__ = ("channel", "first", "last", "noun", "value")

    def __init__(self, channel: Channel, value: str, first: int, last: int, *, noun: bool) -> None:
        self.channel, self.value, self.first, self.last, self.noun = channel, value, first, last, noun


def _candidates(read: Read, person: Person | None, region: str) -> Iterator[_Candidate]:
    for point in points_of(read, region):
        if point.channel in (Channel.CALL, Channel.EMAIL):
            first, last = tokens_of(read, point.start, point.end)
            if last > first:
                yield _Candidate(point.channel, point.value, first, last, noun=False)
    for hit in read.hits("preferences.line"):
        if _seems(read, hit.first, hit.last):
            continue
        channel = Channel(hit.rule.facts.get("channel", "other"))
        value = _of_profile(read, hit, person, region) or read.quote(hit)
        yield _Candidate(channel, value, hit.first, hit.last, noun=True)


def _of_profile(read: Read, hit: Hit, person: Person | None, region: str) -> str:
    """ "The home line" is the profile's number of that label, else its only landline; "" where it has none or two."""
    if person is None or not any(hit.overlaps(fixed) for fixed in read.hits("preferences.fixed")):
        return ""
    labelled = {p.value for p in person.points if p.label.lower() in _AT_HOME}
    others = (p.value for p in person.points if p.channel is Channel.CALL and p.label.lower() not in _ELSEWHERE)
    same = labelled or {value for value in others if is_landline(value, region)}
    return same.pop() if len(same) == 1 else ""


def _nearest(read: Read, fault: Hit, points: list[_Candidate]) -> _Candidate | None:
    """The point this fault is about: written out before named, near before far, and not one that works."""
    sentence = _sentence(read, fault)
    kind = fault.rule.facts.get("channel", "")
    best: tuple[bool, int, _Candidate] | None = None
    for point in points:
        if read.words.sentence_of(point.first) != sentence or not _concerns(kind, point):
            continue
        if point.first >= fault.last and _pauses(read, fault.last, point.first):
            continue  # "The heater is broken, 07700 900456": after a pause a point begins something else
        cost = _distance(read, fault, point)
        if cost > (_REACH_OF_NOUN if point.noun else _REACH) or _works(read, point, cost):
            continue
        if best is None or (point.noun, cost) < best[:2]:
            best = (point.noun, cost, point)
    return best[2] if best else None


def _concerns(kind: str, point: _Candidate) -> bool:
    return kind == point.channel.value or (kind == "other" and point.channel is Channel.EMAIL and not point.noun)


def _works(read: Read, point: _Candidate, cost: int) -> bool:
    return any(
        _sentence(read, hit) == read.words.sentence_of(point.first) and _distance(read, hit, point) < max(cost, 1)
        for hit in read.hits("preferences.works")
    )


def _seems(read: Read, first: int, last: int) -> bool:
    """ "The account manager", "full of adverts": a word more, and it is no point and no fault."""
    return any(first < hit.last and hit.first < last for hit in read.hits("preferences.seeming"))


def _only_maybe(read: Read, fault: Hit, point: _Candidate) -> bool:
    """ "If my landline ever goes dead": what may happen has not happened."""
    start = min(fault.first, point.first)
    return any(
        hit.last <= start and _sentence(read, hit) == _sentence(read, fault) and not _pauses(read, hit.last, start)
        for hit in read.hits("preferences.maybe")
    )


def _over_by_now(read: Read, fault: Hit) -> bool:
    """ "It was dead but it is working again": the word that it works again comes later and names no other point."""
    return any(
        "again" in hit.rule.facts and hit.first >= fault.last and _sentence(read, hit) == _sentence(read, fault)
        for hit in read.hits("preferences.works")
    )


def _pauses(read: Read, start: int, end: int) -> int:
    """Pauses before the tokens `start` to `end`, the last one included."""
    return sum(1 for token in range(start, end + 1) if read.words.pauses[token] in _PAUSES)


def _distance(read: Read, hit: Hit, point: _Candidate) -> int:
    if point.first < hit.last and hit.first < point.last:
        return 0
    start, end = (hit.last, point.first) if point.first >= hit.last else (point.last, hit.first)
    joints = sum(1 for j in read.hits("preferences.joint") if start <= j.first < end)
    return end - start + _NEW_CLAUSE * (joints + _pauses(read, start, end))


def _sentence(read: Read, hit: Hit) -> int:
    return read.words.sentence_of(hit.first)


def _evidence(read: Read, message: Message, hit: Hit, point: _Candidate) -> Evidence:
    start, end = read.words.span(min(hit.first, point.first), max(hit.last, point.last))
    text = message.text if len(message.text) == len(read.words.text) else read.words.text
    return Evidence(message.id, text[start:end], start)
