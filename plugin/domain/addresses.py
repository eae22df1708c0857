"""Find where a postal address ends that a sentence begins, and which handles are the writer's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from plugin.domain.clauses import Clauses, Frame, Mark
from plugin.domain.phrases import Hit
from plugin.domain.ticket import Channel


def end_addresses(clauses: Clauses, marks: Iterable[Mark], frames: Sequence[Frame]) -> list[Mark]:
    """The marks, with addresses that end before the next wish (or "not") of their sentence, and at a pause behind which
    neither a number nor a name follows ("to 22 Alder Court, Leeds, as I am moving"). An address whose phrase has the
    fact whole = "yes" holds the words of the phrase as well."""
    starts = [f.first for f in frames if f.kind != "bare"] + [h.first for h in clauses.read.hits("preferences.not")]
    opened = {h.last: h for h in clauses.read.hits("preferences.address")}
    kept = [m for m in marks if m.kind != "address" or _may_begin(clauses, m, opened.get(m.first))]
    return [_ended(clauses, m, starts, opened.get(m.first)) if m.kind == "address" else m for m in kept]


def _may_begin(clauses: Clauses, mark: Mark, opened: Hit | None) -> bool:
    """Where the phrase has the fact begins = "number" ("write to …"), a house number must follow at once."""
    strict = opened is not None and opened.rule.facts.get("begins") == "number"
    return not strict or clauses.words.kinds[mark.first] == "number"


def _ended(clauses: Clauses, mark: Mark, starts: Sequence[int], opened: Hit | None) -> Mark:
    words = clauses.words
    first = opened.first if opened is not None and opened.rule.facts.get("whole") == "yes" else mark.first
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


_BETWEEN = 2
"""Words between the name of a medium and a handle there: "insta, I'm @lena"."""


def own_handles(clauses: Clauses, marks: Sequence[Mark]) -> list[Mark]:
    """Handles a little behind the name of their medium, beside the `marks`, which hold those right behind it."""
    words, known = clauses.words, {m.first for m in marks if m.kind == "point"}
    if "handle" not in words.kinds:
        return []
    media = {h.last for h in clauses.read.hits("preferences.channel") if h.rule.facts.get("over")}
    found = []
    for token in (t for t, kind in enumerate(words.kinds) if kind == "handle" and t not in known):
        sentence = words.sentence_of(token)
        first = words.sentences[sentence].first
        if words.tokens[token][0] == "@" and not media.isdisjoint(range(max(first, token - _BETWEEN), token + 1)):
            value = words.quote(token, token + 1)
            found.append(Mark("point", token, token + 1, sentence, value, Channel.DM))
    return found
