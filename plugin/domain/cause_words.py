"""Weigh the words of a message: how much each speaks for each cause, as learned from our own stories at build time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

from plugin.domain.phrases import Pack, Read
from plugin.domain.words import Sentence, fold

STEM = 5
"""Letters of a longer word that count as its stem: a crude one, but the same in every language with an alphabet."""

PREFIX = "causes."

FEW = 4
"""Added to the number of clues when they are averaged: three words prove less than thirty that lean as much."""

FEWEST = 2
"""Known clues without which words prove nothing: a lone number is no reason to write."""


def averaging(clues_known: int) -> float:
    """What a sum over so many clues is divided by."""
    return sqrt(clues_known + FEW)


@dataclass(frozen=True, slots=True)
class CauseWords:
    """A linear model: for each clue, what it adds to each class. Without a table only the phrases' weights speak."""

    classes: tuple[str, ...] = ()
    bias: tuple[float, ...] = ()
    weights: Mapping[str, tuple[float, ...]] | None = None
    phrase: float = 1.0
    """What one point of a phrase's `weight` adds."""
    heat: float = 1.0
    """How strongly scores become shares: fitted on stories that the model had not seen."""

    def score(self, *reads: Read) -> dict[str, float]:
        """Evidence of one message (and its subject) for each class; empty where the table knows none of its clues."""
        if not self.weights:
            return {}
        found = {clue for read in reads for clue in clues(read)}
        known = [self.weights[clue] for clue in found if clue in self.weights]
        if len(known) < FEWEST:
            return {}
        norm = averaging(len(known))
        total = map(sum, zip(*known, strict=True))
        return {key: b + t / norm for key, b, t in zip(self.classes, self.bias, total, strict=True)}

    def lean(self, read: Read, sentence: Sentence, key: str) -> float:
        """How much the words of one sentence speak for one class."""
        if not self.weights or key not in self.classes:
            return 0.0
        at = self.classes.index(key)
        known = [self.weights[clue][at] for clue in set(word_clues(read, sentence)) if clue in self.weights]
        return sum(known) / averaging(len(known))


def clues(read: Read) -> Iterator[str]:
    """Everything in a message that the model may know: words, stems, pairs of neighbours, and the rules that hit."""
    for sentence in read.words.sentences:
        yield from word_clues(read, sentence)
    for name in read.by_rule:
        if name.startswith(PREFIX):
            yield "@" + name.removeprefix(PREFIX)


def word_clues(read: Read, sentence: Sentence) -> Iterator[str]:
    """Words, stems and pairs of neighbours of one sentence."""
    before = ""
    for at in range(sentence.first, sentence.last):
        kind = read.words.kinds[at]
        word = fold(read.words.tokens[at]) if kind == "word" else f"<{kind}>"
        yield word
        if len(word) > STEM and kind == "word":
            yield word[:STEM] + "*"
        if before:
            yield before + " " + word
        before = word
    if sentence.ender == "?":
        yield "<?>"


_PHRASES_ONLY = CauseWords()


def words_of(pack: Pack) -> CauseWords:
    """The model of a language, from its file `cause_words.toml`; one that knows no words where there is none."""
    table = pack.tables.get("cause_words")
    if not table:
        return _PHRASES_ONLY
    return read_table(
        str(table["classes"]), str(table["bias"]), str(table["words"]), str(table["phrase"]), str(table["heat"])
    )


@lru_cache(maxsize=32)
def read_table(classes: str, bias: str, words: str, phrase: str, heat: str) -> CauseWords:
    """The model as its file writes it: a line a clue, `clue<TAB>class:hundredths class:hundredths …`."""
    keys = tuple(classes.split())
    weights = {}
    for line in words.splitlines():
        clue, tab, row = line.partition("\t")
        if tab:
            told = dict(part.split(":") for part in row.split())
            weights[clue] = tuple(int(told.get(str(at), 0)) / 100 for at in range(len(keys)))
    return CauseWords(keys, tuple(float(b) for b in bias.split()), weights, float(phrase), float(heat))
