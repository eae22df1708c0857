"""Put what an account taught us beside what our own words say: people first, then the model where it is sure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from plugin.domain.calm import calm
from plugin.domain.findings import UNSURE, Cause, Evidence
from plugin.domain.phrases import Pack, Read
from plugin.domain.taxonomy import Taxonomy
from plugin.domain.ticket import Message
from plugin.domain.words import fold

KNOWN_FROM_FACTS = frozenset({"broken_promise", "contact_preference_ignored", "transferred_or_repeated"})
"""Causes that the rest of the analysis proves: what words are about does not outweigh them."""

REPLACES = "replaces"
"""Among a model's facts: the causes that it may overrule (all of them where this is not noted)."""

NAMED = 0.75
"""Share from which a model may replace a cause that was named, not "unsure". What is taken from a cause that was right
costs it more than silence costs the other: with fifty corrections of one cause of a made-up bicycle hire, another
lost 7 points without it and none with it, for 7 of 53 points gained; at Banking77's bank it cost less than 2 of 19."""

SURE = 0.9
"""Share from which a learned tag is called sure; below it stays likely."""

LONGEST = 400
"""Letters that are looked at: enough for a reason, and a bound on the time it takes."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a model makes of a text: the cause, its share of all evidence (0-1, for ordering only), and the words that
    counted for it, the strongest first."""

    key: str
    share: float
    words: tuple[tuple[str, float], ...] = ()


class Learned(Protocol):
    """A model of one account. Guessing takes a millisecond at most."""

    @property
    def threshold(self) -> float:
        """Share from which it may be followed; above 1 for never."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """What was noted beside it: numbers and names only."""
        ...

    def guess(self, text: str) -> Guess | None:
        """None where it knows nothing of the text."""
        ...


class Trained(Learned, Protocol):
    """A model just made or loaded, to be measured and adjusted."""

    def scores(self, text: str) -> Mapping[str, float]:
        """Evidence for each class, not yet shares."""
        ...

    def adjusted(self, heat: float, threshold: float, taught: Collection[str], facts: Mapping[str, Any]) -> Trained:
        """The same model with what was measured: how scores become shares, from where it is followed, and for which
        causes."""
        ...


class Learner(Protocol):
    """What makes models, and keeps them as bytes that only hold numbers and names."""

    def train(self, texts: Sequence[str], labels: Sequence[str], trust: Sequence[float] | None = None) -> Trained:
        """Rejected where it cannot: a library is missing, or there is nothing to tell apart."""
        ...

    def dump(self, model: Any) -> bytes: ...

    def load(self, body: bytes) -> Trained:
        """Rejected for bytes that are no model."""
        ...


def text_of(reads: Sequence[Read]) -> str:
    """What a model reads of the customer's messages (calm readings, oldest first): the newest, then how it began."""
    texts = [read.words.text.strip() for read in reads]
    return "\n".join(dict.fromkeys([*texts[-1:], *texts[:1]]))[:LONGEST]


def follow(
    found: Cause, guess: Guess | None, learned: Learned, taxonomy: Taxonomy, proof: tuple[Evidence, ...]
) -> Cause:
    """The cause after the model has spoken: its own only where it reaches its threshold, the taxonomy still knows it,
    it was shown to put right what was found, no fact of the ticket gainsays it, and words of the customer show it."""
    key = taxonomy.now(guess.key) if guess else ""
    if guess is None or guess.share < learned.threshold or key not in taxonomy.causes:
        return found
    if found.key == key or not may_overrule(learned, found.key, guess.share) or not proof:
        return found
    confidence = "sure" if guess.share >= SURE else "likely"
    return Cause(key, taxonomy.owner_of(key), confidence, proof, guess.share)


def may_overrule(learned: Learned, found: str, share: float) -> bool:
    """May this model, so sure of its own, put another cause in the place of the one that was found?"""
    if found in KNOWN_FROM_FACTS or share < needed(found):
        return False
    return found in learned.facts.get(REPLACES, (found,))


def needed(found: str) -> float:
    """The least share for anything else than what was found, beside the model's own threshold."""
    return 0.0 if found == UNSURE.key else NAMED


def tag_with(
    learned: Learned,
    found: tuple[Cause, tuple[Cause, ...], tuple[str, ...]],
    said: Sequence[tuple[Message, Read, Pack]],
    taxonomy: Taxonomy,
) -> tuple[Cause, tuple[Cause, ...], tuple[str, ...]]:
    """`causes.tag_cause` joined with a model; what it found is kept where the model has nothing better."""
    cause, others, _ = found
    ends = [*said[:1], *said[-1:]]  # what lies between is not read, so it need not be calmed either
    guess = learned.guess(text_of([calm(read, pack) for _, read, pack in ends])) if said else None
    proof = _quote(guess, said) if guess else ()
    joined = follow(cause, guess, learned, taxonomy, proof)
    if joined is cause:
        return found
    others = tuple(o for o in others if o.key != joined.key)
    components = [*taxonomy.causes[joined.key].journey, *(c for o in others for c in taxonomy.causes[o.key].journey)]
    return joined, others, tuple(dict.fromkeys(components))


def _quote(guess: Guess, said: Sequence[tuple[Message, Read, Pack]]) -> tuple[Evidence, ...]:
    """The sentence with most of the words that counted, in the newest message, else in the first."""
    weights = dict(guess.words)
    best: tuple[Evidence, ...] = ()
    most = 0.0
    for message, read, _ in (said[-1], said[0]):
        for sentence in read.words.sentences:
            weight = _weight(read.words.tokens[sentence.first : sentence.last], weights)
            if weight > most or not best:
                start, end = read.words.span(sentence.first, sentence.last)
                best, most = (Evidence(message.id, message.text[start:end], start),), weight
    return best


def _weight(tokens: Sequence[str], weights: Mapping[str, float]) -> float:
    return sum(weights.get(fold(token), 0.0) for token in tokens)
