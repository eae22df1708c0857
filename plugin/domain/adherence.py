"""Hold every contact that went out against what the customer had asked for by then."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plugin.domain.calendar import Calendar
from plugin.domain.contacting import FOLLOWED, NAMED, Asked, Outgoing, Verdict, hold_against
from plugin.domain.findings import Adherence, BlockedPoint, Evidence, Preference
from plugin.domain.precedence import current
from plugin.domain.ticket import Channel, Message, Role, Ticket

_WRONG_PLACE = frozenset({"wrong_point", "blocked_point", "refused_point"})
"""Breaches after which "nobody answered" says nothing about the customer."""

_ENDS = frozenset({"solved", "closed", "archived"})

_QUOTED = 200
"""Letters of a contact's own text that are quoted beside its verdict."""


def judge_contacts(
    ticket: Ticket,
    preferences: Sequence[Preference],
    blocked: Sequence[BlockedPoint],
    calendar: Calendar,
    region: str = "",
    *,
    spoken: Mapping[str, str] | None = None,
) -> list[Adherence]:
    """A verdict on each outbound contact that came after a wish, a refusal or a report of a dead point; oldest first.

    Windows are read in the customer's zone, else the account's. `spoken` gives the language of messages by id. A row
    with why="false_no_contact" follows an attempt on a wrong or dead point that ended in "no answer" or in closing.
    """
    zone = _zone(ticket, calendar)
    said = {m.id: m.at for m in ticket.messages}
    said_via = {p.evidence.message_id: _began(ticket) for p in preferences}  # said elsewhere: this is answered here
    said_via |= {m.id: m.channel for m in ticket.messages}
    rows: list[Adherence] = []
    held: list[Preference] = []
    told = sorted(preferences, key=lambda p: p.said_at)
    for message in sorted(ticket.messages, key=lambda m: m.at):
        if _went_out(message):
            contact = _outgoing(message, zone, region, (spoken or {}).get(message.id, ""))
            before = bisect_left(told, message.at, key=lambda p: p.said_at)
            if before:  # what held is carried on: starting anew for each contact would take time cubed
                held, told = current(told[:before], held), told[before:]
            dead = [b for b in blocked if (b.at or said.get(b.evidence.message_id, message.at)) < message.at]
            verdict = hold_against(contact, Asked(held, dead, said_via))
            if verdict is not None:
                rows.append(_row(message, contact, verdict))
    return sorted([*rows, *_false_no_contacts(ticket, rows)], key=lambda row: row.at)


def _zone(ticket: Ticket, calendar: Calendar) -> ZoneInfo:
    try:
        return ZoneInfo(ticket.requester.zone) if ticket.requester.zone else calendar.zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return calendar.zone


def _began(ticket: Ticket) -> Channel:
    """The channel by which the customer came with this ticket."""
    return next((m.channel for m in ticket.messages if m.role is Role.CUSTOMER), ticket.channel)


def _went_out(message: Message) -> bool:
    if message.call is not None:
        return message.call.outbound
    return message.public and message.role in (Role.AGENT, Role.BOT)


def _outgoing(message: Message, zone: ZoneInfo, region: str, lang: str) -> Outgoing:
    call = message.call
    channel = Channel.CALL if call is not None else message.channel if message.channel in NAMED else None
    points = (call.to_number,) if call is not None and call.to_number else message.to
    automatic = message.automatic or message.role is Role.BOT
    return Outgoing(channel, points, message.at.astimezone(zone), region, lang, automatic)


# --- rows ------------------------------------------------------------------------------------------------------------


def _row(message: Message, contact: Outgoing, verdict: Verdict) -> Adherence:
    return Adherence(
        message_id=message.id,
        at=message.at,
        channel=contact.channel or message.channel,
        verdict=verdict.verdict,
        why=verdict.why,
        contact=Evidence(message.id, message.text[:_QUOTED], 0) if message.text else None,
        preference=verdict.evidence,
        point=", ".join(contact.points),
    )


def _false_no_contacts(ticket: Ticket, rows: Iterable[Adherence]) -> list[Adherence]:
    """C5: "nobody there", concluded from a call to a number that the customer had said not to use."""
    rows = list(rows)
    calls = {m.id: m.call for m in ticket.messages if m.call is not None}
    found = []
    for row in rows:
        call = calls.get(row.message_id)
        if call is None or row.why not in _WRONG_PLACE or call.answered:
            continue
        at = row.at if call.answered is False else _closed_upon(ticket, row, rows)
        if at is not None:
            found.append(replace(row, at=at, why="false_no_contact"))
    return found


def _closed_upon(ticket: Ticket, attempt: Adherence, rows: Iterable[Adherence]) -> datetime | None:
    """When the ticket was closed after this attempt, if nobody was reached and nobody wrote in between."""
    ends = [c.at for c in ticket.changes if c.field == "status" and c.after in _ENDS and c.at >= attempt.at]
    if not ends:
        return None
    reached = any(r.verdict == FOLLOWED and attempt.at < r.at <= ends[0] for r in rows)
    wrote = any(m.role is Role.CUSTOMER and attempt.at < m.at <= ends[0] for m in ticket.messages)
    return None if reached or wrote else ends[0]
