"""Hear the phrases that an account wrote for its causes, in a text of any language, beside those of its pack."""

from __future__ import annotations

from functools import lru_cache

from plugin.domain.automaton import Automaton
from plugin.domain.phrase_grammar import Grammar
from plugin.domain.phrases import Pack, Read, Rule

WEIGHT = 10
"""Points by which what an account's own phrase names stands before all else in its message: it was written because
these words mean this cause here. A phrase of a pack has at most 4."""

Phrases = tuple[tuple[str, tuple[str, ...]], ...]
"""(key of the cause, its phrases)."""


def read_own(phrases: Phrases, text: str, pack: Pack) -> Read:
    """The text cut as the pack cuts it, with the account's own phrases as hits of `causes.own_<key>`."""
    cutting = pack.automaton
    return _automaton(phrases, cutting.elide, cutting.abbreviations, cutting.after_ordinals).read(text)


@lru_cache(maxsize=256)
def _automaton(
    phrases: Phrases, elide: bool, abbreviations: frozenset[str], after_ordinals: frozenset[str]
) -> Automaton:  # fmt: skip
    grammar = Grammar({})
    rules = [
        (Rule(f"causes.own_{key}", listed, {"cause": key, "weight": str(WEIGHT)}), grammar) for key, listed in phrases
    ]
    return Automaton(rules, elide=elide, abbreviations=abbreviations, after_ordinals=after_ordinals)
