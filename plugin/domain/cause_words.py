"""Weigh the words of a message: how much each speaks for each cause, as learned from our own stories at build time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt
from struct import unpack

from plugin.domain.phrases import Pack, Read
from plugin.domain.words import Sentence, fold

STEM = 5
"""Letters of a longer word that count as its stem: a crude one, but the same in every language with an alphabet."""

OF_A_WORD = "#"
"""What a clue that is a piece of a word begins with."""

PIECE = 4
"""Letters of the pieces of a word that count too: German joins its nouns ("Kündigungsgebühr"), and most languages bend
words behind their stem, so a piece is known where the whole word was never met."""

EDGE = "_"
"""Stands for the beginning and the end of a word in its pieces."""

PREFIX = "causes."

ENDING = 3
"""Letters that a word may have more than the listed one it counts as, where the pack's `ending` names no other number:
Turkish hangs more on its stems than English."""

SHORTEST_STEM = 4

SHORTEST_BARE = 3
"""Letters that must be left of a word without its beginning: most roots of Arabic have three."""

MOST_KNOWN = 50_000
"""Different words whose senses are remembered."""

FEW = 4
"""Added to the number of clues when they are averaged: three words prove less than thirty that lean as much."""

FEWEST = 2
"""Words below which the model is not asked: a lone number or greeting is no reason to write."""

MOST_PACKS = 64


def averaging(clues_known: int) -> float:
    """What a sum over so many clues is divided by."""
    return sqrt(clues_known + FEW)


class Senses:
    """Which sorts of things a word stands for; a word that is not listed counts as the listed one that is at most
    `ending` letters shorter. `beginnings` are what a language writes as one with the next word (Arabic "and", "by",
    "the"): words are compared without them."""

    def __init__(self, listed: Mapping[str, str], ending: int = ENDING, beginnings: str = "") -> None:
        self._ending = ending
        self._beginnings = tuple(sorted((fold(b) for b in beginnings.split()), key=len, reverse=True))
        self._senses: dict[str, tuple[str, ...]] = {}
        for sense, words in listed.items():
            for word in words.split():
                bare = self.bare(fold(word))
                self._senses[bare] = (*self._senses.get(bare, ()), "%" + sense)
        self._known: dict[str, tuple[str, ...]] = {}

    def bare(self, word: str) -> str:
        """A folded word without its beginning, where enough of it is left."""
        for beginning in self._beginnings:
            if word.startswith(beginning) and len(word) - len(beginning) >= SHORTEST_BARE:
                return word[len(beginning) :]
        return word

    def of(self, word: str) -> tuple[str, ...]:
        """Senses of a folded word, remembered, since few words make up most of every text."""
        found = self._known.get(word)
        if found is None:
            if len(self._known) > MOST_KNOWN:
                self._known = {}
            found = self._known[word] = self._look(word)
        return found

    def _look(self, word: str) -> tuple[str, ...]:
        for less in range(self._ending + 1):
            stem = word[: len(word) - less]
            if less and len(stem) < SHORTEST_STEM:
                break
            if stem in self._senses:
                return self._senses[stem]
        return ()


NO_SENSES = Senses({})


Row = int
"""What a clue adds to each class, in hundredths, as one whole number of 64 bits a class, so that one addition adds them
all. `_MIDDLE` is added to each, because none may be below nothing."""

_BITS = 64
_MIDDLE = 1 << 31


def pack_row(told: Mapping[int, int], classes: int) -> Row:
    """A row from hundredths by number of the class; what is not told is nothing."""
    return sum((told.get(at, 0) + _MIDDLE) << _BITS * at for at in range(classes))


def add_rows(rows: Collection[Row], classes: int) -> list[int]:
    """What rows add up to, for each class, in hundredths."""
    fields = sum(rows).to_bytes(classes * _BITS // 8, "little")
    none = len(rows) * _MIDDLE
    return [total - none for total in unpack(f"<{classes}Q", fields)]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the words of a message say: evidence for each class, and what each sentence adds to it, clue by clue."""

    score: Mapping[str, float]
    sentences: tuple[Mapping[str, Row], ...] = ()


NOTHING = Weighed({})


@dataclass(frozen=True, slots=True)
class _Met:
    """A word met before: as it is compared, what it stands for, and which of its own clues the model knows."""

    word: str
    senses: tuple[str, ...]
    known: Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class CauseWords:
    """A linear model: for each clue, what it adds to each class. Without a table only the phrases' weights speak."""

    classes: tuple[str, ...] = ()
    bias: tuple[float, ...] = ()
    rows: Mapping[str, Row] | None = None
    phrase: float = 1.0
    """What one point of a phrase's `weight` adds."""
    heat: float = 1.0
    """How strongly scores become shares: fitted on stories that the model had not seen."""
    senses: Senses = NO_SENSES
    heads: frozenset[str] = frozenset()
    """First halves of the pairs that the model knows."""
    met: dict[str, _Met] = field(default_factory=dict, compare=False, repr=False)
    """Words met lately, since few words make up most of every text."""

    def weigh(self, *reads: Read) -> Weighed:
        """Evidence of the words of a message, the first of `reads` (the second one is its subject)."""
        rows = self.rows
        if not rows or sum(read.words.kinds.count("word") for read in reads) < FEWEST:
            return NOTHING
        by_sentence = [[self._known(read, sentence, rows) for sentence in read.words.sentences] for read in reads]
        known = {clue: rows[clue] for read in reads for clue in rule_clues(read) if clue in rows}
        for sentences in by_sentence:
            for found in sentences:
                known |= found
        if all(clue.startswith(OF_A_WORD) for clue in known):  # letters that stand together in other words too
            return NOTHING
        norm = 100 * averaging(len(known))
        total = add_rows(known.values(), len(self.classes))
        score = {key: b + t / norm for key, b, t in zip(self.classes, self.bias, total, strict=True)}
        return Weighed(score, tuple(by_sentence[0]))

    def _known(self, read: Read, sentence: Sentence, rows: Mapping[str, Row]) -> dict[str, Row]:
        """Those of a sentence's `word_clues` that the model knows, found by way of words met before."""
        at, met = slice(sentence.first, sentence.last), self.met
        known: dict[str, Row] = {}
        words: list[str] = []
        meant: list[tuple[str, ...]] = []
        for token, kind in zip(read.words.tokens[at], read.words.kinds[at], strict=True):
            one = met.get(token if kind == "word" else f"<{kind}>") or self._meet(token, kind, rows)
            words.append(one.word)
            if one.senses:
                meant.append(one.senses)
            known |= one.known
        if sentence.ender == "?" and "<?>" in rows:
            known["<?>"] = rows["<?>"]
        pairs = [f"{before} {word}" for before, word in pairwise(words) if before in self.heads]
        for clue in pairs + _sense_pairs(meant):
            if clue in rows:
                known[clue] = rows[clue]
        return known

    def _meet(self, token: str, kind: str, rows: Mapping[str, Row]) -> _Met:
        key = token if kind == "word" else f"<{kind}>"
        word = _as_compared(token, kind, self.senses)
        meant = _senses_of(word, self.senses)
        known = {clue: rows[clue] for clue in (word, *_stems([word]), *_pieces([word]), *meant) if clue in rows}
        if len(self.met) >= MOST_KNOWN:
            self.met.clear()
        self.met[key] = found = _Met(word, meant, known)
        return found

    def lean(self, weighed: Weighed, sentence: int, key: str) -> float:
        """How much the words of one sentence speak for one class."""
        if not weighed.sentences or key not in self.classes:
            return 0.0
        rows = weighed.sentences[sentence].values()
        return add_rows(rows, len(self.classes))[self.classes.index(key)] / (100 * averaging(len(rows)))


def clues(read: Read, senses: Senses) -> list[str]:
    """Everything in a message that the model may know: words, stems, pieces, pairs of neighbours, what the words stand
    for, and the rules that hit."""
    found = [clue for sentence in read.words.sentences for clue in word_clues(read, sentence, senses)]
    return found + rule_clues(read)


def rule_clues(read: Read) -> list[str]:
    """The rules of this topic that hit."""
    return ["@" + name.removeprefix(PREFIX) for name in read.by_rule if name.startswith(PREFIX)]


def word_clues(read: Read, sentence: Sentence, senses: Senses) -> list[str]:
    """Words, stems, pieces, pairs of neighbours and senses of one sentence."""
    at = slice(sentence.first, sentence.last)
    kinds = zip(read.words.tokens[at], read.words.kinds[at], strict=True)
    words = [_as_compared(token, kind, senses) for token, kind in kinds]
    found = [*words, *_stems(words), *_pieces(words)]
    found += [f"{before} {word}" for before, word in pairwise(words)]
    if sentence.ender == "?":
        found.append("<?>")
    meant = [known for word in words if (known := _senses_of(word, senses))]
    return [*found, *(sense for known in meant for sense in known), *_sense_pairs(meant)]


def _as_compared(token: str, kind: str, senses: Senses) -> str:
    return senses.bare(fold(token)) if kind == "word" else f"<{kind}>"


def _stems(words: list[str]) -> list[str]:
    return [word[:STEM] + "*" for word in words if len(word) > STEM and word[0] != "<"]


def _pieces(words: list[str]) -> list[str]:
    return [
        OF_A_WORD + edged[at : at + PIECE]
        for word in words
        if len(word) >= PIECE and word[0] != "<"
        for edged in (EDGE + word + EDGE,)
        for at in range(len(edged) - PIECE + 1)
    ]


def _senses_of(word: str, senses: Senses) -> tuple[str, ...]:
    """What a word stands for; a number, an address or a link stands for itself."""
    return ("%" + word,) if word.startswith("<") else senses.of(word)


def _sense_pairs(meant: list[tuple[str, ...]]) -> list[str]:
    """Which two sorts of things stand near each other, words without a sense passed over."""
    return [
        f"{one} {other}"
        for near in (1, 2)
        for before, after in zip(meant, meant[near:], strict=False)
        for one in before
        for other in after
    ]


_PHRASES_ONLY = CauseWords()


_MODELS: dict[int, tuple[Pack, CauseWords]] = {}
"""Models made so far, by identity of their pack; the pack is kept so that its identity is not given away again."""


def words_of(pack: Pack) -> CauseWords:
    """The model of a language, from its file `cause_words.toml`, made once; where there is none, one without words."""
    known = _MODELS.get(id(pack))
    if known is None or known[0] is not pack:
        if len(_MODELS) > MOST_PACKS:
            _MODELS.clear()
        known = _MODELS[id(pack)] = (pack, _model(pack))
    return known[1]


def _model(pack: Pack) -> CauseWords:
    table = pack.tables.get("cause_words")
    if not table:
        return _PHRASES_ONLY
    names = ("classes", "bias", "words", "phrase", "heat")
    classes, bias, words, phrase, heat = (str(table[name]) for name in names)
    return read_table(classes, bias, words, float(phrase), float(heat), senses_of(pack))


def senses_of(pack: Pack) -> Senses:
    """The senses of a language's words, from its file `cause_senses.toml`; none where there is none."""
    table = pack.tables.get("cause_senses", {})
    listed = table.get("senses")
    if not isinstance(listed, Mapping):
        return NO_SENSES
    ending, beginnings = int(str(table.get("ending", ENDING))), str(table.get("beginnings", ""))
    return Senses({str(k): str(v) for k, v in listed.items()}, ending, beginnings)


def read_table(classes: str, bias: str, words: str, phrase: float, heat: float, senses: Senses) -> CauseWords:
    """The model as its file writes it: a line a clue, `clue<TAB>class:hundredths class:hundredths …`."""
    keys = tuple(classes.split())
    rows = {}
    for line in words.splitlines():
        clue, tab, row = line.partition("\t")
        if tab:
            told = {int(at): int(weight) for at, weight in (part.split(":") for part in row.split())}
            rows[clue] = pack_row(told, len(keys))
    heads = frozenset(clue.partition(" ")[0] for clue in rows if " " in clue)
    return CauseWords(keys, tuple(float(b) for b in bias.split()), rows, phrase, heat, senses, heads)
