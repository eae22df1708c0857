"""Notice what is new among the tickets that no cause explains: what more of this week's customers say than of those of
the weeks before, and the words they share there.

Each ticket of this week looks at the tickets nearest to it in words. If nothing changed, how many of those are of this
week is binomial; where that is unlikely a group starts. It grows by its own words: they are weighed, all tickets are
put in the order of that weight, and the cut is made where so many of this week above it are least likely.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import pairwise
from math import exp, lgamma, log, log1p, sqrt

from plugin.domain.words import cut, fold

RARE = 1e-6
"""Chance below which a group counts. It is no rate of false alarms: the words of a group are chosen from its own
tickets, out of many, so it is far easier to reach than it sounds. Measured on shuffled tickets (bench/emerging.py)."""

NEAREST = (4, 8, 16, 32, 64)
"""So many of the nearest tickets are looked at: few for a small cause, more for one that is spread."""

STARTS_AT = 0.02
"""Chance of its neighbours below which a ticket starts a group."""

STARTS = 40
"""Groups that are started at most, the least likely first: a bound on time."""

ROUNDS = 3
"""How often a group is told by its words and its words by the group; more changes nothing."""

COMMON = 0.2
"""Share of all tickets with a term from which it tells nothing."""

MOST = 5
"""Proposals a week: more nobody weighs."""

QUOTES = 5

FEWEST = 8
"""Distinct customers that a proposal must have."""

GREW = 2.0
"""How many times larger its share of the week's tickets must be than in the weeks before."""

STEM = 5
"""Letters of a longer word that are compared."""

SHORTEST = 3
"""Letters of a word that is compared alone; two in scripts without capitals."""

CHARACTERISTIC = 12
"""Stems that describe a group."""

NAME_WORDS = 4

NAMES = 3.0
"""How many times more often than elsewhere a word must stand in a group to name it: "the" and "why" name nothing."""

ALIKE = 0.25
"""Likeness from which a group is one that was proposed before, in slightly other words."""

NEARLY = 0.4
"""Part of its least weight from which a ticket sounds like a proposal that was made before: other customers use other
words."""

MOST_DISPERSED = 4.0

TIE = 1e-6
"""Two weights nearer than this are the same one."""


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
    now, before = once_each(now), once_each(before)
    if not weeks or len(now) < FEWEST:
        return []
    span, found = _span(now, before, weeks), list[Proposal]()
    for group in _groups(span):
        made = _propose(group, span, weeks)
        if not is_known(made, now, known) and not is_known(made, now, [p.profile for p in found]):
            found.append(made)
    return sorted(found, key=lambda p: -p.customers)[:MOST]


def once_each(docs: Sequence[Doc]) -> list[Doc]:
    """Of each customer the newest ticket of a week: ten letters of one are one customer in pain."""
    return list({(doc.customer, doc.week): doc for doc in docs}.values())


def is_known(made: Proposal, now: Sequence[Doc], known: Sequence[Profile]) -> bool:
    """Was the like of it proposed before? By its words, or by whether most of its tickets nearly sound like that."""
    members = [doc for doc in now if made.profile.claims(doc)]
    for profile in known:
        close = sum(profile.score(doc.terms) >= NEARLY * profile.least for doc in members)
        if made.profile.like(profile) >= ALIKE or 2 * close >= max(1, len(members)):
            return True
    return False


# --- what is looked at -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Span:
    """All tickets, those of this week first, and who has which term."""

    docs: Sequence[Doc]
    here: int
    """How many are of this week."""
    spread: float
    holders: Mapping[str, Sequence[int]]

    @property
    def share(self) -> float:
        return self.here / len(self.docs)

    def chance(self, hits: int, many: int) -> float:
        """Of so many of this week among so many; the wider counts jump by themselves, the less is known."""
        return float(tail(hits, many, self.share) ** (1 / self.spread))

    def grew(self, hits: int, many: int) -> bool:
        """Is it that much more of this week than of the weeks before?"""
        return hits * (len(self.docs) - self.here) >= GREW * (many - hits) * self.here


def _span(now: Sequence[Doc], before: Sequence[Doc], weeks: int) -> _Span:
    docs, holders = [*now, *before], dict[str, list[int]]()
    for at, doc in enumerate(docs):
        for term in doc.terms:
            holders.setdefault(term, []).append(at)
    return _Span(docs, len(now), dispersion(before, weeks), holders)


def nearest(span: _Span) -> list[list[int]]:
    """For each ticket of this week the numbers of those nearest to it in words: the cosine of their rare terms. Other
    tickets of the same customer are left out."""
    many = len(span.docs)
    weight = {t: log((1 + many) / (1 + len(h))) + 1 for t, h in span.holders.items() if 2 <= len(h) <= COMMON * many}
    length = [sqrt(sum(weight[t] ** 2 for t in doc.terms if t in weight)) or 1.0 for doc in span.docs]
    return [_nearest(at, span, weight, length) for at in range(span.here)]


def _nearest(at: int, span: _Span, weight: Mapping[str, float], length: Sequence[float]) -> list[int]:
    like: dict[int, float] = {}
    for term in span.docs[at].terms:
        if term in weight:
            squared = weight[term] ** 2
            for other in span.holders[term]:
                like[other] = like.get(other, 0.0) + squared
    mine = span.docs[at].customer
    others = ((score / length[n], -n) for n, score in like.items() if span.docs[n].customer != mine)
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
    term = exp(_log_choose(n, hits) + hits * log(share) + (n - hits) * log1p(-share))
    total = term
    for k in range(hits, n):
        term *= (n - k) / (k + 1) * share / (1 - share)
        total += term
    return min(1.0, total)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


# --- groups ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Group:
    """Tickets of this week that sound alike, how, and how likely so many would be if nothing had changed."""

    chance: float
    profile: Profile
    members: frozenset[int]
    earlier: int
    """Tickets of the weeks before that sound like them."""


def _groups(span: _Span) -> list[_Group]:
    """Those that chance does not explain, the least likely first."""
    groups: list[_Group] = []
    taken: set[int] = set()
    for at, listed in _starts(span):
        group = None if at in taken else _grow([at, *listed], span)
        if group is not None:
            taken |= group.members
            groups.append(group)
    return sorted((group for group in groups if group.chance <= RARE), key=lambda group: group.chance)


def _starts(span: _Span) -> list[tuple[int, list[int]]]:
    """Tickets with more neighbours of this week than chance allows, and these neighbours; the least likely first."""
    looks = [(*_look(listed, span), at, listed) for at, listed in enumerate(nearest(span))]
    best = sorted(look for look in looks if look[0] <= STARTS_AT)[:STARTS]
    return [(at, [n for n in listed[:many] if n < span.here]) for _, many, at, listed in best]


def _look(listed: Sequence[int], span: _Span) -> tuple[float, int]:
    """(chance, how many of the nearest) of the look at a ticket's neighbours that is least likely."""
    best = (1.0, 0)
    for many in NEAREST:
        hits = sum(n < span.here for n in listed[:many])
        if many <= len(listed) and hits > span.share * many:
            best = min(best, (span.chance(hits, many), many))
    return best


def _grow(first: Iterable[int], span: _Span) -> _Group | None:
    """The group that these tickets start: told by its words, and its words by it, until it is least likely."""
    members, best = frozenset(first), None
    for _ in range(ROUNDS):
        group = _cut(weights_of(members, span), span)
        if group is None:
            break
        if best is None or group.chance < best.chance:
            best = group
        if group.members == members:
            break
        members = group.members
    return best


def weights_of(members: frozenset[int], span: _Span) -> tuple[tuple[str, float], ...]:
    """The stems and pairs that tell these tickets from all others, the most telling first."""
    inside = Counter(term for at in members for term in span.docs[at].terms)
    others = len(span.docs) - len(members)
    weights: dict[str, float] = {}
    for term, n in inside.items():
        share, rest = n / len(members), (len(span.holders[term]) - n + 0.5) / (others + 1)
        if share > rest and n >= 2:
            weights[term] = share * log(share / rest)
    best = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:CHARACTERISTIC]
    return tuple((term, round(weight, 3)) for term, weight in best)


def _cut(weights: tuple[tuple[str, float], ...], span: _Span) -> _Group | None:
    """All tickets in the order of their weight, cut where so many of this week above are least likely; None where no
    cut leaves enough of them."""
    scores: dict[int, float] = {}
    for term, weight in weights:
        for at in span.holders[term]:
            scores[at] = scores.get(at, 0.0) + weight
    order = sorted(scores, key=lambda n: (-scores[n], n))
    best, hits = (1.0, 0.0, 0), 0
    for many, at in enumerate(order, 1):
        hits += at < span.here
        below = scores[order[many]] if many < len(order) else 0.0
        if hits >= FEWEST and below < scores[at] - TIE and span.grew(hits, many):
            best = min(best, (span.chance(hits, many), (scores[at] + below) / 2, many))
    chance, least, many = best
    members = frozenset(at for at in order[:many] if at < span.here)
    return _Group(chance, Profile(weights, round(least, 4)), members, many - len(members)) if many else None


# --- what is told ----------------------------------------------------------------------------------------------------


def _propose(group: _Group, span: _Span, weeks: int) -> Proposal:
    members = [span.docs[at] for at in sorted(group.members)]
    return Proposal(
        words=_name(group, span), customers=len(members), tickets=len(members),
        before_tenths=round(10 * group.earlier / weeks), profile=group.profile,
        phrases=_phrases(members, span.docs, group.profile), quotes=_quotes(members, group.profile),
    )  # fmt: skip


def _name(group: _Group, span: _Span) -> tuple[str, ...]:
    """The most telling stems as the words that customers use."""
    forms: dict[str, Counter[str]] = {}
    for at in group.members:
        for word in set(span.docs[at].words):
            forms.setdefault(word[:STEM], Counter())[word] += 1
    stems = dict.fromkeys(part for term, _ in group.profile.weights for part in term.split() if part in forms)
    naming = [stem for stem in stems if _names(stem, group.members, span)] or list(stems)
    return tuple(forms[stem].most_common(1)[0][0] for stem in naming[:NAME_WORDS])


def _names(stem: str, members: frozenset[int], span: _Span) -> bool:
    holders = span.holders.get(stem, ())  # none: too short to be compared alone
    inside = sum(at in members for at in holders)
    return inside * len(span.docs) >= NAMES * len(holders) * len(members) > 0


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
