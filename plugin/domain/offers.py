"""Find where the company let a customer choose how to be contacted, and what the customer chose (C8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from plugin.domain.clauses import Clauses, find_frames
from plugin.domain.findings import Adherence, Evidence, Findings, Offer, Preference, key_of
from plugin.domain.phrases import Hit, Pack, Read
from plugin.domain.ticket import Channel, Message, Role, Ticket

FARTHEST = 12
"""Words that may stand between a way of contact and the "or" that ties it to another."""


def find_offer(read: Read, message: Message) -> Offer | None:
    """The first words of a message of ours that leave the way of contact to the customer; None where none do.

    Two ways tied by an "or" beside words that ask what the customer would like, or an open question for the way. When
    to call, or a call offered and nothing beside it, is no choice of how."""
    if message.role not in (Role.AGENT, Role.BOT) or not message.public:
        return None
    barred = {_sentence(read, hit) for hit in read.hits("offers.no")}
    for start, end in (*_open(read), *_choices(read)):
        if not barred.intersection(range(read.words.sentence_of(start), read.words.sentence_of(end - 1) + 1)):
            return Offer(_evidence(read, message, start, end), message.at)
    return None


def _open(read: Read) -> Iterator[tuple[int, int]]:
    return ((hit.first, hit.last) for hit in read.hits("offers.open"))


def _choices(read: Read) -> Iterator[tuple[int, int]]:
    """Pairs of ways with the words that ask, from the first to the last of them."""
    asks = read.hits("offers.ask")
    for ways, tied in _ways(read):
        here = _sentence(read, ways[0])
        near = [a for a in asks if a.rule.facts.get("near") and abs(_sentence(read, a) - here) <= 1]
        asked = near or [a for a in asks if tied and _sentence(read, a) == here]
        if asked:
            yield min(ways[0].first, asked[0].first), max(ways[-1].last, asked[0].last)
        elif tied and read.words.sentences[here].ender in _QUESTION:
            yield ways[0].first, ways[-1].last


_QUESTION = frozenset({"?", "؟"})
""" "Call or mail?" asks without a word that asks."""


def _ways(read: Read) -> Iterator[tuple[list[Hit], bool]]:
    """Sentences with two different ways, and whether an "or" stands between two ("phone, text, WhatsApp" has none)."""
    found: dict[int, list[Hit]] = {}
    for way in read.hits("offers.way"):
        found.setdefault(_sentence(read, way), []).append(way)
    ties = read.hits("offers.or")
    for ways in found.values():
        if len({w.rule.facts["way"] for w in ways}) > 1:
            yield ways, any(_ties(tie, ways) for tie in ties)


def _ties(tie: Hit, ways: Sequence[Hit]) -> bool:
    before = {w.rule.facts["way"] for w in ways if 0 <= tie.first - w.last <= FARTHEST}
    after = {w.rule.facts["way"] for w in ways if 0 <= w.first - tie.last <= FARTHEST}
    return any(b != a for b in before for a in after)


def _sentence(read: Read, hit: Hit) -> int:
    return read.words.sentence_of(hit.first)


def _evidence(read: Read, message: Message, first: int, last: int) -> Evidence:
    start, end = read.words.span(first, last)
    return Evidence(message.id, message.text[start:end], start)


# --- what the customer chose -----------------------------------------------------------------------------------------

SHORT = 6
"""Words of an answer that may be nothing but a way ("The second number, please, the mobile" is one already)."""


def answers_to(offers: Sequence[Offer], messages: Iterable[Message]) -> dict[str, str]:
    """Ids of the messages that answer offers, each with the id of the message that offered: the first of the customer
    after it."""
    found: dict[str, str] = {}
    spoken = [m for m in messages if m.role is Role.CUSTOMER and not m.automatic]
    for offer in offers:
        answer = next((m for m in spoken if m.at > offer.at), None)
        if answer is not None:
            found[answer.id] = offer.evidence.message_id
    return found


def read_answer(read: Read, message: Message, pack: Pack) -> list[Preference]:
    """The way that a short answer names, which would be no wish without the question before it ("E-mail, please").
    `read` is the answer as the pack of the question reads it."""
    if read.has("preferences.refuse", "preferences.other"):
        return []
    bare = [(f.first, f.last, f.channels) for f in find_frames(Clauses(read, pack)) if f.kind == "bare"]
    if not bare and len(read.words.tokens) <= SHORT:
        bare = [(w.first, w.last, (_CHANNELS[w.rule.facts["way"]],)) for w in _known_ways(read)]
    if len({channels for *_, channels in bare}) != 1:
        return []
    first, last, channels = bare[0]
    evidence = _evidence(read, message, first, last)
    return [_chosen(channel, evidence, message, pack) for channel in channels]


def _known_ways(read: Read) -> list[Hit]:
    return [way for way in read.hits("offers.way") if way.rule.facts["way"] in _CHANNELS]


_CHANNELS = {
    **{c.value: c for c in (Channel.CALL, Channel.SMS, Channel.EMAIL, Channel.DM, Channel.CHAT, Channel.LETTER)},
    "visit": Channel.VISIT, "mobile": Channel.CALL, "landline": Channel.CALL,
}  # fmt: skip


def _chosen(channel: Channel, evidence: Evidence, message: Message, pack: Pack) -> Preference:
    key = key_of(message.id, channel, "False", "", evidence.quote)
    return Preference(key, channel, refuse=False, evidence=evidence, said_at=message.at, said_in=pack.lang)


def with_choices(
    offers: Iterable[Offer], answers: Mapping[str, str], wishes: Sequence[Preference]
) -> tuple[Offer, ...]:
    """Each offer with what the customer chose in their answer; one that got no answer, or another one, stays open."""
    answered_in = {offered: answer for answer, offered in answers.items()}
    said: dict[str, Evidence] = {}
    for wish in wishes:
        said.setdefault(wish.evidence.message_id, wish.evidence)
    return tuple(replace(o, chosen=said.get(answered_in.get(o.evidence.message_id, ""))) for o in offers)


def was_chosen(contact: Adherence, offers: Iterable[Offer]) -> bool:
    """Was this contact held against what the customer had chosen?"""
    asked = contact.preference
    return asked is not None and any(o.chosen is not None and o.chosen.message_id == asked.message_id for o in offers)


# --- was a choice offered at all -------------------------------------------------------------------------------------

OFFERED, NOT_OFFERED, UNKNOWN = "yes", "no", "unknown"


def tell_offered(ticket: Ticket, findings: Findings) -> str:
    """Was this customer let choose? "unknown" where nothing was found and a message of ours could not be read, "" where
    nobody was contacted and no contact is due."""
    if findings.offers:
        return OFFERED
    ours = [m for m in ticket.said_by(Role.AGENT, Role.BOT) if _reaches_out(m)]
    if not ours and not findings.commitments:
        return ""
    unread = {s.message_id for s in findings.unsupported}
    return UNKNOWN if unread.intersection(m.id for m in ours) else NOT_OFFERED


def _reaches_out(message: Message) -> bool:
    if message.call is not None:
        return message.call.outbound
    return message.public and not message.automatic and message.role is Role.AGENT
