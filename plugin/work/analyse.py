"""Look at one ticket as it is now, say what we find, and note what should be written; writing comes later."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from plugin.domain.analysis import carry_over
from plugin.domain.card import Card
from plugin.domain.findings import Findings, State
from plugin.domain.renaming import as_now
from plugin.domain.ticket import Ticket
from plugin.ports import Account, Job, KeptCard, Mode, Unit
from plugin.work.correct import corrected
from plugin.work.emerge import note_unexplained
from plugin.work.prefer import keep_stated, recall
from plugin.work.tools import Tools, lane_of, ticket_of

TAG_PREFIX = "ft_"
"""Every tag of ours begins so; we touch no other."""

SAME_MOMENT = timedelta(seconds=2)
"""A second that is not over yet, and a little for clocks that differ."""

NO_CARD = "none"
"""Version of a card that says nothing: a ticket that had something to say, and our tags, and has no more."""

OVERDUE_TAG = "ft_promise_overdue"
AT_RISK_TAG = "ft_promise_at_risk"
SHARED_TAG = "ft_promise_two_owners"
"""Beside one of the two: somebody else than who wrote it has to do it, and a view of theirs can filter on it."""


def analyse(job: Job, account: Account, tools: Tools) -> None:
    """Fetch, find, save; queue the post. Everything after the fetch is one transaction."""
    asked = tools.clock.now()
    ticket = tools.connect(account).fetch_ticket(ticket_of(job.lane))
    now = tools.clock.now()
    if ticket.ours:
        return _forget(job, account, ticket, tools, now)
    with tools.storage.unit() as u:
        before = u.ledger.findings(account.id, ticket.id)
        shown = u.ledger.newest_card(account.id, ticket.id)
        known = recall(u, account, ticket, now)
    policy = known.tell(tools.policy(account))
    found = carry_over(before, tools.analyse(ticket, policy, now), ticket, now)
    taxonomy = tools.taxonomy(account)
    findings = as_now(corrected(found, account.id, tools.storage, taxonomy.owner_of), taxonomy)
    card = tools.make_card(findings, taxonomy.spoken(account.locale))
    kept = _keep(card, findings, ticket, account, tools, now) if card or shown or _tagged(ticket) else None
    with tools.storage.unit() as u:
        u.ledger.save(account.id, _as_seen(ticket, asked), findings, now)
        keep_stated(u, account, ticket, findings, now)
        note_unexplained(u, account, ticket, findings)
        if kept and u.ledger.keep_card(account.id, ticket.id, kept) and account.mode is Mode.WRITE:
            _queue_post(u, account, ticket, now)
        u.queue.done(job, now)
    return None


def _as_seen(ticket: Ticket, asked: datetime) -> Ticket:
    """Helpdesks stamp changes with whole seconds: a change that came after we looked, but in the same second, would
    pass for seen. So a look that close to the last change counts as one before it, and reconcile looks again."""
    close = ticket.updated_at > asked - SAME_MOMENT
    return replace(ticket, updated_at=ticket.updated_at - SAME_MOMENT) if close else ticket


def _forget(job: Job, account: Account, ticket: Ticket, tools: Tools, now: datetime) -> None:
    """A ticket that we made ourselves is never analysed nor counted."""
    with tools.storage.unit() as u:
        u.ledger.forget_ticket(account.id, ticket.id)
        u.queue.done(job, now)


def _queue_post(u: Unit, account: Account, ticket: Ticket, now: datetime) -> None:
    payload = {"stamp": ticket.stamp, "tags": " ".join(sorted(ticket.tags)), "status": ticket.status.value}
    u.queue.put(account.id, "post", lane_of(ticket.id), now, payload)


def _tagged(ticket: Ticket) -> bool:
    return any(tag.startswith(TAG_PREFIX) for tag in ticket.tags)


def _keep(
    card: Card | None, findings: Findings, ticket: Ticket, account: Account, tools: Tools, now: datetime
) -> KeptCard:
    """Without a card there is no note, but a card that lives, and tags that no longer hold, are taken away."""
    longest = tools.connect(account).capabilities.longest_tag
    wanted = {fit_tag(tag, longest) for tag in wanted_tags(findings)}
    ours = {t for t in ticket.tags if t.startswith(TAG_PREFIX)}
    return KeptCard(
        version=card.version if card else NO_CARD,
        made_at=now,
        note_html=tools.render_note(card, ticket, account) if card else "",
        items=dump_card(card) if card else '{"items": []}',
        add_tags=tuple(sorted(wanted - ours)),
        remove_tags=tuple(sorted(ours - wanted)),
        state="due" if account.mode is Mode.WRITE else "kept",
        why="" if account.mode is Mode.WRITE else f"mode {account.mode.value}",
    )


def wanted_tags(findings: Findings) -> frozenset[str]:
    """The tags a ticket should carry from us; a view in the helpdesk can filter on them."""
    tags = set()
    states = {c.state for c in findings.commitments}
    if State.BROKEN in states:
        tags.add(OVERDUE_TAG)
    elif State.AT_RISK in states:
        tags.add(AT_RISK_TAG)
    if any(c.shared and c.state in (State.AT_RISK, State.BROKEN) for c in findings.commitments):
        tags.add(SHARED_TAG)
    if findings.cause.key not in ("unsure", "none"):
        tags.add(f"{TAG_PREFIX}cause_{findings.cause.key}")
    return frozenset(tags)


def fit_tag(tag: str, longest: int) -> str:
    """A tag in at most `longest` letters, always the same: its beginning, and six letters that stand for the rest."""
    if len(tag) <= longest:
        return tag
    return f"{tag[: longest - 7]}_{blake2b(tag.encode(), digest_size=3).hexdigest()}"


def dump_card(card: Card) -> str:
    """The card as JSON, for pages and for the next engineer's `jq`."""
    return json.dumps(asdict(card), default=_plain, ensure_ascii=False, sort_keys=True)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
