"""What a period has to tell one audience: a lead, or the team that can remove a cause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from plugin.domain.alerts import Alert
from plugin.domain.digest_periods import Period
from plugin.domain.impact import CauseCount, Coverage, Impact, Owing, Said
from plugin.domain.taxonomy import Taxonomy

LEAD = "lead"
OWNER = "owner:"
"""Audiences: "lead", and "owner:<team>" for each team of the taxonomy."""

MOST_CAUSES = 6
"""More than this nobody reads in a note; the rest is counted in one line."""

_CLEAR_LETTERS = (15, 120)
"""A quote shorter than this seldom says why; a longer one is cut, so it is taken only where there is nothing else."""

_TELLS_WHO = re.compile(r"@|://|www\.|\d[\d\s().-]{4,}\d")
"""Addresses, links and long numbers: a digest names nobody."""


@dataclass(frozen=True, slots=True)
class CauseLine:
    """One root cause: distinct customers now and before, who can stop it, and one customer's words."""

    key: str
    name: str
    owner: str
    owner_name: str
    customers: int
    before: int
    tickets: int
    quote: str = ""
    lang: str = ""
    ticket_id: str = ""
    """Where the quote comes from."""
    url: str = ""
    unrouted_days: int = 0
    """For how long no team has been named for it."""


@dataclass(frozen=True, slots=True)
class AlertLine:
    """A known cause with more customers than chance explains, and how many are usual."""

    name: str
    customers: int
    usual: int


@dataclass(frozen=True, slots=True)
class NewLine:
    """A cause that may be new: words that name it, and its customers."""

    words: str
    customers: int


@dataclass(frozen=True, slots=True)
class Digest:
    """All that is said, as numbers; the words are chosen where it is shown, so it can be told in any language."""

    audience: str
    audience_name: str
    """ "" for the lead, else the team's name: "Billing and payments"."""
    period: str
    start: datetime
    end: datetime
    before_start: datetime
    before_end: datetime
    as_of: datetime
    """When it was made: promises owed and coverage are those of this moment."""
    comparable: bool
    """False: the days before were not read from their beginning, so a change would be a lie."""
    impact: Impact
    before: Impact
    causes: tuple[CauseLine, ...]
    more_causes: int
    """Causes that are not listed."""
    owing: Owing
    coverage: Coverage
    alerts: tuple[AlertLine, ...] = ()
    """The least likely first; of a team's digest those of its own causes."""
    news: tuple[NewLine, ...] = ()
    """Proposals that wait for a lead."""

    @property
    def empty(self) -> bool:
        """Is there nothing to report? A team's digest is about its causes only."""
        if self.audience.startswith(OWNER):
            return not self.impact.causes
        seen = self.impact
        happened = seen.tickets or seen.kept or seen.late or seen.broken or seen.followed or seen.breached
        return not (happened or self.owing.overdue or self.owing.next or self.coverage.stuck)

    @property
    def riser(self) -> CauseLine | None:
        """The listed cause that gained most customers; None where none did, or nothing can be compared."""
        gains = [c for c in self.causes if self.comparable and c.customers > c.before]
        return max(gains, key=lambda c: c.customers - c.before, default=None)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database knows of a period, as `make_digest` needs it."""

    impact: Impact
    before: Impact
    owing: Owing
    coverage: Coverage
    quotes: Mapping[str, Sequence[Said]]
    """Candidates by cause."""
    since: datetime | None
    """Since when we read this helpdesk (None: always)."""
    alerts: Sequence[Alert] = ()
    news: Sequence[NewLine] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the chart, with words in the language of the reader."""

    label: str
    now: int
    before: int | None
    """None where there is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of a digest, all words ready to be drawn."""

    title: str
    now: str
    before: str
    bars: tuple[Bar, ...]
    rtl: bool = False


def make_digest(
    audience: str, period: Period, facts: Facts, taxonomy: Taxonomy, now: datetime, link: Callable[[str], str]
) -> Digest:
    """Put together what is told. `link` gives the address of a ticket ("" where it has none)."""
    listed = facts.impact.causes[:MOST_CAUSES]
    comparable = facts.before.tickets > 0 and (facts.since is None or facts.since <= period.before_start)
    return Digest(
        audience=audience,
        audience_name=taxonomy.owners.get(team_of(audience), team_of(audience)),
        period=period.key,
        start=period.start,
        end=period.end,
        before_start=period.before_start,
        before_end=period.before_end,
        as_of=now,
        comparable=comparable,
        impact=facts.impact,
        before=facts.before,
        causes=tuple(_line(c, facts, taxonomy, link, now) for c in listed),
        more_causes=len(facts.impact.causes) - len(listed),
        owing=facts.owing,
        coverage=facts.coverage,
        alerts=tuple(_alerts(facts, taxonomy)),
        news=() if team_of(audience) else tuple(facts.news),
    )


def _alerts(facts: Facts, taxonomy: Taxonomy) -> Iterator[AlertLine]:
    """Of causes that this audience hears of."""
    told = {cause.key for cause in facts.impact.causes}
    for alert in facts.alerts:
        if alert.key in told:
            yield AlertLine(taxonomy.names.get(alert.key, alert.key), alert.customers, alert.usual)


def _line(
    cause: CauseCount, facts: Facts, taxonomy: Taxonomy, link: Callable[[str], str], now: datetime
) -> CauseLine:  # fmt: skip
    said = choose_quote(facts.quotes.get(cause.key, ()))
    return CauseLine(
        key=cause.key,
        name=taxonomy.names.get(cause.key, cause.key),
        owner=cause.owner,
        owner_name=taxonomy.owners.get(cause.owner, cause.owner),
        customers=cause.customers,
        before=facts.before.customers_of(cause.key),
        tickets=cause.tickets,
        quote=said.quote if said else "",
        lang=said.lang if said else "",
        ticket_id=said.ticket_id if said else "",
        url=link(said.ticket_id) if said else "",
        unrouted_days=taxonomy.days_unrouted(cause.key, now.date()),
    )


def choose_quote(said: Sequence[Said]) -> Said | None:
    """The shortest clear one that tells nobody's address or number; None where there is none."""
    fit = [s for s in said if s.quote.strip() and not _TELLS_WHO.search(s.quote)]
    least, most = _CLEAR_LETTERS
    return min(fit, key=lambda s: (not least <= len(s.quote) <= most, len(s.quote), s.ticket_id), default=None)


def team_of(audience: str) -> str:
    """ "finance" of "owner:finance"; "" for the lead."""
    return audience.removeprefix(OWNER) if audience.startswith(OWNER) else ""


def marker_of(account_id: str, audience: str, period: str) -> str:
    """Names the note of one digest for ever: the same for the same account, audience and period (16 hex digits)."""
    return blake2b("\x1f".join((account_id, audience, period)).encode(), digest_size=8, person=b"digest").hexdigest()
