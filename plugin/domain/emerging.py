"""Notice what is new among the tickets that no cause explains: places where this week's customers stand closer together
than those of the weeks before, and the words they share there.

Each ticket of this week looks at the tickets nearest to it in words. If nothing changed, how many of those are of this
week is binomial; a place counts only where that is less likely than ALARM, corrected for all places looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import pairwise
from math import exp, lgamma, log, log1p, sqrt

from plugin.domain.words import cut, fold

ALARM = 0.4
"""Chance that a week in which nothing changed has a place that counts. Few such places have FEWEST customers around
them as well, so proposals are rarer by far: measured by bench/emerging.py."""

NEAREST = (8, 16, 24, 32, 48)
"""So many of the nearest tickets are looked at: few for a small cause, more for one that is spread."""

LOOKS = 3.0
"""How many looks a ticket counts for when chances are corrected: five that overlap, with neighbours that overlap too.
Measured on shuffled tickets (bench/emerging.py)."""

JOINS = 0.02
"""Chance below which a ticket near a place that counts belongs to it."""

COMMON = 0.2
"""Share of all tickets with a term from which it tells nothing."""

MOST = 5
"""Proposals a week: more nobody weighs."""

QUOTES = 5

FEWEST = 8
"""Distinct customers that a proposal must have."""

GREW = 2.0
"""How many times more customers than in a week before."""

STEM = 5
"""Letters of a longer word that are compared."""

SHORTEST = 3
"""Letters of a word that is compared alone; two in scripts without capitals."""

CHARACTERISTIC = 12
"""Stems that describe a group."""

NAME_WORDS = 4

ALIKE = 0.35
"""Likeness from which a group is one that was proposed before, in slightly other words."""

MOST_DISPERSED = 4.0


@dataclass(frozen=True, slots=True)
class Doc:
    """One ticket that nothing explains: who wrote it, what, and its terms (stems and pairs of neighbours)."""

    ticket_id: str
    customer: str
    text: str
    words: tuple[str, ...]
    terms: frozenset[str]
    week: int = 0
    """0 is this week, 1 the one before it, and so on."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a group of tickets sounds: weights by stem, and from which sum on a ticket is of it."""

    weights: tuple[tuple[str, float], ...]
    least: float

    def score(self, terms: Iterable[str]) -> float:
        """How much a ticket sounds like it."""
        told = dict(self.weights)
        return sum(told.get(term, 0.0) for term in terms)

    def claims(self, doc: Doc) -> bool:
        """Is this ticket of it?"""
        return self.score(doc.terms) >= self.least

    def like(self, other: Profile) -> float:
        """Cosine of the two, 0-1."""
        mine, theirs = dict(self.weights), dict(other.weights)
        dot = sum(weight * theirs.get(stem, 0.0) for stem, weight in mine.items())
        length = sqrt(sum(w * w for w in mine.values()) * sum(w * w for w in theirs.values()))
        return dot / length if length else 0.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """What may be a new cause. `before_tenths` are customers a week in the weeks before (times ten, whole:
    nothing kept is a scale)."""

    words: tuple[str, ...]
    """Words that name it, the most telling first."""
    customers: int
    tickets: int
    before_tenths: int
    profile: Profile
    phrases: tuple[str, ...] = ()
    """Phrases that would tag most of its tickets and few others."""
    quotes: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """(ticket, words) of distinct customers."""

    @property
    def name(self) -> str:
        """The words as one name."""
        return ", ".join(self.words)


def doc_of(ticket_id: str, customer: str, text: str, week: int) -> Doc:
    """A ticket as it is compared. `text` is calm: words of feeling make no cause."""
    words = tuple(fold(word) for word, kind in _tokens(text) if kind == "word")
    stems = [word[:STEM] for word in words]
    alone = {stem for stem in stems if len(stem) >= (SHORTEST if stem.isascii() else 2)}
    pairs = {f"{one} {other}" for one, other in pairwise(stems)}
    return Doc(ticket_id, customer, text, words, frozenset(alone | pairs), week)


def _tokens(text: str) -> Iterable[tuple[str, str]]:
    words = cut(text)
    return zip(words.tokens, words.kinds, strict=True)


def find_emerging(now: Sequence[Doc], before: Sequence[Doc], known: Sequence[Profile] = ()) -> list[Proposal]:
    """At most five proposals of this week against the weeks before, the one with most customers first. What sounds like
    one of `known` is left out. Without weeks before nothing can be new."""
    weeks = max((doc.week for doc in before), default=0)
    now = once_each(now)
    if not weeks or len(now) < FEWEST:
        return []
    found: list[Proposal] = []
    for group in _places(now, before, weeks):
        made = _propose(group, now, before, weeks)
        if made is not None and not is_known(made, now, known) and not is_known(made, now, [p.profile for p in found]):
            found.append(made)
    return sorted(found, key=lambda p: -p.customers)[:MOST]


def once_each(docs: Sequence[Doc]) -> list[Doc]:
    """Of each customer the newest ticket: ten letters of one are one customer in pain."""
    return list({doc.customer: doc for doc in docs}.values())


def is_known(made: Proposal, now: Sequence[Doc], known: Sequence[Profile]) -> bool:
    """Was the like of it proposed before? By its words, or by whether the older one claims most of its tickets."""
    members = [doc for doc in now if made.profile.claims(doc)]
    for profile in known:
        claimed = sum(profile.claims(doc) for doc in members)
        if made.profile.like(profile) >= ALIKE or claimed >= ALIKE * max(1, len(members)):
            return True
    return False


# --- places ----------------------------------------------------------------------------------------------------------


def _places(now: Sequence[Doc], before: Sequence[Doc], weeks: int) -> list[list[Doc]]:
    """Groups of this week's tickets that stand closer together than chance allows, the least likely first."""
    share, spread = len(now) / (len(now) + len(before)), dispersion(before, weeks)
    near = nearest(now, before)
    chances = [_chance(listed, len(now), share, spread) for listed in near]
    limit = ALARM / (LOOKS * len(now))
    groups: list[list[Doc]] = []
    taken: set[int] = set()
    for at in sorted(range(len(now)), key=lambda n: chances[n]):
        if chances[at] > limit:
            break
        if at not in taken:
            group = _spread(at, near, chances, len(now))
            taken |= group
            groups.append([now[n] for n in sorted(group)])
    return groups


def _chance(listed: Sequence[int], here: int, share: float, spread: float) -> float:
    """The least likely of the looks at a ticket's neighbours."""
    best = 1.0
    for many in NEAREST:
        if many > len(listed):
            break
        hits = sum(n < here for n in listed[:many])
        if hits > share * many:
            best = min(best, tail(hits, many, share))
    return float(best ** (1 / spread))  # so much less is known where counts jump by themselves


def _spread(start: int, near: Sequence[Sequence[int]], chances: Sequence[float], here: int) -> set[int]:
    """The place around a ticket: neighbours of neighbours, as long as they stand close together themselves."""
    group, edge = {start}, [start]
    while edge:
        at = edge.pop()
        new = {n for n in near[at][: NEAREST[1]] if n < here and chances[n] <= JOINS} - group
        group |= new
        edge += new
    return group


def nearest(now: Sequence[Doc], before: Sequence[Doc]) -> list[list[int]]:
    """For each ticket of this week the numbers of those nearest to it in words, this week's first in the count: the
    cosine of their rare terms. Other tickets of the same customer are left out."""
    docs = [*now, *before]
    counts = _count(docs)
    most = COMMON * len(docs)
    weight = {t: log((1 + len(docs)) / (1 + n)) + 1 for t, n in counts.items() if 2 <= n <= most}
    listed: dict[str, list[tuple[int, float]]] = {}
    for at, doc in enumerate(docs):
        known = [term for term in doc.terms if term in weight]
        length = sqrt(sum(weight[term] ** 2 for term in known)) or 1.0
        for term in known:
            listed.setdefault(term, []).append((at, weight[term] / length))
    return [_nearest(at, doc, docs, weight, listed) for at, doc in enumerate(now)]


def _nearest(
    at: int, doc: Doc, docs: Sequence[Doc], weight: Mapping[str, float],
    listed: Mapping[str, Sequence[tuple[int, float]]],
) -> list[int]:  # fmt: skip
    like: dict[int, float] = {}
    for term in doc.terms:
        if term in weight:
            mine = weight[term]
            for other, theirs in listed[term]:
                like[other] = like.get(other, 0.0) + mine * theirs
    others = ((score, -n) for n, score in like.items() if n != at and docs[n].customer != doc.customer)
    return [-n for _, n in nlargest(NEAREST[-1], others)]


def dispersion(before: Sequence[Doc], weeks: int) -> float:
    """How much more the counts of a term differ from week to week than chance alone would have it; at least 1."""
    if weeks < 3:
        return 1.0
    sizes = Counter(doc.week for doc in before)
    counts: dict[str, Counter[int]] = {}
    for term, _, week in {(term, doc.customer, doc.week) for doc in before for term in doc.terms}:
        counts.setdefault(term, Counter())[week] += 1
    told = [_chi(row, sizes, weeks) for row in counts.values() if row.total() >= 5 * weeks]
    mean = sum(told) / len(told) if told else 1.0
    return min(MOST_DISPERSED, max(1.0, mean))


def _chi(row: Mapping[int, int], sizes: Mapping[int, int], weeks: int) -> float:
    rate = sum(row.values()) / sum(sizes.values())
    parts = ((row.get(w, 0) - rate * sizes[w]) ** 2 / (rate * sizes[w]) for w in sizes)
    return sum(parts) / max(1, len(sizes) - 1)


def tail(hits: int, n: int, share: float) -> float:
    """Chance of at least so many hits among n, each with this chance (the binomial's upper tail)."""
    if hits <= 0:
        return 1.0
    terms = (_log_choose(n, k) + k * log(share) + (n - k) * log1p(-share) for k in range(hits, n + 1))
    return min(1.0, sum(exp(term) for term in terms))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


# --- groups ----------------------------------------------------------------------------------------------------------


def _propose(first: Sequence[Doc], now: Sequence[Doc], before: Sequence[Doc], weeks: int) -> Proposal | None:
    profile = profile_of(first, [*now, *before])
    members = [doc for doc in now if doc in first or profile.claims(doc)]
    earlier = {(doc.customer, doc.week) for doc in before if profile.claims(doc)}
    customers = {doc.customer for doc in members}
    if len(customers) < FEWEST or len(customers) * weeks < GREW * len(earlier):
        return None
    return Proposal(
        words=_name(profile, members), customers=len(customers), tickets=len(members),
        before_tenths=round(10 * len(earlier) / weeks), profile=profile,
        phrases=_phrases(members, [*now, *before], profile), quotes=_quotes(members, profile),
    )  # fmt: skip


def profile_of(members: Sequence[Doc], everybody: Sequence[Doc]) -> Profile:
    """The stems and pairs that tell these tickets from all others, and from which sum on a ticket is one of them."""
    inside, outside = _count(members), _count(everybody)
    others = len(everybody) - len(members)
    weights: dict[str, float] = {}
    for term, n in inside.items():
        share, rest = n / len(members), (outside[term] - n + 0.5) / (others + 1)
        if share > rest and n >= 2:
            weights[term] = share * log(share / rest)
    best = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:CHARACTERISTIC]
    told = Profile(tuple((term, round(weight, 3)) for term, weight in best), 0.0)
    scores = sorted(told.score(doc.terms) for doc in members)
    return Profile(told.weights, round(scores[len(scores) // 4], 3) if scores else 0.0)


def _count(docs: Sequence[Doc]) -> Counter[str]:
    return Counter(term for doc in docs for term in doc.terms)


def _name(profile: Profile, members: Sequence[Doc]) -> tuple[str, ...]:
    """The most telling stems as the words that customers use."""
    forms: dict[str, Counter[str]] = {}
    for doc in members:
        for word in set(doc.words):
            forms.setdefault(word[:STEM], Counter())[word] += 1
    stems = [part for term, _ in profile.weights for part in term.split() if len(part) >= SHORTEST]
    named = [forms[stem].most_common(1)[0][0] for stem in dict.fromkeys(stems) if stem in forms]
    return tuple(named[:NAME_WORDS])


def _quotes(members: Sequence[Doc], profile: Profile) -> tuple[tuple[str, str], ...]:
    """The most telling ones, each of another customer and in other words."""
    told: dict[str, tuple[str, str]] = {}
    texts: set[str] = set()
    for doc in sorted(members, key=lambda d: (-profile.score(d.terms), len(d.text), d.ticket_id)):
        plain = " ".join(doc.words)
        if doc.customer not in told and plain not in texts:
            told[doc.customer] = (doc.ticket_id, doc.text)
            texts.add(plain)
    return tuple(told.values())[:QUOTES]


EXACT = 0.8
"""Share of the tickets with a phrase that must be of the group."""

MOST_PHRASES = 6


def _phrases(members: Sequence[Doc], everybody: Sequence[Doc], profile: Profile) -> tuple[str, ...]:
    """Phrases for a cause made of this group: each holds for its tickets and few others, together for most."""
    left = {doc.ticket_id for doc in members}
    told: list[str] = []
    terms = [term for term, _ in profile.weights]
    for term in sorted(terms, key=lambda t: (" " in t, terms.index(t))):
        with_it = [doc.ticket_id for doc in everybody if term in doc.terms]
        mine = {doc.ticket_id for doc in members if term in doc.terms}
        if mine & left and len(mine) >= EXACT * len(with_it) and len(mine) > 1:
            told.append(_written(term))
            left -= mine
    return tuple(told[:MOST_PHRASES])


def _written(term: str) -> str:
    """A stem or pair as a phrase of a taxonomy."""
    return " ".join(f"{part}*" if len(part) == STEM else part for part in term.split())
