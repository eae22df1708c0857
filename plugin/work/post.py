"""Put one card on one ticket, once, however often we are asked."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from plugin.domain.ticket import Person, Status, Ticket
from plugin.ports import Account, Changes, Job, KeptCard, Ledger, Mode
from plugin.work.tools import Limits, Tools, ticket_of

MARGIN = timedelta(minutes=10)
"""How far before the first try a marker may stand: helpdesk clocks are not ours."""


def post(job: Job, account: Account, tools: Tools) -> None:
    """Write the newest card version unless it is there already, or may not be written."""
    ticket_id, now = ticket_of(job.lane), tools.clock.now()
    living = tools.connect(account).capabilities.living_card
    with tools.storage.unit() as u:
        card = u.ledger.newest_card(account.id, ticket_id)
        if card is None or card.state in ("posted", "skipped", "kept"):
            return u.queue.done(job, now)
        quiet = _why_not(card, u.ledger, ticket_id, account, tools.limits, now, Status(job.payload["status"]), living)
        if quiet == "stopped":  # kept, so that the next look at the ticket writes it once that is allowed again
            u.ledger.finish_posting(account.id, ticket_id, card.version, now, "kept", quiet)
            return u.queue.done(job, now)
        started = u.ledger.start_posting(account.id, ticket_id, card.version, now)
        held = u.queue.renew(job, now, tools.limits.lease)
    _write(held, account, tools, card, started, note=not quiet)
    with tools.storage.unit() as u:
        now = tools.clock.now()
        u.ledger.finish_posting(account.id, ticket_id, card.version, now, "skipped" if quiet else "posted", quiet)
        u.queue.done(held, now)
    return None


def _write(job: Job, account: Account, tools: Tools, card: KeptCard, started: datetime | None, *, note: bool) -> None:
    """The only place that writes to a helpdesk. After an unfinished try it looks for its own marker first. A card that
    says nothing any more is taken away where it lives."""
    connector, ticket_id = tools.connect(account), ticket_of(job.lane)
    clear = note and not card.note_html and connector.capabilities.living_card
    if note and not clear and started is not None:
        note = not connector.find_marker(ticket_id, card.version, started - MARGIN)
    changes = Changes(
        marker=card.version,
        note_html=card.note_html if note else "",
        clear_note=clear,
        add_tags=card.add_tags,
        remove_tags=card.remove_tags,
    )
    if changes.note_html or clear or changes.add_tags or changes.remove_tags:
        _fence(job, tools)
        connector.write(_known(ticket_id, job), changes)


def _fence(job: Job, tools: Tools) -> None:
    """A worker whose lease has run out, or passed to another, writes nothing."""
    with tools.storage.unit() as u:
        u.queue.renew(job, tools.clock.now(), tools.limits.lease)


def _known(ticket_id: str, job: Job) -> Ticket:
    """The ticket as far as a write needs it: its stamp and tags when it was last read."""
    epoch = datetime.fromtimestamp(0, tz=job.due_at.tzinfo)
    return Ticket(
        id=ticket_id,
        status=Status(job.payload["status"]),
        requester=Person(""),
        created_at=epoch,
        updated_at=epoch,
        tags=frozenset(job.payload["tags"].split()),
        stamp=job.payload["stamp"],
    )


def _why_not(
    card: KeptCard, ledger: Ledger, ticket_id: str, account: Account, limits: Limits, now: datetime, status: Status,
    living: bool,
) -> str:  # fmt: skip
    """Why no note is written ("" when one is): "stopped" writes nothing at all, the others still set tags. A card that
    lives in one place disturbs nobody when it changes: every version of it is written."""
    if account.mode is not Mode.WRITE or account.stopped or not status.writable:
        return "stopped"
    if living:
        return ""
    if not _says_something_new(card, ledger.cards(account.id, ticket_id)):
        return "nothing new to say"
    others = 1 if card.state == "started" else 0
    if ledger.posted_since(account.id, ticket_id, now - timedelta(days=1)) - others >= limits.notes_per_day:
        return "enough notes today"
    if ledger.posted_since(account.id, ticket_id, None) - others >= limits.notes_per_ticket:
        return "enough notes on this ticket"
    return ""


def _says_something_new(card: KeptCard, versions: list[KeptCard]) -> bool:
    """Is there a line that no note on the ticket has said yet? What only went away needs no note."""
    said: set[str] = set()
    for version in versions:
        if version.state == "posted":
            said |= _keys(version)
    return bool(_keys(card) - said)


def _keys(card: KeptCard) -> set[str]:
    return {str(item["key"]) for item in json.loads(card.items)["items"]}
