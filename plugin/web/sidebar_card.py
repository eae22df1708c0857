"""Choose what the sidebar shows of one ticket: each line with its proof, its countdown and what was said about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from plugin.domain.card import MOST_ITEMS, N_, Item, Text
from plugin.domain.corrections import (
    CONFIRM,
    CORRECT,
    DISMISS,
    Target,
    is_about,
    last_words,
    list_everything,
    target_of,
)
from plugin.domain.findings import Findings, State, key_of
from plugin.domain.taxonomy import Taxonomy
from plugin.ports import Account, Correction
from plugin.rendering import tell_ahead, tell_span
from plugin.work.correct import UNSURE_CAUSE

DONE = Text(N_("It was done"))
"""What a promise can be corrected to: somebody did it where we cannot see it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the sidebar. `choices` are (value, words) of a correction; `said` is the last word on it."""

    name: str
    item: Item
    target: Target | None
    said: Correction | None = None
    told: Text | None = None
    """The last word in words."""
    choices: tuple[tuple[str, Text], ...] = ()
    countdown: Text | None = None
    word: Text | None = None
    """How sure a cause is."""
    asked: bool = False
    """People dismissed promises much like this one: is it one?"""


@dataclass(frozen=True, slots=True)
class Gone:
    """A finding that somebody has disputed: what it was about, what was said, and how to take that back."""

    words: str
    said: Correction
    told: Text


@dataclass(frozen=True, slots=True)
class Shown:
    """The whole card. `owed` counts promises that the customer still waits for; the first lines tell which."""

    lines: tuple[Line, ...]
    more: tuple[Line, ...]
    gone: tuple[Gone, ...]
    owed: int
    read: int
    messages: int
    as_of: datetime

    @property
    def unread(self) -> bool:
        """Could nothing be read at all? Then silence says nothing."""
        return self.messages > 0 and self.read == 0


def show(findings: Findings, said: Sequence[Correction], account: Account, taxonomy: Taxonomy, now: datetime) -> Shown:
    """What the sidebar shows. `findings` have what people said put over them already; `said` is what stands said about
    this very ticket, oldest first."""
    last = last_words([c for c in said if c.ticket_id == findings.ticket_id])
    items = list_everything(findings, taxonomy.owners, taxonomy.names)
    lines = [_line(item, last, account, taxonomy, now) for item in items]
    doubted = {c.key for c in findings.commitments if c.asked}
    lines = [replace(line, asked=_is_doubted(line, doubted)) for line in lines]
    if findings.cause.key == UNSURE_CAUSE.key and findings.spoken:
        lines.append(_unsure(last, taxonomy))
    spoken = findings.spoken
    return Shown(
        lines=tuple(lines[:MOST_ITEMS]),
        more=tuple(lines[MOST_ITEMS:]),
        gone=tuple(_gone(last, lines, taxonomy)),
        owed=sum(c.state.owed and c.due.end is not None for c in findings.commitments),
        read=sum(s.supported for s in spoken),
        messages=len(spoken),
        as_of=findings.as_of,
    )


def name_of(shown: Shown, topic: str, key: str) -> str:
    """The line that tells of this finding now; "" where it is gone. A ticket's one cause is found under any key."""
    for line in (*shown.lines, *shown.more):
        if line.target and line.target.topic == topic and (topic == "causes" or line.target.key == key):
            return line.name
    return ""


def _line(item: Item, last: Sequence[Correction], account: Account, taxonomy: Taxonomy, now: datetime) -> Line:
    target = target_of(item)
    if target is None:
        return Line("language", item, None)
    said = next((c for c in last if is_about(c, target)), None)
    return Line(
        name=f"{target.topic}-{key_of(target.key)}",
        item=item,
        target=target,
        said=said,
        told=tell_said(said, taxonomy) if said else None,
        choices=_choices(target, taxonomy),
        countdown=_countdown(item.due, account.locale, now) if item.due and _is_owed(item) else None,
        word=_sureness(item),
    )


def _is_doubted(line: Line, doubted: Collection[str]) -> bool:
    return line.target is not None and line.target.topic == "commitments" and line.target.key in doubted


def _unsure(last: Sequence[Correction], taxonomy: Taxonomy) -> Line:
    """We say that we do not know, and can be told (A10)."""
    said = next((c for c in last if is_about(c, UNSURE_CAUSE)), None)
    item = Item("causes", "cause:unsure", Text(N_("Root cause: not sure")))
    told = tell_said(said, taxonomy) if said else None
    return Line("causes-unsure", item, UNSURE_CAUSE, said, told, _choices(UNSURE_CAUSE, taxonomy))


def _gone(last: Sequence[Correction], lines: Sequence[Line], taxonomy: Taxonomy) -> Iterator[Gone]:
    shown = {line.said.id for line in lines if line.said}
    for correction in last:
        if correction.id not in shown:
            yield Gone(correction.words, correction, tell_said(correction, taxonomy))


def _choices(target: Target, taxonomy: Taxonomy) -> tuple[tuple[str, Text], ...]:
    """What it can be corrected to, in the order of the taxonomy."""
    if target.topic == "commitments":
        return ((State.KEPT.value, DONE),)
    if target.topic == "causes":
        named = [(key, Text(kind.name)) for key, kind in taxonomy.causes.items() if key != target.key]
        return tuple(named)
    return ()


def tell_said(correction: Correction, taxonomy: Taxonomy) -> Text:
    """What somebody said, as a sentence."""
    if correction.act == CORRECT and correction.topic == "causes":
        name = taxonomy.names.get(correction.value, correction.value)
        return Text(N_("Corrected by an agent: %(cause)s"), {"cause": Text(name)})
    return Text(_SAID.get((correction.topic, correction.act), _SAID["", correction.act]))


_SAID = {
    ("", CONFIRM): N_("Confirmed by an agent"),
    ("", CORRECT): N_("Corrected by an agent"),
    ("", DISMISS): N_("Dismissed by an agent"),
    ("commitments", CORRECT): N_("Done, says an agent"),
    ("commitments", DISMISS): N_("Not a promise, says an agent"),
}


def _is_owed(item: Item) -> bool:
    return State(item.key.split(":")[2]).owed


def _countdown(due: datetime, locale: str, now: datetime) -> Text:
    if due < now:
        return Text(N_("late: %(span)s"), {"span": tell_span(now - due, locale)})
    return Text("%(span)s", {"span": tell_ahead(due - now, locale)})


def _sureness(item: Item) -> Text | None:
    """A likely cause says so in its own sentence."""
    return Text(N_("sure")) if item.topic == "causes" and "likely" not in item.text.msgid else None
