"""Say why the customer had to write: the cause they would name themselves, with the words that show it, or `unsure`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, log

from plugin.domain.calm import calm
from plugin.domain.cause_words import CauseWords, words_of
from plugin.domain.cause_words import Weighed as WeighedWords
from plugin.domain.findings import UNSURE, Adherence, Cause, Commitment, Evidence, Signal, State
from plugin.domain.own_phrases import WEIGHT, read_own
from plugin.domain.phrases import Hit, Pack, Read
from plugin.domain.taxonomy import NO_FAILURE, CauseKind, Taxonomy
from plugin.domain.ticket import Message
from plugin.domain.words import Sentence

__all__ = ["CauseKind", "Taxonomy", "tag_cause"]

THRESHOLD = 0.25
"""Share of the evidence below which we say `unsure`: of those, one in ten is right on stories left out of learning."""

GRAVE = frozenset({"wrong_point", "blocked_point", "refused_point", "refused_channel", "refused_contact"})
"""Breaches that no customer overlooks: exactly the number, line or way they had asked not to use. Where that happened,
a promise that was not kept is mostly its consequence."""

SURE = 0.7
"""Share of the evidence from which we say `sure`: six in seven are right on stories left out of learning."""

CONTRIBUTES = 0.15
"""Share of the evidence from which another cause is named beside the main one, if a phrase speaks for it."""

MOST_CONTRIBUTING = 2

CLEAR = 3
"""Weight of a phrase that says a cause, not only hints at it."""

LAST_WORD = 1.0
FIRST_WORD = 0.8
BETWEEN = 0.5
"""The newest message says why they write now, the first one how it began; the rest counts less."""

PLEASANTRY = 0.1
"""A "thanks, bye" in the thread of a failure says little about why it began."""

FEW_WORDS = 8
"""A shorter message says less, in proportion."""

STATED_REASON = 1.5
"""A sentence that announces the reason weighs this much more."""

CLOSE = 0.5
"""Scores nearer than this are about equal: then a cause that outranks the other wins."""

MOST_MESSAGES = 40
"""Of a longer thread the first and the newest are read."""


@dataclass(slots=True)
class _Heard:
    """One customer message as weighed: its calm reading, its phrases by cause, its score by cause."""

    message: Message
    read: Read
    words: CauseWords
    told: WeighedWords
    hits: dict[str, list[Hit]]
    score: dict[str, float]
    share: float = 1.0

    @property
    def pleasant(self) -> bool:
        """Does it sound as if nothing had failed?"""
        return not self.score or max(self.score, key=lambda k: self.score[k]) == NO_FAILURE


@dataclass(slots=True)
class _Weighed:
    """All evidence of a ticket: what each cause has, before and after it is made comparable."""

    heard: list[_Heard]
    total: dict[str, float] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)


def tag_cause(
    said: Sequence[tuple[Message, Read, Pack]],
    commitments: Sequence[Commitment],
    contacts: Sequence[Adherence],
    effort: Sequence[Signal],
    taxonomy: Taxonomy,
    subject: str = "",
    threshold: float = THRESHOLD,
) -> tuple[Cause, tuple[Cause, ...], tuple[str, ...]]:
    """(the main cause or UNSURE, at most two contributing ones, journey components) of a ticket.

    `said` are the customer's messages, oldest first, each with its reading and the pack that read it. `weight` of a
    cause is its share of all evidence, 0-1, for ordering only. Words of feeling change nothing here (D10).
    """
    heard = _hear(said, subject, taxonomy)
    if not any(h.score for h in heard):
        return UNSURE, (), ()
    weighed = _weigh(heard, taxonomy)
    _add_known_facts(weighed, [m for m, _, _ in said], commitments, contacts, effort, taxonomy)
    _share_out(weighed)
    key = _in_use(_choose(weighed, taxonomy), weighed, taxonomy)
    share = weighed.shares.get(key, 0.0)
    if share < threshold or key not in taxonomy.causes:
        return replace(UNSURE, weight=share), (), ()
    main = _cause(key, weighed, taxonomy)
    others = _contributing(key, weighed, taxonomy)
    return main, others, _journey((main, *others), weighed, taxonomy)


# --- hearing ---------------------------------------------------------------------------------------------------------


def _hear(said: Sequence[tuple[Message, Read, Pack]], subject: str, taxonomy: Taxonomy) -> list[_Heard]:
    """Each message calmly read and scored; the subject belongs to the first."""
    if len(said) > MOST_MESSAGES:
        said = [*said[: MOST_MESSAGES // 4], *said[-(MOST_MESSAGES - MOST_MESSAGES // 4) :]]
    heard = []
    for at, (message, read, pack) in enumerate(said):
        title = "" if at or message.text.lstrip().startswith(subject.strip()) else subject
        heard.append(_hear_one(message, read, pack, title, taxonomy))
    return heard


def _hear_one(message: Message, read: Read, pack: Pack, title: str, taxonomy: Taxonomy) -> _Heard:
    read, words = calm(read, pack), words_of(pack)
    reads = (read, calm(pack.read(title), pack)) if title.strip() else (read,)
    told = words.weigh(*reads)
    score = dict(told.score)
    hits = [hits_by_cause(one) for one in reads]
    for key, points in _count_points(reads, hits).items():
        score[key] = score.get(key, 0.0) + words.phrase * points
    heard = _under_present_keys(_Heard(message, read, words, told, hits[0], score), taxonomy)
    if taxonomy.phrases:
        _hear_own(heard, [hits_by_cause(read_own(taxonomy.phrases, one.words.text, pack)) for one in reads])
    return heard


def _hear_own(one: _Heard, found: Sequence[Mapping[str, list[Hit]]]) -> None:
    """The account's own phrases beside those of the language: what they name stands before all else in this message."""
    best = max([0.0, *one.score.values()])
    for key in dict.fromkeys(key for hits in found for key in hits):
        one.score[key] = best + one.words.phrase * WEIGHT
    for key, hits in found[0].items():
        one.hits[key] = [*one.hits.get(key, ()), *hits]


def _under_present_keys(one: _Heard, taxonomy: Taxonomy) -> _Heard:
    """What speaks for a cause that was merged speaks for the one it went into; shares add up."""
    for old in [key for key in taxonomy.past if taxonomy.now(key) != key]:
        now, score, hits = taxonomy.now(old), one.score.pop(old, None), one.hits.pop(old, None)
        if score is not None:
            other = one.score.get(now, score)
            most = max(score, other)
            both = exp(one.words.heat * (score - most)) + exp(one.words.heat * (other - most))
            one.score[now] = most + log(both if now in one.score else 1.0) / one.words.heat
        if hits:
            one.hits[now] = [*one.hits.get(now, ()), *hits]
    return one


def hits_by_cause(read: Read) -> dict[str, list[Hit]]:
    """Phrases found, by the cause they speak for; one that speaks for two stands under both."""
    found: dict[str, list[Hit]] = {}
    for hit in read.hits("causes."):
        facts = hit.rule.facts
        for fact in ("cause", "cause2"):
            if fact in facts:
                found.setdefault(facts[fact], []).append(hit)
    return found


def _weight(hit: Hit, key: str) -> float:
    facts = hit.rule.facts
    return float(facts.get("weight" if facts.get("cause") == key else "weight2", 1))


def phrase_points(*reads: Read) -> dict[str, float]:
    """Points of the phrases by cause; a rule counts once, by its best hit."""
    return _count_points(reads, [hits_by_cause(read) for read in reads])


def _count_points(reads: Sequence[Read], hits: Sequence[Mapping[str, list[Hit]]]) -> dict[str, float]:
    best: dict[tuple[str, str], float] = {}
    for read, by_cause in zip(reads, hits, strict=True):
        reasons = {read.words.sentence_of(h.first) for h in read.hits("causes.reason")}
        for key, found in by_cause.items():
            for hit in found:
                stated = bool(reasons) and read.words.sentence_of(hit.first) in reasons
                weight = _weight(hit, key) * (STATED_REASON if stated else 1.0)
                best[key, hit.rule.name] = max(best.get((key, hit.rule.name), 0.0), weight)
    points: dict[str, float] = {}
    for (key, _), weight in best.items():
        points[key] = points.get(key, 0.0) + weight
    return points


# --- weighing --------------------------------------------------------------------------------------------------------


def _weigh(heard: list[_Heard], taxonomy: Taxonomy) -> _Weighed:
    """One score a cause over all messages: a weighted mean, so that long threads do not shout."""
    failing = any(not h.pleasant for h in heard)
    for at, one in enumerate(heard):
        one.share = LAST_WORD if at == len(heard) - 1 else FIRST_WORD if at == 0 else BETWEEN
        if failing and one.pleasant:
            one.share *= PLEASANTRY
        one.share *= min(1.0, (len(one.read.words.tokens) + 1) / FEW_WORDS)
    whole = sum(h.share for h in heard if h.score) or 1.0
    told = {key for h in heard for key in (*h.words.classes, *h.score)}
    keys = [*taxonomy.causes, *(key for key in taxonomy.past if taxonomy.now(key) == key)]
    total = {key: 0.0 for key in keys if key in told}  # of the others nobody has spoken, nor could anybody
    for one in heard:
        for key in total.keys() & one.score.keys():
            total[key] += one.share * one.score[key] / whole
    return _Weighed(heard, total)


def _add_known_facts(
    weighed: _Weighed,
    messages: Sequence[Message],
    commitments: Sequence[Commitment],
    contacts: Sequence[Adherence],
    effort: Sequence[Signal],
    taxonomy: Taxonomy,
) -> None:
    """What the rest of the analysis knows of the contact itself wins over what the words are about."""
    newest = messages[-1].at
    for promise in commitments:
        due = promise.due.end
        if promise.state in (State.BROKEN, State.LATE) and due is not None and due < newest:
            _raise(weighed, "broken_promise", 1.0, taxonomy, certain=not promise.due.assumed)
            break
    ignored = {c.why for c in contacts if c.verdict == "breached" and c.at < newest}
    if ignored:
        _raise(weighed, "contact_preference_ignored", 1.0, taxonomy, certain=bool(GRAVE & ignored))
    counts = {signal.kind: signal.count for signal in effort}
    if counts.get("transfer", 0) >= 2 or counts.get("repeated_ask", 0):
        _raise(weighed, "transferred_or_repeated", 0.5, taxonomy)


def _raise(weighed: _Weighed, key: str, points: float, taxonomy: Taxonomy, *, certain: bool = False) -> None:
    """More for one cause; where the fact is certain, enough to stand before the best of those that it outranks."""
    key = taxonomy.now(key)
    if key not in taxonomy.causes and key not in taxonomy.past:
        return
    weighed.total.setdefault(key, 0.0)
    best = max(weighed.total, key=lambda k: weighed.total[k])
    weighed.total[key] += points
    if certain and key in taxonomy.causes and best in taxonomy.causes[key].outranks:
        weighed.total[key] = max(weighed.total[key], weighed.total[best] + CLOSE)


def _share_out(weighed: _Weighed) -> None:
    """Scores as shares of one, so that they can be held against a threshold."""
    heat = next((h.words.heat for h in weighed.heard if h.score), 1.0)
    most = max(weighed.total.values())
    parts = {key: exp(heat * (score - most)) for key, score in weighed.total.items()}
    whole = sum(parts.values())
    weighed.shares = {key: part / whole for key, part in parts.items()}


def _choose(weighed: _Weighed, taxonomy: Taxonomy) -> str:
    """The cause with most evidence, or one about equal to it that outranks it and that a clear phrase names."""
    best = max(weighed.total, key=lambda k: weighed.total[k])
    rivals = [
        key
        for key, kind in taxonomy.causes.items()
        if best in kind.outranks
        and weighed.total[best] - weighed.total[key] < CLOSE
        and any(_weight(h, key) > CLEAR for one in weighed.heard for h in one.hits.get(key, ()))
    ]
    return max(rivals, key=lambda k: weighed.total[k], default=best)


def _in_use(key: str, weighed: _Weighed, taxonomy: Taxonomy) -> str:
    """The cause itself; of one that was split the part that a phrase of the account names, else the one that gets the
    rest. "" where it was retired, or nothing tells its parts apart."""
    past = taxonomy.past.get(key)
    if past is None:
        return key
    parts = [part for part in past.into if part in taxonomy.causes]
    named = [part for part in parts if part in weighed.total]
    part = max(named, key=lambda k: weighed.total[k], default=past.rest)
    if part not in taxonomy.causes:
        return ""
    weighed.shares[part] = weighed.shares.get(part, 0.0) + weighed.shares[key]
    return part


# --- telling ---------------------------------------------------------------------------------------------------------


def _cause(key: str, weighed: _Weighed, taxonomy: Taxonomy) -> Cause:
    share = weighed.shares[key]
    confidence = "sure" if share >= SURE else "likely"
    return Cause(key, taxonomy.owner_of(key), confidence, _evidence(key, weighed, taxonomy), share)


def _contributing(main: str, weighed: _Weighed, taxonomy: Taxonomy) -> tuple[Cause, ...]:
    """Other causes that a clear phrase names and that have a fair share of the evidence."""
    found = [
        key
        for key, share in weighed.shares.items()
        if share >= CONTRIBUTES
        and key in taxonomy.causes
        and key not in (main, NO_FAILURE)
        and main != NO_FAILURE
        and any(_weight(h, key) >= CLEAR for one in weighed.heard for h in one.hits.get(key, ()))
    ]
    found.sort(key=lambda k: -weighed.shares[k])
    return tuple(_cause(key, weighed, taxonomy) for key in found[:MOST_CONTRIBUTING])


def _evidence(key: str, weighed: _Weighed, taxonomy: Taxonomy) -> tuple[Evidence, ...]:
    """The sentence that speaks most for a cause, from the message that does."""
    bodies = [h for h in weighed.heard if h.read.words.sentences]
    if not bodies:
        return ()
    one = max(bodies, key=lambda h: h.share * h.score.get(key, float("-inf")))
    sentences = one.read.words.sentences
    if len(sentences) == 1:
        return (_quote(one, sentences[0]),)
    keys = [key, *_split_from(key, taxonomy)] if taxonomy.past else [key]
    strength = [max(one.words.lean(one.told, at, k) for k in keys) for at in range(len(sentences))]
    for hit in one.hits.get(key, ()):
        strength[one.read.words.sentence_of(hit.first)] += _weight(hit, key)
    best = sentences[max(range(len(sentences)), key=lambda at: strength[at])]
    return (_quote(one, best),)


def _split_from(key: str, taxonomy: Taxonomy) -> list[str]:
    """Other keys whose words speak for this cause: what was merged into it, or what it is a part of."""
    merged = [old for old in taxonomy.sources(key) if old != key]
    return merged + [old for old, past in taxonomy.past.items() if key in past.into and past.act == "split"]


def _quote(one: _Heard, sentence: Sentence) -> Evidence:
    start, end = one.read.words.span(sentence.first, sentence.last)
    return Evidence(one.message.id, one.message.text[start:end], start)


def _journey(causes: Sequence[Cause], weighed: _Weighed, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Where in the journey it happened: what the main cause's phrases say, else the taxonomy; none or several (D7)."""
    found: dict[str, None] = {}
    for cause in causes:
        hits = [h for one in weighed.heard for h in one.hits.get(cause.key, ())]
        told = [h.rule.facts["place"] for h in hits if "place" in h.rule.facts]
        for component in told[:1] or taxonomy.causes[cause.key].journey:
            found[component] = None
    return tuple(found)
