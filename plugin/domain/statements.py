"""What a person said about being contacted, on whichever ticket, and how we come to know it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from plugin.domain.findings import Evidence, Preference, key_of
from plugin.domain.ticket import Channel, Ticket
from plugin.domain.words import fold

TEXT, PROFILE, FIELD, AGENT, PAGE, HABIT = "text", "profile", "field", "agent", "page", "habit"
"""Where a statement stands: the customer's own words, their profile, a field an admin mapped, an agent's entry, the
customer's own page; and what only follows from how they have behaved, which binds nobody."""

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
    neither what has expired nor one-off wishes of other tickets nor habits."""
    return list(_told(statements, now, ticket_id))


def carried_to(statements: Iterable[Statement], now: datetime, ticket_id: str) -> list[Preference]:
    """The same without what this ticket itself says (it is read anew), but with what of it was withdrawn."""
    return [p for s in statements for p in _told((s,), now, ticket_id) if p.withdrawn or s.ticket_id != ticket_id]


def _told(statements: Iterable[Statement], now: datetime, ticket_id: str) -> Iterator[Preference]:
    for said in statements:
        elsewhere = bool(said.ticket_id) and said.ticket_id != ticket_id
        over = said.expires_at is not None and said.expires_at <= now
        if over or said.preference.source == HABIT or (elsewhere and not lasts(said.preference)):
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


def read_mapping(text: str) -> Mapping[str, str]:
    """The account's setting "preference_fields": {"Preferred contact": "channel", "Zvans": "=call"}. A name stands for
    a field of the ticket and says which part of a wish it holds; a part "=call" says what a field's value means.
    ValueError with what is wrong."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        raise ValueError('preference_fields must be JSON: {"Preferred contact": "channel"}') from None
    if not isinstance(found, dict):
        raise ValueError('preference_fields must be an object: {"Preferred contact": "channel"}')
    for name, part in found.items():
        if part not in FIELD_PARTS and str(part).removeprefix("=") not in {c.value for c in Channel}:
            raise ValueError(f"preference_fields: {name!r} must be one of {', '.join(FIELD_PARTS)} or =<channel>")
    return {str(name): str(part) for name, part in found.items()}


def stated_in_fields(ticket: Ticket, mapping: Mapping[str, str]) -> list[Preference]:
    """The one wish that the mapped fields of this ticket state together; none where no field names a channel."""
    parts = {part: (name, ticket.extra[name]) for name, part in mapping.items() if ticket.extra.get(name)}
    name, value = parts.get("channel", ("", ""))
    channel = _channel_named(value, mapping)
    if channel is None:
        return []
    point, window, lang = (parts.get(part, ("", ""))[1] for part in ("point", "window", "language"))
    key = key_of("field", channel, point, window, lang)
    evidence = Evidence(f"field:{name}", value)
    return [
        Preference(
            key, channel, False, evidence, ticket.created_at, point=point, window=window, lang=lang[:2].lower(),
            source=FIELD,
        )
    ]  # fmt: skip


def _channel_named(value: str, mapping: Mapping[str, str]) -> Channel | None:
    meant = mapping.get(value, "")
    if meant.startswith("="):
        return Channel(meant[1:])
    words = fold(value).split()
    return next((_CHANNEL_WORDS[w] for w in words if w in _CHANNEL_WORDS), None)
