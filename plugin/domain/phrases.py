"""Find phrases in a text: thousands of them in one pass, in time that grows linearly with the text.

A phrase is written the way one would note it on paper:

    we will call you         the words, in this order; accents and case do not matter
    [please] call            please may be missing
    (call|ring|phone) you    one of these
    {we} will                one of the words or phrases listed as slot `we`
    refund*                  any word that begins so
    ara~future               the stem, then one of the endings listed as suffix class `future`
    *~future                 any word with one of these endings, whatever its stem
    +will~اتصل               one of the beginnings listed as prefix class `will`, then the stem (`+a~stem~b`: all)
    call … back              a gap of up to four words (`…2`: up to two)
    <number> <email> <url>   any token of that kind
    =für   =*īšu   =ne*šu    with exactly these accents; with a star: any word that begins and ends so

Phrases become positions of one automaton over words (Glushkov); its states are made as texts need them and kept in a
bounded cache, so that a word costs one look-up and no text can make it slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from plugin.domain.words import Words, cut, exact, fold

GAP = 4
"""Words that `…` may skip."""

MOST_GAP = 12
"""Words that a gap with a number may skip at most: what stands further apart belongs to no phrase."""

MAX_STATES = 30_000
"""States kept before the cache is begun anew: bounds memory, whatever the text."""

MAX_WORDS_CACHED = 200_000
"""Different words remembered per automaton."""

ANY = -1

ANY_STEM = "*"
"""Before a suffix class: whatever the stem. For languages that say who and when in the ending of any verb."""

_SHORTEST_STEM = 2
"""Letters that must stand before an ending of `*~class`, so that an ending alone is no word."""


class BadPhrase(ValueError):
    """A phrase that cannot be read; the loader adds file and line."""


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


# --- reading a phrase ------------------------------------------------------------------------------------------------

_PIECE = re.compile(r"\s+|…\d*|\.\.\.\d*|[\[\]()|]|\{[\w.]+\}|<\w+>|[^\s\[\]()|{}<>…]+")

Element = str
"""A single word pattern: "call", "refund*", "ara~future", "+will~اتصل", "=für", "<number>"."""


@dataclass(frozen=True, slots=True)
class _Node:
    kind: str
    """"word", "set", "any", "seq", "alt", "opt"."""
    element: str = ""
    parts: tuple[_Node, ...] = ()


class Grammar:
    """Slots and affix classes of one language, and how its phrases are cut into words."""

    def __init__(
        self,
        slots: Mapping[str, Sequence[str]],
        suffixes: Mapping[str, Sequence[str]] | None = None,
        prefixes: Mapping[str, Sequence[str]] | None = None,
        *,
        elide: bool = False,
    ) -> None:
        self.slots = slots
        self.suffixes = {k: frozenset(fold(s) for s in v) for k, v in (suffixes or {}).items()}
        self.prefixes = {k: tuple(fold(s) for s in v) for k, v in (prefixes or {}).items()}
        self.elide = elide
        self._slot_nodes: dict[str, _Node] = {}
        self._open: list[str] = []

    def parse(self, phrase: str) -> _Node:
        """The phrase as a tree; raises BadPhrase with the reason."""
        pieces = [p for p in _PIECE.findall(phrase) if not p.isspace()]
        if "".join(pieces) != re.sub(r"\s+", "", phrase):
            raise BadPhrase(f"cannot read {phrase!r}")
        node, rest = self._alternatives(pieces, 0, phrase)
        if rest != len(pieces):
            raise BadPhrase(f"{pieces[rest]!r} closes nothing in {phrase!r}")
        return node

    def _alternatives(self, pieces: list[str], at: int, phrase: str) -> tuple[_Node, int]:
        branches: list[_Node] = []
        parts: list[_Node] = []
        while at < len(pieces) and pieces[at] not in ("]", ")"):
            if pieces[at] == "|":
                branches.append(_sequence(parts))
                parts, at = [], at + 1
                continue
            node, at = self._item(pieces, at, phrase)
            parts.append(node)
        branches.append(_sequence(parts))
        return (branches[0] if len(branches) == 1 else _either(branches)), at

    def _item(self, pieces: list[str], at: int, phrase: str) -> tuple[_Node, int]:
        piece = pieces[at]
        if piece in ("[", "("):
            node, at = self._alternatives(pieces, at + 1, phrase)
            if at >= len(pieces) or pieces[at] != ("]" if piece == "[" else ")"):
                raise BadPhrase(f"{piece!r} is not closed in {phrase!r}")
            return (_Node("opt", parts=(node,)) if piece == "[" else node), at + 1
        if piece.startswith(("…", "...")):
            words = int(piece.lstrip("….") or GAP)
            if words > MOST_GAP:
                raise BadPhrase(f"{piece!r}: a gap skips at most {MOST_GAP} words, in {phrase!r}")
            return _sequence([_Node("opt", parts=(_Node("any"),)) for _ in range(words)]), at + 1
        if piece.startswith("{"):
            return self._slot(piece[1:-1]), at + 1
        return self._words(piece, phrase), at + 1

    def _words(self, piece: str, phrase: str) -> _Node:
        if piece.startswith("<"):
            return _Node("word", piece)
        if _is_open(piece):
            self._check_open(piece, phrase)
            return _Node("word", piece)
        if "~" in piece or "*" in piece or piece[0] in "=+":
            self._check_affixes(piece, phrase)
            return _Node("word", piece)
        if self.elide and len(piece) > 1 and piece[-1] in "'’":
            return _Node("word", piece[:-1] + "'")
        if piece[0] in "'’":
            return _Node("word", "'" + piece[1:])
        tokens = cut(piece, elide=self.elide).tokens
        if not tokens:
            raise BadPhrase(f"{piece!r} holds no word in {phrase!r}")
        return _sequence([_Node("word", t) for t in tokens])

    def _check_affixes(self, piece: str, phrase: str) -> None:
        before, core, after = split_element(piece)
        if before and before not in self.prefixes:
            raise BadPhrase(f"no prefix class {before!r} for {phrase!r}")
        if after not in ("", "*") and after not in self.suffixes:
            raise BadPhrase(f"no suffix class {after!r} for {phrase!r}")
        if not core or (core == ANY_STEM and (before or after in ("", "*"))):
            raise BadPhrase(f"{piece!r} has no stem in {phrase!r}")

    def _check_open(self, piece: str, phrase: str) -> None:
        if piece.count("*") != 1 or "~" in piece or piece[0] == "+":
            raise BadPhrase(f"{piece!r}: one star stands for the middle of a word in {phrase!r}")
        if not piece.strip("=*"):
            raise BadPhrase(f"{piece!r} is every word in {phrase!r}")

    def _slot(self, name: str) -> _Node:
        if name not in self._slot_nodes:
            if name not in self.slots:
                raise BadPhrase(f"no slot {{{name}}}")
            if name in self._open:
                raise BadPhrase(f"slot {{{name}}} contains itself")
            self._open.append(name)
            try:
                self._slot_nodes[name] = _either([self.parse(p) for p in self.slots[name]])
            finally:
                self._open.pop()
        return self._slot_nodes[name]


def _is_open(element: Element) -> bool:
    """Is it any word that begins and ends so, with exactly these accents ("=*īšu", "=ne*šu", "=jā*")?"""
    return element[0] == "=" and "*" in element


def split_element(element: Element) -> tuple[str, str, str]:
    """(prefix class, core, suffix class or "*") of a word pattern, "" where it has none."""
    before = after = ""
    if element.startswith("+"):
        before, _, element = element[1:].partition("~")
    if element.endswith("*"):
        return before, element[:-1], "*"
    element, _, after = element.partition("~")
    return before, element, after


def _sequence(parts: list[_Node]) -> _Node:
    flat: list[_Node] = []
    for part in parts:
        flat += part.parts if part.kind == "seq" else (part,)
    return flat[0] if len(flat) == 1 else _Node("seq", parts=tuple(flat))


def _either(branches: list[_Node]) -> _Node:
    """Alternatives; those of a single word become one set, so that a slot costs one position and not twenty."""
    single: list[str] = []
    longer: list[_Node] = []
    for branch in branches:
        for node in branch.parts if branch.kind == "alt" else (branch,):
            if node.kind == "word":
                single.append(node.element)
            elif node.kind == "set":
                single += node.element.split("\x00")
            else:
                longer.append(node)
    if single:
        unique = sorted(set(single))
        longer.insert(0, _Node("word", unique[0]) if len(unique) == 1 else _Node("set", "\x00".join(unique)))
    return longer[0] if len(longer) == 1 else _Node("alt", parts=tuple(longer))


# --- which symbols a word is -----------------------------------------------------------------------------------------

Symbols = frozenset[int]


class _Lexicon:
    """Tells of a word which elements of the phrases it matches."""

    def __init__(self, grammars: Iterable[Grammar]) -> None:
        self.grammars = tuple(grammars)
        self.literal: dict[str, set[int]] = {}
        self.exactly: dict[str, set[int]] = {}
        self.kinds: dict[str, set[int]] = {}
        self.begins: dict[str, set[int]] = {}
        self.stems: dict[str, list[tuple[frozenset[str], int]]] = {}
        self.tails: dict[str, set[int]] = {}
        self.led: list[tuple[tuple[str, ...], str, frozenset[str] | None, int]] = []
        self.exact_tails: dict[str, list[tuple[str, int]]] = {}
        self.words: dict[str, Symbols] = {}
        """Symbols of words met before; of other kinds of token none are remembered, since they rarely come again."""
        self._shared: dict[Symbols, Symbols] = {}

    def add(self, element: Element, symbol: int, grammar: Grammar) -> None:
        """This element, wherever a word matches it, counts as `symbol`."""
        if element.startswith("<"):
            self.kinds.setdefault(element[1:-1], set()).add(symbol)
        elif _is_open(element):
            head, _, tail = exact(element[1:]).partition("*")
            self.exact_tails.setdefault(tail, []).append((head, symbol))
        elif element.startswith("="):
            self.exactly.setdefault(exact(element[1:]), set()).add(symbol)
        else:
            self._add_word(*split_element(element), symbol, grammar)

    def _add_word(self, before: str, core: str, after: str, symbol: int, grammar: Grammar) -> None:
        stem = fold(core)
        if core == ANY_STEM:
            for ending in grammar.suffixes[after]:
                self.tails.setdefault(ending, set()).add(symbol)
        elif before:
            endings = None if after == "*" else grammar.suffixes[after] if after else frozenset({""})
            self.led.append((grammar.prefixes[before], stem, endings, symbol))
        elif after == "*":
            self.begins.setdefault(stem, set()).add(symbol)
        elif after:
            self.stems.setdefault(stem, []).append((grammar.suffixes[after], symbol))
        else:
            self.literal.setdefault(stem, set()).add(symbol)

    def finish(self) -> None:
        """Index what begins with a prefix class by its first letters."""
        for prefixes, stem, endings, symbol in self.led:
            for prefix in prefixes:
                if endings is None:
                    self.begins.setdefault(prefix + stem, set()).add(symbol)
                else:
                    self.stems.setdefault(prefix + stem, []).append((endings, symbol))
        self.led.clear()
        self._longest = max((len(s) for s in (*self.begins, *self.stems)), default=0)
        self._longest_tail = max((len(t) for t in self.tails), default=0)

    def symbols(self, token: str, kind: str) -> Symbols:
        """All symbols of one token; a word's are remembered, since few words make up most of every text."""
        found = self._look(token, kind)
        found = self._shared.setdefault(found, found)
        if kind == "word":
            if len(self.words) > MAX_WORDS_CACHED:
                self.words = {}
            self.words[token] = found
        return found

    def _look(self, token: str, kind: str) -> Symbols:
        word = fold(token)
        symbols = set(self.literal.get(word, ()))
        symbols |= self.exactly.get(exact(token), set())
        symbols |= self.kinds.get(kind, set())
        for length in range(1, min(len(word), self._longest) + 1):
            head = word[:length]
            symbols |= self.begins.get(head, set())
            for endings, symbol in self.stems.get(head, ()):
                if word[length:] in endings:
                    symbols.add(symbol)
        for length in range(1, min(len(word) - _SHORTEST_STEM, self._longest_tail) + 1):
            symbols |= self.tails.get(word[-length:], set())
        if self.exact_tails:
            self._look_exactly(exact(token), symbols)
        return frozenset(symbols)

    def _look_exactly(self, word: str, symbols: set[int]) -> None:
        """What begins and ends so, with something in between."""
        for length in range(len(word)):
            for head, symbol in self.exact_tails.get(word[len(word) - length :], ()):
                if word.startswith(head) and len(word) > len(head) + length:
                    symbols.add(symbol)


# --- the automaton ---------------------------------------------------------------------------------------------------


_End = tuple[int, int, int]
"""Of a phrase that ends here: its last position, the number of its rule, and how many tokens back it began (-1: it may
have begun at several, and must be traced)."""


class _State:
    """A set of positions reached, its known successors, and the phrases that end here."""

    __slots__ = ("ends", "next", "positions")

    def __init__(self, positions: frozenset[int], ends: tuple[_End, ...]) -> None:
        self.positions = positions
        self.ends = ends
        self.next: dict[Symbols, _State] = {}


class Automaton:
    """All rules of one language, compiled. `read` may be called from several threads at once."""

    def __init__(
        self,
        rules: Iterable[tuple[Rule, Grammar]],
        *,
        elide: bool = False,
        abbreviations: Iterable[str] = (),
        after_ordinals: Iterable[str] = (),
    ) -> None:
        self.elide = elide
        self.abbreviations = frozenset(fold(a.rstrip(".")) for a in abbreviations)
        self.after_ordinals = frozenset(fold(word) for word in after_ordinals)
        self._symbol: list[int] = []
        self._follow: list[set[int]] = []
        self._before: list[set[int]] = []
        self._first: list[bool] = []
        self._ends: list[int] = []
        self._back: list[int] = []
        self._rules: list[Rule] = []
        self._starts: dict[int, list[int]] = {}
        self._symbol_ids: dict[tuple[int, str], int] = {}
        pairs = list(rules)
        self._lexicon = _Lexicon({id(g): g for _, g in pairs}.values())
        for rule, grammar in pairs:
            self._rules.append(rule)
            for phrase in rule.phrases:
                self._add(grammar.parse(phrase), grammar, phrase)
        self._lexicon.finish()
        self._reset()

    # building

    def _add(self, tree: _Node, grammar: Grammar, phrase: str) -> None:
        begun = len(self._symbol)
        nullable, first, last = self._grow(tree, grammar)
        if nullable:
            raise BadPhrase(f"{phrase!r} may be empty")
        if any(self._symbol[p] == ANY for p in first | last):
            raise BadPhrase(f"{phrase!r} begins or ends with a gap")
        for position in first:
            self._first[position] = True
            self._starts.setdefault(self._symbol[position], []).append(position)
        for position in last:
            self._ends[position] = len(self._rules) - 1
        self._measure(begun)

    def _measure(self, begun: int) -> None:
        """How far each new position stands from the start of its phrase, -1 where that is not always the same. Those
        before a position have smaller numbers."""
        for position in range(begun, len(self._symbol)):
            steps = {self._back[p] + 1 if self._back[p] >= 0 else -1 for p in self._before[position]}
            if self._first[position]:
                steps.add(0)
            self._back[position] = steps.pop() if len(steps) == 1 else -1

    def _grow(self, node: _Node, grammar: Grammar) -> tuple[bool, set[int], set[int]]:
        """Add a subtree's positions; returns (may it be empty, its first, its last positions)."""
        if node.kind in ("word", "set", "any"):
            position = self._position(node, grammar)
            return False, {position}, {position}
        if node.kind == "opt":
            _, first, last = self._grow(node.parts[0], grammar)
            return True, first, last
        if node.kind == "alt":
            grown = [self._grow(part, grammar) for part in node.parts]
            return any(g[0] for g in grown), set().union(*(g[1] for g in grown)), set().union(*(g[2] for g in grown))
        return self._grow_sequence(node, grammar)

    def _grow_sequence(self, node: _Node, grammar: Grammar) -> tuple[bool, set[int], set[int]]:
        nullable, first, last = True, set[int](), set[int]()
        for part in node.parts:
            empty, part_first, part_last = self._grow(part, grammar)
            for position in last:
                self._follow[position] |= part_first
            for position in part_first:
                self._before[position] |= last
            if nullable:
                first |= part_first
            last = last | part_last if empty else part_last
            nullable = nullable and empty
        return nullable, first, last

    def _position(self, node: _Node, grammar: Grammar) -> int:
        self._symbol.append(ANY if node.kind == "any" else self._symbol_of(node, grammar))
        self._follow.append(set())
        self._before.append(set())
        self._first.append(False)
        self._ends.append(-1)
        self._back.append(-1)
        return len(self._symbol) - 1

    def _symbol_of(self, node: _Node, grammar: Grammar) -> int:
        key = (id(grammar), node.element)
        if key not in self._symbol_ids:
            self._symbol_ids[key] = len(self._symbol_ids)
            for element in node.element.split("\x00"):
                self._lexicon.add(element, self._symbol_ids[key], grammar)
        return self._symbol_ids[key]

    # running

    def _reset(self) -> None:
        self._root = _State(frozenset(), ())
        self._states: dict[frozenset[int], _State] = {frozenset(): self._root}

    def _step(self, state: _State, symbols: Symbols) -> _State:
        reached: set[int] = set()
        for position in state.positions:
            for following in self._follow[position]:
                wanted = self._symbol[following]
                if wanted == ANY or wanted in symbols:
                    reached.add(following)
        for symbol in symbols:
            reached.update(self._starts.get(symbol, ()))
        positions = frozenset(reached)
        known = self._states.get(positions)
        if known is None:
            ends = tuple((p, self._ends[p], self._back[p]) for p in positions if self._ends[p] >= 0)
            known = _State(positions, ends)
            self._states[positions] = known
        state.next[symbols] = known
        return known

    def read(self, text: str) -> Read:
        """Every phrase in a text. No phrase reaches over the end of a sentence."""
        words = cut(text, elide=self.elide, abbreviations=self.abbreviations, after_ordinals=self.after_ordinals)
        tape = self._symbols(words)
        if len(self._states) > MAX_STATES:
            self._reset()
        found: dict[int, Hit] = {}
        for sentence in words.sentences:
            state = self._root
            for at in range(sentence.first, sentence.last):
                symbols = tape[at]
                following = state.next.get(symbols)
                state = following if following is not None else self._step(state, symbols)
                if state.ends:
                    self._note(state.ends, at, sentence.first, tape, found)
        return Read(words, self._by_rule(found))

    def _symbols(self, words: Words) -> list[Symbols]:
        known, look = self._lexicon.words.get, self._lexicon.symbols
        tape = []
        for token, kind in zip(words.tokens, words.kinds, strict=True):
            symbols = known(token) if kind == "word" else None
            tape.append(look(token, kind) if symbols is None else symbols)
        return tape

    def _note(self, ends: tuple[_End, ...], at: int, floor: int, tape: list[Symbols], found: dict[int, Hit]) -> None:
        """Keep what ends here; of one rule from one start the longest, which is the one that comes last."""
        for position, rule, back in ends:
            first = at - back if back >= 0 else self._start(position, at, floor, tape)
            found[(rule << 32) | first] = Hit(self._rules[rule], first, at + 1)

    def _by_rule(self, found: dict[int, Hit]) -> dict[str, list[Hit]]:
        by_rule: dict[str, list[Hit]] = {}
        for hit in found.values():
            by_rule.setdefault(hit.rule.name, []).append(hit)
        for hits in by_rule.values():
            if len(hits) > 1:
                hits.sort(key=_ORDER)
        return by_rule

    def _start(self, position: int, at: int, floor: int, tape: list[Symbols]) -> int:
        """Where the phrase that ends at this position began: the nearest start over gaps, and from there as far back as
        its words reach ("half an hour" and not "an hour", "please call" and not "call")."""
        current, start = {position}, -1
        while True:
            if any(map(self._first.__getitem__, current)):
                start = at
            at -= 1
            if at < floor:
                return start
            current = self._before_of(current, tape[at], over_gaps=start < 0)
            if not current:
                return start

    def _before_of(self, current: set[int], symbols: Symbols, *, over_gaps: bool) -> set[int]:
        """Positions that may stand before these and match the word there."""
        return {
            earlier
            for position in current
            for earlier in self._before[position]
            if self._symbol[earlier] in symbols or (over_gaps and self._symbol[earlier] == ANY)
        }


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
        return self.automaton.read(text)
