"""Add the promises that no phrase spells and that the words of a sentence tell all the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

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
    claims = [_sorted_anew(lines, c) if taken[c.sentence] == 1 else c for c in claims]
    heard = [
        index
        for index, sentence in enumerate(read.words.sentences)
        if sentence.ender != "?" and index not in taken and index not in denied and lines.weight(index) >= line
    ]
    if not heard:
        return claims
    scene = Scene(read)
    new = [_claim(lines, index) for index in heard[:MAX_CLAIMS] if not _quotes(scene, index)]
    return sorted(claims + new, key=lambda c: (c.sentence, c.first))[:MAX_CLAIMS]


_LIKELY = 30
"""Hundredths from which the words of a sentence raise a promise at the latest. The line of the file (what lies above it is
right in .85) hangs on its first few mistakes, and moves far with a few new lines. On lines left out, F1 with the file's
line and with this one: .84 and .86 en, .80 and .82 de, .74 and .80 fr, .80 and .85 es, .88 and .90 tr, .87 and .87 lv, .84
and .85 ar; precision falls by .01 to .04."""


def _sorted_anew(lines: Lines, claim: Claim) -> Claim:
    """What the words say of its kind where the phrases say nothing, or something that the words plainly gainsay."""
    if claim.label not in ("F", "K"):
        return claim
    margin = 0 if claim.kind == "other" else _PLAINLY
    return replace(claim, kind=lines.surer_sort(claim.sentence, claim.kind, margin))


_PLAINLY = 150
"""Hundredths by which the words must outweigh the kind that a phrase gives. On lines left out the kind is then right
in .71 en, .69 fr, .68 tr, .69 lv, against .68, .64, .66, .62 by phrases alone."""


def _quotes(scene: Scene, index: int) -> bool:
    """Does the sentence repeat somebody's words, more than a name or a button?"""
    sentence = scene.words.sentences[index]
    return sum(scene.in_quotes(t) for t in range(sentence.first, sentence.last)) > _A_NAME


_A_NAME = 2
"""Words between quotation marks that only name something."""


def _claim(lines: Lines, index: int) -> Claim:
    sentence = lines.read.words.sentences[index]
    last = min(sentence.last, sentence.first + LONGEST_QUOTE)
    doers = [h for h in lines.read.hits("commitments.doer") if sentence.first <= h.first < sentence.first + _SUBJECT]
    if not doers:
        return Claim("F", lines.sort(index), sentence.first, last, index)
    doer = doers[0]
    promiser = doer.rule.facts.get("promiser", "speaker")
    return Claim("F", lines.sort(index), sentence.first, last, index, promiser, (doer.first, doer.last))


LONGEST_QUOTE = 30
"""Words of the longest quote."""

_SUBJECT = 4
"""Words at the head of a sentence in which its subject stands."""
