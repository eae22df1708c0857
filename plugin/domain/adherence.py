"""Hold every contact that went out against what the customer had asked for by then."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plugin.domain.calendar import Calendar
from plugin.domain.contact_hours import lies_within
from plugin.domain.findings import Adherence, BlockedPoint, Evidence, Preference
from plugin.domain.points import is_number, same_point
from plugin.domain.precedence import current
from plugin.domain.ticket import Channel, Message, Role, Ticket

FOLLOWED, BREACHED, UNKNOWN = "followed", "breached", "unknown"

_NAMED = frozenset({
    Channel.CALL, Channel.SMS, Channel.EMAIL, Channel.DM, Channel.CHAT, Channel.LETTER, Channel.VISIT,
})  # fmt: skip
"""Channels a customer can ask for; of a message that went another way we do not know how it arrived."""

_WRONG_PLACE = frozenset({"wrong_point", "blocked_point", "refused_point"})
"""Breaches after which "nobody answered" says nothing about the customer."""

_ENDS = frozenset({"solved", "closed", "archived"})

_QUOTED = 200
"""Letters of a contact's own text that are quoted beside its verdict."""


@dataclass(frozen=True, slots=True)
class _Contact:
    """One message or call that went out. `channel` is None where the helpdesk does not say how."""

    message: Message
    channel: Channel | None
    points: tuple[str, ...]
    local: datetime
    automatic: bool
    region: str
    lang: str


@dataclass(frozen=True, slots=True)
class _Verdict:
    verdict: str
    why: str
    preference: Preference | None = None
    evidence: Evidence | None = None


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
    rows: list[Adherence] = []
    held: list[Preference] = []
    told = sorted(preferences, key=lambda p: p.said_at)
    for message in sorted(ticket.messages, key=lambda m: m.at):
        if _went_out(message):
            contact = _contact(message, zone, region, (spoken or {}).get(message.id, ""))
            before = bisect_left(told, message.at, key=lambda p: p.said_at)
            if before:  # what held is carried on: starting anew for each contact would take time cubed
                held, told = current(told[:before], held), told[before:]
            dead = [b for b in blocked if said.get(b.evidence.message_id, message.at) < message.at]
            verdict = _judge(contact, held, dead, ticket)
            if verdict is not None:
                rows.append(_row(contact, verdict))
    return sorted([*rows, *_false_no_contacts(ticket, rows)], key=lambda row: row.at)


def _zone(ticket: Ticket, calendar: Calendar) -> ZoneInfo:
    try:
        return ZoneInfo(ticket.requester.zone) if ticket.requester.zone else calendar.zone
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return calendar.zone


def _went_out(message: Message) -> bool:
    if message.call is not None:
        return message.call.outbound
    return message.public and message.role in (Role.AGENT, Role.BOT)


def _contact(message: Message, zone: ZoneInfo, region: str, lang: str) -> _Contact:
    call = message.call
    channel = Channel.CALL if call is not None else message.channel if message.channel in _NAMED else None
    points = (call.to_number,) if call is not None and call.to_number else message.to
    automatic = message.automatic or message.role is Role.BOT
    return _Contact(message, channel, points, message.at.astimezone(zone), automatic, region, lang)


def _judge(
    contact: _Contact, held: Sequence[Preference], dead: Sequence[BlockedPoint], ticket: Ticket
) -> _Verdict | None:
    """What was asked is looked at in the order in which it binds: dead points, refusals, wishes. None: nothing was."""
    for point in dead:
        if _goes_to(contact, point.point):
            return _Verdict(BREACHED, "blocked_point", evidence=point.evidence)
    wishes = [_follow(contact, p, ticket) for p in held if not p.refuse]
    refusals = [v for p in held if p.refuse and (v := _refusal(contact, p, held)) is not None]
    for verdict in refusals:
        if verdict.verdict == BREACHED:
            return verdict
    return _weigh(contact, wishes, refusals)


def _weigh(contact: _Contact, wishes: Sequence[_Verdict], refusals: Sequence[_Verdict]) -> _Verdict | None:
    """One wish followed is enough, unless a refusal may have been hit; a doubt is never counted as followed."""
    doubts = [v for v in refusals if v.verdict == UNKNOWN]
    for verdict in (FOLLOWED, UNKNOWN, BREACHED):
        for wish in wishes:
            if wish.verdict == verdict:
                if verdict == FOLLOWED and doubts:
                    return doubts[0]
                if verdict == BREACHED and contact.automatic:
                    return replace(wish, verdict=UNKNOWN, why="automatic")
                return wish
    return doubts[0] if doubts else refusals[0] if refusals else None


# --- refusals --------------------------------------------------------------------------------------------------------


def _refusal(contact: _Contact, refused: Preference, held: Sequence[Preference]) -> _Verdict | None:
    if _excepted(contact, refused, held):
        return None
    hit = _hits(contact, refused)
    if hit is False:
        return _Verdict(FOLLOWED, "not_refused", refused)
    return _Verdict(UNKNOWN, hit, refused) if isinstance(hit, str) else _Verdict(BREACHED, _name(refused), refused)


def _hits(contact: _Contact, refused: Preference) -> bool | str:
    """Does the contact do what was refused? A word instead of an answer says what we cannot know."""
    if refused.channel is not Channel.ANY and contact.channel is not refused.channel:
        may_be = contact.channel is None and refused.channel is not Channel.CALL
        return "channel_not_known" if may_be else False
    checks = (_hits_point(contact, refused.point), _hits_hours(contact, refused))
    if False in checks:
        return False
    unsure = next((c for c in checks if isinstance(c, str)), "purpose_not_known" if refused.purpose else "")
    return unsure or True


def _hits_point(contact: _Contact, point: str) -> bool | str:
    if not point:
        return True
    return _goes_to(contact, point) if _comparable(contact, point) else "point_not_known"


def _hits_hours(contact: _Contact, refused: Preference) -> bool | str:
    if not refused.window:
        return True
    return lies_within(refused.within, contact.local) if refused.within else "window_not_judged"


def _name(refused: Preference) -> str:
    if refused.point:
        return "refused_point"
    if refused.window:
        return "refused_time"
    return "refused_contact" if refused.channel is Channel.ANY else "refused_channel"


def _excepted(contact: _Contact, refused: Preference, held: Sequence[Preference]) -> bool:
    """ "No calls" and "call me on this number" together: the narrower word stands beside the broader."""
    return any(
        not p.refuse and p.point and not refused.point and not refused.window
        and p.channel is contact.channel and _goes_to(contact, p.point)
        for p in held
    )  # fmt: skip


# --- wishes ----------------------------------------------------------------------------------------------------------


def _follow(contact: _Contact, wish: Preference, ticket: Ticket) -> _Verdict:
    if wish.channel not in (Channel.ANY, contact.channel):
        return _other_channel(contact, wish, ticket)
    checks = (_at_point(contact, wish), _in_hours(contact, wish), _in_language(contact, wish))
    for outcome in (BREACHED, UNKNOWN):
        for verdict, why in checks:
            if verdict == outcome:
                return _Verdict(verdict, why, wish)
    return _Verdict(UNKNOWN, "purpose_not_known", wish) if wish.purpose else _Verdict(FOLLOWED, "as_asked", wish)


def _other_channel(contact: _Contact, wish: Preference, ticket: Ticket) -> _Verdict:
    """Another channel than the one asked for: a breach, unless we cannot know the channel or the purpose, or it only
    answers in the conversation in which the wish was written."""
    if contact.channel is None:
        return _Verdict(UNKNOWN, "channel_not_known", wish)
    if wish.purpose:
        return _Verdict(UNKNOWN, "purpose_not_known", wish)
    asked_in = next((m.channel for m in ticket.messages if m.id == wish.evidence.message_id), None)
    answers = asked_in is contact.channel or (asked_in, contact.channel) == (Channel.FORM, Channel.EMAIL)
    if answers and contact.channel is not Channel.CALL:
        return _Verdict(UNKNOWN, "reply_in_conversation", wish)
    return _Verdict(BREACHED, "other_channel", wish)


def _at_point(contact: _Contact, wish: Preference) -> tuple[str, str]:
    if not wish.point:
        return FOLLOWED, ""
    if not _comparable(contact, wish.point):
        return UNKNOWN, "point_not_known"
    return (FOLLOWED, "") if _goes_to(contact, wish.point) else (BREACHED, "wrong_point")


def _in_hours(contact: _Contact, wish: Preference) -> tuple[str, str]:
    if not wish.window:
        return FOLLOWED, ""
    if not wish.within:
        return UNKNOWN, "window_not_judged"
    return (FOLLOWED, "") if lies_within(wish.within, contact.local) else (BREACHED, "outside_window")


def _in_language(contact: _Contact, wish: Preference) -> tuple[str, str]:
    if not wish.lang:
        return FOLLOWED, ""
    if not contact.lang or contact.lang == "unknown":
        return UNKNOWN, "language_not_known"
    return (FOLLOWED, "") if contact.lang == wish.lang else (BREACHED, "other_language")


def _goes_to(contact: _Contact, point: str) -> bool:
    return any(same_point(point, p, contact.region) for p in contact.points)


def _comparable(contact: _Contact, point: str) -> bool:
    """Words ("my mobile") and numbers cannot be compared, and nothing can where the helpdesk names no point."""
    return bool(contact.points) and (is_number(point) or "@" in point)


# --- rows ------------------------------------------------------------------------------------------------------------


def _row(contact: _Contact, verdict: _Verdict) -> Adherence:
    message = contact.message
    asked = verdict.preference.evidence if verdict.preference is not None else verdict.evidence
    return Adherence(
        message_id=message.id,
        at=message.at,
        channel=contact.channel or message.channel,
        verdict=verdict.verdict,
        why=verdict.why,
        contact=Evidence(message.id, message.text[:_QUOTED], 0) if message.text else None,
        preference=asked,
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
