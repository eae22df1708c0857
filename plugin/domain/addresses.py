"""Find where a postal address ends that a sentence begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from plugin.domain.clauses import Clauses, Frame, Mark


def end_addresses(clauses: Clauses, marks: Iterable[Mark], frames: Sequence[Frame]) -> list[Mark]:
    """The marks, with addresses that end before the next wish (or "not") of their sentence, and at a pause behind which
    neither a number nor a name follows ("to 22 Alder Court, Leeds, as I am moving"). An address whose phrase has the
    fact whole = "yes" holds the words of the phrase as well."""
    starts = [f.first for f in frames if f.kind != "bare"] + [h.first for h in clauses.read.hits("preferences.not")]
    whole = {h.last: h.first for h in clauses.read.hits("preferences.address") if h.rule.facts.get("whole") == "yes"}
    return [_ended(clauses, m, starts, whole.get(m.first, m.first)) if m.kind == "address" else m for m in marks]


def _ended(clauses: Clauses, mark: Mark, starts: Sequence[int], first: int) -> Mark:
    words = clauses.words
    last = min([s for s in starts if s > mark.first], default=mark.last)
    last = next((t for t in range(mark.first + 1, min(last, mark.last)) if _goes_on(clauses, t)), min(last, mark.last))
    if not any(words.kinds[t] == "number" for t in range(first, last)):
        return mark
    return replace(mark, first=first, last=last, value=words.quote(first, last))


def _goes_on(clauses: Clauses, token: int) -> bool:
    """Does the sentence go on here with something that is no part of an address? In scripts without capitals nothing
    tells."""
    words = clauses.words
    word = words.tokens[token]
    return bool(words.pauses[token]) and words.kinds[token] == "word" and word[0].islower()
