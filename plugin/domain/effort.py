"""Count what it cost the customer to get this far: facts from the audit trail and from their own words, no score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from plugin.domain.findings import Evidence, Signal
from plugin.domain.judging_signs import only_thanks
from plugin.domain.phrases import Hit, Read
from plugin.domain.ticket import Message, Role, Ticket
from plugin.domain.words import fold

SAID = ("chase", "wait", "forced_channel", "told_again")
"""Kinds that the customer's own words show; each message counts once."""

_HANDS = ("group", "assignee")
_DONE = frozenset({"solved", "closed", "resolved"})
_ALIVE = frozenset({"new", "open", "pending", "hold"})

SAME_SAVE = 5.0
"""Seconds within which a message and a change of status are one act."""


def count_effort(ticket: Ticket, reads: Mapping[str, Read]) -> list[Signal]:
    """Effort signals of a ticket, kinds with a count of zero left out.

    transfer, reopen: exact, from the audit trail. chase, wait, forced_channel, told_again: customer messages that say
    so. repeated_ask: our messages that ask for a fact already given. macro_reply: our replies that could have gone to
    anybody (B8). contact: how often they wrote or called; channel:
    by how many ways, counted from two. `reads` are readings by message id; a message without one is a contact only.
    """
    signals = [Signal("transfer", len(list(_transfers(ticket)))), Signal("reopen", _reopens(ticket, reads))]
    spoken = [m for m in ticket.said_by(Role.CUSTOMER) if not m.automatic]
    signals += [_said(kind, spoken, reads) for kind in SAID]
    asked = list(_repeated_asks(ticket.messages, reads))
    signals.append(Signal("repeated_ask", len(asked), tuple(asked)))
    macros = list(_macro_replies(ticket.messages, reads))
    signals.append(Signal("macro_reply", len(macros), tuple(macros)))
    signals.append(Signal("contact", len(spoken)))
    ways = len({m.channel for m in spoken})
    signals.append(Signal("channel", ways if ways > 1 else 0))
    return [signal for signal in signals if signal.count]


# --- the audit trail -------------------------------------------------------------------------------------------------


def _transfers(ticket: Ticket) -> Iterator[datetime]:
    """Moments at which the ticket went from one team or person to another. A first assignment, a release to nobody and
    the pick-up after it are none; team and person changed in one step are one transfer (B3)."""
    last: datetime | None = None
    for change in ticket.changes:
        field = change.field.removesuffix("_id")
        if field in _HANDS and change.before and change.after and change.before != change.after and change.at != last:
            last = change.at
            yield change.at


def _reopens(ticket: Ticket, reads: Mapping[str, Read]) -> int:
    """How often it came back from solved or closed; a word of thanks that opens it again cost nobody anything."""
    opened = [c.at for c in ticket.changes if c.field == "status" and c.before in _DONE and c.after in _ALIVE]
    return sum(not _was_thanks(moment, ticket, reads) for moment in opened)


def _was_thanks(moment: datetime, ticket: Ticket, reads: Mapping[str, Read]) -> bool:
    """Did the customer's message that opened the ticket at this moment say only thanks?"""
    said = [m for m in ticket.said_by(Role.CUSTOMER) if abs((m.at - moment).total_seconds()) <= SAME_SAVE]
    return any(m.id in reads and only_thanks(reads[m.id]) for m in said)


# --- the customer's words --------------------------------------------------------------------------------------------


def _said(kind: str, messages: Sequence[Message], reads: Mapping[str, Read]) -> Signal:
    """Messages that say it, with the words of each."""
    found = [_first(kind, message, reads[message.id]) for message in messages if message.id in reads]
    evidence = tuple(e for e in found if e is not None)
    return Signal(kind, len(evidence), evidence)


def _first(kind: str, message: Message, read: Read) -> Evidence | None:
    hits = read.hits(f"effort.{kind}")
    if not hits:
        return None
    denied = read.hits("effort.not_effort")
    for hit in hits:
        if not any(hit.overlaps(other) for other in denied):
            return _evidence(message, read, hit)
    return None


def _evidence(message: Message, read: Read, hit: Hit) -> Evidence:
    start, end = read.words.span(hit.first, hit.last)
    return Evidence(message.id, message.text[start:end], start)


# --- what we ask for though we have it -------------------------------------------------------------------------------


def _repeated_asks(messages: Sequence[Message], reads: Mapping[str, Read]) -> Iterator[Evidence]:
    """Our requests for a fact that the customer had given before, one for each message; the same fact asked for twice
    with an answer in between counts as well, whatever the answer said."""
    given: set[str] = set()
    open_asks: set[str] = set()
    for message in messages:
        read = reads.get(message.id)
        if read is None:
            continue
        if message.role is Role.CUSTOMER:
            given |= _facts(read, "gives") | open_asks
            open_asks = set()
        elif message.role in (Role.AGENT, Role.BOT) and message.public:
            again = [h for h in read.hits("effort.asks") if h.rule.facts.get("fact") in given]
            if again:
                yield _evidence(message, read, again[0])
            open_asks |= _facts(read, "asks")


# --- replies that could have gone to anybody -------------------------------------------------------------------------

LEAST_WORDS = 12
"""A shorter reply ("Done, it works again") may do without the customer's words."""

STEM = 4
"""Letters of a longer word that are compared; words of fewer than four say too little."""


def _macro_replies(messages: Sequence[Message], reads: Mapping[str, Read]) -> Iterator[Evidence]:
    """Our replies that take up no word and no number of what the customer wrote in the same language, nor were written
    for this customer alone; the same reply sent again is one, whatever it says."""
    told: set[str] = set()
    sent: set[tuple[str, ...]] = set()
    for message in messages:
        read = reads.get(message.id)
        if read is None:
            continue
        if message.role is Role.CUSTOMER and not message.automatic:
            told |= _stems(read)
        elif message.role in (Role.AGENT, Role.BOT) and message.public:
            words = tuple(fold(token) for token in read.words.tokens)
            if len(words) >= LEAST_WORDS and told and (words in sent or not _takes_up(read, told)):
                start, end = read.words.span(0, len(words))
                yield Evidence(message.id, message.text[start:end], start)
            sent.add(words)


def _takes_up(read: Read, told: set[str]) -> bool:
    """Does a reply speak of this customer's matter, or of anything particular at all?"""
    particular = any(kind in ("number", "email", "url") for kind in read.words.kinds)
    return particular or bool(_stems(read) & told)


def _stems(read: Read) -> set[str]:
    words = zip(read.words.tokens, read.words.kinds, strict=True)
    return {fold(token)[:STEM] for token, kind in words if kind == "number" or len(token) >= 4}


def _facts(read: Read, rule: str) -> set[str]:
    return {hit.rule.facts["fact"] for hit in read.hits(f"effort.{rule}") if "fact" in hit.rule.facts}
