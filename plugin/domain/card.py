"""Choose what one ticket has to tell: at most seven items, the most urgent first, each with the words that prove it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from itertools import islice

from plugin.domain.findings import Adherence, Cause, Commitment, Evidence, Findings, Flag, Preference, Signal, State
from plugin.domain.ticket import Channel

MOST_ITEMS = 7
"""More than this nobody reads beside a conversation."""

LONGEST_QUOTE = 120
"""Letters of a quote that the card shows; the whole stays one click away."""


def N_(msgid: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a sentence for the catalogue; it is translated where it is shown."""
    return msgid


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence of the catalogue and what fills it: str (shown as it is), int, datetime, or another Text."""

    msgid: str
    values: Mapping[str, str | int | datetime | Text] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the card. `tone` is "bad", "warn", "good" or "plain"; `key` names it across versions."""

    topic: str
    """The topic's name, as everywhere: commitments, preferences, causes, effort, flags, language."""
    key: str
    text: Text
    tone: str = "plain"
    quotes: tuple[Evidence, ...] = ()
    lang: str = ""
    """Language of the quotes."""
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown. `version` is the same as long as nothing that matters to a reader has changed."""

    items: tuple[Item, ...]
    version: str

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(item.key for item in self.items)


def make_card(findings: Findings, owners: Mapping[str, str], names: Mapping[str, str]) -> Card | None:
    """The card of a ticket, or None when there is nothing to say. `owners` and `names` give the plain words for teams
    and causes by key."""
    told = (i for i in list_items(findings, owners, names) if not i.key.startswith(_BESIDE_ONLY))
    items = tuple(islice(told, MOST_ITEMS))
    if not items:
        return None
    digest = blake2b("\x1e".join(item.key for item in items).encode(), digest_size=8).hexdigest()
    return Card(items, digest)


def list_items(findings: Findings, owners: Mapping[str, str], names: Mapping[str, str]) -> tuple[Item, ...]:
    """All that could be told, the most urgent first."""
    return tuple(_choose(findings, owners, names))


def _choose(findings: Findings, owners: Mapping[str, str], names: Mapping[str, str]) -> Iterator[Item]:
    """Items by urgency: harm first, then what is owed, how to reach the customer, why they wrote, what it cost them."""
    langs = {s.message_id: s.lang for s in findings.spoken if s.supported}
    yield from (_flag(f, langs) for f in findings.flags if f.key == "catastrophic")
    yield from (_promise(c) for c in _owed(findings.commitments))
    yield from (_breach(a) for a in _latest_breaches(findings.adherence))
    for blocked in findings.blocked:
        point = Text(_CHANNELS[blocked.channel]) if not blocked.point else blocked.point
        text = Text(N_("Do not use, it is what is broken: %(point)s"), {"point": point})
        yield Item("preferences", f"blocked:{blocked.channel}:{blocked.point}", text, "warn", (blocked.evidence,))
    yield from (_preference(p) for p in findings.preferences if not p.withdrawn)
    if findings.cause.key not in ("unsure", "none"):
        yield _cause(findings.cause, owners, names, langs)
    yield from (_flag(f, langs) for f in findings.flags if f.key != "catastrophic")
    yield from (_effort(s) for s in findings.effort if s.kind in EFFORT)
    yield from _unsupported(findings)


# --- one function a topic --------------------------------------------------------------------------------------------

KINDS = {
    "call": N_("a call"),
    "reply": N_("a reply"),
    "update": N_("an update"),
    "send": N_("something to be sent"),
    "refund": N_("a refund"),
    "ship": N_("a delivery"),
    "fix": N_("a fix"),
    "investigate": N_("an investigation"),
    "forward": N_("passing it on"),
    "visit": N_("a visit"),
    "other": N_("a follow-up"),
}

_STATES = {
    State.BROKEN: (0, N_("Overdue since %(due)s: %(what)s"), "bad"),
    State.AT_RISK: (1, N_("Due soon, %(due)s: %(what)s"), "warn"),
    State.OPEN: (2, N_("Promised for %(due)s: %(what)s"), "plain"),
    State.LATE: (3, N_("Done after the promised time (%(due)s): %(what)s"), "warn"),
}

_ASSUMED = {
    State.BROKEN: N_("Promised without a date, nothing since %(due)s: %(what)s"),
    State.AT_RISK: N_("Promised without a date, expected by %(due)s: %(what)s"),
    State.OPEN: N_("Promised without a date, expected by %(due)s: %(what)s"),
}


def _owed(commitments: tuple[Commitment, ...]) -> list[Commitment]:
    shown = [c for c in commitments if c.state in _STATES and not c.small and c.due.end is not None]
    return sorted(shown, key=lambda c: (_STATES[c.state][0], c.due.end, c.key))


def _promise(commitment: Commitment) -> Item:
    _, msgid, tone = _STATES[commitment.state]
    if commitment.due.assumed:
        msgid = _ASSUMED.get(commitment.state, msgid)
    due = commitment.due.end
    assert due is not None
    what = Text(KINDS.get(commitment.kind, KINDS["other"]))
    if commitment.due.closed_day and commitment.state in (State.OPEN, State.AT_RISK):
        what = Text(N_("%(what)s (that day is closed)"), {"what": what})
    if commitment.shared and commitment.state.owed:
        both = N_("%(what)s; owed by who wrote it and by: %(who)s")
        what = Text(both, {"what": what, "who": commitment.party})
    quotes = (commitment.evidence, *_shown_by(commitment))
    key = f"promise:{commitment.key}:{commitment.state}:{due.isoformat()}"
    return Item("commitments", key, Text(msgid, {"due": due, "what": what}), tone, quotes, commitment.lang, due)


def _shown_by(commitment: Commitment) -> tuple[Evidence, ...]:
    """The message that shows the present state, where there is one."""
    if commitment.life and commitment.life[-1].evidence and commitment.state in (State.BROKEN, State.LATE):
        return (commitment.life[-1].evidence,)
    return ()


_CHANNELS = {
    Channel.CALL: N_("telephone"),
    Channel.SMS: N_("SMS"),
    Channel.EMAIL: N_("e-mail"),
    Channel.DM: N_("direct message"),
    Channel.CHAT: N_("chat"),
    Channel.LETTER: N_("letter"),
    Channel.VISIT: N_("a visit"),
    Channel.ANY: N_("any way"),
    Channel.FORM: N_("web form"),
    Channel.SOCIAL: N_("social media"),
    Channel.NOTE: N_("note"),
    Channel.OTHER: N_("other"),
}


def tell_preference(preference: Preference) -> Text:
    """What is wanted or refused, in one sentence."""
    return _preference(preference).text


def tell_channel(channel: Channel) -> Text:
    """A way of contact, by its name."""
    return Text(_CHANNELS[channel])


def _preference(preference: Preference) -> Item:
    values: dict[str, str | int | datetime | Text] = {"channel": Text(_CHANNELS[preference.channel])}
    if preference.point:
        values["point"] = preference.point
    details = " · ".join(d for d in (preference.window, preference.lang, preference.purpose) if d)
    if details:
        values["details"] = details
    key = ":".join(
        ("preference", preference.channel, str(preference.refuse), preference.point, details, preference.key)
    )
    text = Text(_PREFERENCE[(preference.refuse, bool(preference.point), bool(details))], values)
    return Item("preferences", key, text, "plain", (preference.evidence,), preference.said_in)


_PREFERENCE = {
    (False, False, False): N_("Contact wish: %(channel)s"),
    (False, True, False): N_("Contact wish: %(channel)s, %(point)s"),
    (False, False, True): N_("Contact wish: %(channel)s (%(details)s)"),
    (False, True, True): N_("Contact wish: %(channel)s, %(point)s (%(details)s)"),
    (True, False, False): N_("Contact refused: %(channel)s"),
    (True, True, False): N_("Contact refused: %(channel)s, %(point)s"),
    (True, False, True): N_("Contact refused: %(channel)s (%(details)s)"),
    (True, True, True): N_("Contact refused: %(channel)s, %(point)s (%(details)s)"),
}


def _latest_breaches(adherence: tuple[Adherence, ...]) -> list[Adherence]:
    """At most two, the latest first: the agent needs the warning, not the list."""
    return [a for a in reversed(adherence) if a.verdict == "breached"][:2]


def _breach(adherence: Adherence) -> Item:
    msgid = _BREACHES.get(adherence.why, _BREACHES[""])
    text = Text(msgid, {"channel": Text(_CHANNELS[adherence.channel]), "at": adherence.at})
    quotes = tuple(e for e in (adherence.preference, adherence.contact) if e is not None)
    return Item("preferences", f"breach:{adherence.message_id}:{adherence.why}", text, "bad", quotes)


_BREACHES = {
    "false_no_contact": N_("Closed as not reachable, but the wrong number was tried (%(at)s)"),
    "": N_("Contacted against the customer's wish: %(channel)s, %(at)s"),
}


def _cause(cause: Cause, owners: Mapping[str, str], names: Mapping[str, str], langs: Mapping[str, str]) -> Item:
    sure = N_("Root cause: %(cause)s. Can be removed by: %(owner)s")
    likely = N_("Root cause, likely: %(cause)s. Can be removed by: %(owner)s")
    text = Text(
        sure if cause.confidence == "sure" else likely,
        {"cause": Text(names.get(cause.key, cause.key)), "owner": Text(owners.get(cause.owner, cause.owner))},
    )
    lang = langs.get(cause.evidence[0].message_id, "") if cause.evidence else ""
    return Item("causes", f"cause:{cause.key}", text, "plain", cause.evidence[:1], lang)


FLAGS = {
    "catastrophic": (N_("Serious harm is mentioned"), "bad"),
    "leaving": (N_("Says they may leave"), "warn"),
    "upset": (N_("Is upset, in their own words"), "plain"),
}


def _flag(flag: Flag, langs: Mapping[str, str]) -> Item:
    msgid, tone = FLAGS.get(flag.key, (flag.key, "plain"))
    lang = langs.get(flag.evidence[0].message_id, "") if flag.evidence else ""
    return Item("flags", f"flag:{flag.key}", Text(msgid), tone, flag.evidence[:1], lang)


EFFORT = {
    "transfer": N_("Passed on: %(count)d×"),
    "reopen": N_("Reopened: %(count)d×"),
    "repeated_ask": N_("Asked again for something already told: %(count)d×"),
    "told_again": N_("Had to tell it again: %(count)d×"),
    "chase": N_("Had to ask for news: %(count)d×"),
    "wait": N_("Waits named: %(count)d"),
    "forced_channel": N_("Forced to use another channel: %(count)d×"),
    "macro_reply": N_("Replies that could have gone to anybody: %(count)d"),
}


_BESIDE_ONLY = "effort:macro_reply:"
"""Key of what stands in the sidebar and in the digest, and is not worth a note."""


def _effort(signal: Signal) -> Item:
    text = Text(EFFORT[signal.kind], {"count": signal.count})
    return Item("effort", f"effort:{signal.kind}:{signal.count}", text, "plain", signal.evidence[:1])


def _unsupported(findings: Findings) -> Iterator[Item]:
    """Shown only where something else is shown too or nothing could be read at all: silence must not look like calm."""
    if not findings.unsupported:
        return
    langs = sorted({s.lang for s in findings.unsupported})
    text = Text(N_("Language not supported, messages not read: %(count)d"), {"count": len(findings.unsupported)})
    yield Item("language", "language:" + ",".join(langs), text, "plain")


def shorten(quote: str, limit: int = LONGEST_QUOTE) -> str:
    """A quote in one line of at most `limit` letters, cut at a word, with an ellipsis where something is left out."""
    line = " ".join(quote.split())
    if len(line) <= limit:
        return line
    return line[: limit - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
