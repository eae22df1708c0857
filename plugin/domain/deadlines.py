"""Find when something is due: the window that the words of a promise name, in the account's calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from plugin.domain.calendar import Calendar
from plugin.domain.deadlines_clocks import read_clock
from plugin.domain.deadlines_dates import resolve
from plugin.domain.deadlines_days import read_day
from plugin.domain.deadlines_periods import Said
from plugin.domain.deadlines_spans import read_quantity
from plugin.domain.deadlines_wording import quote, widen
from plugin.domain.deadlines_words import ALL_BARE, Atom, Habits, Piece, Reader, bridge, says_when
from plugin.domain.findings import Window
from plugin.domain.phrases import Pack, Read

MAX_TOKENS = 20_000
"""More words than this in one piece are not read for dates."""

REACH = 8
"""How many other windows away the event of a lead time may stand."""


@dataclass(slots=True)
class _Group:
    """What belongs together: a day, a clock and a part of the day that speak of one moment."""

    atoms: list[Atom] = field(default_factory=list)

    def of(self, kind: str) -> Atom | None:
        return next((a for a in self.atoms if a.kind == kind), None)

    @property
    def first(self) -> int:
        return min(a.first for a in self.atoms)

    @property
    def last(self) -> int:
        return max(a.last for a in self.atoms)


def assumed_window(said_at: datetime, calendar: Calendar, follow_up_hours: int) -> Window:
    """When nobody named a time: the account's default follow-up time in business hours, marked as assumed."""
    end = calendar.add_business_time(said_at, follow_up_hours)
    return Window(end=end, rule="assumed.follow_up", precision="hour", assumed=True)


def find_window(read: Read, first: int, last: int, said_at: datetime, calendar: Calendar, pack: Pack) -> Window | None:
    """The one window that says when: what is dated before what is vague, the surest first, else the earliest said.

    A vague word ("soon") gives a window without an end; no word of time gives None.
    """
    found = find_windows(read, first, last, said_at, calendar, pack)
    if not found:
        return None
    return max(found, key=lambda f: (_sureness(f[0]), -f[1]))[0]


def find_windows(
    read: Read, first: int, last: int, said_at: datetime, calendar: Calendar, pack: Pack
) -> list[tuple[Window, int, int]]:
    """All windows in tokens `first` to `last` (exclusive), in the order of the text, with the tokens that name them.

    `said_at` is aware; the windows are in the calendar's zone. Words about the past, about how long something lasts,
    or about opening hours give none, and neither do dates that do not exist. Where the full stop of an ordinal was
    taken for the end of a sentence ("bis zum 12. | Juni"), the other half is read as well.
    """
    return _find(read, first, last, said_at, calendar, pack.tables)


def _find(
    read: Read, first: int, last: int, said_at: datetime, calendar: Calendar, tables: Mapping[str, Mapping[str, object]]
) -> list[tuple[Window, int, int]]:
    first, last = bridge(read, max(first, 0), min(last, first + MAX_TOKENS, len(read.words.tokens)))
    if not says_when(read, first, last):
        return []
    said = Said(calendar.local(said_at), calendar)
    reader = Reader(read, first, last, _habits(tables, calendar.zone.key))
    groups = _group(reader, _read_atoms(reader))
    found = []
    for index, group in enumerate(groups):
        window = _window_of(reader, groups, index, said)
        if window is not None:
            first, last = widen(reader, group.first, group.last)
            found.append((replace(window, words=quote(reader, first, last)), first, last))
    return found


def find_moment(read: Read, first: int, last: int, told_at: datetime, calendar: Calendar) -> datetime | None:
    """The clock time on the day of a message at which its words say that something happened ("he came at 1:50 pm");
    None where they name none, or one that was still to come."""
    midnight = calendar.local(told_at).replace(hour=0, minute=0, second=0, microsecond=0)
    found = _find(read, first, last, midnight, calendar, read.tables)
    ends = [w.end for w, _, _ in found if w.end is not None and "clock" in w.rule and w.end <= told_at]
    return ends[0] if ends else None


def _habits(tables: Mapping[str, Mapping[str, object]], zone: str) -> Habits:
    table = tables.get("deadlines", {})
    return Habits(
        month_first=zone in _listed(table, "month_first_zones"),
        joined=tuple(_listed(table, "joined_and")),
        glued=frozenset(_listed(table, "glued")),
        bare_hours=frozenset(_listed(table, "bare_hours")) if "bare_hours" in table else ALL_BARE,
    )


def _listed(table: Mapping[str, object], name: str) -> list[str]:
    value = table.get(name)
    return [str(v) for v in value] if isinstance(value, list) else []


def _sureness(window: Window) -> int:
    """How much a window says: nothing, a day, a deadline that is worded as one. A bare "today" comes behind other days:
    it often only sets the scene ("today we cannot, but on Saturday")."""
    if window.end is None:
        return 0
    kind, _, how = window.rule.partition(".")
    if kind in ("within", "lead"):
        return 5 if how else 4
    if window.rule == "today":
        return 2
    return 4 if "by" in window.rule or "clock" in window.rule or "range" in window.rule else 3


# --- from words to groups --------------------------------------------------------------------------------------------


def _read_atoms(reader: Reader) -> list[Atom]:
    """Everything said about time, left to right; where two readings begin alike, the longer one."""
    atoms: list[Atom] = []
    at = reader.first
    while at < reader.last:
        found = _atom(reader, at) if reader.may_start(at) else None
        if found is None:
            at += 1
            continue
        atoms.append(found)
        at = max(found.last, at + 1)
    return atoms


def _atom(reader: Reader, at: int) -> Atom | None:
    readings = [
        r for r in (read_quantity(reader, at), read_day(reader, at), read_clock(reader, at), _plain(reader, at)) if r
    ]
    if not readings:
        return None
    found = max(readings, key=_preference)
    return replace(found, kind="past") if found.kind == "clock" and _opening_hours(reader, found) else found


def _opening_hours(reader: Reader, clock: Atom) -> bool:
    """Is it said when somebody is there, and not when something will be done?"""
    behind = clock.until and any(reader.take(clock.last + step, "opening") for step in range(3))
    return bool(behind) or reader.before(clock.first, 5, "opening")


def _preference(atom: Atom) -> tuple[int, bool]:
    return atom.last, atom.kind != "past"


def _plain(reader: Reader, at: int) -> Atom | None:
    """ "morning", "EOD", "soon"."""
    piece = reader.take(at, "part", "close", "vague", "past_span")
    if piece is None:
        return None
    if piece.kind == "vague" and _inside_other(reader, piece):
        return None
    kind = "past" if piece.kind == "past_span" else piece.kind
    by = reader.back(at, "by") is not None
    found = Atom(kind, at, piece.last, part=piece.value if kind == "part" else "", by=by)
    if kind == "part" and reader.back(at, "past_before", "never"):
        return replace(found, kind="past")
    return found


def _inside_other(reader: Reader, piece: Piece) -> bool:
    """ "plus tard" in "au plus tard" is not vague."""
    around = (reader.back(end, "by", "by_after", "within", "within_after") for end in (piece.last, piece.last + 1))
    return any(other and other.first < piece.first and other.last >= piece.last for other in around)


def _group(reader: Reader, atoms: list[Atom]) -> list[_Group]:
    """Put together what speaks of one moment: within a sentence, one day with one clock and one part of the day."""
    groups: list[_Group] = []
    for atom in atoms:
        if groups and (earlier := _begins_range(reader, groups[-1], atom)):
            groups[-1].atoms[-1] = replace(
                atom, first=earlier.first, by=earlier.by, since=_opened(reader, earlier, atom)
            )
        elif groups and _joins(reader, groups[-1], atom):
            groups[-1].atoms.append(atom)
        else:
            groups.append(_Group([atom]))
    return [g for g in groups if not g.of("past")]


_TOGETHER = frozenset({"day", "clock", "part", "close"})


def _begins_range(reader: Reader, group: _Group, atom: Atom) -> Atom | None:
    """The day before "or", "to", "and", when this atom is the later day of a range."""
    earlier = group.atoms[-1]
    if atom.kind != "day" or earlier.kind != "day" or (earlier.day, atom.day) not in _RANGES:
        return None
    link = reader.take(earlier.last, "to", "or")
    if link is None and reader.back(earlier.first, "between"):
        link = reader.take(earlier.last, "and")
    tied = reader.dash(atom.first) or (reader.back(earlier.first, "between") and reader.and_joined(atom.first))
    linked = reader.skip(link.last) >= atom.first if link else tied and earlier.last == atom.first
    return earlier if linked else None


_RANGES = frozenset(
    {
        ("month_day", "month_day"),
        ("weekday", "weekday"),
        ("date", "date"),
        ("relative", "weekday"),
        ("relative", "relative"),
    }
)


def _opened(reader: Reader, earlier: Atom, later: Atom) -> Atom | None:
    """Only "between" and "from" say when it begins; "Monday or Tuesday" is the later bound."""
    told = reader.back(earlier.first, "between", "from") or reader.after(later.last, "between_after")
    return earlier if told else None


def _joins(reader: Reader, group: _Group, atom: Atom) -> bool:
    kinds = {a.kind for a in group.atoms}
    if (
        len(group.atoms) > 5
        or atom.kind not in _TOGETHER
        or not kinds <= _TOGETHER
        or _parted(reader, group.last, atom.first)
    ):
        return False
    near = atom.first - group.last <= 2
    if atom.kind == "day" and "day" in kinds:
        return reader.skip(group.last) >= atom.first and _one_day(group, atom)
    if atom.kind in kinds:
        return near and atom.kind == "clock" and _same_clock(group.of("clock"), atom)
    return True


def _one_day(group: _Group, atom: Atom) -> bool:
    """ "Tuesday, 8 April" and "Monday next week" name one day in two ways."""
    named = {a.day for a in group.atoms if a.kind == "day"}
    return (atom.day in ("date", "month_day") and named <= {"weekday", "relative"}) or (
        (bool({atom.day, *named} <= {"weekday", "week", "relative", "date"}) and len({atom.day, *named}) == 2)
        or {atom.day, *named} == {"month", "month_day"}
    )


def _same_clock(one: Atom | None, two: Atom) -> bool:
    """ "noon, 12:00": said twice."""
    return bool(one and one.clock and two.clock and one.clock.hour == two.clock.hour and not one.until)


def _parted(reader: Reader, first: int, last: int) -> bool:
    """Does a sentence end, or a semicolon stand, between these tokens?"""
    return any(
        reader.broken(t) or reader.words.pauses[t] in (";", "؛") for t in range(first, min(last + 1, reader.last))
    )


# --- from groups to windows ------------------------------------------------------------------------------------------


def _window_of(reader: Reader, groups: list[_Group], index: int, said: Said) -> Window | None:
    group = groups[index]
    quantity = group.of("quantity")
    if quantity and quantity.lead:
        anchor = _anchor(reader, groups, index)
        if anchor is None:
            return None if _means_past(reader, quantity) else Window(rule="lead")
        return resolve(anchor.atoms, said, quantity)
    if group.of("vague"):
        return Window(rule="vague")
    return resolve(group.atoms, said)


def _means_past(reader: Reader, quantity: Atom) -> bool:
    """In some languages "before" without an event means "ago"."""
    word = reader.back(quantity.last, "before_event")
    return bool(word and word.facts.get("alone") == "ago")


def _anchor(reader: Reader, groups: list[_Group], index: int) -> _Group | None:
    """The moment a lead time counts back from: the nearest dated group, the one that follows first."""
    for group in (*groups[index + 1 : index + REACH], *groups[max(0, index - REACH) : index][::-1]):
        if (group.of("clock") or group.of("day")) and not group.of("quantity"):
            return group
    return None
