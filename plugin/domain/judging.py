"""Judge what became of a promise: open, at risk, kept, late, broken, or set aside, each with the words that show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from plugin.domain.calendar import Calendar
from plugin.domain.findings import Commitment, Evidence, State, Transition
from plugin.domain.judging_conditions import due_from, is_met
from plugin.domain.judging_record import Record
from plugin.domain.judging_signs import CONTACT, Sign, whole
from plugin.domain.judging_times import when_done
from plugin.domain.phrases import Read
from plugin.domain.ticket import Role, Status, Ticket

RISK_SHARE = 0.2
"""The last part of the time to the due moment in which a promise is at risk."""

RISK_LEAST = timedelta(minutes=30)
"""A promise is at risk at least this long before it is due."""

_SEEN_HERE = CONTACT | {"call"}
"""Kinds that the ticket itself would show: where nothing is seen by the due time, nothing was done."""

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
    record: Record
    now: datetime
    calendar: Calendar
    gone: str
    """Why the ticket shows nothing any more, "" where it does."""
    call_records: bool


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
    record = Record(ticket, pack_reads, now, others)
    return _judge(_Case(commitment, record, now, calendar, _GONE.get(ticket.status, ""), call_records))


def judge_all(
    commitments: Iterable[Commitment],
    ticket: Ticket,
    now: datetime,
    calendar: Calendar,
    pack_reads: Mapping[str, Read],
    *,
    call_records: bool = True,
) -> list[Commitment]:
    """All promises of one ticket, each judged in the light of the others, in time linear in promises and messages."""
    every = tuple(commitments)
    record = Record(ticket, pack_reads, now, every)
    gone = _GONE.get(ticket.status, "")
    return [_judge(_Case(c, record, now, calendar, gone, call_records)) for c in every]


def _judge(case: _Case) -> Commitment:
    promise = case.promise
    if promise.state is State.DISMISSED:
        return promise
    promise = replace(promise, state=State.OPEN, life=(), risk_at=find_risk(promise, case.calendar))
    case = replace(case, promise=promise)
    return _judge_conditional(case) if promise.conditional else _decide(case)


def find_risk(commitment: Commitment, calendar: Calendar) -> datetime | None:
    """When a promise becomes at risk: the last fifth of its business time, at least half an hour before it is due,
    and when somebody is there to be warned. Where nobody is there before it is due, at once if a human promised (they
    are there), and never if a machine did. None too where nothing is due."""
    due, said_at = commitment.due.end, commitment.said_at
    if due is None:
        return None
    hours = calendar.business_hours_between(said_at, due)
    if hours <= 0:
        return None if commitment.role is Role.BOT else said_at
    share = calendar.add_business_time(said_at, hours * (1 - RISK_SHARE))
    risk = max(min(share, due - RISK_LEAST), said_at)
    return risk if calendar.is_working(risk) else _near_working(risk, said_at, calendar)


def _near_working(moment: datetime, floor: datetime, calendar: Calendar) -> datetime:
    """The end of the business time before a moment, less the least warning; the next opening where there was none."""
    least = RISK_LEAST / timedelta(hours=1)
    hours = calendar.business_hours_between(floor, moment) - least
    found = calendar.add_business_time(floor, max(hours, 0.0))
    return found if calendar.is_working(found) else calendar.add_business_time(found, 0.0)


# --- the decision ----------------------------------------------------------------------------------------------------


def _decide(case: _Case) -> Commitment:
    """The first thing that settles the promise settles it; where nothing does, time speaks."""
    if case.gone:
        return case.promise.now_is(State.UNVERIFIABLE, case.now, case.gone)
    steps = [s for s in (_waived(case), _renewed(case), _kept(case), _moved(case)) if s is not None]
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
    said = case.record.first_complaint(promise, due)
    complaint = said.evidence if said is not None else None
    if _is_seen_here(case):
        return _settle(promise, State.BROKEN, due, "not done by the time it was due", complaint)
    return _settle(promise, State.UNVERIFIABLE, due, "past due, and nothing here shows whether it was done", None)


def _is_seen_here(case: _Case) -> bool:
    """Would the ticket show it? What we send to the customer ourselves comes by the conversation."""
    promise = case.promise
    if promise.kind in ("send", "other"):
        return promise.promiser != "third" and case.record.says(promise, "direct")
    if promise.kind == "investigate" and promise.promiser != "speaker":  # what a named team finds need not be told
        return False
    return promise.kind in _SEEN_HERE and (promise.kind != "call" or case.call_records)


def _kept(case: _Case) -> _Step | None:
    """The first human contact or statement that fulfils it, in time or late. A time that was only assumed makes nothing
    late; where somebody says at what hour it was done, that hour counts and not when they wrote."""
    sign = case.record.first_sign(case.promise)
    if sign is None:
        return None
    late = _was_late(case, sign)
    state = State.LATE if late else State.KEPT
    return _Step(state, sign.message.at, f"{case.promise.kind}: done", sign.evidence)


def _was_late(case: _Case, sign: Sign) -> bool:
    """Was it done after it was due? The words say when, else the message: but who confirms later on the same day what
    they never missed need not have waited until then, nor who confirms days later what only had to set off in time."""
    due = case.promise.due
    if due.end is None or due.assumed or sign.message.at <= due.end:
        return False
    saw = sign.message.role is Role.CUSTOMER or (case.promise.kind == "visit" and sign.message.role is Role.AGENT)
    denial = case.record.first_denial(case.promise, due.end) if saw else None
    missed = denial is not None and denial.message.at < sign.message.at
    days = (case.calendar.local(sign.message.at).date() - case.calendar.local(due.end).date()).days
    if saw and not missed and 0 < days <= _ON_THE_WAY and case.record.says(case.promise, "leaves"):
        return False
    read = case.record.reads.get(sign.message.id)
    told = when_done(read, *sign.at, sign.message.at, case.calendar) if read is not None and sign.at != (0, 0) else None
    if told is not None:
        return told > due.end
    return missed or not saw or days > 0


_ON_THE_WAY = 4
"""So many days after it had to set off may something be confirmed as it should be."""


def _waived(case: _Case) -> _Step | None:
    sign = case.record.first_waiver(case.promise)
    if sign is None:
        return None
    return _Step(State.WAIVED, sign.message.at, "the customer no longer needs it", sign.evidence)


def _renewed(case: _Case) -> _Step | None:
    """A later promise of the same: before the due time it replaces this one, after it this one is late. What a machine
    promised of a human is kept by the human's first answer, whatever that promises."""
    heir = case.record.heir(case.promise) or _amends(case)
    if heir is None:
        return None
    answer = case.record.first_answer(case.promise)
    if answer is not None and answer.message.id == heir.evidence.message_id:
        return None
    due = case.promise.due
    if due.end is not None and heir.said_at > due.end and not due.assumed:
        return _Step(State.LATE, heir.said_at, "a new time was named only after it was due", heir.evidence)
    return _Step(State.RENEGOTIATED, heir.said_at, "a new time was agreed", heir.evidence)


def _amends(case: _Case) -> Commitment | None:
    """What was promised anew when the customer said that it had not been done."""
    due = case.promise.due
    if due.end is None or due.assumed:
        return None
    denial = case.record.first_denial(case.promise, due.end)
    return case.record.heir_after(case.promise, denial) if denial is not None else None


def _moved(case: _Case) -> _Step | None:
    """Another time is named instead, in words that are no promise of their own."""
    sign, due = case.record.first_move(case.promise), case.promise.due
    if sign is None or due.assumed or due.end is None or sign.message.at > due.end:
        return None
    return _Step(State.RENEGOTIATED, sign.message.at, "a new time was agreed", sign.evidence)


def _missed(case: _Case, due: datetime) -> _Step | None:
    """The customer says after the due time that it did not happen, or asks where it stays."""
    sign = case.record.first_denial(case.promise, due)
    if sign is not None:
        return _Step(State.BROKEN, sign.message.at, "the customer says it was not done", sign.evidence)
    doubt = case.record.first_doubt(case.promise, due)
    if doubt is None or case.promise.kind == "forward":
        return None
    why = "the customer asks where it stays" if doubt.message.role is Role.CUSTOMER else "we say that it is not done"
    return _Step(State.BROKEN, doubt.message.at, why, doubt.evidence)


# --- conditional promises --------------------------------------------------------------------------------------------


def _judge_conditional(case: _Case) -> Commitment:
    """Not owed until the customer did their part; from then on a promise as any other, its time counted from there."""
    promise, record = case.promise, case.record
    answers = record.answers_of_customer(promise)
    answer = next((m for m, read in answers if is_met(promise, m, read, record.reads)), None)
    waived = _waived(case)
    if waived is not None and (answer is None or waived.at <= answer.at):
        return promise.now_is(State.WAIVED, waived.at, waived.why, waived.evidence)
    if answer is None:
        return replace(promise, state=State.CONDITIONAL, risk_at=None)
    moved = replace(promise, said_at=answer.at, due=due_from(promise, answer, case.calendar))
    moved = replace(moved, risk_at=find_risk(moved, case.calendar))
    moved = moved.now_is(State.OPEN, answer.at, "the customer did their part", whole(answer))
    return replace(_decide(replace(case, promise=moved)), said_at=promise.said_at)
