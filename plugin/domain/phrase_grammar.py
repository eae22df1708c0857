"""Read a phrase as it is written in a pack.

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
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plugin.domain.words import cut, fold

GAP = 4
"""Words that `…` may skip."""

MOST_GAP = 12
"""Words that a gap with a number may skip at most: what stands further apart belongs to no phrase."""

ANY_STEM = "*"
"""Before a suffix class: whatever the stem. For languages that say who and when in the ending of any verb."""


class BadPhrase(ValueError):
    """A phrase that cannot be read; the loader adds file and line."""


_PIECE = re.compile(r"\s+|…\d*|\.\.\.\d*|[\[\]()|]|\{[\w.]+\}|<\w+>|[^\s\[\]()|{}<>…]+")

Element = str
"""A single word pattern: "call", "refund*", "ara~future", "+will~اتصل", "=für", "<number>"."""


@dataclass(frozen=True, slots=True)
class Node:
    kind: str
    """"word", "set", "any", "seq", "alt", "opt"."""
    element: str = ""
    parts: tuple[Node, ...] = ()


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
        self._slot_nodes: dict[str, Node] = {}
        self._open: list[str] = []

    def parse(self, phrase: str) -> Node:
        """The phrase as a tree; raises BadPhrase with the reason."""
        pieces = [p for p in _PIECE.findall(phrase) if not p.isspace()]
        if "".join(pieces) != re.sub(r"\s+", "", phrase):
            raise BadPhrase(f"cannot read {phrase!r}")
        node, rest = self._alternatives(pieces, 0, phrase)
        if rest != len(pieces):
            raise BadPhrase(f"{pieces[rest]!r} closes nothing in {phrase!r}")
        return node

    def _alternatives(self, pieces: list[str], at: int, phrase: str) -> tuple[Node, int]:
        branches: list[Node] = []
        parts: list[Node] = []
        while at < len(pieces) and pieces[at] not in ("]", ")"):
            if pieces[at] == "|":
                branches.append(_sequence(parts))
                parts, at = [], at + 1
                continue
            node, at = self._item(pieces, at, phrase)
            parts.append(node)
        branches.append(_sequence(parts))
        return (branches[0] if len(branches) == 1 else _either(branches)), at

    def _item(self, pieces: list[str], at: int, phrase: str) -> tuple[Node, int]:
        piece = pieces[at]
        if piece in ("[", "("):
            node, at = self._alternatives(pieces, at + 1, phrase)
            if at >= len(pieces) or pieces[at] != ("]" if piece == "[" else ")"):
                raise BadPhrase(f"{piece!r} is not closed in {phrase!r}")
            return (Node("opt", parts=(node,)) if piece == "[" else node), at + 1
        if piece.startswith(("…", "...")):
            words = int(piece.lstrip("….") or GAP)
            if words > MOST_GAP:
                raise BadPhrase(f"{piece!r}: a gap skips at most {MOST_GAP} words, in {phrase!r}")
            return _sequence([Node("opt", parts=(Node("any"),)) for _ in range(words)]), at + 1
        if piece.startswith("{"):
            return self._slot(piece[1:-1]), at + 1
        return self._words(piece, phrase), at + 1

    def _words(self, piece: str, phrase: str) -> Node:
        if piece.startswith("<"):
            return Node("word", piece)
        if is_open(piece):
            self._check_open(piece, phrase)
            return Node("word", piece)
        if "~" in piece or "*" in piece or piece[0] in "=+":
            self._check_affixes(piece, phrase)
            return Node("word", piece)
        if self.elide and len(piece) > 1 and piece[-1] in "'’":
            return Node("word", piece[:-1] + "'")
        if piece[0] in "'’":
            return Node("word", "'" + piece[1:])
        tokens = cut(piece, elide=self.elide).tokens
        if not tokens:
            raise BadPhrase(f"{piece!r} holds no word in {phrase!r}")
        return _sequence([Node("word", t) for t in tokens])

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

    def _slot(self, name: str) -> Node:
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


def is_open(element: Element) -> bool:
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


def _sequence(parts: list[Node]) -> Node:
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if part.kind == "seq" else (part,)
    return flat[0] if len(flat) == 1 else Node("seq", parts=tuple(flat))


def _either(branches: list[Node]) -> Node:
    """Alternatives; those of a single word become one set, so that a slot costs one position and not twenty."""
    single: list[str] = []
    longer: list[Node] = []
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
        longer.insert(0, Node("word", unique[0]) if len(unique) == 1 else Node("set", "\x00".join(unique)))
    return longer[0] if len(longer) == 1 else Node("alt", parts=tuple(longer))
