"""Add up what the ledger holds for a stretch of time: distinct customers per cause, promises, contacts, effort."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Table,
    and_,
    distinct,
    exists,
    func,
    select,
    type_coerce,
)

from plugin.domain.findings import Findings, State
from plugin.domain.impact import CauseCount, Count, Coverage, Impact, Owed, Owing, Rate, Said, make_rate
from plugin.domain.offers import NOT_OFFERED, OFFERED, UNKNOWN
from plugin.domain.taxonomy import NO_FAILURE, UNROUTED
from plugin.domain.ticket import Status
from plugin.storage.clocktime import micros
from plugin.storage.crypto import Vault
from plugin.storage.documents import from_json
from plugin.storage.tables import (
    cause_names,
    causes,
    choices,
    commitments,
    contacts,
    corrections,
    cursors,
    effort,
    flags,
    jobs,
    tickets,
    transitions,
    unread,
)

_NOT_COUNTED = (Status.SPAM.value, Status.DELETED.value, Status.MERGED.value)
"""A merged ticket goes on in another; the other two are no customers."""

_NO_CAUSE = ("unsure", NO_FAILURE)

LONG_OVERDUE = timedelta(days=30)
"""What has been overdue for longer is counted apart: it would hide what happened lately."""

SOON = timedelta(days=7)
"""How far ahead "what falls due next" looks."""

MOST_OVERDUE, MOST_NEXT = 5, 3
MOST_QUOTED = 40
"""Tickets whose words are looked at for one quote, the newest first."""

_DAY = 86_400_000_000
"""Microseconds, as moments are kept."""

_SETTLED = (State.KEPT.value, State.LATE.value, State.BROKEN.value)
_OWED = (State.OPEN.value, State.AT_RISK.value)
_DROPPED = (State.DISMISSED.value, State.UNVERIFIABLE.value)


class PeriodFigures:
    """`ports.Figures` inside one transaction. With `owner` only tickets whose root cause that team can remove count."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def impact(self, account_id: str, start: datetime, end: datetime, owner: str = "") -> Impact:
        """As the port says."""
        made = _made(account_id, start, end, owner)
        span = [*_span(account_id, start, end), *_owned(tickets, owner)]
        kept, late, broken = self._promises(account_id, start, end, owner)
        followed, breached, unknown = self._contacts(account_id, start, end, owner)
        number, customers, unsure = self._totals(made)
        return Impact(
            tickets=number, customers=customers, unsure=unsure, causes=self._causes(made),
            kept=kept, late=late, broken=broken, followed=followed, breached=breached, unknown=unknown,
            offered=self._offered(span), acted_on=self._acted_on(account_id, start, end, owner),
            effort=self._counts(effort, effort.c.kind, func.sum(effort.c.count), span),
            flags=self._counts(flags, flags.c.key, func.count(), span),
            unread=self._counts(unread, unread.c.lang, func.sum(unread.c.count), span),
            corrected=0 if owner else self._corrected(account_id, start, end),
        )  # fmt: skip

    def owners(self, account_id: str, start: datetime, end: datetime) -> tuple[str, ...]:
        """As the port says."""
        made = [
            *_made(account_id, start, end, ""),
            KEY_NOW.not_in(_NO_CAUSE),
            OWNER_NOW.not_in(("", UNROUTED)),
        ]
        rows = self._connection.execute(select(OWNER_NOW).distinct().select_from(_with_cause()).where(*made))
        return tuple(sorted(rows.scalars()))

    def owing(self, account_id: str, now: datetime, owner: str = "") -> Owing:
        """As the port says."""
        mine = [commitments.c.account_id == account_id, _living(commitments), *_owned(commitments, owner)]
        overdue = [*mine, commitments.c.state == State.BROKEN.value]
        lately = [*overdue, commitments.c.due_at >= now - LONG_OVERDUE]
        ahead = [*mine, commitments.c.state.in_(_OWED), commitments.c.due_at > now, commitments.c.due_at <= now + SOON]
        recent = self._number(commitments, lately)
        return Owing(
            open=self._number(commitments, [*mine, commitments.c.state == State.OPEN.value]),
            at_risk=self._number(commitments, [*mine, commitments.c.state == State.AT_RISK.value]),
            overdue=recent,
            long_overdue=self._number(commitments, overdue) - recent,
            worst=self._owed(lately, MOST_OVERDUE),
            next=self._owed(ahead, MOST_NEXT),
        )

    def quotes(self, account_id: str, start: datetime, end: datetime, key: str) -> list[Said]:
        """As the port says."""
        mine = [*_made(account_id, start, end, ""), KEY_NOW.in_([key])]
        surest = (causes.c.confidence != "sure", tickets.c.created_at.desc())
        found = select(tickets.c.ticket_id, tickets.c.body).select_from(_with_cause()).where(*mine)
        rows = self._connection.execute(found.order_by(*surest).limit(MOST_QUOTED)).all()
        return [said for row in rows for said in _said(row.ticket_id, self._findings(row.body))]

    def daily(self, account_id: str, since: datetime, until: datetime) -> dict[str, dict[int, int]]:
        """As the port says."""
        made = [*_made(account_id, since, until, ""), KEY_NOW.not_in(_NO_CAUSE)]
        at = type_coerce(tickets.c.created_at, BigInteger)
        day = ((micros(until) - 1 - at) // _DAY).label("day")
        counted = select(KEY_NOW.label("key"), day, func.count(distinct(_customer())).label("n"))
        rows = self._connection.execute(counted.select_from(_with_cause()).where(*made).group_by(KEY_NOW, day))
        found: dict[str, dict[int, int]] = {}
        for row in rows:
            found.setdefault(row.key, {})[int(row.day)] = int(row.n)
        return found

    def coverage(self, account_id: str, now: datetime) -> Coverage:
        """As the port says."""
        looks = [jobs.c.account_id == account_id, jobs.c.kind == "analyse"]
        synced = select(cursors.c.set_at).where(cursors.c.account_id == account_id, cursors.c.name == "changed_since")
        return Coverage(
            waiting=self._number(jobs, [*looks, jobs.c.state != "buried"]),
            stuck=self._number(jobs, [*looks, jobs.c.state == "buried"]),
            synced_at=self._connection.execute(synced).scalar(),
        )

    # --- the steps ---------------------------------------------------------------------------------------------------

    def _totals(self, made: list[ColumnElement[bool]]) -> tuple[int, int, int]:
        unsure = func.count().filter(causes.c.key == "unsure")
        totals = select(func.count(), func.count(distinct(_customer())), unsure).select_from(_with_cause()).where(*made)
        row = self._connection.execute(totals).one()
        return int(row[0]), int(row[1]), int(row[2])

    def _causes(self, made: list[ColumnElement[bool]]) -> tuple[CauseCount, ...]:
        """Distinct customers, not tickets: ten letters of one customer are one customer in pain (A6)."""
        customers = func.count(distinct(_customer())).label("customers")
        number = func.count().label("tickets")
        statement = (
            select(KEY_NOW.label("key"), func.max(OWNER_NOW).label("owner"), customers, number)
            .select_from(_with_cause())
            .where(*made, KEY_NOW.not_in(_NO_CAUSE))
            .group_by(KEY_NOW)
            .order_by(customers.desc(), number.desc(), KEY_NOW)
        )
        return tuple(CauseCount(r.key, r.owner, r.customers, r.tickets) for r in self._connection.execute(statement))

    def _promises(self, account_id: str, start: datetime, end: datetime, owner: str) -> tuple[int, int, int]:
        """Each promise once, by its last step in the span. Those that are no longer found, were disputed, or turned out
        to have been kept in time are not held against anybody."""
        same = and_(
            commitments.c.account_id == transitions.c.account_id,
            commitments.c.ticket_id == transitions.c.ticket_id,
            commitments.c.key == transitions.c.key,
        )
        statement = (
            select(transitions.c.ticket_id, transitions.c.key, transitions.c.state, commitments.c.state.label("now"))
            .select_from(transitions.join(commitments, same))
            .where(transitions.c.account_id == account_id, transitions.c.at >= start, transitions.c.at < end)
            .where(_living(transitions), *_owned(transitions, owner), commitments.c.state.not_in(_DROPPED))
            .order_by(transitions.c.saved_at, transitions.c.at)
        )
        last = {(r.ticket_id, r.key): (r.state, r.now) for r in self._connection.execute(statement)}
        told = [
            then if now != State.KEPT.value else State.KEPT.value for then, now in last.values() if then in _SETTLED
        ]
        return told.count(State.KEPT.value), told.count(State.LATE.value), told.count(State.BROKEN.value)

    def _contacts(
        self, account_id: str, start: datetime, end: datetime, owner: str, *which: ColumnElement[bool]
    ) -> tuple[int, int, int]:
        statement = (
            select(contacts.c.verdict, func.count())
            .where(contacts.c.account_id == account_id, contacts.c.at >= start, contacts.c.at < end, *which)
            .where(_living(contacts), *_owned(contacts, owner))
            .group_by(contacts.c.verdict)
        )
        found = {row[0]: int(row[1]) for row in self._connection.execute(statement)}
        return found.get("followed", 0), found.get("breached", 0), found.get("unknown", 0)

    def _offered(self, span: list[ColumnElement[bool]]) -> Rate:
        rows = tickets.join(choices, _same_ticket(choices))
        statement = select(choices.c.offered, func.count()).select_from(rows).where(*span).group_by(choices.c.offered)
        found = {row[0]: int(row[1]) for row in self._connection.execute(statement)}
        offered = found.get(OFFERED, 0)
        return make_rate(offered, offered + found.get(NOT_OFFERED, 0), found.get(UNKNOWN, 0))

    def _acted_on(self, account_id: str, start: datetime, end: datetime, owner: str) -> Rate:
        followed, breached, unknown = self._contacts(account_id, start, end, owner, contacts.c.chosen)
        return make_rate(followed, followed + breached, unknown)

    def _counts(
        self, table: Table, key: ColumnElement[str], number: ColumnElement[Any], span: list[ColumnElement[bool]]
    ) -> tuple[Count, ...]:
        """Most tickets first."""
        seen = func.count(distinct(table.c.ticket_id)).label("seen")
        rows = tickets.join(table, _same_ticket(table))
        statement = select(key, number, seen).select_from(rows).where(*span).group_by(key).order_by(seen.desc(), key)
        return tuple(Count(str(row[0]), int(row[1]), int(row[2])) for row in self._connection.execute(statement))

    def _corrected(self, account_id: str, start: datetime, end: datetime) -> int:
        mine = [
            corrections.c.account_id == account_id,
            corrections.c.undone_at.is_(None),
            corrections.c.act != "confirm",
        ]
        return self._number(corrections, [*mine, corrections.c.made_at >= start, corrections.c.made_at < end])

    def _owed(self, where: list[ColumnElement[bool]], most: int) -> tuple[Owed, ...]:
        """The soonest due first; small promises only where nothing weightier is owed."""
        statement = select(commitments.c.ticket_id, commitments.c.kind, commitments.c.due_at).where(*where)
        ordered = statement.order_by(commitments.c.small, commitments.c.due_at, commitments.c.ticket_id)
        return tuple(Owed(r.ticket_id, r.kind, r.due_at) for r in self._connection.execute(ordered.limit(most)))

    def _number(self, table: Table, where: Iterable[ColumnElement[bool]]) -> int:
        return int(self._connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one())

    def _findings(self, sealed: bytes) -> Findings:
        return from_json(Findings, self._vault.open_text(sealed))


def _said(ticket_id: str, found: Findings) -> list[Said]:
    langs = {s.message_id: s.lang for s in found.spoken if s.supported}
    return [Said(ticket_id, e.quote, langs.get(e.message_id, "")) for e in found.cause.evidence]


def _span(account_id: str, start: datetime, end: datetime) -> list[ColumnElement[bool]]:
    """Tickets of customers that were made in the span."""
    span = [tickets.c.account_id == account_id, tickets.c.created_at >= start, tickets.c.created_at < end]
    return [*span, tickets.c.status.not_in(_NOT_COUNTED)]


def _made(account_id: str, start: datetime, end: datetime, owner: str) -> list[ColumnElement[bool]]:
    """The same with their root cause (`_with_cause`)."""
    mine = [OWNER_NOW.in_([owner]), KEY_NOW.not_in(_NO_CAUSE)] if owner else []
    return [*_span(account_id, start, end), causes.c.main, *mine]


KEY_NOW: ColumnElement[str] = func.coalesce(cause_names.c.now, causes.c.key)
OWNER_NOW: ColumnElement[str] = func.coalesce(cause_names.c.owner, causes.c.owner)
"""What a cause counts for since the account's list of causes was changed: what was found stays as it was found."""


def with_names(rows: FromClause) -> FromClause:
    """Rows of `causes` with what each counts for now."""
    same = and_(cause_names.c.account_id == causes.c.account_id, cause_names.c.key == causes.c.key)
    return rows.outerjoin(cause_names, same)


def _with_cause() -> FromClause:
    return with_names(tickets.join(causes, _same_ticket(causes)))


def _same_ticket(table: Table) -> ColumnElement[bool]:
    return and_(table.c.account_id == tickets.c.account_id, table.c.ticket_id == tickets.c.ticket_id)


def _customer() -> ColumnElement[str]:
    """A customer by keyed hash; where nobody is named the ticket stands for one."""
    return func.coalesce(func.nullif(causes.c.requester_key, ""), causes.c.ticket_id)


def _living(table: Table) -> ColumnElement[bool]:
    """Is the row's ticket one that counts?"""
    return exists().where(_same_ticket(table), tickets.c.status.not_in(_NOT_COUNTED)).correlate(table)


def _owned(table: Table, owner: str) -> list[ColumnElement[bool]]:
    """Is the root cause of the row's ticket this team's? Nothing asked for "" (everybody)."""
    if not owner:
        return []
    here = and_(causes.c.account_id == table.c.account_id, causes.c.ticket_id == table.c.ticket_id)
    theirs = exists().select_from(with_names(causes)).where(here, causes.c.main, OWNER_NOW.in_([owner]))
    return [theirs.where(KEY_NOW.not_in(_NO_CAUSE)).correlate(table)]
