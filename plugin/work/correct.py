"""Keep what a person said about a finding, and have the ticket looked at again so that note and tags follow."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from plugin.domain.corrections import ACTS, CORRECT, Target, apply, is_about, plain, targets
from plugin.domain.findings import Findings, State
from plugin.ports import Correction, Rejected, Storage, Unit
from plugin.work.tools import lane_of

UNSURE_CAUSE = Target("causes", "unsure")
"""A root cause that we do not know can be told us."""

PROMISE_VALUES = (State.KEPT.value,)
"""What a promise can be corrected to: somebody did it where we cannot see it."""


def corrected(findings: Findings, account_id: str, storage: Storage, owner_of: Callable[[str], str]) -> Findings:
    """The findings with what people said put over them."""
    with storage.unit(reading=True) as u:
        said = said_about(u, account_id, findings)
    return apply(findings, said, owner_of)


def said_about(u: Unit, account_id: str, findings: Findings) -> list[Correction]:
    """All that stands said about this ticket, and about the same words on the account's other tickets, oldest first."""
    if not u.corrections.all(account_id, limit=1):
        return []
    own = u.corrections.of_ticket(account_id, findings.ticket_id)
    alike = [t for t in targets(findings) if plain(t.words)]
    heard = {c.id: c for t in alike for c in u.corrections.about(account_id, t.topic, t.words)}
    return own + [c for _, c in sorted(heard.items()) if c.ticket_id != findings.ticket_id]


def say(
    storage: Storage, account_id: str, correction: Correction, causes: Collection[str], now: datetime,
) -> int:  # fmt: skip
    """Keep one correction and queue a new look; returns its id. The quoted words are taken from the finding, whatever
    `correction.words` says. Rejected when the ticket has no such finding, or the value is none of those that fit."""
    with storage.unit() as u:
        target = _find(u, account_id, correction)
        _check_value(correction, causes)
        kept = Correction(
            correction.ticket_id, target.topic, target.key, correction.act, correction.value, target.words,
            correction.surface,
        )  # fmt: skip
        number = u.corrections.add(account_id, kept, now)
        _look_again(u, account_id, correction.ticket_id, now)
    return number


def take_back(storage: Storage, account_id: str, ticket_id: str, correction_id: int, now: datetime) -> Correction:
    """Undo one correction of this ticket and queue a new look. Rejected when none with this id stands there."""
    with storage.unit() as u:
        said = next((c for c in u.corrections.of_ticket(account_id, ticket_id) if c.id == correction_id), None)
        if said is None or not u.corrections.undo(account_id, correction_id, now):
            raise Rejected("this was taken back already, or never said here")
        _look_again(u, account_id, ticket_id, now)
    return said


def look(storage: Storage, account_id: str, ticket_id: str, now: datetime) -> None:
    """Have the ticket looked at now."""
    with storage.unit() as u:
        _look_again(u, account_id, ticket_id, now)


def _look_again(u: Unit, account_id: str, ticket_id: str, now: datetime) -> None:
    u.queue.put(account_id, "analyse", lane_of(ticket_id), now)


def _find(u: Unit, account_id: str, correction: Correction) -> Target:
    findings = u.ledger.findings(account_id, correction.ticket_id)
    known = [*targets(findings), UNSURE_CAUSE] if findings else []
    target = next((t for t in known if (t.topic, t.key) == (correction.topic, correction.key)), None)
    if target is None and correction.topic == "causes":  # it stands corrected already: the last word may be changed
        said = u.corrections.of_ticket(account_id, correction.ticket_id)
        named = Target("causes", correction.key)
        target = next((Target(c.topic, c.key, c.words) for c in said if is_about(c, named)), None)
    if target is None:
        raise Rejected("this ticket has no such finding any more; look again")
    return target


def _check_value(correction: Correction, causes: Collection[str]) -> None:
    if correction.act not in ACTS:
        raise Rejected(f"say one of: {', '.join(ACTS)}")
    fitting: Collection[str] = {"causes": causes, "commitments": PROMISE_VALUES}.get(correction.topic, ())
    if correction.act == CORRECT and correction.value not in fitting:
        raise Rejected(f"it can be corrected to: {', '.join(fitting) or 'nothing; confirm or dismiss it'}")
    if correction.act != CORRECT and correction.value:
        raise Rejected("only a correction has a value")
