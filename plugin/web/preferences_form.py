"""Read what a customer fills in on their own page, and word what we keep of them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale
from babel.dates import format_date, get_day_names

from plugin.domain.card import KINDS, N_, Text, tell_channel, tell_preference
from plugin.domain.findings import Commitment, Evidence, Preference
from plugin.domain.points import find_points
from plugin.domain.statements import FIELD, PAGE, PROFILE, Statement
from plugin.domain.ticket import Channel

CHANNELS = tuple(
    (c.value, tell_channel(c))
    for c in (Channel.CALL, Channel.SMS, Channel.EMAIL, Channel.DM, Channel.CHAT, Channel.LETTER, Channel.ANY)
)

DAYS = (("0-6", N_("every day")), ("0-4", N_("Monday to Friday")), ("5-6", N_("Saturday and Sunday")))

HOURS = tuple(f"{hour:02d}:00" for hour in range(25))

FIELDS = ("wish", "channel", "point", "days", "start", "end", "language")

LONGEST_POINT = 120

_NO_NAME = re.compile(r"(?:https?:|www\.)\S*|[^\w\s@.,+#'()-]", re.IGNORECASE)
"""What no handle and no postal address needs: whoever got hold of the page must not put an address on our card."""
_ADDRESSED = {Channel.CALL: Channel.CALL, Channel.SMS: Channel.CALL, Channel.EMAIL: Channel.EMAIL}
"""Of which kind a point must be, by the channel it is for."""


class Wrong(Exception):
    """Something was filled in that cannot be; `msgid` says what to do."""

    def __init__(self, msgid: str) -> None:
        super().__init__(msgid)
        self.msgid = msgid


def read_wish(form: Mapping[str, str], region: str, locale: str, languages: Sequence[str], now: datetime) -> Preference:
    """One wish or refusal from the fields wish, channel, point, days, start, end and language. Raises Wrong."""
    channel = next((c for c, _ in CHANNELS if c == form.get("channel", "")), "")
    if not channel or form.get("wish") not in ("want", "refuse"):
        raise Wrong(N_("Choose a way of contact, and whether you want it or not"))
    lang = form.get("language", "")
    within, window = _read_hours(form, locale)
    point = _read_point(form.get("point", "")[:LONGEST_POINT].strip(), Channel(channel), region)
    if channel == Channel.ANY and form["wish"] == "want" and not (window or lang in languages):
        raise Wrong(N_("Choose a way of contact, or hours, or a language"))
    name = f"page:{secrets.token_hex(8)}"
    return Preference(
        key=name, channel=Channel(channel), refuse=form["wish"] == "refuse", evidence=Evidence(name, ""),
        said_at=now, point=point, window=window, within=within, lang=lang if lang in languages else "",
        source=PAGE, said_in=locale,
    )  # fmt: skip


def _read_point(typed: str, channel: Channel, region: str) -> str:
    if not typed:
        return ""
    kind = _ADDRESSED.get(channel)
    if kind is None:
        return " ".join(_NO_NAME.sub(" ", typed).split())
    found = [p for p in find_points(typed, region) if p.channel is kind]
    if len(found) != 1:
        if kind is Channel.EMAIL:
            raise Wrong(N_("This is no complete e-mail address"))
        raise Wrong(N_("This is no complete telephone number; begin with + and the country code"))
    return found[0].value


def _read_hours(form: Mapping[str, str], locale: str) -> tuple[str, str]:
    days, start, end = form.get("days", "0-6"), form.get("start", ""), form.get("end", "")
    if days not in dict(DAYS) or (start and start not in HOURS) or (end and end not in HOURS):
        raise Wrong(N_("Choose the hours from the lists"))
    if days == "0-6" and not start and not end:
        return "", ""
    start, end = start or HOURS[0], end or HOURS[-1]
    if start >= end:
        raise Wrong(N_("The hours must end after they begin"))
    return f"{days} {start}-{end}", f"{_name_days(days, locale)} {start}–{end}".strip()


def _name_days(days: str, locale: str) -> str:
    if days == "0-6":
        return ""
    names = get_day_names("abbreviated", locale=Locale.parse(locale, sep="-"))
    first, last = days.split("-")
    return f"{names[int(first)]}–{names[int(last)]}"


def tongues(locale: str, languages: Iterable[str]) -> list[tuple[str, str]]:
    """(code, its own name and its name here) of the languages that can be chosen."""
    here = Locale.parse(locale, sep="-")
    return [(code, Locale(code).get_display_name(here) or code) for code in languages]


# --- what we keep, in words ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One statement as the page shows it."""

    id: int
    text: Text
    source: Text
    quote: str
    lang: str
    until: Text | None


def lines_of(said: Iterable[Statement], locale: str) -> list[Line]:
    """In the order given; days are told in this language."""
    return [
        Line(
            s.id,
            tell_preference(s.preference),
            Text(_SOURCES.get(s.preference.source, _WROTE), {"at": s.preference.said_at}),
            s.preference.evidence.quote,
            s.preference.said_in,
            _until(s, locale),
        )
        for s in said
    ]


_WROTE = N_("You wrote this: %(at)s")
_SOURCES = {
    PAGE: N_("You chose this on this page: %(at)s"),
    PROFILE: N_("From your profile: %(at)s"),
    FIELD: N_("From a form: %(at)s"),
}


def _until(said: Statement, locale: str) -> Text | None:
    """With its year: it is seldom this one."""
    if said.expires_at is None:
        return None
    day = format_date(said.expires_at, "long", locale=Locale.parse(locale, sep="-"))
    return Text(N_("It counts until %(day)s"), {"day": day})


def export(said: Iterable[Statement], promises: Iterable[Commitment], now: datetime) -> dict[str, Any]:
    """All we keep of one person, in plain names."""
    return {
        "made_at": now.isoformat(),
        "preferences": [_exported(s) for s in said],
        "promises": [
            {
                "kind": KINDS.get(p.kind, p.kind), "words": p.evidence.quote, "said_at": p.said_at.isoformat(),
                "due": p.due.end.isoformat() if p.due.end else None, "state": p.state.value,
            }
            for p in promises
        ],
    }  # fmt: skip


def _exported(said: Statement) -> dict[str, Any]:
    p = said.preference
    return {
        "channel": p.channel.value, "wanted": not p.refuse, "number_or_address": p.point, "hours": p.window,
        "language": p.lang, "purpose": p.purpose, "your_words": p.evidence.quote, "source": p.source,
        "ticket": said.ticket_id, "message": p.evidence.message_id, "said_at": p.said_at.isoformat(),
        "captured_by": said.captured_by, "permission": said.permission, "legal_basis": said.basis,
        "kept_at": said.kept_at.isoformat() if said.kept_at else None,
        "expires_at": said.expires_at.isoformat() if said.expires_at else None,
        "withdrawn_at": said.withdrawn_at.isoformat() if said.withdrawn_at else None,
    }  # fmt: skip
