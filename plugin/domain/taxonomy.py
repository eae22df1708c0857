"""What the causes of an account are called, who can remove each, and which part of the journey it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

UNROUTED = "unrouted"
"""The owner of a cause that nobody owns: shown and ageing, never given to somebody by default (B17)."""

NO_FAILURE = "none"
"""The key that says nothing went wrong: thanks, praise, a plain question before buying."""

COMPONENTS = ("pre_sale", "sale", "order", "post_order", "support", "return")
"""The parts of a customer's journey (B19)."""

MOST_CAUSES = 40
"""More than this nobody can tell apart."""

EXAMPLES = 3
"""Examples that a cause should have, and as many of what it is not."""


@dataclass(frozen=True, slots=True)
class CounterExample:
    """Words that sound like a cause and are not of it. `cause` is the key that they are of; "" where none is named."""

    text: str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class CauseKind:
    """One cause of the taxonomy. `critical` tells a touchpoint that decides whether a customer stays from a minor one
    (A13); `outranks` are the causes it beats when both fit about equally well."""

    key: str
    name: str
    definition: str
    family: str
    owner: str
    journey: tuple[str, ...] = ()
    catastrophic: bool = False
    critical: bool = False
    outranks: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Its name in other languages, by code, where the catalogue does not know it."""
    examples: tuple[str, ...] = ()
    counter_examples: tuple[CounterExample, ...] = ()
    phrases: tuple[str, ...] = ()
    """Phrases that name it in this account, in any language, as the language packs write them."""
    unrouted_since: date | None = None
    """Since when nobody owns it; None where somebody does."""

    @property
    def lacks(self) -> tuple[str, ...]:
        """What it should have and has not: "owner", "examples", "counter_examples"."""
        there = {
            "owner": bool(self.owner and self.owner != UNROUTED),
            "examples": len(self.examples) >= EXAMPLES,
            "counter_examples": len(self.counter_examples) >= EXAMPLES,
        }
        return tuple(what for what, is_there in there.items() if not is_there)


@dataclass(frozen=True, slots=True)
class PastCause:
    """A cause that is no longer tagged. `into` is one key where it was merged, two or more where it was split, none
    where it was retired; `rest` is the part that gets what nothing tells apart ("": it stays unsure)."""

    key: str
    name: str
    owner: str
    into: tuple[str, ...] = ()
    rest: str = ""
    at: date | None = None

    @property
    def act(self) -> str:
        """What became of it: merged, split or retired."""
        return ("retired", "merged")[len(self.into)] if len(self.into) < 2 else "split"


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The causes by key, in the order they are shown, the plain names of the teams that own them, and the causes that
    once were, so that what was found under them is still told."""

    causes: Mapping[str, CauseKind]
    owners: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    past: Mapping[str, PastCause] = field(default_factory=dict)

    @property
    def names(self) -> Mapping[str, str]:
        """Plain names by key; of a merged cause the name it goes by now."""
        told = {key: self._name(self.now(key)) for key in self.past}
        return told | {key: kind.name for key, kind in self.causes.items()}

    def _name(self, key: str) -> str:
        kind = self.causes.get(key) or self.past.get(key)
        return kind.name if kind else key

    def owner_of(self, key: str) -> str:
        """The team that can remove a cause; UNROUTED where nobody is named."""
        key = self.now(key)
        kind = self.causes.get(key) or self.past.get(key)
        return kind.owner if kind and kind.owner else UNROUTED

    def now(self, key: str) -> str:
        """The key that a cause goes by now: after merges another one; a split or retired cause keeps its own."""
        for _ in range(len(self.past)):
            past = self.past.get(key)
            if past is None or len(past.into) != 1:
                break
            key = past.into[0]
        return key

    def sources(self, key: str) -> Iterator[str]:
        """All keys that go by this one now, itself first."""
        yield key
        yield from (old for old in self.past if self.now(old) == key and old != key)

    def days_unrouted(self, key: str, today: date) -> int:
        """Whole days since nobody owns a cause; 0 where somebody does, or since when is not known."""
        kind = self.causes.get(key)
        since = kind.unrouted_since if kind else None
        return max(0, (today - since).days) if since else 0

    def spoken(self, lang: str) -> Taxonomy:
        """The same with the names that it has in this language ("de"); the others stay for the catalogue."""
        lang = lang.partition("-")[0]
        if not any(lang in kind.names for kind in self.causes.values()):
            return self
        told = {key: replace(k, name=k.names.get(lang, k.name)) for key, k in self.causes.items()}
        return replace(self, causes=told)

    @property
    def phrases(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """(key, phrases) of the causes that have some of their own."""
        return tuple((key, kind.phrases) for key, kind in self.causes.items() if kind.phrases)
