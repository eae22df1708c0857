"""Find phrases in a text: thousands of them in one pass, in time that grows linearly with the text.

Phrases become positions of one automaton over words (Glushkov); its states are made as texts need them and kept in a
bounded cache, so that a word costs one look-up and no text can make it slow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from threading import Lock

from plugin.domain.phrase_grammar import ANY_STEM, BadPhrase, Element, Grammar, Node, is_open, split_element
from plugin.domain.phrases import Hit, Read, Rule
from plugin.domain.words import Words, cut, exact, fold

MAX_STATES = 30_000
"""States kept before the cache is begun anew: bounds memory, whatever the text."""

MAX_WORDS_CACHED = 200_000
"""Different words remembered per automaton."""

ANY = -1

_SHORTEST_STEM = 2
"""Letters that must stand before an ending of `*~class`, so that an ending alone is no word."""


_ORDER = attrgetter("first", "last")

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
        elif is_open(element):
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
        symbols.add(ANY)
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


_End = tuple[Rule, str, int, int]
"""Of a phrase that ends here: its rule, the rule's name and number (shifted, to be one number with where it began), and
how many tokens back it began."""

_PLACE = 32
"""Bits for the token where a hit begins, beside the number of its rule."""

_WAYS = 20
"""Bits for the number of the ways to a position, beside the number of the position."""

_UNTOLD, _BEGUN = 0, 1
"""Numbers of ways: none kept, because what ends there always began equally far back; and begun with this very word."""


class _Ways:
    """How positions of phrases that may have begun at several places were reached, numbered, so that a state holds
    nothing but whole numbers: thousands of states are kept, and Python's collector looks at everything else again and
    again.

    Ways are pairs, for each number of words since the start how many of them stood before any gap.
    """

    def __init__(self) -> None:
        self._told: list[tuple[tuple[int, int], ...]] = [(), ((0, 1),)]
        self._numbers = {ways: number for number, ways in enumerate(self._told)}
        self._walked: dict[tuple[int, bool], int] = {}
        self._joined: dict[tuple[int, int], int] = {}

    def walk(self, ways: int, gap: bool) -> int:
        """The same ways one word further; words before any gap are counted until there is one."""
        found = self._walked.get((ways, gap))
        if found is None:
            told = ((words + 1, before + (not gap and before == words + 1)) for words, before in self._told[ways])
            found = self._walked[ways, gap] = self._number(tuple(told))
        return found

    def join(self, one: int, two: int) -> int:
        """Ways of both; of the same length the one that goes further without a gap."""
        found = self._joined.get((one, two))
        if found is None:
            told = dict(self._told[one])
            for words, before in self._told[two]:
                told[words] = max(before, told.get(words, 0))
            found = self._joined[one, two] = self._number(tuple(sorted(told.items())))
        return found

    def farthest(self, ways: int) -> int:
        """How many words back a phrase began: the nearest start over gaps, and from there as far back as its words
        reach without one ("half an hour" and not "an hour", "please call" and not "call")."""
        told = self._told[ways]
        return max(words for words, before in told if words - before <= told[0][0])

    def _number(self, told: tuple[tuple[int, int], ...]) -> int:
        number = self._numbers.setdefault(told, len(self._told))
        if number == len(self._told):
            self._told.append(told)
        return number


_Moves = tuple[Symbols, dict[int, dict[int, int]]]
"""What may follow a position: the symbols, and by symbol the positions, each with the number of its ways."""


class _Begun:
    """Positions where phrases begin with the same word, and what may follow them. Few words make up most of every text,
    so this is worked out once for each sort of word and not for each state."""

    __slots__ = ("ending", "moves", "number", "reached", "wanted")

    def __init__(self, number: int, reached: Iterable[int], moves: Mapping[int, Mapping[int, int]]) -> None:
        self.number = number
        self.reached = frozenset(reached)
        self.moves = moves
        """By symbol: the positions that follow, each with the number of its ways."""
        self.wanted = frozenset(moves)
        self.ending: list[int] = []


class _State:
    """Positions reached, by beginning and by going on (each one number with that of its ways), the successors known so
    far, and the phrases that end here."""

    __slots__ = ("begun", "ends", "gone_on", "next")

    def __init__(self, begun: _Begun, gone_on: tuple[int, ...], ends: tuple[_End, ...]) -> None:
        self.begun = begun
        self.gone_on = gone_on
        self.ends = ends
        self.next: dict[Symbols, _State] = {}


class _Paths:
    """What texts have needed of an automaton so far: all of it can be thrown away and is made anew."""

    __slots__ = ("beginnings", "begun", "onward", "root", "states", "ways")
    root: _State

    def __init__(self) -> None:
        self.ways = _Ways()
        self.onward: dict[int, _Moves] = {}
        self.begun: dict[Symbols, _Begun] = {}
        self.beginnings: dict[frozenset[int], _Begun] = {}
        self.states: dict[tuple[int, tuple[int, ...]], _State] = {}


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
        self._tagged: list[bool] = []
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
        self._follows = [tuple(positions) for positions in self._follow]  # tuples of numbers: nothing to collect
        self._follow, self._before = [], []
        self._lock = Lock()
        self._reset()

    # building

    def _add(self, tree: Node, grammar: Grammar, phrase: str) -> None:
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
        for position in reversed(range(begun, len(self._symbol))):
            unsure = self._ends[position] >= 0 and self._back[position] < 0
            self._tagged[position] = unsure or any(self._tagged[p] for p in self._follow[position])

    def _grow(self, node: Node, grammar: Grammar) -> tuple[bool, set[int], set[int]]:
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

    def _grow_sequence(self, node: Node, grammar: Grammar) -> tuple[bool, set[int], set[int]]:
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

    def _position(self, node: Node, grammar: Grammar) -> int:
        self._symbol.append(ANY if node.kind == "any" else self._symbol_of(node, grammar))
        self._follow.append(set())
        self._before.append(set())
        self._first.append(False)
        self._ends.append(-1)
        self._back.append(-1)
        self._tagged.append(False)
        return len(self._symbol) - 1

    def _symbol_of(self, node: Node, grammar: Grammar) -> int:
        key = (id(grammar), node.element)
        if key not in self._symbol_ids:
            self._symbol_ids[key] = len(self._symbol_ids)
            for element in node.element.split("\x00"):
                self._lexicon.add(element, self._symbol_ids[key], grammar)
        return self._symbol_ids[key]

    # running

    def _reset(self) -> None:
        """Begin anew; a text that is being read goes on with what it began with."""
        paths = _Paths()
        paths.root = _State(self._begin(paths, frozenset()), (), ())
        self._paths = paths

    def _step(self, paths: _Paths, state: _State, symbols: Symbols) -> _State:
        """The state after this one, made when a text first needs it; by one thread at a time, since numbers are given
        out: two threads that took the same one would confuse two states for as long as the process lives."""
        with self._lock:
            return state.next.get(symbols) or self._make(paths, state, symbols)

    def _make(self, paths: _Paths, state: _State, symbols: Symbols) -> _State:
        begun = paths.begun.get(symbols) or self._begin(paths, symbols)
        reached = self._go_on(paths, state, symbols)
        for position in begun.reached & reached.keys():
            if self._tagged[position]:
                reached[position] = paths.ways.join(_BEGUN, reached[position])
            else:
                del reached[position]
        gone_on = tuple(sorted([position << _WAYS | ways for position, ways in reached.items()]))
        known = paths.states.get((begun.number, gone_on))
        if known is None:
            known = _State(begun, gone_on, self._ended(paths, begun, reached))
            paths.states[begun.number, gone_on] = known
        state.next[symbols] = known
        return known

    def _go_on(self, paths: _Paths, state: _State, symbols: Symbols) -> dict[int, int]:
        """Positions that follow those of a state at a word, each with the number of its ways."""
        reached: dict[int, int] = {}
        for symbol in symbols & state.begun.wanted:
            reached.update(state.begun.moves[symbol])
        for gone in state.gone_on:
            wanted, moves = paths.onward.get(gone) or self._find_onward(paths, gone)
            for symbol in symbols & wanted:
                for position, ways in moves[symbol].items():
                    other = reached.setdefault(position, ways)
                    if other != ways:
                        reached[position] = paths.ways.join(other, ways)
        return reached

    def _find_onward(self, paths: _Paths, gone: int) -> _Moves:
        """What may follow a position reached so; remembered, since texts reach few of them."""
        before, ways = gone >> _WAYS, gone & (1 << _WAYS) - 1
        moves: dict[int, dict[int, int]] = {}
        for position in self._follows[before]:
            symbol = self._symbol[position]
            walked = paths.ways.walk(ways, symbol == ANY) if self._tagged[position] else _UNTOLD
            moves.setdefault(symbol, {})[position] = walked
        paths.onward[gone] = frozenset(moves), moves
        return paths.onward[gone]

    def _begin(self, paths: _Paths, symbols: Symbols) -> _Begun:
        reached = [position for symbol in symbols for position in self._starts.get(symbol, ())]
        moves: dict[int, dict[int, int]] = {}
        for position in reached:
            for symbol, following in self._find_onward(paths, position << _WAYS | _BEGUN)[1].items():
                moves.setdefault(symbol, {}).update(following)
        begun = _Begun(len(paths.beginnings), reached, moves)
        begun.ending += [position for position in reached if self._ends[position] >= 0]
        paths.begun[symbols] = paths.beginnings.setdefault(begun.reached, begun)
        return paths.begun[symbols]

    def _ended(self, paths: _Paths, begun: _Begun, gone_on: Mapping[int, int]) -> tuple[_End, ...]:
        """What ends at these positions; a rule once from one start."""
        found: dict[tuple[int, int], int] = {}
        for position in sorted((*begun.ending, *gone_on)):  # of two rules of one name, that of the file goes first
            rule, back = self._ends[position], self._back[position]
            if rule >= 0:
                far = back if back >= 0 else paths.ways.farthest(gone_on.get(position, _BEGUN))
                found[rule, far] = position
        told = [(self._rules[r], self._rules[r].name, r << _PLACE, back) for r, back in found]
        return tuple(told)

    def read(self, text: str) -> Read:
        """Every phrase in a text; of one rule from one start the longest. No phrase reaches over the end of a
        sentence."""
        words = cut(text, elide=self.elide, abbreviations=self.abbreviations, after_ordinals=self.after_ordinals)
        tape = self._symbols(words)
        if len(self._paths.states) > MAX_STATES:
            self._reset()
        paths = self._paths
        found: dict[str, dict[int, Hit]] = {}
        for sentence in words.sentences:
            state = paths.root
            for at in range(sentence.first, sentence.last):
                symbols = tape[at]
                state = state.next.get(symbols) or self._step(paths, state, symbols)
                for rule, name, number, back in state.ends:
                    first = at - back
                    hit = _new(Hit, (rule, first, at + 1))
                    if name in found:
                        found[name][number + first] = hit
                    else:
                        found[name] = {number + first: hit}
        return Read(words, {name: _in_order(hits) for name, hits in found.items()})

    def _symbols(self, words: Words) -> list[Symbols]:
        known, look = self._lexicon.words.get, self._lexicon.symbols
        tape = []
        for token, kind in zip(words.tokens, words.kinds, strict=True):
            symbols = known(token) if kind == "word" else None
            tape.append(look(token, kind) if symbols is None else symbols)
        return tape


_new = tuple.__new__
"""Makes a Hit in half the time that its own constructor takes; a text has dozens."""


def _in_order(hits: dict[int, Hit]) -> list[Hit]:
    found = list(hits.values())
    if len(found) > 1:
        found.sort(key=_ORDER)
    return found
