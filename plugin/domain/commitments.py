"""Find what the company says it will do for a customer, with the words that prove it and the time it is due."""

from __future__ import annotations

from dataclasses import replace

from plugin.domain.calendar import Calendar
from plugin.domain.commitments_grammar import Claim, find_claims, is_immediate
from plugin.domain.deadlines import assumed_window, find_window
from plugin.domain.findings import Commitment, Evidence, State, Window, key_of
from plugin.domain.heard import weigh_claims
from plugin.domain.phrases import Pack, Read
from plugin.domain.ticket import Message, Role
from plugin.domain.words import fold

_SPEAKS = (Role.AGENT, Role.BOT)
"""Whose public messages can promise."""


def find_commitments(
    read: Read, message: Message, calendar: Calendar, pack: Pack, follow_up_hours: int
) -> list[Commitment]:
    """Promises of one message in the order of its text, conditional ones among them, each with its due window.

    `read` is the message's own words (quoted history masked by spaces, so that offsets stay valid), read by `pack`.
    Customers, notes, receipts sent by a rule and our own notes promise nothing; a bot does. A promise that names no
    time is due after `follow_up_hours` business hours, marked as assumed. Time grows linearly with the text.
    """
    if message.role not in _SPEAKS or not message.public or (message.automatic and message.role is not Role.BOT):
        return []
    claims = [c for c in weigh_claims(read, find_claims(read), pack) if c.label in ("F", "K")]
    found = [
        _commitment(read, message, claim, _due(read, message, claim, claims, calendar, pack, follow_up_hours), pack)
        for claim in claims
    ]
    return _say_once(found)


def label_message(read: Read, pack: Pack) -> tuple[str, tuple[int, int] | None, str]:
    """What a message is as a whole: F (a promise), K (a conditional one), I (done here and now) or N (neither), the
    strongest of what it holds; the characters of the quote that carries it and its kind (for F and K)."""
    claims = weigh_claims(read, find_claims(read), pack)
    for label in ("F", "K"):
        for claim in claims:
            if claim.label == label:
                return label, read.words.span(claim.first, claim.last), claim.kind
    now = is_immediate(read) or any(c.label == "I" for c in claims)
    return ("I" if now else "N"), None, ""


def _commitment(read: Read, message: Message, claim: Claim, due: Window, pack: Pack) -> Commitment:
    quote = _evidence(read, message, claim.first, claim.last)
    promiser, party = _doer(read, claim)
    waits = claim.label == "K"
    return Commitment(
        key=key_of("commitment", message.id, " ".join(fold(quote.quote).split())),
        kind=claim.kind,
        evidence=quote,
        said_at=message.at,
        role=message.role,
        due=due,
        promiser=promiser,
        party=read.words.quote(*party) if party else "",
        conditional=waits,
        condition=_evidence(read, message, *claim.condition) if claim.condition else None,
        small=claim.small,
        lang=pack.lang,
        state=State.CONDITIONAL if waits else State.OPEN,
    )


_SUBJECT, _BEFORE = 4, 2
"""Words at the head of a promise, and before it, among which its subject stands."""


def _doer(read: Read, claim: Claim) -> tuple[str, tuple[int, int] | None]:
    """Who does it, and the words that name them: those the grammar found, else whoever the promise begins with."""
    if claim.party is not None:
        return claim.promiser, claim.party
    for hit in read.hits("commitments.doer"):
        if claim.first - _BEFORE <= hit.last <= claim.first or claim.first <= hit.first < claim.first + _SUBJECT:
            verbs = [f.last for f in read.hits("commitments.frame") if claim.first <= f.first and f.last <= hit.first]
            return hit.rule.facts.get("promiser", claim.promiser), (
                min(hit.first, max([claim.first, *verbs])),
                hit.last,
            )
    return claim.promiser, None


def _evidence(read: Read, message: Message, first: int, last: int) -> Evidence:
    start, end = read.words.span(first, last)
    return Evidence(message.id, message.text[start:end], start)


def _due(
    read: Read, message: Message, claim: Claim, claims: list[Claim], calendar: Calendar, pack: Pack, hours: int
) -> Window:
    """The time in the words of the promise, else in its sentence where no other promise stands, else the assumed one
    (which keeps a vague word such as "soon")."""
    window = find_window(read, claim.first, claim.last, message.at, calendar, pack)
    if window is None and sum(c.sentence == claim.sentence for c in claims) == 1:
        sentence = read.words.sentences[claim.sentence]
        first = max(sentence.first, claim.first - _FAR)
        last = min(sentence.last, claim.last + _FAR)
        window = find_window(read, first, last, message.at, calendar, pack)
    if window is None or window.end is None:
        words = window.words if window is not None else ""
        return replace(assumed_window(message.at, calendar, hours), words=words)
    return window


_FAR = 40
"""Words beside a promise, in its sentence, that may still say when."""


def _say_once(found: list[Commitment]) -> list[Commitment]:
    """Of promises that say the same (one kind, one condition, no second date) the first stays, with the date."""
    kept: list[Commitment] = []
    for commitment in found:
        same = next((i for i, c in enumerate(kept) if _same(c, commitment)), None)
        if same is None:
            kept.append(commitment)
        elif kept[same].due.assumed and not commitment.due.assumed:
            kept[same] = commitment
    return kept


def _same(one: Commitment, two: Commitment) -> bool:
    if (one.kind, one.conditional) != (two.kind, two.conditional):
        return one.key == two.key
    return one.due.assumed or two.due.assumed or one.due.end == two.due.end
