"""Look once a week for causes that are new, propose them to a lead, and remember for ever what was decided."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from plugin.domain.calm import calm
from plugin.domain.causes import SURE
from plugin.domain.emerging import ALIKE, Doc, Proposal, doc_of, find_emerging
from plugin.domain.findings import UNSURE, Cause, Findings
from plugin.domain.reading import own_words
from plugin.domain.taxonomy import CauseKind, Taxonomy
from plugin.domain.taxonomy_edits import OWN_FAMILY, add
from plugin.domain.taxonomy_toml import KEY, RESERVED
from plugin.domain.ticket import Role, Status, Ticket
from plugin.domain.words import fold
from plugin.languages.marks import load_marks
from plugin.ports import Account, Job, KeptProposal, Rejected, Storage, Unexplained, Unit
from plugin.storage.documents import from_json, to_json
from plugin.work.causes import Changed, Edit, change, taxonomy_of
from plugin.work.tools import Tools

log = structlog.get_logger()

KIND = "emerge"
LANE = "emerge:causes"

LOOKED = "emerging_week"
"""Cursor with the Monday up to which was looked."""

WEEKS = 8
"""Weeks that a week is held against."""

MOST_A_WEEK = 1_500
"""Tickets of a week that are looked at, the newest: a bound on time and memory."""

LONGEST = 400
"""Letters that are kept of what a customer wrote."""

FITS = 0.95
"""Share of the evidence from which a cause explains a ticket. In a trade that the packs do not know, the cause is right
in 79 of 100 tickets from here on, and in 52 between SURE and here: there what is new passes for something known."""

FADES = timedelta(weeks=4)
"""After so long without a decision, and without being found again, a proposal goes; it may come again."""

DECIDED = ("accepted", "merged", "dismissed")

_NO_CUSTOMERS = frozenset({Status.SPAM, Status.DELETED, Status.MERGED})


@dataclass(frozen=True, slots=True)
class Open:
    """A proposal with its number, and what became of it."""

    number: int
    kept: KeptProposal
    told: Proposal


# --- what nothing explains -------------------------------------------------------------------------------------------


def is_explained(cause: Cause) -> bool:
    """Does a cause fit so well that it is hardly another, or did a person say so (sure where no reader would be)?"""
    said = cause.confidence == "sure" and cause.weight < SURE
    return cause.key != UNSURE.key and (said or cause.weight >= FITS)


def note_unexplained(u: Unit, account: Account, ticket: Ticket, findings: Findings) -> None:
    """Keep what the customer wrote where no cause explains it, for as long as the weekly look needs it."""
    lang, text = _said(ticket, findings)
    if is_explained(findings.cause) or ticket.status in _NO_CUSTOMERS or not text:
        u.emerging.drop(account.id, ticket.id)
    else:
        u.emerging.note(account.id, ticket, lang, text)


def _said(ticket: Ticket, findings: Findings) -> tuple[str, str]:
    """(language, how it began and the newest) of the customer's own words, as far as we can read them."""
    read = {s.message_id: s.lang for s in findings.spoken if s.supported}
    said = [m for m in ticket.said_by(Role.CUSTOMER) if m.id in read and not m.automatic]
    texts = [own_words(m.text[: 10 * LONGEST], load_marks()).strip() for m in (*said[:1], *said[1:][-1:])]
    share = LONGEST // max(1, len(texts))
    return read[said[0].id] if said else "", "\n".join(text[:share] for text in texts if text)


# --- the weekly look -------------------------------------------------------------------------------------------------


def ring_emerging(tools: Tools) -> int:
    """Queue a look for each account whose week is over and was not looked at; returns how many were added."""
    now = tools.clock.now()
    with tools.storage.unit() as u:
        accounts = [a for a in u.accounts.all() if not a.paused]
        due = [a for a in accounts if u.history.cursor(a.id, LOOKED) != monday(a, now).date().isoformat()]
        return sum(u.queue.put(a.id, KIND, LANE, now) for a in due)


def monday(account: Account, now: datetime) -> datetime:
    """When the present week began, in the account's zone."""
    there = now.astimezone(ZoneInfo(account.zone))
    start = there.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=there.weekday())
    return start.astimezone(UTC)


def emerge(job: Job, account: Account, tools: Tools) -> None:
    """A run of the queue: the week that is over."""
    now = tools.clock.now()
    end = monday(account, now)
    found = look(account, tools, end)
    with tools.storage.unit() as u:
        u.queue.renew(job, tools.clock.now(), tools.limits.lease)
        keep(u, account, found, now)
        u.emerging.prune(account.id, end - timedelta(weeks=WEEKS))
        u.history.set_cursor(account.id, LOOKED, end.date().isoformat(), now)
        u.queue.done(job, tools.clock.now())
    log.info("emerging.looked", account=account.id, proposals=len(found))


def look(account: Account, tools: Tools, end: datetime) -> list[Proposal]:
    """What is new in the week up to `end`; stores nothing."""
    with tools.storage.unit(reading=True) as u:
        weeks = [_week(u, account, end, back) for back in range(WEEKS + 1)]
        known = [p.told.profile for p in proposals_of(u, account.id, DECIDED)]
    now, *before = [[_doc(one, back, account, tools) for one in week] for back, week in enumerate(weeks)]
    return find_emerging(now, [doc for week in before for doc in week], known)


def _week(u: Unit, account: Account, end: datetime, back: int) -> list[Unexplained]:
    until = end - timedelta(weeks=back)
    return u.emerging.unexplained(account.id, until - timedelta(weeks=1), until, MOST_A_WEEK)


def _doc(one: Unexplained, week: int, account: Account, tools: Tools) -> Doc:
    pack = tools.policy(account).packs.get(one.lang)
    text = calm(pack.read(one.text), pack).words.text if pack else one.text
    return doc_of(one.ticket_id, one.customer, text, week)


def keep(u: Unit, account: Account, found: Sequence[Proposal], now: datetime) -> None:
    """New ones are proposed, those that wait already are renewed, those that nobody wanted to decide fade."""
    waiting = proposals_of(u, account.id, ("open",))
    for made in found:
        body = to_json(replace(made, quotes=()))
        same = next((p for p in waiting if p.told.profile.like(made.profile) >= ALIKE), None)
        if same is None:
            u.emerging.propose(account.id, body, made.quotes, now)
        else:
            u.emerging.renew(account.id, same.number, body, made.quotes, now)
            waiting.remove(same)
    for old in waiting:
        if old.kept.found_at <= now - FADES:
            u.emerging.decide(account.id, old.number, "faded", "", "", now)


def proposals_of(u: Unit, account_id: str, states: Sequence[str] = ("open",)) -> list[Open]:
    """Proposals in these states, newest first, with the words of tickets that still are there."""
    kept = u.emerging.proposals(account_id, states)
    return [Open(k.number, k, replace(from_json(Proposal, k.body), quotes=k.quotes)) for k in kept]


# --- what a lead decides ---------------------------------------------------------------------------------------------


def accept(
    storage: Storage, account: Account, number: int, name: str, definition: str, owner: str, by: str, now: datetime,
    key: str = "",
) -> Changed:  # fmt: skip
    """It becomes a cause of the account, tagged from now on where its phrases are said."""
    with storage.unit(reading=True) as u:
        told, taxonomy = _need(u, account.id, number), taxonomy_of(u, account.id)
    key = key or key_for(name, taxonomy)
    kind = CauseKind(key, name.strip(), definition.strip(), OWN_FAMILY, owner, phrases=told.told.phrases)
    return _decide(storage, account, number, "accepted", key, lambda before, today: add(before, kind, today), by, now)


def merge_into(storage: Storage, account: Account, number: int, key: str, by: str, now: datetime) -> Changed:
    """It is a known cause in other words: that cause gets its phrases."""
    with storage.unit(reading=True) as u:
        told, taxonomy = _need(u, account.id, number), taxonomy_of(u, account.id)
    if key not in taxonomy.causes:
        raise Rejected(f"no cause {key!r}: followthrough causes list {account.id}")
    known = taxonomy.causes[key]
    grown = replace(known, phrases=tuple(dict.fromkeys([*known.phrases, *told.told.phrases])))

    def edit(before: Taxonomy, _: object) -> Taxonomy:
        return replace(before, causes={**before.causes, key: grown})

    return _decide(storage, account, number, "merged", key, edit, by, now)


def dismiss(storage: Storage, account: Account, number: int, by: str, now: datetime) -> None:
    """It is nothing, and is never proposed again, also not in slightly other words."""
    with storage.unit() as u:
        _need(u, account.id, number)
        u.emerging.decide(account.id, number, "dismissed", "", by, now)


def reopen(storage: Storage, account: Account, number: int, by: str, now: datetime) -> None:
    """Take a decision back. A cause that was made of it stays until it is retired."""
    with storage.unit() as u:
        if not u.emerging.decide(account.id, number, "open", "", by, now):
            raise Rejected(f"no proposal {number}: followthrough causes emerging list {account.id}")


def key_for(name: str, taxonomy: Taxonomy) -> str:
    """A key made of a name, one that is free; of a name without Latin letters a numbered one."""
    plain = re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")[:32].strip("_")
    taken = {*taxonomy.causes, *taxonomy.past, *RESERVED}
    base = plain if KEY.fullmatch(plain) else "new_cause"
    numbered = (f"{base}_{n}" for n in range(2, 100))
    return base if base not in taken else next(key for key in numbered if key not in taken)


def _need(u: Unit, account_id: str, number: int) -> Open:
    found = next((p for p in proposals_of(u, account_id) if p.number == number), None)
    if found is None:
        raise Rejected(f"no open proposal {number}: followthrough causes emerging list {account_id}")
    return found


def _decide(
    storage: Storage, account: Account, number: int, state: str, key: str, edit: Edit, by: str, now: datetime
) -> Changed:
    def decided(u: Unit) -> None:
        u.emerging.decide(account.id, number, state, key, by, now)

    return change(storage, account, edit, f"proposal {number} {state}: {key}", by, now, also=decided)
