"""Tell what the rest of its clause makes of a phrase: asked, denied, still to come, or about something else."""

from __future__ import annotations

from plugin.domain.commitments_scene import TOPIC
from plugin.domain.phrases import Hit, Read
from plugin.domain.ticket import Role

_HEADLINE = 2
"""Words that may follow a participle which tells something without a verb."""

_BEFORE, _AFTER = 5, 3
"""Words before and after a phrase among which "not" turns it round ("it has not come", "es kam nicht")."""


def headlines(read: Read) -> list[Hit]:
    """Participles that tell something without a verb ("Complaint forwarded, reference 12"): where they begin a sentence
    and little follows."""
    return [h for h in read.hits(TOPIC + "headline") if _begins(read, h)]


def _begins(read: Read, hit: Hit) -> bool:
    sentence = read.words.sentences[read.words.sentence_of(hit.first)]
    _, until = clause_of(read, hit, sentence.first, sentence.last)
    return hit.first == sentence.first and until - hit.last <= _HEADLINE


def is_undone(read: Read, hit: Hit) -> bool:
    """Does its clause ask it, deny it or tie it to what is to come ("we'll write when it is back online")?"""
    if is_asked(read, hit):
        return True
    sentence = read.words.sentences[read.words.sentence_of(hit.first)]
    since, _ = clause_of(read, hit, sentence.first, sentence.last)
    if any(since <= h.first <= hit.last for h in find_open(read)):
        return True
    return is_negated(read, hit) or is_aside(read, hit)


def is_turned(read: Read, hit: Hit) -> bool:
    """Does the customer say of it that it is not so, or should have been ("it should be here by now")?"""
    return is_negated(read, hit) or _shares_clause(read, hit, "undone")


def is_aside(read: Read, hit: Hit, by: Role = Role.AGENT) -> bool:
    """Does it speak of something else: our letter, another parcel, last year? Some phrases do so only in the mouth of
    the customer (`by`: "I sent it")."""
    return _shares_clause(read, hit, "aside", by.value)


def is_mere_thanks(read: Read, hit: Hit) -> bool:
    """ "Okay, got it": thanks, and no word that anything came."""
    return any(t.first <= hit.first and hit.last <= t.last for t in read.hits(TOPIC + "thanks"))


def _shares_clause(read: Read, hit: Hit, name: str, by: str = "") -> bool:
    others = [h for h in read.hits(TOPIC + name) if h.rule.facts.get("by", by) == by]
    if not others:
        return False
    sentence = read.words.sentences[read.words.sentence_of(hit.first)]
    since, until = clause_of(read, hit, sentence.first, sentence.last)
    return any(since <= h.first < until for h in others)


def find_open(read: Read) -> list[Hit]:
    """Phrases that say that something is not over, where they stand as their rule wants it."""
    found = []
    for hit in read.hits(*(TOPIC + name for name in ("condition", "undone", "denied"))):
        at, sentence = hit.rule.facts.get("at"), read.words.sentences[read.words.sentence_of(hit.first)]
        if at == "question" and sentence.ender != "?":
            continue
        if at in ("start", "sentence") and hit.first != clause_of(read, hit, sentence.first, sentence.last)[0]:
            continue
        found.append(hit)
    return found


def is_negated(read: Read, hit: Hit) -> bool:
    """Does "not" stand beside it, in its own part of the sentence?"""
    said = read.hits(TOPIC + "negation")
    if not said:
        return False
    sentence = read.words.sentences[read.words.sentence_of(hit.first)]
    since, until = clause_of(read, hit, sentence.first, sentence.last)
    since, until = max(since, hit.first - _BEFORE), min(until, hit.last + _AFTER)
    return any(since <= h.first < until and h.first != hit.first for h in said)  # "no more noise" is one phrase


def is_asked(read: Read, hit: Hit) -> bool:
    """Does it stand in a question ("did you cancel it or not?")?"""
    return read.words.sentences[read.words.sentence_of(hit.first)].ender == "?"


def is_conditional(read: Read, hit: Hit) -> bool:
    """Does its sentence say before it on what it depends ("if this goes on I will cancel")?"""
    first = read.words.sentences[read.words.sentence_of(hit.first)].first
    return any(first <= h.first and h.last < hit.first for h in read.hits(TOPIC + "condition"))


def clause_start(read: Read, hit: Hit) -> int:
    """Where the clause of a hit begins: at a pause or a joining word in its sentence."""
    first = read.words.sentences[read.words.sentence_of(hit.first)].first
    joins = {h.first for h in read.hits(TOPIC + "join")}
    return max((t for t in range(first, hit.first + 1) if read.words.pauses[t] or t in joins), default=first)


def clause_of(read: Read, hit: Hit, first: int, last: int) -> tuple[int, int]:
    """The part of these tokens around a hit that no pause and no "and" parts."""
    joined = {t for h in read.hits(TOPIC + "and") for t in (h.first, h.last) if first < h.first and h.last < last}
    cuts = [t for t in range(first + 1, last) if read.words.pauses[t] or t in joined]
    since = max((t for t in cuts if t <= hit.first), default=first)
    until = min((t for t in cuts if t >= hit.last), default=last)
    return since, until
