"""Read one ticket from end to end and say what we find in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from plugin.domain.adherence import judge_contacts
from plugin.domain.calendar import Calendar
from plugin.domain.causes import tag_cause
from plugin.domain.commitments import find_commitments
from plugin.domain.corrections import SAID_SO
from plugin.domain.effort import count_effort
from plugin.domain.faults import find_reports, hold_blocked
from plugin.domain.findings import Commitment, Findings, Offer, PointReport, Preference, Spoken, State
from plugin.domain.flags import find_flags
from plugin.domain.judging import judge_all
from plugin.domain.language import NO_WORDS, CommonWords, find_language
from plugin.domain.learned import Learned, tag_with
from plugin.domain.marks import Marks
from plugin.domain.offers import answers_to, find_offer, read_answer, with_choices
from plugin.domain.phrases import Pack, Read
from plugin.domain.preferences import current, find_preferences
from plugin.domain.reading import own_words
from plugin.domain.second_look import SecondLook
from plugin.domain.taxonomy import Taxonomy
from plugin.domain.ticket import Message, Role, Status, Ticket

MOST_TEXT = 100_000
"""Letters of one message that are read; what comes after is somebody's log file, not a conversation."""

Mood = Callable[[str], bool]
"""Is this text (English) upset? Present or absent, never a number."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How one account's tickets are read."""

    calendar: Calendar
    packs: Mapping[str, Pack]
    marks: Marks
    taxonomy: Taxonomy
    common: CommonWords = NO_WORDS
    languages: tuple[str, ...] = ("en",)
    region: str = ""
    follow_up_hours: int = 8
    call_records: bool = True
    """Can the helpdesk show calls? Where it cannot, a promised call stays unverifiable."""
    mood: Mood | None = None
    reports: tuple[PointReport, ...] = ()
    """What they said elsewhere of points that are dead, or work again."""
    known: tuple[Preference, ...] = ()
    """What this ticket's customer said about being contacted elsewhere."""
    learned: Learned | None = None
    """What the account's own corrections taught us about causes."""
    second: SecondLook | None = None
    """What they taught us about promises."""
    forgotten: datetime | None = None
    """The customer had all their wishes erased then: those said before are not read any more."""


@dataclass(slots=True)
class _Reading:
    """The ticket as far as it was read."""

    reads: dict[str, Read] = field(default_factory=dict)
    packs: dict[str, Pack] = field(default_factory=dict)
    spoken: list[Spoken] = field(default_factory=list)

    def of(self, *messages: Message) -> list[tuple[Message, Read, Pack]]:
        return [(m, self.reads[m.id], self.packs[m.id]) for m in messages if m.id in self.reads]


def analyse_ticket(ticket: Ticket, policy: Policy, now: datetime) -> Findings:
    """All findings of a ticket at this moment; pure, and the same for the same ticket, policy and moment."""
    reading = _read_messages(ticket, policy)
    promises = _find_promises(ticket, reading, policy, now)
    offers, answers = _find_offers(ticket, reading)
    wishes, reports = _find_wishes(ticket, reading, policy)
    dead, telling = hold_blocked([*policy.reports, *reports], policy.region)
    blocked = tuple(dead)
    wishes += _read_answers(ticket, reading, policy, answers, wishes)
    languages = {s.message_id: s.lang for s in reading.spoken if s.supported and s.how != "ticket"}
    contacts = tuple(judge_contacts(ticket, wishes, blocked, policy.calendar, policy.region, spoken=languages))
    effort = tuple(count_effort(ticket, reading.reads))
    customer = reading.of(*ticket.said_by(Role.CUSTOMER))
    cause, contributing, journey = tag_cause(customer, promises, contacts, effort, policy.taxonomy, ticket.subject)
    if policy.learned is not None:
        cause, contributing, journey = tag_with(
            policy.learned, (cause, contributing, journey), customer, policy.taxonomy
        )
    return Findings(
        ticket_id=ticket.id,
        as_of=now,
        cause=cause,
        contributing=contributing,
        journey=journey,
        commitments=promises,
        preferences=tuple(current(wishes)),
        blocked=blocked,
        reports=tuple(r for r in telling if r in reports),
        adherence=contacts,
        offers=with_choices(offers, answers, wishes),
        effort=effort,
        flags=tuple(find_flags([(m, r) for m, r, _ in customer], policy.mood)),
        spoken=tuple(reading.spoken),
    )


def _read_messages(ticket: Ticket, policy: Policy) -> _Reading:
    """Find each message's language and read it with that language's pack. What is too short to tell is taken to be in
    the language of the conversation before it."""
    reading = _Reading()
    before = ""
    for message in ticket.messages:
        if message.role is Role.SELF:
            continue
        text = own_words(message.text[:MOST_TEXT], policy.marks)
        if not any(c.isalpha() for c in text):  # "👍", "4471": no words, so no language to be missing
            continue
        locale = message.locale or (ticket.requester.locale if message.role is Role.CUSTOMER else "")
        lang, how = language_of(text, locale or before, policy)
        how = "ticket" if how == "locale" and not locale and before else how
        pack = policy.packs.get(lang)
        if message.role is not Role.SYSTEM:
            reading.spoken.append(Spoken(message.id, lang, how, pack is not None))
        if message.call is not None:
            pack = _pack_of_note(text, pack or policy.packs.get(before), policy)
        elif pack is not None and message.role is not Role.SYSTEM:
            before = lang
        if pack is not None:
            reading.reads[message.id] = pack.read(text)
            reading.packs[message.id] = pack
    return reading


def _pack_of_note(text: str, likely: Pack | None, policy: Policy) -> Pack | None:
    """The pack that knows what is noted on a call: two words ("no answer") in whatever language the desk is set to."""
    note = text[:_NOTE]
    packs = ([likely] if likely is not None else []) + list(policy.packs.values())
    return next((p for p in packs if p.read(note).has("commitments.unreached")), likely)


_NOTE = 200
"""Letters of what is noted on a call in which it says whether somebody answered."""


def language_of(text: str, locale: str, policy: Policy) -> tuple[str, str]:
    """The language of a text and how we know: see `find_language`."""
    return find_language(
        text, locale=locale, account_languages=policy.languages, supported=policy.packs.keys(), common=policy.common
    )


def _find_promises(ticket: Ticket, reading: _Reading, policy: Policy, now: datetime) -> tuple[Commitment, ...]:
    spoken = ticket.said_by(Role.AGENT, Role.BOT)
    found = [
        c
        for message, read, pack in reading.of(*spoken)
        for c in find_commitments(read, message, policy.calendar, pack, policy.follow_up_hours)
    ]
    if policy.second is not None:
        found = [policy.second.look(c) for c in found]
    return tuple(judge_all(found, ticket, now, policy.calendar, reading.reads, call_records=policy.call_records))


def _find_offers(ticket: Ticket, reading: _Reading) -> tuple[list[Offer], dict[str, str]]:
    """Choices that we offered, and which message of the customer answers which of ours."""
    asked = [find_offer(read, message) for message, read, _ in reading.of(*ticket.said_by(Role.AGENT, Role.BOT))]
    offers = [o for o in asked if o is not None]
    return offers, answers_to(offers, ticket.messages)


def _find_wishes(
    ticket: Ticket, reading: _Reading, policy: Policy
) -> tuple[tuple[Preference, ...], tuple[PointReport, ...]]:
    """Wishes, and what was said of points that are dead or work again."""
    wishes: list[Preference] = list(policy.known)
    reports: list[PointReport] = []
    person, region = ticket.requester, policy.region
    for message, read, pack in reading.of(*ticket.said_by(Role.CUSTOMER, Role.AGENT)):
        if policy.forgotten is not None and message.at <= policy.forgotten:
            continue
        wishes += find_preferences(read, message, person, pack, region)
        reports += find_reports(read, message, person, pack, region)
    return tuple(wishes), tuple(reports)


def _read_answers(
    ticket: Ticket, reading: _Reading, policy: Policy, answers: Mapping[str, str], wishes: tuple[Preference, ...]
) -> tuple[Preference, ...]:
    """What short answers to our offers choose, read in the language of the offer: "Mail" shows none of its own."""
    heard = {w.evidence.message_id for w in wishes}
    found: list[Preference] = []
    for message in ticket.said_by(Role.CUSTOMER):
        forgotten = policy.forgotten is not None and message.at <= policy.forgotten
        if message.id in answers and message.id not in heard and not forgotten:
            pack = reading.packs[answers[message.id]]
            found += read_answer(pack.read(own_words(message.text[:MOST_TEXT], policy.marks)), message, pack)
    return tuple(found)


# --- what is kept from one look to the next --------------------------------------------------------------------------

_GONE = frozenset({Status.DELETED, Status.MERGED, Status.SPAM})


def carry_over(before: Findings | None, found: Findings, ticket: Ticket, now: datetime) -> Findings:
    """What an earlier look knew and this one cannot: each promise keeps the moments of its steps, and those of a ticket
    that is gone become unverifiable. Steps that people made are left out: what stands said makes them anew."""
    if before is None:
        return found
    earlier = {c.key: c for c in before.commitments}
    promises = [_continued(c, earlier.pop(c.key, None)) for c in found.commitments]
    if ticket.status in _GONE and not ticket.messages:
        promises += [_lost(c, ticket, now) for c in earlier.values()]
        return replace(before, as_of=now, commitments=tuple(promises))
    return replace(found, commitments=tuple(promises))


def _continued(now: Commitment, before: Commitment | None) -> Commitment:
    if before is None:
        return now
    life = tuple(t for t in before.life if t.why != SAID_SO)
    if before.state is now.state:
        return replace(now, life=life)
    known = {(t.state, t.why) for t in life}
    return replace(now, life=(*life, *(t for t in now.life if (t.state, t.why) not in known)))


def _lost(commitment: Commitment, ticket: Ticket, now: datetime) -> Commitment:
    if not commitment.state.owed and commitment.state is not State.CONDITIONAL:
        return commitment
    return commitment.now_is(State.UNVERIFIABLE, now, f"the ticket is {ticket.status.value}")
