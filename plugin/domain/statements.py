"""What a person said about being contacted, on whichever ticket, and how we come to know it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from plugin.domain.findings import BlockedPoint, Evidence, PointReport, Preference, key_of
from plugin.domain.points import is_number
from plugin.domain.ticket import Channel, Ticket
from plugin.domain.words import fold

TEXT, PROFILE, FIELD, AGENT, PAGE, HABIT = "text", "profile", "field", "agent", "page", "habit"
"""Where a statement stands: the customer's own words, their profile, a field an admin mapped, an agent's entry, the
customer's own page; and what only follows from how they have behaved, which binds nobody."""

FAULT = "fault"
"""Source of what is no wish at all: that a point is dead, or (it `lifts`) that it works again."""

_NO_WISHES = frozenset({HABIT, FAULT})

NOT_OF_A_MESSAGE = frozenset({PROFILE, FIELD})


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing a person said, with where it comes from (who took it down, with what permission, on what legal basis,
    how long it holds). `via` is the channel it came by; `ticket_id` is "" for what was said on the customer's page."""

    preference: Preference
    ticket_id: str = ""
    via: Channel = Channel.OTHER
    captured_by: str = "reading"
    """reading (we read it), profile, field, agent, customer"""
    permission: str = "given"
    """given, or refused for a refusal"""
    basis: str = "contract"
    """contract or consent: the letters of Article 6(1) GDPR they stand for are b and a."""
    kept_at: datetime | None = None
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None
    id: int = 0


def lasts(preference: Preference) -> bool:
    """Does it hold beyond its ticket? "Half an hour before the visit" or "on Friday" speaks of one occasion only."""
    return not preference.window or bool(preference.within)


def told(statements: Iterable[Statement], now: datetime, ticket_id: str = "") -> list[Preference]:
    """What of a person's statements counts on this ticket, withdrawals included, for `precedence.current` to sort out:
    neither what has expired nor one-off wishes of other tickets, nor habits and dead points."""
    return list(_told(statements, now, ticket_id))


def carried_to(statements: Iterable[Statement], now: datetime, ticket: Ticket) -> list[Preference]:
    """The same without what this ticket itself says (it is read anew), but with what of it was withdrawn. One-off
    wishes of the ticket that this one follows up are of the same matter."""
    return [
        p
        for s in statements
        for p in _told((s,), now, ticket.id, ticket.follow_up_of)
        if p.withdrawn or s.ticket_id != ticket.id
    ]


def _told(statements: Iterable[Statement], now: datetime, ticket_id: str, follows: str = "") -> Iterator[Preference]:
    for said in statements:
        elsewhere = bool(said.ticket_id) and said.ticket_id != ticket_id
        passed = elsewhere and said.ticket_id != follows and not lasts(said.preference)
        over = said.expires_at is not None and said.expires_at <= now
        if over or said.preference.source in _NO_WISHES or passed:
            continue
        yield _from_elsewhere(said) if elsewhere else said.preference
        if said.withdrawn_at is not None:
            yield withdrawal(said.preference, said.withdrawn_at)


def _from_elsewhere(said: Statement) -> Preference:
    evidence = replace(said.preference.evidence, message_id=_message_of(said, elsewhere=True))
    return replace(said.preference, evidence=evidence)


def _message_of(said: Statement, *, elsewhere: bool) -> str:
    """Ids of messages are only unique within their ticket."""
    own = said.preference.evidence.message_id
    return f"{said.ticket_id}/{own}" if elsewhere else own


# --- points that are dead --------------------------------------------------------------------------------------------


def as_statement(report: PointReport) -> Preference:
    """A report of a point, in the form in which what a person said is kept."""
    point = report.point
    key = key_of(FAULT, point.channel, point.point, str(report.works))
    return Preference(
        key, point.channel, not report.works, point.evidence, report.at, point.point, source=FAULT, lifts=report.works
    )


def reported_to(
    statements: Iterable[Statement], now: datetime, ticket_id: str, follows: str = ""
) -> tuple[PointReport, ...]:
    """What was said of points on this person's other tickets. A number or an address is the same one everywhere; what
    only words name ("my account", "the line") is so in the same matter."""
    return tuple(
        _report(said)
        for said in statements
        if said.preference.source == FAULT
        and said.ticket_id != ticket_id
        and (said.expires_at is None or said.expires_at > now)
        and (said.ticket_id == follows or is_number(said.preference.point) or "@" in said.preference.point)
    )


def _report(said: Statement) -> PointReport:
    told = _from_elsewhere(said)
    return PointReport(
        BlockedPoint(told.channel, told.point, told.evidence, told.said_at), told.said_at, works=told.lifts
    )


def withdrawal(preference: Preference, at: datetime) -> Preference:
    """Exactly this statement ends here, and nothing beside it."""
    return replace(preference, withdrawn=True, said_at=at, source=PAGE, evidence=Evidence("withdrawn", ""))


def said_on(ticket: Ticket, preferences: Iterable[Preference]) -> list[Preference]:
    """Those that this very ticket states."""
    here = {message.id for message in ticket.messages}
    return [p for p in preferences if p.evidence.message_id in here or p.source in NOT_OF_A_MESSAGE]


def channels_of(statements: Iterable[Statement], ticket_id: str) -> dict[str, Channel]:
    """By which channel each statement came, by the id that `told` gives its message."""
    return {_message_of(s, elsewhere=s.ticket_id not in ("", ticket_id)): s.via for s in statements}


# --- fields that an admin mapped -------------------------------------------------------------------------------------

_CHANNEL_WORDS = {
    "phone": Channel.CALL, "call": Channel.CALL, "telephone": Channel.CALL, "mobile": Channel.CALL,
    "sms": Channel.SMS, "text": Channel.SMS, "email": Channel.EMAIL, "e-mail": Channel.EMAIL, "mail": Channel.EMAIL,
    "whatsapp": Channel.DM, "messenger": Channel.DM, "dm": Channel.DM, "chat": Channel.CHAT,
    "letter": Channel.LETTER, "post": Channel.LETTER, "visit": Channel.VISIT,
}  # fmt: skip

FIELD_PARTS = ("channel", "point", "window", "language")


OF_PROFILE = "profile."
"""How the name of a field of the customer's profile begins; others are the ticket's."""

_TICKED = frozenset({"true", "yes", "1", "on"})


def read_mapping(text: str) -> Mapping[str, str]:
    """The account's setting "preference_fields": {"Preferred contact": "channel", "Zvans": "=call"}. A name stands for
    a field and says which part of a wish it holds, or with "!call" that a tick in it refuses calls; a value of a field
    says with "=call" or "=lv" which channel or language it means. ValueError with what is wrong."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        raise ValueError('preference_fields must be JSON: {"Preferred contact": "channel"}') from None
    if not isinstance(found, dict):
        raise ValueError('preference_fields must be an object: {"Preferred contact": "channel"}')
    for name, part in found.items():
        if not _is_part(str(part)):
            raise ValueError(
                f"preference_fields: {name!r} must be one of {', '.join(FIELD_PARTS)}, =<channel>, =<language> or "
                "!<channel>"
            )
    return {str(name): str(part) for name, part in found.items()}


def _is_part(part: str) -> bool:
    channels = {c.value for c in Channel}
    if part.startswith("="):
        return part[1:] in channels or _is_language(part[1:])
    return part in FIELD_PARTS or (part.startswith("!") and part[1:] in channels)


def _is_language(text: str) -> bool:
    return len(text) == 2 and text.isascii() and text.isalpha()


def stated_in_fields(ticket: Ticket, mapping: Mapping[str, str]) -> list[Preference]:
    """What the mapped fields state: one wish of the customer's profile and one of the ticket, each where a field names
    a channel, a number or a language; and a refusal for each ticked box. A field does not tell when it was filled in:
    it counts from the ticket's beginning on, so that what is said later is newer."""
    filled = {name: ticket.extra[name] for name in mapping if ticket.extra.get(name)}
    profile = {name: value for name, value in filled.items() if name.startswith(OF_PROFILE)}
    own = {name: value for name, value in filled.items() if name not in profile}
    wished = [_wish_in(fields, mapping, ticket, source) for fields, source in ((profile, PROFILE), (own, FIELD))]
    refused = [
        _in_field(name, value, Channel(mapping[name][1:]), ticket, refuse=True)
        for name, value in filled.items()
        if mapping[name].startswith("!") and value.lower() in _TICKED
    ]
    return [*(p for p in wished if p is not None), *refused]


def _wish_in(fields: Mapping[str, str], mapping: Mapping[str, str], ticket: Ticket, source: str) -> Preference | None:
    parts = {mapping[name]: (name, value) for name, value in fields.items() if mapping[name] in FIELD_PARTS}
    values = {part: value for part, (_, value) in parts.items()}
    channel = _channel_named(values.get("channel", ""), mapping) or _channel_of_point(values.get("point", ""))
    lang = _language_named(values.get("language", ""), mapping)
    if channel is None and not lang:
        return None
    name, value = next(parts[p] for p in ("channel", "point", "language") if p in parts)
    found = _in_field(name, value, channel or Channel.ANY, ticket, refuse=False)
    point, window = values.get("point", ""), values.get("window", "")
    key = key_of("field", found.channel, point, window, lang)
    return replace(found, key=key, point=point, window=window, lang=lang, source=source)


def _in_field(name: str, value: str, channel: Channel, ticket: Ticket, *, refuse: bool) -> Preference:
    source = PROFILE if name.startswith(OF_PROFILE) else FIELD
    evidence = Evidence(f"field:{name}", value)
    key = key_of("field", channel, str(refuse), name)
    return Preference(key, channel, refuse, evidence, ticket.created_at, source=source)


def _channel_named(value: str, mapping: Mapping[str, str]) -> Channel | None:
    meant = mapping.get(value, "")
    if meant.startswith("=") and not _is_language(meant[1:]):
        return Channel(meant[1:])
    words = fold(value.replace("_", " ")).split()
    return next((_CHANNEL_WORDS[w] for w in words if w in _CHANNEL_WORDS), None)


def _channel_of_point(value: str) -> Channel | None:
    return Channel.EMAIL if "@" in value else Channel.CALL if is_number(value) else None


def _language_named(value: str, mapping: Mapping[str, str]) -> str:
    """ISO 639-1: what the mapping says that the value means, or a value that is a code ("lv", "pt-BR"); else ""."""
    meant = mapping.get(value, "")
    if meant.startswith("=") and _is_language(meant[1:]):
        return meant[1:].lower()
    code = value.replace("_", "-").partition("-")[0]
    return code.lower() if _is_language(code) else ""
