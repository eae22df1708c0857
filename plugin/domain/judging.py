"""Judge what became of a promise: open, at risk, kept, late, broken, or set aside, each with the words that show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plugin.domain.calendar import Calendar
from plugin.domain.findings import Commitment, Evidence, State, Transition
from plugin.domain.judging_signs import CONTACT, find_denial, find_sign, find_waiver, only_thanks, whole
from plugin.domain.phrases import Read
from plugin.domain.ticket import Message, Role, Status, Ticket

RISK_SHARE = 0.2
"""The last part of the time to the due moment in which a promise is at risk."""

RISK_LEAST = timedelta(minutes=30)
"""A promise is at risk at least this long before it is due."""

_SEEN_HERE = CONTACT | {"call"}
"""Kinds that the ticket itself would show: where nothing is seen by the due time, nothing was done."""

_SAME_THING = (
    frozenset({"reply", "update", "investigate"}),
    frozenset({"ship", "send", "visit"}),
    frozenset({"refund", "other"}),
    frozenset({"fix", "investigate", "other"}),
)
"""Kinds that name one thing in other words: a later promise of one may replace an earlier one of another."""

_GONE = {
    Status.MERGED: "the ticket was merged",
    Status.DELETED: "the ticket was deleted",
    Status.SPAM: "the ticket was marked as spam",
}
"""Where a ticket can no longer show what became of its promises."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Something that happened after the promise, and what it does to it."""

    state: State
    at: datetime
    why: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Case:
    """One promise and all that may decide it."""

    promise: Commitment
    ticket: Ticket
    now: datetime
    reads: Mapping[str, Read]
    later: tuple[Commitment, ...]
    call_records: bool

    def after(self, *roles: Role) -> Iterator[tuple[Message, Read | None]]:
        """Messages of these roles after the promise and up to now, oldest first, with their readings."""
        for message in self.ticket.messages:
            seen = self.promise.said_at < message.at <= self.now and message.id != self.promise.evidence.message_id
            if seen and message.role in roles:
                yield message, self.reads.get(message.id)


def judge(
    commitment: Commitment,
    ticket: Ticket,
    now: datetime,
    calendar: Calendar,
    pack_reads: Mapping[str, Read],
    others: Sequence[Commitment] = (),
    *,
    call_records: bool = True,
) -> Commitment:
    """The commitment as it stands at `now`, with its life so far; the same answer for the same arguments.

    `pack_reads` maps message id to the reading of that message's own words (messages in languages without a pack are
    missing and say nothing). `others` are the promises of the same ticket: a later one of the same kind replaces an
    earlier one. `call_records` is False where the helpdesk cannot show calls: a call then stays unverifiable.
    A promise whose time is only assumed is never late or broken by time alone, only by what the customer says.
    """
    if commitment.state is State.DISMISSED:
        return commitment
    commitment = replace(commitment, state=State.OPEN, life=(), risk_at=find_risk(commitment, calendar))
    if commitment.conditional:
        return _judge_conditional(commitment, ticket, now, calendar, pack_reads, others, call_records)
    later = tuple(o for o in others if _replaces(o, commitment))
    return _decide(_Case(commitment, ticket, now, pack_reads, later, call_records))


def judge_all(
    commitments: Iterable[Commitment],
    ticket: Ticket,
    now: datetime,
    calendar: Calendar,
    pack_reads: Mapping[str, Read],
    *,
    call_records: bool = True,
) -> list[Commitment]:
    """All promises of one ticket, each judged in the light of the others."""
    every = tuple(commitments)
    return [judge(c, ticket, now, calendar, pack_reads, every, call_records=call_records) for c in every]


def find_risk(commitment: Commitment, calendar: Calendar) -> datetime | None:
    """When a promise becomes at risk: the last fifth of its business time, at least half an hour before it is due,
    and when somebody is there to be warned. None where nothing is due."""
    due = commitment.due.end
    if due is None:
        return None
    hours = calendar.business_hours_between(commitment.said_at, due)
    share = calendar.add_business_time(commitment.said_at, hours * (1 - RISK_SHARE)) if hours > 0 else due
    risk = max(min(share, due - RISK_LEAST), commitment.said_at)
    return risk if calendar.is_working(risk) else _last_working(risk, commitment.said_at, calendar)


def _last_working(moment: datetime, floor: datetime, calendar: Calendar) -> datetime:
    """The end of the business time before a moment, less the least warning; the moment itself where there was none."""
    hours = calendar.business_hours_between(floor, moment)
    if hours <= 0:
        return moment
    least = RISK_LEAST / timedelta(hours=1)
    return calendar.add_business_time(floor, max(hours - least, 0.0))


# --- the decision ----------------------------------------------------------------------------------------------------


def _decide(case: _Case) -> Commitment:
    """The first thing that settles the promise settles it; where nothing does, time speaks."""
    if case.ticket.status in _GONE:
        return case.promise.now_is(State.UNVERIFIABLE, case.now, _GONE[case.ticket.status])
    steps = [s for s in (_waived(case), _renewed(case), _kept(case)) if s is not None]
    if steps:
        first = min(steps, key=lambda s: s.at)
        return _settle(case.promise, first.state, first.at, first.why, first.evidence)
    return _by_time(case)


def _settle(promise: Commitment, state: State, at: datetime, why: str, evidence: Evidence | None) -> Commitment:
    """One step further, by way of being at risk when that moment had come before."""
    risk = promise.risk_at
    if risk is not None and risk < at:
        warned = Transition(State.AT_RISK, risk, "due soon")
        promise = replace(promise, life=(*promise.life, warned))
    return promise.now_is(state, at, why, evidence)


def _by_time(case: _Case) -> Commitment:
    promise, due = case.promise, case.promise.due.end
    if due is None or case.now < (promise.risk_at or due):
        return promise
    if case.now <= due:
        return promise.now_is(State.AT_RISK, promise.risk_at or due, "due soon")
    missed = _missed(case, due)
    if promise.due.assumed:
        if missed is not None:
            return _settle(promise, missed.state, missed.at, missed.why, missed.evidence)
        return promise.now_is(State.AT_RISK, promise.risk_at or due, "no date was named, and the usual time is over")
    if missed is not None:
        return _settle(promise, State.BROKEN, due, missed.why, missed.evidence)
    if promise.kind in _SEEN_HERE and (promise.kind != "call" or case.call_records):
        return _settle(promise, State.BROKEN, due, "not done by the time it was due", _first_complaint(case, due))
    return _settle(promise, State.UNVERIFIABLE, due, "past due, and nothing here shows whether it was done", None)


def _done(case: _Case, message: Message, why: str, evidence: Evidence) -> _Step:
    """Kept in time, or late. A time that was only assumed makes nothing late."""
    due = case.promise.due
    late = due.end is not None and message.at > due.end and not due.assumed
    return _Step(State.LATE if late else State.KEPT, message.at, why, evidence)


def _kept(case: _Case) -> _Step | None:
    """The first human contact or statement that fulfils it."""
    promising = {other.evidence.message_id for other in case.later}
    for message, read in case.after(Role.AGENT, Role.SYSTEM, Role.CUSTOMER):
        again = message.id in promising
        evidence = find_sign(message, read, case.promise.kind, promises_again=again)
        if evidence is not None:
            return _done(case, message, f"{case.promise.kind}: done", evidence)
    return None


def _waived(case: _Case) -> _Step | None:
    for message, read in case.after(Role.CUSTOMER):
        evidence = find_waiver(message, read, case.promise.kind) if read is not None else None
        if evidence is not None:
            return _Step(State.WAIVED, message.at, "the customer no longer needs it", evidence)
    return None


def _renewed(case: _Case) -> _Step | None:
    """A later promise of the same: before the due time it replaces this one, after it this one is late."""
    for other in case.later:
        if not case.promise.said_at < other.said_at <= case.now:
            continue
        due = case.promise.due
        if due.end is not None and other.said_at > due.end and not due.assumed:
            return _Step(State.LATE, other.said_at, "a new time was named only after it was due", other.evidence)
        return _Step(State.RENEGOTIATED, other.said_at, "a new time was agreed", other.evidence)
    return None


def _missed(case: _Case, due: datetime) -> _Step | None:
    """The customer says after the due time that it did not happen, or asks where it stays."""
    for message, read in case.after(Role.CUSTOMER):
        evidence = find_denial(message, read) if message.at > due and read is not None else None
        if evidence is not None:
            return _Step(State.BROKEN, message.at, "the customer says it was not done", evidence)
    return None


def _first_complaint(case: _Case, due: datetime) -> Evidence | None:
    """What the customer wrote after the due time, when it is more than thanks."""
    for message, read in case.after(Role.CUSTOMER):
        if message.at > due and read is not None and not only_thanks(read):
            return whole(message)
    return None


def _replaces(other: Commitment, commitment: Commitment) -> bool:
    """Is the other a later promise of the same thing? One without a date replaces none that has one."""
    if other.conditional or other.said_at <= commitment.said_at or other.state is State.DISMISSED:
        return False
    if other.due.assumed and not commitment.due.assumed:
        return False
    return other.kind == commitment.kind or any({other.kind, commitment.kind} <= group for group in _SAME_THING)


# --- conditional promises --------------------------------------------------------------------------------------------


def _judge_conditional(
    commitment: Commitment,
    ticket: Ticket,
    now: datetime,
    calendar: Calendar,
    reads: Mapping[str, Read],
    others: Sequence[Commitment],
    call_records: bool,
) -> Commitment:
    """Not owed until the customer did their part; from then on a promise as any other, its time counted from there."""
    waiting = _Case(commitment, ticket, now, reads, (), call_records)
    answer = next(((m, r) for m, r in waiting.after(Role.CUSTOMER) if r is None or not only_thanks(r)), None)
    if answer is None:
        return replace(commitment, state=State.CONDITIONAL, risk_at=None)
    message = answer[0]
    waived = _waived(waiting)
    if waived is not None:
        return commitment.now_is(State.WAIVED, waived.at, waived.why, waived.evidence)
    hours = calendar.business_hours_between(commitment.said_at, commitment.due.end) if commitment.due.end else 0.0
    due = replace(commitment.due, end=calendar.add_business_time(message.at, hours), assumed=True)
    moved = replace(commitment, said_at=message.at, due=due)
    moved = replace(moved, risk_at=find_risk(moved, calendar))
    moved = moved.now_is(State.OPEN, message.at, "the customer did their part", whole(message))
    later = tuple(o for o in others if _replaces(o, replace(moved, due=due)))
    judged = _decide(_Case(moved, ticket, now, reads, later, call_records))
    return replace(judged, said_at=commitment.said_at)
