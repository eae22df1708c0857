"""Hold one contact, made or planned, against what the customer asked for: dead points, refusals, wishes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from plugin.domain.contact_hours import lies_within
from plugin.domain.findings import BlockedPoint, Evidence, Preference
from plugin.domain.points import is_number, same_point
from plugin.domain.ticket import Channel
from plugin.domain.words import fold

FOLLOWED, BREACHED, UNKNOWN = "followed", "breached", "unknown"

NAMED = frozenset({
    Channel.CALL, Channel.SMS, Channel.EMAIL, Channel.DM, Channel.CHAT, Channel.LETTER, Channel.VISIT,
})  # fmt: skip
"""Channels a customer can ask for; of a message that goes another way we do not know how it arrives."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message or call to the customer. `channel` is None where nobody says how; `local` is in the customer's zone;
    `purposes` are keys ("delivery"), empty where it is not known what it is for."""

    channel: Channel | None
    points: tuple[str, ...]
    local: datetime
    region: str = ""
    lang: str = ""
    automatic: bool = False
    purposes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """What holds at that moment: statements that are not replaced, dead points, how each statement came in, and the
    words that name a purpose by its key (`{"delivery": ("deliver", "livr")}`, folded beginnings of words)."""

    held: Sequence[Preference]
    dead: Sequence[BlockedPoint] = ()
    said_via: Mapping[str, Channel] = field(default_factory=dict)
    purposes: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`preference` is what was followed or breached, or what keeps us from knowing; `dead` the point that is broken."""

    verdict: str
    why: str
    preference: Preference | None = None
    dead: BlockedPoint | None = None

    @property
    def evidence(self) -> Evidence | None:
        found = self.preference or self.dead
        return found.evidence if found else None


def hold_against(contact: Outgoing, asked: Asked) -> Verdict | None:
    """What was asked is looked at in the order in which it binds: dead points, refusals, points that were given for
    something else, wishes. None: nothing was asked that speaks of this contact."""
    for point in asked.dead:
        if point.point and _goes_to(contact, point.point):
            return Verdict(BREACHED, "blocked_point", dead=point)
    wishes = [v for p in asked.held if not p.refuse and (v := _follow(contact, p, asked)) is not None]
    refusals = [v for p in asked.held if p.refuse and (v := _refusal(contact, p, asked)) is not None]
    for verdict in (*refusals, *(w for w in wishes if w.why == "other_purpose")):
        if verdict.verdict == BREACHED:
            return verdict
    return _weigh(contact, wishes, refusals)


def _weigh(contact: Outgoing, wishes: Sequence[Verdict], refusals: Sequence[Verdict]) -> Verdict | None:
    """One wish followed is enough, unless a refusal may have been hit; a doubt is never counted as followed. Of wishes
    that were not followed, one about this very channel says it best."""
    doubts = [v for v in refusals if v.verdict == UNKNOWN]
    nearest = sorted(wishes, key=lambda w: w.preference is None or w.preference.channel is not contact.channel)
    for verdict in (FOLLOWED, UNKNOWN, BREACHED):
        for wish in nearest:
            if wish.verdict == verdict:
                if verdict == FOLLOWED and doubts:
                    return doubts[0]
                if verdict == BREACHED and contact.automatic:
                    return replace(wish, verdict=UNKNOWN, why="automatic")
                return wish
    return doubts[0] if doubts else refusals[0] if refusals else None


# --- refusals --------------------------------------------------------------------------------------------------------


def _refusal(contact: Outgoing, refused: Preference, asked: Asked) -> Verdict | None:
    if _excepted(contact, refused, asked.held):
        return None
    hit = _hits(contact, refused, asked)
    if hit is False:
        return Verdict(FOLLOWED, "not_refused", refused)
    return Verdict(UNKNOWN, hit, refused) if isinstance(hit, str) else Verdict(BREACHED, _name(refused), refused)


def _hits(contact: Outgoing, refused: Preference, asked: Asked) -> bool | str:
    """Does the contact do what was refused? A word instead of an answer says what we cannot know."""
    if refused.channel is not Channel.ANY and contact.channel is not refused.channel:
        may_be = contact.channel is None and refused.channel is not Channel.CALL
        return "channel_not_known" if may_be else False
    checks = (
        _hits_point(contact, refused.point),
        _hits_hours(contact, refused),
        _hits_language(contact, refused.lang),
        is_for(refused, contact, asked),
    )
    if False in checks:
        return False
    return next((c for c in checks if isinstance(c, str)), True)


def _hits_point(contact: Outgoing, point: str) -> bool | str:
    if not point:
        return True
    return _goes_to(contact, point) if _comparable(contact, point) else "point_not_known"


def _hits_hours(contact: Outgoing, refused: Preference) -> bool | str:
    if not refused.window:
        return True
    return lies_within(refused.within, contact.local) if refused.within else "window_not_judged"


def _hits_language(contact: Outgoing, lang: str) -> bool | str:
    if not lang:
        return True
    return contact.lang == lang if contact.lang not in ("", "unknown") else "language_not_known"


def is_for(said: Preference, contact: Outgoing, asked: Asked) -> bool | str:
    """Does what was said bind a contact for this purpose?"""
    if not said.purpose:
        return True
    meant = purposes_of(said.purpose, asked.purposes)
    return bool(meant & contact.purposes) if meant and contact.purposes else "purpose_not_known"


def purposes_of(words: str, known: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The purposes that a customer's words name: "only for the delivery" → {"delivery"}; empty for all others."""
    said = [fold(word) for word in re.findall(r"\w+", words)]
    return frozenset(key for key, starts in known.items() if any(w.startswith(tuple(starts)) for w in said))


def _name(refused: Preference) -> str:
    if refused.point:
        return "refused_point"
    if refused.lang:
        return "refused_language"
    if refused.window:
        return "refused_time"
    return "refused_contact" if refused.channel is Channel.ANY else "refused_channel"


def _excepted(contact: Outgoing, refused: Preference, held: Sequence[Preference]) -> bool:
    """ "No calls" and "call me on this number" together, "no contact" and "only by letter": the narrower word stands
    beside the broader."""
    if refused.point or refused.window or refused.lang or refused.purpose:
        return False
    mine = [p for p in held if not p.refuse and p.channel is contact.channel]
    return any(_goes_to(contact, p.point) if p.point else refused.channel is Channel.ANY for p in mine)


# --- wishes ----------------------------------------------------------------------------------------------------------


def _follow(contact: Outgoing, wish: Preference, asked: Asked) -> Verdict | None:
    """None: the wish is about contacts for another purpose."""
    bound = is_for(wish, contact, asked)
    if bound is False:
        misused = bool(wish.point) and _comparable(contact, wish.point) and _goes_to(contact, wish.point)
        return Verdict(BREACHED, "other_purpose", wish) if misused else None
    if wish.channel not in (Channel.ANY, contact.channel):
        return _other_channel(contact, wish, asked, bound)
    checks = (_at_point(contact, wish), _in_hours(contact, wish), _in_language(contact, wish))
    for outcome in (BREACHED, UNKNOWN):
        for verdict, why in checks:
            if verdict == outcome:
                return Verdict(verdict, why, wish)
    return Verdict(UNKNOWN, bound, wish) if isinstance(bound, str) else Verdict(FOLLOWED, "as_asked", wish)


def _other_channel(contact: Outgoing, wish: Preference, asked: Asked, bound: bool | str) -> Verdict:
    """Another channel than the one asked for: a breach, unless we cannot know the channel or the purpose, or it only
    answers in the conversation in which the wish was written."""
    if contact.channel is None:
        return Verdict(UNKNOWN, "channel_not_known", wish)
    if isinstance(bound, str):
        return Verdict(UNKNOWN, bound, wish)
    asked_in = asked.said_via.get(wish.evidence.message_id)
    answers = asked_in is contact.channel or (asked_in, contact.channel) == (Channel.FORM, Channel.EMAIL)
    if answers and contact.channel is not Channel.CALL:
        return Verdict(UNKNOWN, "reply_in_conversation", wish)
    return Verdict(BREACHED, "other_channel", wish)


def _at_point(contact: Outgoing, wish: Preference) -> tuple[str, str]:
    if not wish.point:
        return FOLLOWED, ""
    if not _comparable(contact, wish.point):
        return UNKNOWN, "point_not_known"
    return (FOLLOWED, "") if _goes_to(contact, wish.point) else (BREACHED, "wrong_point")


def _in_hours(contact: Outgoing, wish: Preference) -> tuple[str, str]:
    if not wish.window:
        return FOLLOWED, ""
    if not wish.within:
        return UNKNOWN, "window_not_judged"
    return (FOLLOWED, "") if lies_within(wish.within, contact.local) else (BREACHED, "outside_window")


def _in_language(contact: Outgoing, wish: Preference) -> tuple[str, str]:
    if not wish.lang:
        return FOLLOWED, ""
    if not contact.lang or contact.lang == "unknown":
        return UNKNOWN, "language_not_known"
    return (FOLLOWED, "") if contact.lang == wish.lang else (BREACHED, "other_language")


def _goes_to(contact: Outgoing, point: str) -> bool:
    return any(same_point(point, p, contact.region) for p in contact.points)


def _comparable(contact: Outgoing, point: str) -> bool:
    """Words ("my mobile") and numbers cannot be compared, and nothing can where the helpdesk names no point."""
    return bool(contact.points) and (is_number(point) or "@" in point)
