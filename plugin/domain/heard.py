"""Add the promises that no phrase spells and that the words of a sentence tell all the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from plugin.domain.commitments_grammar import MAX_CLAIMS, Claim
from plugin.domain.commitments_scene import Scene
from plugin.domain.line_words import Lines, line_words_of
from plugin.domain.phrases import Pack, Read


def weigh_claims(read: Read, claims: list[Claim], pack: Pack) -> list[Claim]:
    """The claims that phrases found, and one for each sentence that sounds like a promise although they found none in
    it (no promise, nor a condition that makes it none); in the order of the text."""
    model = line_words_of(pack, "commitments")
    if model is None:
        return claims
    lines = Lines(read, model)
    line = min(model.high, _LIKELY)
    denied = {read.words.sentence_of(hit.first) for hit in read.hits("commitments.nobody")}
    taken = Counter(c.sentence for c in claims)
    claims = [_sorted_anew(lines, c, alone=taken[c.sentence] == 1) for c in claims]
    told = _told(read)
    open_ = [i for i, s in enumerate(read.words.sentences) if s.ender != "?" and i not in denied]
    heard = [i for i in open_ if i not in taken and lines.weight(i) >= (_THOUGH_TOLD if i in told else line)]
    half = [i for i in open_ if taken[i] == 1 and i not in told]
    if not heard and not half:
        return claims
    scene = Scene(read)
    new = [c for i in heard[:MAX_CLAIMS] if not _quotes(scene, i) for c in _parts(scene, lines, i, line)]
    new += [c for one in claims if one.sentence in half for c in _beside(scene, lines, one, line)]
    return sorted(claims + new, key=lambda c: (c.sentence, c.first))[:MAX_CLAIMS]


_THOUGH_TOLD = 400
"""The same for a sentence that tells what was done: "your fare is on its way back, it lands on Thursday" promises."""

_LIKELY = 60
"""Hundredths from which the words of a sentence raise a promise at the latest. The line of the file (what lies above it
is right in .85) hangs on its first few mistakes, and moves far with a few new lines. On lines left out, F1 with the
file's line and with half of this one: .84 and .86 en, .80 and .82 de, .74 and .80 fr, .80 and .85 es, .88 and .90 tr,
.87 and .87 lv, .84 and .85 ar; precision fell by .01 to .04. On the held examples of all languages together precision
is .87 with this one and .86 with its half, recall .91 with both."""


def _sorted_anew(lines: Lines, claim: Claim, *, alone: bool) -> Claim:
    """What the words say of its kind where the phrases say nothing, or something that the words plainly gainsay: those
    of its sentence, or of the claim itself where others stand beside it."""
    if claim.label not in ("F", "K"):
        return claim
    sentence = lines.read.words.sentences[claim.sentence]
    first, last = (sentence.first, sentence.last) if alone else (claim.first, claim.last)
    margin = 0 if claim.kind == "other" else _PLAINLY
    return replace(claim, kind=lines.surer_sort(first, last, claim.kind, margin))


_PLAINLY = 150
"""Hundredths by which the words must outweigh the kind that a phrase gives. On lines left out the kind is then right
in .71 en, .69 fr, .68 tr, .69 lv, against .68, .64, .66, .62 by phrases alone."""


def _quotes(scene: Scene, index: int) -> bool:
    """Does the sentence repeat somebody's words, more than a name or a button?"""
    sentence = scene.words.sentences[index]
    return sum(scene.in_quotes(t) for t in range(sentence.first, sentence.last)) > _A_NAME


_A_NAME = 2
"""Words between quotation marks that only name something."""


def _told(read: Read) -> set[int]:
    """Sentences that tell what was done, and when ("a minute ago") or nothing that is to come."""
    at = read.words.sentence_of
    done, when, to_come = (
        {at(h.first) for h in read.hits(*(f"commitments.{name}" for name in names))}
        for names in (("done", "past"), ("happened",), ("frame", "promise", "later"))
    )
    return (done & when) | (done - to_come)


def _parts(scene: Scene, lines: Lines, index: int, line: int) -> list[Claim]:
    """A claim for each clause of a sentence that sounds like a promise by itself, where there are two with different
    things to do; else one for all of it."""
    sentence = scene.words.sentences[index]
    spans = [s for s in _clauses(scene, sentence.first, sentence.last) if lines.weight_of(index, *s) >= line + _APART]
    sorts = [lines.sort_of(*span) for span in spans]
    if len(set(sorts)) < 2:
        return [_claim(lines, index, sentence.first, sentence.last, lines.sort(index))]
    return [_claim(lines, index, *span, sort) for span, sort in zip(spans, sorts, strict=True)]


def _beside(scene: Scene, lines: Lines, claim: Claim, line: int) -> list[Claim]:
    """Clauses that sound like a promise of another kind beside the one that phrases found in the sentence."""
    if claim.label != "F":
        return []
    sentence = scene.words.sentences[claim.sentence]
    found = []
    for first, last in _clauses(scene, sentence.first, sentence.last):
        if (last <= claim.first or first >= claim.last) and lines.weight_of(
            claim.sentence, first, last
        ) >= line + _APART:
            sort = lines.sort_of(first, last)
            if sort != claim.kind:
                found.append(_claim(lines, claim.sentence, first, last, sort))
    return found


def _clauses(scene: Scene, first: int, last: int) -> list[tuple[int, int]]:
    """Tokens `first` to `last` (exclusive) cut at pauses and joining words, without those; of three words or more."""
    joints = {h.first for h in scene.hits("and")}
    cuts = [t for t in range(first + 1, last) if scene.words.pauses[t] or t in joints]
    spans = list(pairwise([first, *cuts, last]))
    spans = [(a + 1 if a in joints and a != first else a, b) for a, b in spans]
    return [(a, b) for a, b in spans if b - a >= _FEWEST]


_FEWEST = 3
"""Words of the shortest clause that promises something by itself."""

_APART = 40
"""Hundredths by which a clause must sound surer than a sentence to be a promise of its own."""


def _claim(lines: Lines, index: int, first: int, last: int, sort: str) -> Claim:
    last = min(last, first + LONGEST_QUOTE)
    doers = [h for h in lines.read.hits("commitments.doer") if first <= h.first < first + _SUBJECT]
    if not doers:
        return Claim("F", sort, first, last, index)
    doer = doers[0]
    promiser = doer.rule.facts.get("promiser", "speaker")
    return Claim("F", sort, first, last, index, promiser, (doer.first, doer.last))


LONGEST_QUOTE = 30
"""Words of the longest quote."""

_SUBJECT = 4
"""Words at the head of a sentence in which its subject stands."""
