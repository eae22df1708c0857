"""Say a digest in sentences, section by section: the note, the page and the terminal show the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from plugin.domain.card import EFFORT, FLAGS, KINDS, N_, Text
from plugin.domain.digest import AlertLine, CauseLine, Digest
from plugin.domain.impact import FEWEST, Count, Owed, Rate, tell_share
from plugin.domain.taxonomy import UNROUTED

Values = dict[str, str | int | datetime | Text]

MOST_EFFORT = 4
MOST_ALERTS = 3
MOST_NEWS = 2
MOST_LANGUAGES = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, with a customer's words below it or the ticket it is about beside it."""

    text: Text
    quote: str = ""
    lang: str = ""
    ticket_id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under one title. `topic` is the topic's name as everywhere; a `short` one fits into one paragraph."""

    topic: str
    title: Text
    lines: tuple[Line, ...]
    short: bool = False


def tell_headline(digest: Digest) -> tuple[Text, ...]:
    """The answer in at most three short sentences: harm, what is overdue, what grew."""
    said = []
    if harm := digest.impact.tickets_with("catastrophic"):
        said.append(Text(N_("Serious harm is mentioned: %(count)d"), {"count": harm}))
    if digest.owing.overdue:
        said.append(Text(N_("Promises overdue: %(count)d"), {"count": digest.owing.overdue}))
    if (riser := digest.riser) is not None:
        grown: Values = {"cause": Text(riser.name), "count": riser.customers - riser.before}
        said.append(Text(N_("More customers than before: %(cause)s, +%(count)d"), grown))
    elif digest.causes:
        first: Values = {"cause": Text(digest.causes[0].name), "count": digest.causes[0].customers}
        said.append(Text(N_("Most customers: %(cause)s, %(count)d"), first))
    return tuple(said) or (Text(N_("Nothing is overdue")),)


def tell_audience(digest: Digest) -> Text:
    """Whom it is for."""
    return Text(digest.audience_name) if digest.audience_name else Text(N_("Team lead"))


def tell_sections(digest: Digest) -> tuple[Section, ...]:
    """Causes and promises lead (A1); sections without lines are left out."""
    counted = {"now": digest.impact.customers, "before": digest.before.customers}
    known = N_("Root causes by customers concerned (customers in all: %(now)d, before: %(before)d)")
    alone = N_("Root causes by customers concerned (customers in all: %(now)d, nothing to compare with yet)")
    found = (
        ("causes", Text(known if digest.comparable else alone, counted), _causes(digest)),
        ("commitments", Text(N_("Promises")), _promises(digest)),
        ("preferences", Text(N_("Contacted the way the customer asked")), (*_adherence(digest), *_choices(digest))),
        ("effort", Text(N_("What it cost customers")), _effort(digest.impact.effort)),
        ("flags", Text(N_("Said by customers")), _flags(digest.impact.flags)),
        ("coverage", Text(N_("What these figures stand on")), _coverage(digest)),
    )
    told = (Section(topic, title, tuple(lines), topic not in _LONG) for topic, title, lines in found)
    return tuple(section for section in told if section.lines)


_LONG = frozenset({"causes", "commitments"})


def tell_change(now: int, before: int) -> str:
    """ "+12", "−3" or "±0"."""
    return f"+{now - before}" if now > before else f"−{before - now}" if now < before else "±0"


# --- promises --------------------------------------------------------------------------------------------------------


def _promises(digest: Digest) -> Iterator[Line]:
    seen, owing = digest.impact, digest.owing
    if seen.kept or seen.late or seen.broken:
        settled = {"kept": seen.kept, "late": seen.late, "broken": seen.broken}
        yield Line(Text(N_("Kept: %(kept)d · late: %(late)d · broken: %(broken)d"), settled))
    if owing.open or owing.at_risk or owing.overdue or owing.long_overdue:
        owed = {"open": owing.open, "risk": owing.at_risk, "overdue": owing.overdue}
        yield Line(Text(N_("Owed now: open %(open)d · due soon %(risk)d · overdue %(overdue)d"), owed))
    if owing.long_overdue:
        yield Line(Text(N_("Overdue for more than a month: %(count)d"), {"count": owing.long_overdue}))
    yield from (_owed(N_("Overdue since %(due)s: %(what)s"), owed) for owed in owing.worst)
    yield from (_owed(N_("Promised for %(due)s: %(what)s"), owed) for owed in owing.next)


def _owed(sentence: str, owed: Owed) -> Line:
    what = Text(KINDS.get(owed.kind, KINDS["other"]))
    return Line(Text(sentence, {"due": owed.due, "what": what}), ticket_id=owed.ticket_id, url=owed.url)


# --- causes ----------------------------------------------------------------------------------------------------------


def _causes(digest: Digest) -> Iterator[Line]:
    if digest.alerts:
        yield Line(Text(N_("Unusually many customers: %(causes)s"), {"causes": _alerts(digest.alerts[:MOST_ALERTS])}))
    for new in digest.news[:MOST_NEWS]:
        told: Values = {"words": new.words, "count": new.customers}
        yield Line(Text(N_("May be a new cause: %(words)s. Customers: %(count)d"), told))
    yield from (_cause(cause, digest) for cause in digest.causes)
    if digest.more_causes:
        yield Line(Text(N_("Further causes: %(count)d"), {"count": digest.more_causes}))


def _alerts(alerts: Sequence[AlertLine]) -> Text:
    """All of them in one line."""
    first, *rest = alerts
    values: Values = {"cause": Text(first.name), "count": first.customers, "usual": first.usual}
    one = Text(N_("%(cause)s, %(count)d instead of about %(usual)d"), values)
    return Text(N_("%(one)s; %(rest)s"), {"one": one, "rest": _alerts(rest)}) if rest else one


def _cause(cause: CauseLine, digest: Digest) -> Line:
    values: Values = {"cause": Text(cause.name), "count": cause.customers}
    sentence = N_("%(cause)s: %(count)d")
    if digest.comparable:
        values["change"] = tell_change(cause.customers, cause.before)
        sentence = N_("%(cause)s: %(count)d (%(change)s)")
    line = Text(sentence, values)
    if not digest.audience_name:
        owner = Text(cause.owner_name if cause.owner else UNROUTED)
        if cause.unrouted_days:
            line = Text(N_("%(line)s. No team can remove it yet, days: %(days)d"),
                        {"line": line, "days": cause.unrouted_days})  # fmt: skip
        else:
            line = Text(N_("%(line)s. Can be removed by: %(owner)s"), {"line": line, "owner": owner})
    return Line(line, cause.quote, cause.lang, cause.ticket_id, cause.url)


# --- contacts, effort, flags -----------------------------------------------------------------------------------------


def _adherence(digest: Digest) -> Iterator[Line]:
    """Unknown ones are named and never counted as followed."""
    seen = digest.impact
    known = seen.followed + seen.breached
    if not known and not seen.unknown:
        return
    values: Values = {"followed": seen.followed, "known": known, "unknown": seen.unknown}
    share = tell_share(seen.followed, known)
    if share:
        values["share"] = share
        yield Line(Text(N_("Followed: %(followed)d of %(known)d, %(share)s · cannot be known: %(unknown)d"), values))
    else:
        yield Line(Text(N_("Followed: %(followed)d of %(known)d · cannot be known: %(unknown)d"), values))


def _choices(digest: Digest) -> Iterator[Line]:
    """Offering a choice and acting on it are two things (C8); a team hears of its own causes only."""
    told = (
        (N_("Choice of contact offered: %(rate)s"), digest.impact.offered),
        (N_("Contacted as then chosen: %(rate)s"), digest.impact.acted_on),
    )
    for sentence, rate in told:
        if not digest.audience_name and (rate.known or rate.unknown):
            yield Line(Text(sentence, {"rate": _rate(rate)}))


def _rate(rate: Rate) -> Text:
    values: Values = {"hits": rate.hits, "known": rate.known, "unknown": rate.unknown}
    share = tell_share(rate.hits, rate.known)
    if not share:
        return Text(N_("%(hits)d of %(known)d · cannot be known: %(unknown)d"), values)
    return Text(N_("%(hits)d of %(known)d, %(share)s · cannot be known: %(unknown)d"), {**values, "share": share})


def _effort(effort: Sequence[Count]) -> Iterator[Line]:
    shown = [e for e in effort if e.key in EFFORT][:MOST_EFFORT]
    for kind in shown:
        fact = Text(EFFORT[kind.key], {"count": kind.count})
        yield Line(Text(N_("%(fact)s (conversations: %(tickets)d)"), {"fact": fact, "tickets": kind.tickets}))


def _flags(flags: Sequence[Count]) -> Iterator[Line]:
    for key in ("catastrophic", "leaving", "upset"):
        count = next((flag.tickets for flag in flags if flag.key == key), 0)
        if count:
            yield Line(Text(N_("%(what)s: %(count)d"), {"what": Text(FLAGS[key][0]), "count": count}))


# --- what it stands on -----------------------------------------------------------------------------------------------


def _coverage(digest: Digest) -> Iterator[Line]:
    seen, known = digest.impact, digest.coverage
    yield Line(Text(N_("Conversations: %(count)d"), {"count": seen.tickets}))
    if known.waiting or known.stuck:
        left = {"waiting": known.waiting, "stuck": known.stuck}
        yield Line(Text(N_("Waiting to be read: %(waiting)d · stuck: %(stuck)d"), left))
    if seen.tickets and not digest.audience_name:
        yield Line(_unsure(seen.unsure, seen.tickets))
    yield from _languages(seen.unread)
    if seen.corrected:
        yield Line(Text(N_("Corrected by people: %(count)d"), {"count": seen.corrected}))
    if known.synced_at is None:
        yield Line(Text(N_("Not compared with the helpdesk yet: only what it told us by itself is counted")))
    else:
        yield Line(Text(N_("Last compared with the helpdesk: %(at)s"), {"at": known.synced_at}))


def _unsure(unsure: int, tickets: int) -> Text:
    values: Values = {"count": unsure, "all": tickets}
    if tickets < FEWEST:
        return Text(N_("Root cause unsure: %(count)d of %(all)d"), values)
    values["share"] = tell_share(unsure, tickets)
    return Text(N_("Root cause unsure: %(count)d of %(all)d, %(share)s"), values)


def _languages(unread: Sequence[Count]) -> Iterator[Line]:
    if not unread:
        return
    named = [f"{language.key}: {language.count}" for language in unread if language.key not in ("", "unknown")]
    count = {"count": sum(language.count for language in unread)}
    if named:
        listed: Values = {**count, "languages": ", ".join(named[:MOST_LANGUAGES])}
        yield Line(Text(N_("Language not supported, messages not read: %(count)d (%(languages)s)"), listed))
    else:
        yield Line(Text(N_("Language not supported, messages not read: %(count)d"), count))
