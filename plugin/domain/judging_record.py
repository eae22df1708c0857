"""What the messages of one ticket show of its promises, looked up once and not once a promise."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from plugin.domain.commitments_scene import TOPIC
from plugin.domain.findings import Commitment, State
from plugin.domain.judging_clauses import is_undone
from plugin.domain.judging_signs import (
    GIVEN,
    Sign,
    find_answer,
    find_denials,
    find_doubts,
    find_move,
    find_past,
    find_signs,
    find_waiver,
    only_thanks,
    whole,
)
from plugin.domain.judging_topics import WORD, content_of, topic_of, verbs_of
from plugin.domain.phrases import Read
from plugin.domain.ticket import Message, Role, Ticket

_ANSWER = frozenset({"reply", "update", "investigate"})
_GOODS = frozenset({"ship", "send", "visit"})
_HEIRS = {
    **dict.fromkeys(_ANSWER, _ANSWER),
    **dict.fromkeys(_GOODS, _GOODS),
    "refund": frozenset({"refund", "other"}),
    "fix": frozenset({"fix", "investigate", "other"}),
    "other": frozenset({"other", "fix", "investigate", "refund"}),
}
"""Kinds that name one thing in other words: a later promise of these may replace an earlier one of that."""

_SAME = 2
"""Words of a promise that come again in the sentence that tells it as done."""

_DEEDS = frozenset({"fix", "other", "send", "ship", "visit", "refund"})
"""Kinds that are no word to the customer."""

_ALIKE = {
    "fix": frozenset({"fix", "other", "ship"}),
    "other": frozenset({"fix", "other"}),
    "send": frozenset({"send", "ship"}),
    "ship": frozenset({"send", "ship"}),
    "visit": frozenset({"send", "ship"}),
}
"""Kinds that a word for done may speak of as well: a fix "goes out", "it will be with you" is a visit by its words."""

_RIVALS = 20
"""Earlier promises that a sign may be about."""

_LOOKS = 20
"""Signs about other promises that are passed over for one."""


@dataclass(slots=True)
class _Shelf:
    """Signs of one sort, oldest first."""

    times: list[datetime] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)

    def after(self, moment: datetime) -> Iterator[Sign]:
        start = bisect_right(self.times, moment)
        for at in range(start, min(start + _LOOKS, len(self.signs))):
            yield self.signs[at]


_Ask = Callable[[Message, Read | None], Sequence[Sign]]
"""What one message shows of one sort."""


class Record:
    """The signs in a ticket's messages up to a moment, by what they may show, each message asked once for each kind;
    and its promises by what they may replace. A question is a bisection."""

    def __init__(
        self, ticket: Ticket, reads: Mapping[str, Read], now: datetime, promises: Iterable[Commitment] = ()
    ) -> None:
        self.reads = reads
        self.messages = [m for m in ticket.messages if m.at <= now]
        self.messages.sort(key=lambda m: m.at)
        self.promises = sorted((p for p in promises if p.said_at <= now), key=lambda p: p.said_at)
        self._said = [p.said_at for p in self.promises]
        self._promised: dict[str, set[int]] = {}
        for promise in self.promises:
            self._promised.setdefault(promise.evidence.message_id, set()).add(promise.evidence.start)
        self._shelves: dict[tuple[str, str], _Shelf] = {}
        self._heirs: dict[tuple[str, bool], list[Commitment]] = {}
        self._topics: dict[str, frozenset[str]] = {}

    # --- signs

    def first_sign(self, promise: Commitment) -> Sign | None:
        """The first human contact or statement that fulfils it."""
        shelf = self._shelf("sign", promise.kind, self._signs_of(promise.kind))
        signs = (
            self._first_about(promise, shelf, promise.said_at, "sign", but=self._is_no_sign),
            self.first_answer(promise),
            self._first_retold(promise),
        )
        return min((s for s in signs if s is not None), key=lambda s: s.message.at, default=None)

    def _first_retold(self, promise: Commitment) -> Sign | None:
        """We tell in the past what the promise told in the future: three of its words in one sentence, or two where its
        verb is among them (or none is known) or a phrase says that something is done, or one beside a phrase that says
        so of such things."""
        if promise.kind == "call":
            return None
        shelf = self._shelf("past", "", lambda m, r: find_past(m, r) if r is not None else ())
        read = self.reads.get(promise.evidence.message_id)
        if read is None:
            return None
        content, verbs = content_of(read, promise.evidence, WORD), verbs_of(read, promise.evidence)
        alike = _ALIKE.get(promise.kind, frozenset())
        for sign in shelf.after(promise.said_at):
            about = topic_of(sign.words, WORD)
            same = sum(bool(word & about) for word in content)
            if same > _SAME or (same == _SAME and (not verbs or verbs & about or sign.kinds)):
                return sign
            if same and not alike.isdisjoint(sign.kinds):
                return sign
        return None

    def first_answer(self, promise: Commitment) -> Sign | None:
        """The first human who answers, where a machine promised that somebody will."""
        if promise.role is not Role.BOT or promise.kind != "reply":
            return None
        shelf = self._shelf("answer", "", lambda m, r: _one(find_answer(m, r) if r is not None else None))
        return next(shelf.after(promise.said_at), None)

    def first_waiver(self, promise: Commitment) -> Sign | None:
        """The customer says that it is no longer needed."""
        shelf = self._shelf("waiver", promise.kind, _customers(lambda m, r: _one(find_waiver(m, r, promise.kind))))
        return self._first_about(promise, shelf, promise.said_at)

    def first_denial(self, promise: Commitment, due: datetime) -> Sign | None:
        """The customer says after the due time that it was not done, or asks where it stays."""
        shelf = self._shelf("denial", promise.kind, _customers(lambda m, r: find_denials(m, r, promise.kind)))
        return self._first_about(promise, shelf, max(due, promise.said_at))

    def first_doubt(self, promise: Commitment, due: datetime) -> Sign | None:
        """After the due time the customer asks about the very thing, or we say that it is not done yet."""
        shelf = self._shelf("doubt", "", lambda m, r: find_doubts(m, r) if r is not None else ())
        about, alone = self._about(promise), len(self.promises) == 1
        signs = shelf.after(max(due, promise.said_at))
        return next((s for s in signs if (alone and not s.words) or about & topic_of(s.words)), None)

    def first_move(self, promise: Commitment) -> Sign | None:
        """Somebody names another time instead: we say so, or the customer asks for it and a human answers."""
        shelf = self._shelf("move", "", lambda m, r: _one(find_move(m, r) if r is not None else None))
        sign = self._first_about(promise, shelf, promise.said_at)
        if sign is None or sign.message.role is not Role.CUSTOMER:
            return sign
        shelf = self._shelf("answer", "", lambda m, r: _one(find_answer(m, r) if r is not None else None))
        return next(shelf.after(sign.message.at), None)

    def says(self, promise: Commitment, rule: str) -> bool:
        """Is there a hit of a rule among the words of a promise: that something sets off ("leaves"), rather than that
        it arrives; that it comes by the conversation itself ("direct")?"""
        read, quote = self.reads.get(promise.evidence.message_id), promise.evidence
        if read is None:
            return False
        hits = read.hits(TOPIC + rule)
        return any(quote.start <= read.words.starts[h.first] < quote.start + len(quote.quote) for h in hits)

    def first_complaint(self, promise: Commitment, due: datetime) -> Sign | None:
        """What the customer wrote after the due time, when it is more than thanks."""
        shelf = self._shelf("word", "", _customers(lambda m, r: () if only_thanks(r) else (Sign(m, whole(m)),)))
        return next(shelf.after(max(due, promise.said_at)), None)

    def answers_of_customer(self, promise: Commitment) -> Iterator[tuple[Message, Read | None]]:
        """What the customer wrote after a promise, oldest first, as far as anybody would look for what was asked."""
        shelf = self._shelf("customer", "", lambda m, r: (Sign(m, whole(m)),) if m.role is Role.CUSTOMER else ())
        for sign in shelf.after(promise.said_at):
            yield sign.message, self.reads.get(sign.message.id)

    def _shelf(self, sort: str, kind: str, ask: _Ask) -> _Shelf:
        found = self._shelves.get((sort, kind))
        if found is None:
            found = self._shelves[sort, kind] = _Shelf()
            for message in self.messages:
                for sign in ask(message, self.reads.get(message.id)):
                    found.times.append(message.at)
                    found.signs.append(sign)
        return found

    def _signs_of(self, kind: str) -> _Ask:
        def ask(message: Message, read: Read | None) -> Sequence[Sign]:
            if message.role not in (Role.AGENT, Role.SYSTEM, Role.CUSTOMER):
                return ()
            return find_signs(message, read, kind, self._promised.get(message.id, ()))

        return ask

    # --- what a sign is about

    def _first_about(
        self,
        promise: Commitment,
        shelf: _Shelf,
        moment: datetime,
        sort: str = "",
        but: Callable[[Sign, Commitment], bool] = lambda sign, promise: False,
    ) -> Sign | None:
        """The first sign that is not plainly about another promise of the ticket, and has no `but`."""
        signs = (s for s in shelf.after(moment) if not self._about_another(s, promise, sort))
        return next((s for s in signs if not but(s, promise)), None)

    def _is_no_sign(self, sign: Sign, promise: Commitment) -> bool:
        return self._is_gainsaid(sign, promise) or self._is_beside_it(sign, promise) or self._is_why(sign, promise)

    def _is_why(self, sign: Sign, promise: Commitment) -> bool:
        """Is it the reason why the customer no longer needs another thing ("the form is fine now, no need to call")?"""
        read, (first, last) = self.reads.get(sign.message.id), sign.at
        if sign.message.role is not Role.CUSTOMER or read is None or sign.kinds:
            return False
        waived = any(first <= h.first < last for h in read.hits(TOPIC + "waived"))
        return waived and not self._about(promise) & topic_of(sign.words)

    def _is_beside_it(self, sign: Sign, promise: Commitment) -> bool:
        """What a named team was to look into is not answered by any message: it tells a result, or names what was
        looked into. Nor is what others were to tell told by our handing it on to them."""
        if promise.promiser == "speaker" or sign.words:
            return False
        read = self.reads.get(sign.message.id)
        hits = [h for h in read.hits(TOPIC + "done") if not is_undone(read, h)] if read is not None else []
        found = any(h.rule.facts.get("kinds") != "forward" for h in hits)
        if promise.kind in ("reply", "update"):
            return bool(hits) and not found
        return promise.kind == "investigate" and not found and not self._about(promise) & topic_of(sign.message.text)

    def _is_gainsaid(self, sign: Sign, promise: Commitment) -> bool:
        """Does the customer take back in the same message what they confirm ("it says delivered, but I have nothing")?
        What names the very thing only words that name it take back."""
        read = self.reads.get(sign.message.id)
        if sign.message.role is not Role.CUSTOMER or read is None:
            return False
        about = self._about(promise)
        named = bool(about & topic_of(sign.words))
        denials = find_denials(sign.message, read, promise.kind, chases=False)
        return any(about & topic_of(d.words) or not (named or self._about_another(d, promise, "")) for d in denials)

    def _about_another(self, sign: Sign, promise: Commitment, sort: str) -> bool:
        """Do its words name what another promise is about, and nothing of this one? That a case was handed on is no
        answer where both were promised."""
        about = topic_of(sign.words)
        if about & self._about(promise):
            return False
        if len(self.promises) < 2 or GIVEN in sign.kinds:
            return GIVEN in sign.kinds
        rivals: Iterable[Commitment] = self._rivals(sign, promise)
        if sort == "sign" and sign.message.role is Role.CUSTOMER and not sign.kinds:
            rivals = list(rivals)
            if any(rival.said_at > promise.said_at for rival in rivals):  # "it's here": what was promised last
                return True
        if not sign.words:
            return bool(sign.kinds) and any(r.evidence.message_id == promise.evidence.message_id for r in rivals)
        return any(about & self._about(rival) for rival in rivals)

    def _rivals(self, sign: Sign, promise: Commitment) -> Iterator[Commitment]:
        """Other promises that it may be about: said before it, of its kinds, and not replaced by then."""
        last = bisect_right(self._said, sign.message.at)
        for other in self.promises[max(0, last - _RIVALS) : last]:
            if other.key != promise.key and (not sign.kinds or other.kind in sign.kinds):
                heir = self.heir(other)
                if heir is None or heir.said_at >= sign.message.at:
                    yield other

    def _about(self, promise: Commitment) -> frozenset[str]:
        known = self._topics.get(promise.key)
        if known is None:
            read = self.reads.get(promise.evidence.message_id)
            content = content_of(read, promise.evidence) if read is not None else []
            known = frozenset().union(*content) if content else topic_of(promise.evidence.quote)
            self._topics[promise.key] = known
        return known

    # --- promises that replace others

    def heir(self, promise: Commitment) -> Commitment | None:
        """The first later promise of the same thing. One without a date replaces none that has one, and a machine's
        none of a human."""
        sorts = (False, True) if promise.due.assumed else (False,)
        found = [self._next_heir(promise, assumed) for assumed in sorts]
        if promise.role is not Role.BOT:
            found = [h for h in found if h is not None and h.role is not Role.BOT]
        heir = min((h for h in found if h is not None), key=lambda h: h.said_at, default=None)
        return heir if heir is not None and self._is_heir(heir, promise) else None

    def heir_after(self, promise: Commitment, denial: Sign) -> Commitment | None:
        """What the first answer to a denial promises instead: the one thing in it that has a date, of any kind of deed
        ("he'll be with you by one")."""
        if promise.kind not in _DEEDS:
            return None
        later = (p for p in self.promises if p.said_at > denial.message.at and p.role is not Role.BOT)
        first = next(later, None)
        if first is None:
            return None
        beside = [p for p in self.promises if p.evidence.message_id == first.evidence.message_id]
        dated = [p for p in beside if not (p.due.assumed or p.conditional) and p.kind in _DEEDS]
        return dated[0] if len(dated) == 1 else None

    def _is_heir(self, heir: Commitment, promise: Commitment) -> bool:
        """Does it replace this promise, rather than one said with it that it is more like?"""
        like = self._likeness(heir, promise)
        if like == (False, 0) and not {heir.kind, promise.kind} <= _ANSWER and not {heir.kind, promise.kind} <= _GOODS:
            return False
        last = bisect_right(self._said, promise.said_at)
        beside = (p for p in self.promises[max(0, last - _RIVALS) : last] if p.said_at == promise.said_at)
        return all(self._likeness(heir, p) <= like for p in beside if not p.conditional)

    def _likeness(self, heir: Commitment, promise: Commitment) -> tuple[bool, int]:
        return heir.kind == promise.kind, len(self._about(heir) & self._about(promise))

    def _next_heir(self, promise: Commitment, assumed: bool) -> Commitment | None:
        heirs = self._heirs.get((promise.kind, assumed))
        if heirs is None:
            heirs = self._heirs[promise.kind, assumed] = self._heirs_of(promise.kind, assumed)
        at = bisect_right(heirs, promise.said_at, key=lambda h: h.said_at)
        return heirs[at] if at < len(heirs) else None

    def _heirs_of(self, kind: str, assumed: bool) -> list[Commitment]:
        kinds = _HEIRS.get(kind, frozenset({kind}))
        return [
            p for p in self.promises
            if p.kind in kinds and p.due.assumed is assumed and not p.conditional and p.state is not State.DISMISSED
        ]  # fmt: skip


def _one(sign: Sign | None) -> Sequence[Sign]:
    return () if sign is None else (sign,)


def _customers(ask: Callable[[Message, Read], Sequence[Sign]]) -> _Ask:
    """The same question, of the customer's own words only."""
    return lambda m, r: ask(m, r) if m.role is Role.CUSTOMER and r is not None else ()
