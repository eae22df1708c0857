"""What a pack's phrases are, and what was found of them in a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from plugin.domain.words import Words

if TYPE_CHECKING:
    from plugin.domain.automaton import Automaton


@dataclass(frozen=True, slots=True)
class Rule:
    """A group of phrases that mean the same. `name` is "topic.rule"; `facts` are its further keys in the file."""

    name: str
    phrases: tuple[str, ...]
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)


class Hit(NamedTuple):
    """A phrase found: tokens `first` to `last` (exclusive) of the text read."""

    rule: Rule
    first: int
    last: int

    def overlaps(self, other: Hit) -> bool:
        return self.first < other.last and other.first < self.last


@dataclass(slots=True)
class Read:
    """A text, read: its words, and every phrase found in it, by rule name."""

    words: Words
    by_rule: dict[str, list[Hit]]
    tables: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Those of the pack that read it."""

    def hits(self, *names: str) -> list[Hit]:
        """Hits of these rules in the order of the text. "topic." (with the dot at its end) names all of a topic."""
        if len(names) == 1 and names[0][-1] != ".":
            return self.by_rule.get(names[0], [])
        found: list[Hit] = []
        for name in names:
            if name.endswith("."):
                for rule, hits in self.by_rule.items():
                    if rule.startswith(name):
                        found += hits
            else:
                found += self.by_rule.get(name, ())
        found.sort(key=_ORDER)
        return found

    def has(self, *names: str) -> bool:
        """Is there a hit of any of these rules?"""
        return any(name in self.by_rule if name[-1] != "." else self.hits(name) for name in names)

    def quote(self, hit: Hit) -> str:
        return self.words.quote(hit.first, hit.last)


_ORDER = attrgetter("first", "last")


@dataclass(frozen=True, slots=True)
class Pack:
    """One language: its compiled rules, and the tables of its files that topics read themselves."""

    lang: str
    name: str
    """The language's name in itself: "Türkçe"."""
    rtl: bool
    automaton: Automaton
    tables: Mapping[str, Mapping[str, object]]
    """By topic ("deadlines"): whatever the file holds beside slots, affix classes and rules."""

    def read(self, text: str) -> Read:
        """Every phrase of the pack in a text."""
        found = self.automaton.read(text)
        found.tables = self.tables
        return found
