"""Weigh the words of a sentence: does it sound like a promise, or like a wish how to be contacted?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from plugin.domain.phrases import Pack, Read
from plugin.domain.words import Sentence, Words, fold

RULES = {
    "commitments": (
        "condition",
        "request",
        "block",
        "later",
        "frame",
        "promise",
        "reported",
        "general",
        "nobody",
        "matter",
        "stative",
    ),
    "preferences": ("want", "refuse", "generic", "other", "channel"),
}
"""Which rules of a topic are clues in their own sentence, the same names in every language (see the packs). The others
told nothing that these and the words do not."""

NEAR_RULES = frozenset({"request", "condition"})
"""Which of them are clues in the sentence before and after as well: a condition often stands there."""

NEAR_WORDS = 3
"""Words at the head of the neighbouring sentences that are clues."""

STEM = 4
"""Letters of a longer word that count as its stem, and as its ending (in which Turkish and Latvian say who and when): a
crude cut, but the same in every language with an alphabet."""

FEWEST = 2
"""Words below which a sentence is not weighed: nothing is promised or wished in one."""

LONGEST = 60
"""Words of a sentence that are weighed; a longer one is a list or has lost its full stops."""

NEVER = -1_000_000
"""A weight below every line."""

MOST_KNOWN = 50_000
"""Different words that a model remembers."""

MOST_PACKS = 64


@dataclass(frozen=True, slots=True)
class _Word:
    """What a model knows of one word: its own weight, those of the words that may follow it, and what it adds at the
    head of the sentence before or after."""

    folded: str
    weight: int
    followed_by: Mapping[str, int]
    before: int
    after: int


class LineWords:
    """A linear model of one topic and language: what each clue adds, in hundredths, and where to draw the lines.

    From `high` on a sentence is a promise although no phrase was found in it (for wishes see sounding.py). `sorts` is
    what it may then be (the kinds of a promise; wanted or refused), with weights of their own.
    """

    def __init__(
        self,
        topic: str,
        bias: int = 0,
        high: int = 0,
        weights: Mapping[str, int] | None = None,
        sorts: tuple[str, ...] = (),
        sort_bias: tuple[int, ...] = (),
        sort_weights: Mapping[str, tuple[int, ...]] | None = None,
    ) -> None:
        self.topic, self.bias, self.high = topic, bias, high
        self.weights = weights or {}
        self.sorts, self.sort_bias, self.sort_weights = sorts, sort_bias, sort_weights or {}
        self._pairs: dict[str, dict[str, int]] = defaultdict(dict)
        for clue, weight in self.weights.items():
            one, blank, other = clue.partition(" ")
            if blank:
                self._pairs[one][other] = weight
        self.rules = [row for rule in RULES[topic] if any((row := self._rule(rule))[1:])]
        self._known: dict[str, _Word] = {}

    def _rule(self, rule: str) -> tuple[str, int, int, int]:
        """A rule by its full name with its weight, and its weights as a neighbour before and after."""
        own, before, after = (self.weights.get(f"{side}@{rule}", 0) for side in ("", "-", "+"))
        return f"{self.topic}.{rule}", own, before, after

    def word(self, token: str) -> _Word:
        """What the model knows of a word as written; remembered, since few words make up most of every text."""
        known = self._known.get(token)
        if known is None:
            if len(self._known) > MOST_KNOWN:
                self._known = {}
            known = self._known[token] = self._look(fold(token))
        return known

    def mark(self, name: str) -> _Word:
        """The same for what is no word: "<number>", ",", "^"."""
        if name not in self._known:
            self._known[name] = self._look(name)
        return self._known[name]

    def _look(self, word: str) -> _Word:
        get = self.weights.get
        weight = sum(get(clue, 0) for clue in _alone(word))
        return _Word(word, weight, self._pairs.get(word, {}), get("-" + word, 0), get("+" + word, 0))


class Lines:
    """One message, weighed sentence by sentence: time is linear in its length."""

    def __init__(self, read: Read, model: LineWords) -> None:
        self.read = read
        self.model = model
        self._by_rules = self._weigh_rules()

    def weight(self, index: int) -> int:
        """How much a sentence sounds like what the model knows, in hundredths; NEVER where it is too short to say
        anything."""
        sentence = self.read.words.sentences[index]
        return self.weight_of(index, sentence.first, sentence.last)

    def weight_of(self, index: int, first: int, end: int) -> int:
        """The same of a part of it, tokens `first` to `end` (exclusive), beside the same neighbours."""
        words, model = self.read.words, self.model
        sentence = words.sentences[index]
        if end - first < FEWEST:
            return NEVER
        whole = (first, end) == (sentence.first, sentence.last)
        by_rules = self._by_rules[index] if whole else self._weigh_rules_in(first, end)
        total = model.bias + by_rules + self._weigh_neighbours(index)
        tokens, kinds, pauses, find = words.tokens, words.kinds, words.pauses, model.word
        last, comma = model.mark("^"), model.mark(",")
        for token in range(first, min(end, first + LONGEST)):
            if pauses[token] and (whole or token > first):
                total += comma.weight + last.followed_by.get(",", 0)
                last = comma
            word = find(tokens[token]) if kinds[token] == "word" else model.mark(f"<{kinds[token]}>")
            total += word.weight + last.followed_by.get(word.folded, 0)
            last = word
        closing = model.mark(_end(sentence))
        return total + closing.weight + last.followed_by.get(closing.folded, 0) + model.mark("^").weight

    def _weigh_rules_in(self, first: int, end: int) -> int:
        """What the rules add that hit among these tokens."""
        return sum(
            own for rule, own, _, _ in self.model.rules if any(first <= h.first < end for h in self.read.hits(rule))
        )

    def sort(self, index: int) -> str:
        """What a sentence most likely is, of the sorts that the model knows."""
        sentence = self.read.words.sentences[index]
        return self.sort_of(sentence.first, sentence.last)

    def sort_of(self, first: int, last: int) -> str:
        """The same of a part of one, tokens `first` to `last` (exclusive)."""
        total = self._weigh_sorts(first, last)
        return self.model.sorts[total.index(max(total))]

    def surer_sort(self, first: int, last: int, told: str, margin: int) -> str:
        """The same where it is told already: another only where that is more likely than not, and outweighs it by so
        many hundredths."""
        total = self._weigh_sorts(first, last)
        best = max(total)
        if best <= 0 or (told in self.model.sorts and best - total[self.model.sorts.index(told)] <= margin):
            return told
        return self.model.sorts[total.index(best)]

    def _weigh_sorts(self, first: int, last: int) -> list[int]:
        total = list(self.model.sort_bias)
        for clue in _clues_in(self.read.words, first, last):
            for at, weight in enumerate(self.model.sort_weights.get(clue, ())):
                total[at] += weight
        return total

    def _weigh_rules(self) -> list[int]:
        """What the rules that hit add to each sentence, its own and its neighbours'."""
        sentences = self.read.words.sentences
        if len(sentences) == 1:  # most chat turns
            return [sum(own for rule, own, _, _ in self.model.rules if self.read.hits(rule))]
        total = [0] * (len(sentences) + 2)  # one more at both ends, for neighbours that are not there
        home = [i for i, sentence in enumerate(sentences, 1) for _ in range(sentence.first, sentence.last)]
        for rule, own, before, after in self.model.rules:
            for index in {home[hit.first] for hit in self.read.hits(rule)}:
                total[index] += own
                total[index + 1] += before
                total[index - 1] += after
        return total[1:-1]

    def _weigh_neighbours(self, index: int) -> int:
        words, total = self.read.words, 0
        for beside in (index - 1, index + 1):
            if 0 <= beside < len(words.sentences):
                for clue in _near(words, beside):
                    known = self.model.mark(clue) if clue[0] == "<" else self.model.word(clue)
                    total += known.before if beside < index else known.after
        return total


def clues(read: Read, index: int, topic: str) -> list[str]:
    """All that may speak for or against a sentence: its words and their neighbours, the rules that hit, and what the
    sentences beside it begin with, ask and require."""
    found = word_clues(read, index)
    found += ["@" + rule for rule in _rules_in(read, index, topic)]
    for beside, side in ((index - 1, "-"), (index + 1, "+")):
        if 0 <= beside < len(read.words.sentences):
            found += [side + (clue if clue[0] == "<" else fold(clue)) for clue in _near(read.words, beside)]
            found += [f"{side}@{rule}" for rule in _rules_in(read, beside, topic) if rule in NEAR_RULES]
    return found


def word_clues(read: Read, index: int) -> list[str]:
    """Words, their stems and endings and pairs of neighbours of one sentence, its begin, end and commas among them."""
    sentence = read.words.sentences[index]
    return _clues_in(read.words, sentence.first, sentence.last)


def _clues_in(words: Words, first: int, last: int) -> list[str]:
    """The same of a part of a sentence."""
    line = ["^"]
    for token in range(first, min(last, first + LONGEST)):
        if words.pauses[token]:
            line.append(",")
        line.append(fold(words.tokens[token]) if words.kinds[token] == "word" else f"<{words.kinds[token]}>")
    line.append(_end(words.sentences[words.sentence_of(first)]))
    return [clue for word in line for clue in _alone(word)] + [f"{one} {next}" for one, next in pairwise(line)]


def _alone(word: str) -> tuple[str, ...]:
    """A word as a clue, and its first and last letters where it is longer."""
    return (word, word[:STEM] + "*", "*" + word[-STEM:]) if len(word) > STEM and word[0] != "<" else (word,)


def _end(sentence: Sentence) -> str:
    return "$?" if sentence.ender == "?" else "$"


def _near(words: Words, index: int) -> list[str]:
    """What counts of a neighbouring sentence: that it asks, and its first words as written."""
    sentence = words.sentences[index]
    head = range(sentence.first, min(sentence.first + NEAR_WORDS, sentence.last))
    found = [words.tokens[t] if words.kinds[t] == "word" else f"<{words.kinds[t]}>" for t in head]
    return ["<?>", *found] if sentence.ender == "?" else found


def _rules_in(read: Read, index: int, topic: str) -> list[str]:
    sentence = read.words.sentences[index]
    return [
        rule
        for rule in RULES[topic]
        if any(sentence.first <= hit.first < sentence.last for hit in read.hits(f"{topic}.{rule}"))
    ]


_MODELS: dict[tuple[int, str], tuple[Pack, LineWords | None]] = {}
"""Models made so far, by identity of their pack; the pack is kept so that its identity is not given away again."""


def line_words_of(pack: Pack, topic: str) -> LineWords | None:
    """The model of a topic from the pack's `line_words.toml`, made once; None where the pack has none."""
    known = _MODELS.get((id(pack), topic))
    if known is None or known[0] is not pack:
        if len(_MODELS) > MOST_PACKS:
            _MODELS.clear()
        known = _MODELS[id(pack), topic] = (pack, _model(pack, topic))
    return known[1]


def _model(pack: Pack, topic: str) -> LineWords | None:
    table = pack.tables.get("line_words", {}).get(topic)
    return read_table(topic, table) if isinstance(table, Mapping) else None


def read_table(topic: str, table: Mapping[str, object]) -> LineWords:
    """The model as its file writes it: a line a clue, `clue<TAB>weight`; for the sorts a weight for each of them.

    Raises ValueError where a weight is no whole number and KeyError where a part is missing."""
    return LineWords(
        topic,
        int(str(table["bias"])),
        int(str(table.get("high", 0))),
        {clue: row[0] for clue, row in _rows(str(table["words"]))},
        tuple(str(table["sorts"]).split()),
        tuple(int(b) for b in str(table["sort_bias"]).split()),
        dict(_rows(str(table["sort_words"]))),
    )


def _rows(text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    for line in text.splitlines():
        clue, tab, row = line.partition("\t")
        if tab:
            yield clue, tuple(int(weight) for weight in row.split())
