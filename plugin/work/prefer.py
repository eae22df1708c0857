"""Carry what a person said about being contacted from ticket to ticket, and change it when they say so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from plugin.domain.analysis import Policy
from plugin.domain.faults import hold_blocked
from plugin.domain.findings import BlockedPoint, Commitment, Findings, PointReport, Preference
from plugin.domain.guard import ALLOW, Decision, Party, may_contact
from plugin.domain.precedence import current
from plugin.domain.statements import (
    FAULT,
    PAGE,
    TEXT,
    Statement,
    as_statement,
    carried_to,
    channels_of,
    lasts,
    read_mapping,
    reported_to,
    said_on,
    stated_in_fields,
    told,
)
from plugin.domain.ticket import Channel, Ticket
from plugin.languages.purposes import load_purposes
from plugin.ports import Account, Override, Rejected, Storage, Unit
from plugin.work.tools import lane_of

log = structlog.get_logger()

KEPT_DAYS = 730
"""How long a statement holds where the account's setting "preference_days" names no other number."""

MOST_ON_PAGE = 50
"""Statements that a person can have standing from their own page."""


# --- carried from ticket to ticket -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """What a ticket's customer said elsewhere, and when they had everything before it erased."""

    preferences: tuple[Preference, ...] = ()
    forgotten: datetime | None = None
    reports: tuple[PointReport, ...] = ()
    """Of points that are dead, or work again."""

    def tell(self, policy: Policy) -> Policy:
        """The same policy, knowing this."""
        if self == Known():
            return policy
        return replace(policy, known=self.preferences, forgotten=self.forgotten, reports=self.reports)


def recall(u: Unit, account: Account, ticket: Ticket, now: datetime) -> Known:
    """What is known before this ticket is read."""
    person = u.preferences.person(account.id, ticket.requester.id)
    statements = u.preferences.of(account.id, person)
    known = carried_to(statements, now, ticket) + stated_in_fields(ticket, _mapping(account))
    reports = reported_to(statements, now, ticket.id, ticket.follow_up_of)
    return Known(tuple(known), u.preferences.erased_at(account.id, person), reports)


def keep_stated(u: Unit, account: Account, ticket: Ticket, findings: Findings, now: datetime) -> None:
    """What this ticket says about being contacted becomes the person's."""
    via = {m.id: m.channel for m in ticket.messages}
    person = u.preferences.person(account.id, ticket.requester.id)
    if ticket.messages:  # one that is gone says nothing new, and takes nothing back
        said = [*said_on(ticket, findings.preferences), *(as_statement(r) for r in findings.reports)]
        stated = [_statement(p, via, account) for p in said]
        u.preferences.note(account.id, person, ticket.id, stated, now)


def merge_people(storage: Storage, account_id: str, person_id: str, into_id: str) -> int:
    """The helpdesk merged one contact into another: the second has said what the first did. Ids are the helpdesk's
    own; returns how many statements moved. Rejected when an id is empty or both are the same."""
    if not person_id or not into_id or person_id == into_id:
        raise Rejected("name two different contacts by their ids in the helpdesk")
    with storage.unit() as u:
        book = u.preferences
        return book.merge(account_id, book.person(account_id, person_id), book.person(account_id, into_id))


def _statement(preference: Preference, via: dict[str, Channel], account: Account) -> Statement:
    by = {TEXT: "reading", FAULT: "reading"}.get(preference.source, preference.source)
    return Statement(
        preference,
        via=via.get(preference.evidence.message_id, Channel.OTHER),
        captured_by=by,
        permission="refused" if preference.refuse and preference.source != FAULT else "given",
        basis=account.settings.get("preference_basis", "contract"),
        expires_at=preference.said_at + _kept_for(account),
    )


def _kept_for(account: Account) -> timedelta:
    days = account.settings.get("preference_days", "")
    return timedelta(days=int(days) if days.isdecimal() and 0 < int(days) < 36_500 else KEPT_DAYS)


def _mapping(account: Account) -> dict[str, str]:
    try:
        return dict(read_mapping(account.settings.get("preference_fields", "")))
    except ValueError as error:
        log.warning("preferences.mapping", account=account.id, reason=str(error))
        return {}


# --- the guard -------------------------------------------------------------------------------------------------------


def ask_guard(
    u: Unit, account: Account, ticket_id: str, channel: Channel, point: str, at: datetime, language: str, purpose: str
) -> Decision | None:
    """What to say before this contact; None where the ticket has not been looked at yet: then nothing is known."""
    findings = u.ledger.findings(account.id, ticket_id)
    if findings is None:
        return None
    person = u.preferences.person_of(account.id, ticket_id)
    statements = u.preferences.of(account.id, person)
    known = {s.preference.key for s in statements if s.withdrawn_at or lasts(s.preference) or s.ticket_id == ticket_id}
    said = told(statements, at, ticket_id) + [p for p in findings.preferences if p.key not in known]
    region = account.region.partition("-")[0]
    dead = _dead_by_now(findings, reported_to(statements, at, ticket_id), region)
    party = Party(
        ZoneInfo(account.zone), region, said, dead,
        channels_of(statements, ticket_id), load_purposes(),
    )  # fmt: skip
    return may_contact(party, channel, point, at, language, purpose)


def _dead_by_now(findings: Findings, elsewhere: Iterable[PointReport], region: str) -> list[BlockedPoint]:
    """Points that this ticket knows as dead, and what was said on the person's other tickets since it was looked at."""
    since = [r for r in elsewhere if r.works or r.at > findings.as_of]
    here = [PointReport(b, b.at) for b in findings.blocked if b.at is not None]
    undated = [b for b in findings.blocked if b.at is None]
    return hold_blocked([*since, *here, *findings.reports], region, undated)[0]


def overrule(u: Unit, account: Account, override: Override, now: datetime) -> int:
    """Keep that an agent goes on in spite of the guard, and what the guard says now. Rejected without a reason, or
    where the guard stops nobody."""
    if not override.words.strip():
        raise Rejected("say in a few words why the customer is contacted in spite of it")
    decision = ask_guard(
        u, account, override.ticket_id, Channel(override.channel), override.point, override.made_at or now, "", ""
    )
    if decision is None or decision.verdict == ALLOW:
        raise Rejected("nothing stands in the way of this contact")
    kept = replace(override, verdict=decision.verdict, reason=decision.reason)
    number = u.preferences.overrule(account.id, kept, now)
    log.info("guard.overruled", account=account.id, verdict=decision.verdict, reason=decision.reason)
    return number


# --- the customer's own page -----------------------------------------------------------------------------------------


def standing(u: Unit, account_id: str, person: str, now: datetime) -> list[Statement]:
    """What holds of what this person said, newest first: without what they withdrew and what newer words replaced."""
    statements = u.preferences.of(account_id, person)
    held = {(p.key, p.said_at) for p in current(p for s in statements for p in told((s,), now, s.ticket_id))}
    shown = [s for s in statements if s.withdrawn_at is None and told((s,), now, s.ticket_id)]
    return [s for s in reversed(shown) if (s.preference.key, s.preference.said_at) in held]


def state(u: Unit, account: Account, person: str, ticket_id: str, preference: Preference, now: datetime) -> int:
    """The customer says something on their own page. Rejected when they have said too much already."""
    mine = [s for s in u.preferences.of(account.id, person) if s.preference.source == PAGE and s.withdrawn_at is None]
    if len(mine) >= MOST_ON_PAGE:
        raise Rejected("too many wishes")
    said = Statement(
        replace(preference, source=PAGE, said_at=now), via=Channel.FORM, captured_by="customer",
        permission="refused" if preference.refuse else "given", basis="consent", expires_at=now + _kept_for(account),
    )  # fmt: skip
    number = u.preferences.add(account.id, person, said, now)
    _look_again(u, account.id, ticket_id, now)
    return number


def withdraw(u: Unit, account_id: str, person: str, ticket_id: str, ids: Iterable[int], now: datetime) -> int:
    """The customer takes these back; returns how many stood."""
    number = sum(u.preferences.withdraw(account_id, person, one, now) for one in ids)
    _look_again(u, account_id, ticket_id, now)
    return number


def promises_to(u: Unit, account_id: str, person: str) -> list[Commitment]:
    """What the company promised this person, on all their tickets that we know."""
    found = [u.ledger.findings(account_id, ticket_id) for ticket_id in u.preferences.tickets_of(account_id, person)]
    return [promise for findings in found if findings for promise in findings.commitments]


def erase(u: Unit, account_id: str, person: str, now: datetime) -> None:
    """Remove what this person said and all we found in their tickets. Tickets with a promise that is still owed are
    read again, without their wishes, so that it is not forgotten."""
    for ticket_id in u.preferences.tickets_of(account_id, person):
        findings = u.ledger.findings(account_id, ticket_id)
        owed = findings is not None and any(c.state.owed for c in findings.commitments)
        u.ledger.forget_ticket(account_id, ticket_id)
        if owed:
            _look_again(u, account_id, ticket_id, now)
    u.preferences.erase(account_id, person, now)
    log.info("preferences.erased", account=account_id)


def _look_again(u: Unit, account_id: str, ticket_id: str, now: datetime) -> None:
    if ticket_id:
        u.queue.put(account_id, "analyse", lane_of(ticket_id), now)
