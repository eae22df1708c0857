"""See what is present in a customer's words: upset, leaving, catastrophic. Present or absent, never a number (D9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from plugin.domain.findings import Evidence, Flag
from plugin.domain.phrases import Hit, Read
from plugin.domain.ticket import Message

MOST_QUOTES = 3
"""Quotes that a flag carries; it is present with one."""

_OPENERS = "\"“„«‹'‘‚"


def find_flags(said: Sequence[tuple[Message, Read]], mood: Callable[[str], bool] | None = None) -> list[Flag]:
    """Flags of a ticket from the customer's messages, each with the words that show it; an absent flag is not there.

    `mood` is asked only about sentences with a word of feeling too weak to decide (rule `maybe_upset`): it answers
    whether a sentence is upset, present or absent.
    """
    flags = []
    for key, find in (("catastrophic", _danger), ("leaving", _leaving), ("upset", _upset)):
        evidence = [_evidence(m, read, hit) for m, read in said for hit in find(read)]
        flags.append(Flag(key, tuple(evidence[:MOST_QUOTES])))
    if mood is not None and not flags[-1].evidence:
        flags[-1] = Flag("upset", tuple(_moods(said, mood)))
    return [flag for flag in flags if flag.evidence]


def _danger(read: Read) -> Iterator[Hit]:
    return _standing(read, "flags.danger", "flags.no_danger")


def _leaving(read: Read) -> Iterator[Hit]:
    return _standing(read, "flags.leaving", "flags.not_leaving")


def _upset(read: Read) -> Iterator[Hit]:
    return _standing(read, "flags.upset", "flags.not_mine")


def _standing(read: Read, rule: str, denial: str) -> Iterator[Hit]:
    """Hits of a rule that are neither denied, nor supposed, nor somebody else's words."""
    hits = read.hits(rule)
    denied = read.hits(denial) if hits else []
    for hit in hits:
        if not any(hit.overlaps(other) for other in denied) and not _quoted(read, hit):
            yield hit


def _quoted(read: Read, hit: Hit) -> bool:
    """Do these words stand in quotation marks right after "he said" or the like, in the same sentence?"""
    sentence = read.words.sentence_of(hit.first)
    for other in read.hits("flags.quoting"):
        if other.last <= hit.first and read.words.sentence_of(other.first) == sentence:
            between = read.words.text[read.words.ends[other.last - 1] : read.words.starts[hit.first]]
            if any(mark in between for mark in _OPENERS):
                return True
    return False


def _moods(said: Sequence[tuple[Message, Read]], mood: Callable[[str], bool]) -> Iterator[Evidence]:
    """The first sentence with a weak word of feeling that `mood` calls upset."""
    for message, read in said:
        for hit in _standing(read, "flags.maybe_upset", "flags.not_mine"):
            sentence = read.words.sentences[read.words.sentence_of(hit.first)]
            start, end = read.words.span(sentence.first, sentence.last)
            if mood(read.words.text[start:end]):
                yield Evidence(message.id, message.text[start:end], start)
                return


def _evidence(message: Message, read: Read, hit: Hit) -> Evidence:
    start, end = read.words.span(hit.first, hit.last)
    return Evidence(message.id, message.text[start:end], start)
