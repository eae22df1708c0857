"""Read the signs in one message: was it done, said to be done, confirmed, or only put off?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from plugin.domain.commitments_scene import TOPIC
from plugin.domain.findings import Evidence
from plugin.domain.judging_clauses import (
    clause_of,
    clause_start,
    find_open,
    headlines,
    is_aside,
    is_asked,
    is_conditional,
    is_mere_thanks,
    is_negated,
    is_turned,
    is_undone,
)
from plugin.domain.phrases import Hit, Read
from plugin.domain.ticket import Message, Role
from plugin.domain.words import Sentence

CONTACT = frozenset({"reply", "update", "investigate"})
"""Kinds that a public answer with substance keeps."""

_TELLING = 4
"""Words of the shortest sentence that tells something beside promises and apologies."""

GIVEN = "given"
"""Among the kinds of a sign: it shows something only of the promise that names it."""

_NAME = 4
"""Words of the longest name before a colon."""

_WRITTEN = frozenset({"send", "reply", "update"})
"""Kinds of which "your mail came" may speak."""

_WHOLE = frozenset({"fix", "other", "investigate"})
"""Kinds of which no status line tells that they were done, and half of which is not enough ("two of them work")."""

_FEW = 12
"""Words of a denial so short that it needs no name of what is denied."""

_LONGEST = 200
"""Letters of a message that stand for it as a whole."""

_SHORT = 6
"""Words of the longest sentence that says only thanks, and words kept around a telling phrase."""

_MOST = 8
"""Telling phrases of one sort that are looked at in one message."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What a message shows. `words`: the clause that tells it ("" where the message as a whole does); `kinds`: the
    kinds of promise it may speak of, none meaning any; `at`: the tokens of its sentence."""

    message: Message
    evidence: Evidence
    words: str = ""
    kinds: tuple[str, ...] = ()
    at: tuple[int, int] = (0, 0)


def find_signs(message: Message, read: Read | None, kind: str, promised: Collection[int] = ()) -> list[Sign]:
    """The words of this message that show a promise of this kind kept, if they do.

    A call is kept by an outbound call, answered or not known to be unanswered (the helpdesk or its note tells); an
    answer by a public message of a human that has substance; what happens outside by a statement that it was done (of
    an agent, of a courier's status, or of the customer). `promised`: where new promises begin in it, in characters.
    """
    if message.call is not None:
        missed = message.call.answered is None and read is not None and read.has(TOPIC + "unreached")
        reached = message.call.outbound and message.call.answered is not False and not missed
        return [Sign(message, whole(message))] if kind == "call" and reached else []
    if read is None:
        return []
    if message.role is Role.CUSTOMER:
        return _confirmed(message, read, kind)
    if message.role is Role.AGENT and (not message.public or message.automatic):
        return []
    stated = _signs(message, read, _stated(message, read, kind))
    if stated or message.role is not Role.AGENT:
        return stated
    if kind in CONTACT and _has_substance(read, promised):
        return [Sign(message, whole(message), kinds=("forward",) if _only_handed_on(read) else ())]
    return _links(message, read, kind) + _given(message, read, kind) if kind in ("send", "ship") else []


def find_answer(message: Message, read: Read) -> Sign | None:
    """A human has written: what a machine promised when it said that somebody will reply. A promise of more is an
    answer too; that it is being looked into is none."""
    if message.role is not Role.AGENT or not message.public or message.automatic or message.call is not None:
        return None
    put_off = _puts_off(read) or only_thanks(read)
    return None if put_off and not read.has(TOPIC + "done") else Sign(message, whole(message))


def _stated(message: Message, read: Read, kind: str) -> list[Hit]:
    """Statements that what was promised is done: phrases that say so, and the promised verb itself in the past. Of what
    a machine notes ("macro applied") only a courier's status and the like count."""
    if kind in CONTACT or (message.role is Role.SYSTEM and kind in _WHOLE):
        return []
    hits = [h for h in read.hits(TOPIC + "done") if _is_for(h, kind)]
    if kind != "call" and message.role is Role.AGENT:
        hits = sorted({*hits, *_past_deeds(read, kind)}, key=lambda h: h.first)
    return [h for h in hits if not is_undone(read, h)]


def _past_deeds(read: Read, kind: str) -> list[Hit]:
    """Verbs of promises of this kind, where they stand in a past form ("was reimbursed" for "will be reimbursed")."""
    deeds = [h for h in read.hits(TOPIC + "deed") if h.rule.facts.get("kind") == kind]
    past = read.hits(TOPIC + "past") + headlines(read) if deeds else []
    return [h for h in past if any(h.first < d.last and d.first < h.last for d in deeds)]


def _confirmed(message: Message, read: Read, kind: str) -> list[Sign]:
    """The customer says that it came or works: enough for what happens outside. What a clause denies it confirms not
    ("the fitter came, but the letter never did")."""
    if kind in ("reply", "update", "forward"):
        return []
    outside = kind not in ("call", "investigate")
    hits = [h for h in read.hits(TOPIC + "confirmed") if not (is_asked(read, h) or is_turned(read, h))]
    hits = [
        h for h in hits if not (is_mere_thanks(read, h) or (kind not in _WRITTEN and is_aside(read, h, Role.CUSTOMER)))
    ]
    denied = {clause_start(read, h) for h in read.hits(TOPIC + "denied")}
    if denied and kind in _WHOLE:
        return []
    told = "visit" if kind == "investigate" else kind  # who came to inspect has inspected
    named = [h for h in hits if _is_for(h, told) or (outside and "kinds" not in h.rule.facts)]
    return _signs(message, read, [h for h in named if clause_start(read, h) not in denied])


def find_waiver(message: Message, read: Read, kind: str) -> Sign | None:
    """The customer says it is no longer needed: this kind, or everything when no kind is named. Who says what they will
    do if it goes on like this lets nobody off."""
    hits = [h for h in read.hits(TOPIC + "waived") if "kinds" in h.rule.facts or not is_asked(read, h)]
    hits = [h for h in hits if not is_conditional(read, h)]
    named = [h for h in hits if "kinds" in h.rule.facts]
    fitting = [h for h in named if _is_for(h, kind)] if named else hits
    if not fitting:
        return None
    sign = _sign(message, read, fitting[0])
    return replace(sign, words=read.words.quote(*sign.at))  # "the ink is bought, we don't need it": what "it" is


def find_past(message: Message, read: Read) -> list[Sign]:
    """Sentences in which an agent tells what was done, with all their words and the kinds that their phrases name."""
    if message.role is not Role.AGENT or not message.public or message.automatic or message.call is not None:
        return []
    words = read.words
    said = read.hits(TOPIC + "past", TOPIC + "done") + headlines(read)
    said = [h for h in said if not is_undone(read, h)]
    told = {words.sentence_of(h.first): h for h in said}
    kinds: dict[int, str] = {}
    for hit in said:
        index = words.sentence_of(hit.first)
        kinds[index] = f"{kinds.get(index, '')} {hit.rule.facts.get('kinds', '')}"
    for hit in find_open(read) + read.hits(TOPIC + "holding"):
        told.pop(words.sentence_of(hit.first), None)
    signs = [(_sign(message, read, hit), words.sentences[index]) for index, hit in sorted(told.items())[:_MOST]]
    return [
        replace(sign, words=words.quote(s.first, s.last), kinds=tuple(kinds[words.sentence_of(s.first)].split()))
        for sign, s in signs
    ]


def find_move(message: Message, read: Read) -> Sign | None:
    """Another time is named or asked for instead of the one that was promised."""
    if message.role not in (Role.AGENT, Role.CUSTOMER) or message.call is not None or not message.public:
        return None
    if message.automatic:
        return None
    dates = [h for h in read.hits(TOPIC + "later") if h.rule.facts.get("sort") == "fixed"]
    for hit in read.hits(TOPIC + "moved"):
        if any(not hit.overlaps(date) for date in dates):  # "not today" alone names no other time
            return _sign(message, read, hit)
    return None


def find_denials(message: Message, read: Read, kind: str, *, chases: bool = True) -> list[Sign]:
    """The customer says it was not done, or asks where it stays; where the words name kinds, only of those. What was
    handed on inside the company the customer cannot miss: only words that name it deny it."""
    hits = read.hits(TOPIC + "denied", *((TOPIC + "chase",) if chases else ()))
    hits += [h for h in read.hits(TOPIC + "confirmed") if is_turned(read, h)]  # "the refund has not landed"
    return _signs(
        message, read, [h for h in hits if (_is_for(h, kind) if "kinds" in h.rule.facts else kind != "forward")]
    )


def find_doubts(message: Message, read: Read) -> list[Sign]:
    """What a sentence of the customer's asks or denies, or one of ours puts off: once it is due, no word that it is
    done. Few words that deny speak of what is owed without naming it ("not fixed")."""
    words = read.words
    if message.role is Role.CUSTOMER:
        denied = {words.sentence_of(h.first) for h in read.hits(TOPIC + "negation", TOPIC + "undone")}
        asked = [s for i, s in enumerate(words.sentences) if s.ender == "?" or i in denied]
        short = [Sign(message, whole(message))] if denied and _is_brief(read) else []
    elif message.role is Role.AGENT and message.public and not message.automatic and message.call is None:
        hits = [h for h in read.hits(TOPIC + "holding") if h.rule.facts.get("soft") != "yes"]
        hits += read.hits(TOPIC + "undone", TOPIC + "denied")
        hits += [h for h in read.hits(TOPIC + "done", TOPIC + "past") if is_negated(read, h)]
        asked = [words.sentences[i] for i in sorted({words.sentence_of(h.first) for h in hits})]
        short = []
    else:
        return []
    return short + [_sentence(message, read, s) for s in asked[:_MOST]]


def _is_brief(read: Read) -> bool:
    return len(read.words.tokens) <= _FEW and not read.has(TOPIC + "confirmed", TOPIC + "thanks", TOPIC + "waived")


def _sentence(message: Message, read: Read, sentence: Sentence) -> Sign:
    start, end = read.words.span(sentence.first, sentence.last)
    words = message.text[start:end]
    return Sign(message, Evidence(message.id, words[:_LONGEST].rstrip(), start), words)


def _is_for(hit: Hit, kind: str) -> bool:
    return kind in hit.rule.facts.get("kinds", "").split()


def _has_substance(read: Read, promised: Collection[int]) -> bool:
    """Does a reply say something? Holding replies, thanks, apologies and mere new promises do not."""
    held = read.hits(TOPIC + "holding")
    if any(not is_undone(read, h) and not any(h.overlaps(x) for x in held) for h in read.hits(TOPIC + "done")):
        return True
    if _puts_off(read) or only_thanks(read):
        return False
    empty = {read.words.sentence_of(h.first) for h in read.hits(TOPIC + "holding")}
    empty |= {i for i in _thankful(read) if _words_in(read, i) <= _SHORT}  # "good news: it is found" says more
    if not empty and not promised:
        return True
    return any(
        index not in empty and s.last - s.first >= _TELLING and not _promises(read, s, promised)
        for index, s in enumerate(read.words.sentences)
    )


def _puts_off(read: Read) -> bool:
    """Does it say that nothing is known yet? An apology for the delay (`soft`) says so of its own sentence only."""
    return any(h.rule.facts.get("soft") != "yes" for h in read.hits(TOPIC + "holding"))


def _promises(read: Read, sentence: Sentence, promised: Collection[int]) -> bool:
    start, end = read.words.span(sentence.first, sentence.last)
    return any(start <= at < end for at in promised)


def _only_handed_on(read: Read) -> bool:
    """Does it state nothing but that somebody else has it now ("done, they have your form")?"""
    kinds = [h.rule.facts.get("kinds", "").split() for h in read.hits(TOPIC + "done")]
    return ["forward"] in kinds and all("forward" in k for k in kinds)


def _links(message: Message, read: Read, kind: str) -> list[Sign]:
    """The thing itself, sent as a link; `words` is the sentence it stands in."""
    for token, sort in enumerate(read.words.kinds):
        if sort == "url":
            start = read.words.starts[token]
            evidence = Evidence(message.id, message.text[start : read.words.ends[token]], start)
            sentence = read.words.sentences[read.words.sentence_of(token)]
            words = read.words.quote(sentence.first, sentence.last)
            return [Sign(message, evidence, words, (kind,), (sentence.first, sentence.last))]
    return []


def _given(message: Message, read: Read, kind: str) -> list[Sign]:
    """The thing itself, written down after its name and a colon ("Workaround: filter by month"); `words` names it."""
    words = read.words
    for sentence in words.sentences:
        for token in range(sentence.first + 1, min(sentence.last, sentence.first + _NAME + 1)):
            if words.pauses[token] and ":" in words.text[words.ends[token - 1] : words.starts[token]]:
                start, end = words.span(sentence.first, sentence.last)
                evidence = Evidence(message.id, message.text[start:end][:_LONGEST], start)
                name = words.quote(sentence.first, token)
                return [Sign(message, evidence, name, (GIVEN, kind), (sentence.first, sentence.last))]
    return []


def only_thanks(read: Read) -> bool:
    """Thanks and nothing else: every sentence is short and holds a word of thanks."""
    thanks = _thankful(read)
    return all(
        i in thanks and s.last - s.first <= _SHORT and s.ender != "?" for i, s in enumerate(read.words.sentences)
    )


def _thankful(read: Read) -> set[int]:
    return {read.words.sentence_of(h.first) for h in read.hits(TOPIC + "thanks")}


def _words_in(read: Read, index: int) -> int:
    sentence = read.words.sentences[index]
    return sentence.last - sentence.first


def _signs(message: Message, read: Read, hits: list[Hit]) -> list[Sign]:
    """Telling phrases, each with some words of its sentence and with its own clause ("nobody called, and I have not
    received the refund" says two things)."""
    return [_sign(message, read, hit) for hit in hits[:_MOST]]


def _sign(message: Message, read: Read, hit: Hit) -> Sign:
    sentence = read.words.sentences[read.words.sentence_of(hit.first)]
    first, last = max(sentence.first, hit.first - _SHORT), min(sentence.last, hit.last + _SHORT)
    start, end = read.words.span(first, last)
    evidence = Evidence(message.id, message.text[start:end], start)
    kinds = tuple(hit.rule.facts.get("kinds", "").split())
    return Sign(
        message, evidence, read.words.quote(*clause_of(read, hit, first, last)), kinds, (sentence.first, sentence.last)
    )


def whole(message: Message) -> Evidence:
    """The beginning of a message that is evidence as a whole."""
    return Evidence(message.id, message.text[:_LONGEST].rstrip(), 0)
