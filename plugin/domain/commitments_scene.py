"""Look at one read text as clauses: what stands where, asked often and answered without walking the text again."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from unicodedata import category

from plugin.domain.phrases import Hit, Read

TOPIC = "commitments."

_MASKED_BY = {
    "condition": ("no_condition",),
    "request": ("no_condition",),
    "immediate": ("no_condition",),
    "later": ("immediate",),
    "block": ("no_block",),
    "block_after": ("no_block",),
    "regardless": ("condition",),
    "frame": ("no_frame",),
    "promise": ("no_frame",),
}
"""Rules whose hits do not count where they overlap one of another rule."""

_SORTED_BY = {"later": "sort", "request": "gives"}
"""Which fact tells the sorts of a rule apart ("other" where it is not given)."""

_PARTS = frozenset("&+/|*~^")
"""Signs between words that part clauses as a comma does; pictures do so as well."""

_QUOTES = {"“": '”"', "«": "»", "»": "«", "„": '“”"', '"': '"”'}
"""Marks that open a quotation, and which may close it: German opens with what English has nowhere, and closes with what
English opens with."""

_MAY_QUOTE = re.compile(f"[{''.join(_QUOTES)}]")


class Scene:
    """The hits of one text by rule, filtered and sorted, and the clauses of its sentences.

    Building takes time linear in the text (times a logarithm); every question after that is a bisection.
    """

    def __init__(self, read: Read) -> None:
        self.read = read
        self.words = read.words
        count = len(self.words.tokens)
        self._hits: dict[str, list[Hit]] = {}
        self._starts: dict[str, list[int]] = {}
        self.cuts = self._find_cuts(count)
        self.opens = self._find_openings(count)
        self.filled = bytearray(count + 1)
        for hit in self.hits("filler"):
            for token in range(hit.first, hit.last):
                self.filled[token] = 1
        self.deeds: dict[int, list[Hit]] = defaultdict(list)
        self.deeds_ending: dict[int, list[Hit]] = defaultdict(list)
        for hit in self.hits("deed"):
            self.deeds[hit.first].append(hit)
            self.deeds_ending[hit.last].append(hit)
        self._quotes: list[int] | None = None

    # --- hits

    def hits(self, name: str) -> list[Hit]:
        """Hits of a rule that count where they stand, in the order of the text. "later.fixed" and
        "request.yes" ask for one sort."""
        if name not in self._hits:
            self._hits[name] = self._filter(name)
            self._starts[name] = [h.first for h in self._hits[name]]
        return self._hits[name]

    def _filter(self, name: str) -> list[Hit]:
        base, _, fact = name.partition(".")
        if fact:
            return [h for h in self.hits(base) if h.rule.facts.get(_SORTED_BY[base], "other") == fact]
        hits = self.read.hits(TOPIC + base)
        if base == "request":
            hits = [h for h in hits if not any(self.words.pauses[h.first + 1 : h.last]) and not self._signs(h)]
        if hits and "cuts" in self.__dict__:
            hits = [h for h in hits if self._stands(h)]
        for mask in _MASKED_BY.get(base, ()):
            hits = [h for h in hits if not self.overlapped(h, mask)]
        return hits

    def _signs(self, hit: Hit) -> bool:
        """Is it the initials of who writes ("^PM"), which may spell a word?"""
        return self.words.text[max(self.words.starts[hit.first] - 1, 0)] == "^"

    def _stands(self, hit: Hit) -> bool:
        """Does it stand where its rule wants it?"""
        at = hit.rule.facts.get("at")
        if at == "question":
            return self.words.sentences[self.words.sentence_of(hit.first)].ender == "?"
        if at == "sentence":
            floor = self.words.sentences[self.words.sentence_of(hit.first)].first
            return all(self.opens[floor : hit.first + 1])
        if at == "end":
            return hit.last >= len(self.words.tokens) or self._cuts_at(hit.last)
        return at != "start" or bool(self.opens[hit.first])

    def _cuts_at(self, token: int) -> bool:
        at = bisect_left(self.cuts, token)
        return at < len(self.cuts) and self.cuts[at] == token

    def first_in(self, name: str, first: int, last: int) -> Hit | None:
        """The first hit that begins in tokens `first` to `last` (exclusive)."""
        hits = self.hits(name)
        at = bisect_left(self._starts[name], first)
        return hits[at] if at < len(hits) and hits[at].first < last else None

    def last_in(self, name: str, first: int, last: int) -> Hit | None:
        """The last hit that begins in tokens `first` to `last` (exclusive)."""
        hits = self.hits(name)
        at = bisect_left(self._starts[name], last) - 1
        return hits[at] if at >= 0 and hits[at].first >= first else None

    def beginning(self, name: str, token: int) -> list[Hit]:
        """The hits that begin at a token."""
        hits = self.hits(name)
        starts = self._starts[name]
        return hits[bisect_left(starts, token) : bisect_right(starts, token)]

    def overlapped(self, hit: Hit, name: str) -> bool:
        """Does a hit of that rule share a word with this one? (Phrases are short: a few neighbours decide.)"""
        hits = self.hits(name)
        at = bisect_left(self._starts[name], hit.last)
        return any(other.overlaps(hit) for other in hits[max(0, at - 4) : at])

    # --- clauses

    def _find_cuts(self, count: int) -> list[int]:
        """Tokens at which a clause begins: after punctuation, at a joining word, and right after one."""
        cuts = {s.first for s in self.words.sentences}
        pauses, starts, ends = self.words.pauses, self.words.starts, self.words.ends
        cuts.update(t for t in range(1, count) if pauses[t] or (starts[t] - ends[t - 1] > 1 and self._parted(t)))
        for hit in self.hits("join"):
            cuts.update((hit.first, hit.last))
        return sorted(c for c in cuts if c < count)

    def _parted(self, token: int) -> bool:
        """Does a sign or a picture stand between this word and the one before?"""
        between = self.words.text[self.words.ends[token - 1] : self.words.starts[token]]
        return any(c in _PARTS or category(c) == "So" for c in between[:_MAX_SIGNS])

    def _find_openings(self, count: int) -> bytearray:
        """For each token: is it the first of its clause, but for words such as "please" or a name's handle?"""
        soft = {h.first for h in self.hits("opener") if h.last == h.first + 1}
        if "handle" in self.words.kinds:
            soft.update(token for token, kind in enumerate(self.words.kinds) if kind == "handle")
        opens = bytearray(count + 1)
        for token in self.cuts:
            opens[token] = 1
        for token in sorted(soft):
            if opens[token] and token + 1 < count:
                opens[token + 1] = 1
        return opens

    def clause_start(self, token: int, floor: int) -> int:
        """Where the clause of a token begins, not before `floor`."""
        at = bisect_right(self.cuts, token) - 1
        return max(self.cuts[at] if at >= 0 else 0, floor)

    def clause_end(self, token: int, ceiling: int) -> int:
        """Where the clause of a token ends (exclusive), not after `ceiling`."""
        at = bisect_right(self.cuts, token)
        return min(self.cuts[at] if at < len(self.cuts) else ceiling, ceiling)

    def phrase_start(self, token: int, floor: int) -> int:
        """Where what belongs together around a token begins: clauses cut only by joining words in mid-phrase count as
        one when the word before is none of punctuation."""
        start = self.clause_start(token, floor)
        return start if token - start <= MAX_BACK else token - MAX_BACK

    def in_quotes(self, token: int) -> bool:
        """Does the token stand between quotation marks?"""
        if self._quotes is None:
            self._quotes = _quoted_spans(self.words.text) if _MAY_QUOTE.search(self.words.text) else []
        return bisect_right(self._quotes, self.words.starts[token]) % 2 == 1


MAX_BACK = 12
"""Words before the verb that a quote may reach back."""

_MAX_SIGNS = 40
"""Letters between two words that are looked at for signs."""

_MAX_QUOTED = 400
"""Letters between two quotation marks that still make a quotation."""


def _quoted_spans(text: str) -> list[int]:
    """Opening and closing positions of quotations in one line, alternating, ascending."""
    spans: list[int] = []
    opened, closing = -1, ""
    for at, letter in enumerate(text):
        if letter == "\n" or (opened >= 0 and at - opened > _MAX_QUOTED):
            opened = -1
        if opened < 0 and letter in _QUOTES:
            opened, closing = at, _QUOTES[letter]
        elif opened >= 0 and letter in closing:
            spans += [opened, at]
            opened = -1
    return spans
