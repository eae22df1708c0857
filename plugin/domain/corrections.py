"""What a person said about a finding counts more than what we found: put it over the findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

from plugin.domain.card import Item, list_items
from plugin.domain.findings import (
    UNSURE,
    Adherence,
    BlockedPoint,
    Cause,
    Commitment,
    Evidence,
    Findings,
    State,
    key_of,
)
from plugin.domain.second_look import is_vetoed
from plugin.domain.words import fold

CONFIRM, CORRECT, DISMISS = "confirm", "correct", "dismiss"

ACTS = (CONFIRM, CORRECT, DISMISS)
"""What can be said about a finding: it is right, it is something else, it is none."""

SAID_SO = "an agent said so"
"""Why a promise changed its state when a person changed it; such steps are made anew from what stands said."""


class Said(Protocol):
    """`ports.Correction`, as far as it is needed here."""

    @property
    def ticket_id(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def act(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def made_at(self) -> datetime | None: ...


S = TypeVar("S", bound=Said)


@dataclass(frozen=True, slots=True)
class Target:
    """What a correction is about: a topic, the finding's stable name in it, and the words that prove it. The name holds
    nobody's words and no telephone number: it is stored in plain."""

    topic: str
    key: str
    words: str = ""


def target_of(item: Item) -> Target | None:
    """What is meant by a line of the card; None for lines that nobody can dispute (a language without a pack)."""
    words = item.quotes[0].quote if item.quotes else ""
    kind, _, rest = item.key.partition(":")
    if item.topic == "preferences":
        key = item.key if kind == "breach" else rest.rpartition(":")[2]
        return Target(item.topic, _blocked_key(item.quotes[0]) if kind == "blocked" else key, words)
    if item.topic in ("commitments", "causes", "effort", "flags"):
        return Target(item.topic, rest.partition(":")[0], words)
    return None


def list_everything(findings: Findings, owners: Mapping[str, str], names: Mapping[str, str]) -> tuple[Item, ...]:
    """All lines of the card, and after them the small promises that it leaves out (C16)."""
    small = tuple(replace(c, small=False) for c in findings.commitments if c.small)
    only_small = Findings(findings.ticket_id, findings.as_of, commitments=small)
    return list_items(findings, owners, names) + list_items(only_small, owners, names)


def targets(findings: Findings) -> list[Target]:
    """All that can be disputed in these findings, each once."""
    found = [target_of(item) for item in list_everything(findings, {}, {})]
    aside = [Target("commitments", c.key, c.evidence.quote) for c in findings.commitments if is_vetoed(c)]
    return list(dict.fromkeys(target for target in [*found, *aside] if target))


def is_about(correction: Said, target: Target) -> bool:
    """Was this said about that finding? A ticket has one root cause, whatever it was taken for at the time."""
    if correction.topic != target.topic:
        return False
    return correction.topic == "causes" or correction.key == target.key


def last_words(corrections: Sequence[S]) -> list[S]:
    """Of all that stands said about one ticket the last word on each finding, oldest first."""
    last = {(c.topic, "" if c.topic == "causes" else c.key): c for c in corrections}
    return [c for c in corrections if c in last.values()]


def apply(findings: Findings, corrections: Sequence[Said], owner_of: Callable[[str], str]) -> Findings:
    """The findings with what people said put over them. `corrections` are those of this ticket and those about the same
    words on other tickets, each oldest first; `owner_of` names the team of a cause. Applying twice changes nothing."""
    heard = _Heard(
        [c for c in corrections if c.ticket_id == findings.ticket_id],
        [c for c in corrections if c.ticket_id != findings.ticket_id],
    )
    return replace(
        findings,
        cause=_cause(findings.cause, heard, owner_of),
        contributing=tuple(c for c in findings.contributing if not heard.dismissed("causes", c.key, c.evidence[:1])),
        commitments=tuple(_promise(c, heard, findings.as_of) for c in findings.commitments),
        preferences=tuple(p for p in findings.preferences if not heard.dismissed("preferences", p.key, (p.evidence,))),
        blocked=tuple(b for b in findings.blocked if not _is_dismissed(b, heard)),
        reports=tuple(r for r in findings.reports if r.works or not _is_dismissed(r.point, heard)),
        adherence=tuple(_contact(a, heard) for a in findings.adherence),
        effort=tuple(s for s in findings.effort if not heard.dismissed("effort", s.kind, s.evidence[:1])),
        flags=tuple(f for f in findings.flags if not heard.dismissed("flags", f.key, f.evidence[:1])),
    )


class _Heard:
    """What was said, to be asked finding by finding: this ticket's own word first, then that about the same words."""

    def __init__(self, own: Sequence[Said], others: Sequence[Said]) -> None:
        self.own, self.others = own, others

    def word(self, topic: str, key: str, proof: Iterable[Evidence]) -> Said | None:
        mine = [c for c in self.own if (c.topic, c.key) == (topic, key)]
        return mine[-1] if mine else self.elsewhere(topic, key, proof)

    def elsewhere(self, topic: str, key: str, proof: Iterable[Evidence]) -> Said | None:
        """Names of promises, wishes and contacts belong to one ticket: there the words alone tell."""
        by_name = topic in ("causes", "effort", "flags")
        words = {plain(e.quote) for e in proof} - {""}
        here = [] if by_name else [c for c in self.own if c.act == DISMISS]  # the same words, said again in this ticket
        alike = [c for c in (*self.others, *here) if c.topic == topic and plain(c.words) in words]
        alike = [c for c in alike if c.key == key or not by_name]
        return alike[-1] if alike else None

    def dismissed(self, topic: str, key: str, proof: Iterable[Evidence]) -> bool:
        word = self.word(topic, key, proof)
        return word is not None and word.act == DISMISS


def plain(words: str) -> str:
    """Words as they are compared: folded, with single spaces."""
    return " ".join(fold(words).split())


def _cause(found: Cause, heard: _Heard, owner_of: Callable[[str], str]) -> Cause:
    """The last word about this ticket's cause stands, even when a later look finds another one."""
    own = [c for c in heard.own if c.topic == "causes"]
    word = own[-1] if own else heard.elsewhere("causes", found.key, found.evidence[:1])
    if word is None:
        return found
    if word.act == DISMISS:
        return UNSURE if found.key == word.key else found
    key = word.value if word.act == CORRECT else word.key
    return Cause(key, owner_of(key), "sure", found.evidence, found.weight)


def _promise(promise: Commitment, heard: _Heard, now: datetime) -> Commitment:
    word = heard.word("commitments", promise.key, (promise.evidence,))
    if word is None or word.act == CONFIRM or (word.act == CORRECT and word not in heard.own):
        return promise
    state = State.DISMISSED if word.act == DISMISS else State(word.value)
    if promise.state is state:
        return promise
    return promise.now_is(state, max(word.made_at or now, promise.said_at), SAID_SO)


def _blocked_key(evidence: Evidence) -> str:
    return key_of("blocked", evidence.message_id, str(evidence.start))


def _is_dismissed(blocked: BlockedPoint, heard: _Heard) -> bool:
    return heard.dismissed("preferences", _blocked_key(blocked.evidence), (blocked.evidence,))


def _contact(contact: Adherence, heard: _Heard) -> Adherence:
    """A disputed breach is neither followed nor breached: it counts as unknown."""
    if contact.verdict != "breached":
        return contact
    key = f"breach:{contact.message_id}:{contact.why}"
    own = [c for c in heard.own if (c.topic, c.key) == ("preferences", key)]
    return replace(contact, verdict="unknown", why="disputed") if own and own[-1].act == DISMISS else contact
