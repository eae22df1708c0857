"""Tell by its words what a promise is about: no time, no "we will", no "your"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plugin.domain.commitments_scene import TOPIC
from plugin.domain.findings import Evidence
from plugin.domain.phrases import Read
from plugin.domain.words import fold

_STEM = 4
"""Letters by which two words are taken for one ("tērpus", "tērpi")."""

WORD = 5
"""The same where two words are all that ties a sentence to a promise: more than "will" and "your"."""

_SHORTEST = 3
"""Letters of the shortest word that says what it is about, where words are written together and without vowels."""

_DIGITS = 2
"""Digits of the shortest number that says what it is about (an amount: times of a promise are left out)."""

_EMPTY = ("later", "filler", "join", "thanks")
"""Rules whose words do not say what a promise is about."""

_NOBODY = ("frame", "matter")
"""The same where no verb of a promise stands among them."""

_YOUR = 5
"""Letters of the longest word that only says whose it is ("votre"): longer ones are the thing itself, where languages
write "your" onto it."""


def content_of(read: Read, quote: Evidence, letters: int = _STEM) -> list[frozenset[str]]:
    """The words of a quote in a message that say what it is about, each by what it is known by."""
    words = read.words
    nobody = (t for t in _tokens(read, _NOBODY) if _is_plain(words.tokens[t]))
    empty = _tokens(read, _EMPTY) | (set(nobody) - _tokens(read, ("deed", "doer")))
    inside = range(quote.start, quote.start + len(quote.quote))
    tokens = [t for t, start in enumerate(words.starts) if start in inside and t not in empty]
    return [topic for t in tokens if (topic := topic_of(words.tokens[t], letters))]


def verbs_of(read: Read, quote: Evidence) -> frozenset[str]:
    """What the verbs of a quote are known by; empty where phrases tell no verb apart."""
    inside = range(quote.start, quote.start + len(quote.quote))
    deeds = [h for h in read.hits(TOPIC + "deed") if read.words.starts[h.first] in inside]
    return frozenset().union(*(topic_of(read.words.tokens[h.first], WORD) for h in deeds))


def topic_of(words: str, letters: int = _STEM) -> frozenset[str]:
    """By what the words of a phrase are known: their first letters; where a script has no capitals and writes articles
    onto the word, their endings as well."""
    found: set[str] = set()
    for word in _split(fold(words)):
        if len(word) >= letters:
            found.add(word[:letters])
        elif len(word) >= _DIGITS and word.isdigit():
            found.add(word)
        if word.lower() == word.upper() and not word.isdigit():
            found.update(word[cut:] for cut in range(_STEM) if len(word) - cut >= _SHORTEST)
    return frozenset(found)


def _split(text: str) -> Sequence[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()


def _tokens(read: Read, names: Iterable[str]) -> set[int]:
    """The tokens that hits of these rules cover, but for words that hold frame and verb in one."""
    hits = [h for h in read.hits(*(TOPIC + name for name in names)) if h.rule.facts.get("order") != "one"]
    return {t for hit in hits for t in range(hit.first, hit.last)}


def _is_plain(word: str) -> bool:
    return len(word) <= _YOUR and word.lower() != word.upper()
