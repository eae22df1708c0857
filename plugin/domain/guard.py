"""Say before a contact is made whether the customer asked for something else: go ahead, think again, or stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from plugin.domain.card import N_, Text
from plugin.domain.contacting import BREACHED, FOLLOWED, NAMED, Asked, Outgoing, Verdict, hold_against, is_for
from plugin.domain.findings import BlockedPoint, Evidence, Preference
from plugin.domain.points import is_number, same_point
from plugin.domain.precedence import current
from plugin.domain.ticket import Channel

ALLOW, WARN, BLOCK = "allow", "warn", "block"


@dataclass(frozen=True, slots=True)
class Party:
    """A customer as far as being contacted goes. `preferences` are all statements; what replaces what is found here.
    `said_via` says through which channel the message of a statement came, `purposes` which words name a purpose."""

    zone: ZoneInfo
    region: str = ""
    preferences: Sequence[Preference] = ()
    blocked: Sequence[BlockedPoint] = ()
    said_via: Mapping[str, Channel] = field(default_factory=dict)
    purposes: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """`verdict` is allow, warn or block; `reason` a key, `text` the sentence for it; `quote` the customer's own words;
    `better` the wish that shows a better way, where there is one."""

    verdict: str
    reason: str
    text: Text
    quote: Evidence | None = None
    better: Preference | None = None


def may_contact(
    party: Party, channel: Channel, point: str, at: datetime, language: str = "", purpose: str = ""
) -> Decision:
    """What to say before this contact. Pure. `point` is "" where it is not known, `language` and `purpose` too; `at` is
    aware. A refusal, a dead point, or a point given for something else stops; a wish for another way warns; what
    cannot be known never stops anybody."""
    outgoing = Outgoing(
        channel=channel if channel in NAMED else None,
        points=(point,) if point else (),
        local=at.astimezone(party.zone),
        region=party.region,
        lang=language,
        purposes=frozenset({purpose} if purpose else ()),
    )
    held = current(party.preferences)
    dead = _no_way_in(channel, party.blocked)
    if dead is not None:
        return _decision(BLOCK, Verdict(BREACHED, "blocked_point", dead=dead), held, outgoing, party)
    verdict = hold_against(outgoing, Asked(held, party.blocked, party.said_via, party.purposes))
    if verdict is None:
        return Decision(ALLOW, "nothing_asked", Text(REASONS["nothing_asked"]))
    return _decision(_strength(verdict, outgoing, party.region), verdict, held, outgoing, party)


_BEHIND_A_LOGIN = frozenset({Channel.CHAT, Channel.OTHER})


def _no_way_in(channel: Channel, blocked: Sequence[BlockedPoint]) -> BlockedPoint | None:
    """A chat, or a message inside an app or an account, that nobody can open reaches nobody, whatever the address."""
    named = (b for b in blocked if b.channel is channel and channel in _BEHIND_A_LOGIN)
    return next((b for b in named if not is_number(b.point) and "@" not in b.point), None)


def _strength(verdict: Verdict, outgoing: Outgoing, region: str) -> str:
    if verdict.verdict == FOLLOWED:
        return ALLOW
    wish = verdict.preference if verdict.preference is not None and not verdict.preference.refuse else None
    if verdict.verdict == BREACHED:
        return WARN if wish is not None and verdict.why != "other_purpose" else BLOCK
    lent = wish is not None and bool(wish.point) and any(same_point(wish.point, p, region) for p in outgoing.points)
    return WARN if verdict.why == "purpose_not_known" and lent else ALLOW


def _decision(
    strength: str, verdict: Verdict, held: Sequence[Preference], outgoing: Outgoing, party: Party
) -> Decision:
    better = _better(held, outgoing, verdict, party) if strength != ALLOW else None
    return Decision(strength, verdict.why, Text(REASONS[verdict.why]), verdict.evidence, better)


def _better(held: Sequence[Preference], outgoing: Outgoing, verdict: Verdict, party: Party) -> Preference | None:
    """The wish that would be followed: first one of the same channel, then any; never one whose point is dead or was
    given for something else."""
    wishes = [p for p in held if not p.refuse and p.channel is not Channel.ANY and _usable(p, outgoing, verdict, party)]
    same = [p for p in wishes if p.channel is outgoing.channel]
    return next(iter((*same, *wishes)), None)


def _usable(wish: Preference, outgoing: Outgoing, verdict: Verdict, party: Party) -> bool:
    if verdict.why == "purpose_not_known" and verdict.preference is wish:
        return False
    if is_for(wish, outgoing, Asked((), purposes=party.purposes)) is False:
        return False
    return not any(b.point and same_point(b.point, wish.point, party.region) for b in party.blocked)


REASONS = {
    "nothing_asked": N_("The customer has not asked for anything here"),
    "as_asked": N_("This is what the customer asked for"),
    "not_refused": N_("The customer has not refused this"),
    "blocked_point": N_("This is what is broken: nobody can be reached there"),
    "refused_channel": N_("The customer does not want to be contacted this way"),
    "refused_contact": N_("The customer does not want to be contacted"),
    "refused_point": N_("The customer does not want to be contacted there"),
    "refused_time": N_("The customer does not want to be contacted at this time"),
    "refused_language": N_("The customer does not want to be contacted in this language"),
    "other_purpose": N_("The customer gave this for something else only"),
    "other_channel": N_("The customer asked for another way"),
    "wrong_point": N_("The customer gave another number or address"),
    "outside_window": N_("The customer asked for another time"),
    "other_language": N_("The customer asked for another language"),
    "purpose_not_known": N_("The customer gave this for one purpose only: is it that?"),
    "point_not_known": N_("It is not known which number or address is meant"),
    "window_not_judged": N_("The customer named a time that we cannot read: see the words"),
    "language_not_known": N_("The language of this contact is not known"),
    "channel_not_known": N_("It is not known how this will reach the customer"),
    "reply_in_conversation": N_("This answers where the customer wrote"),
}
"""Why, in one line; the customer's own words stand beside it."""
