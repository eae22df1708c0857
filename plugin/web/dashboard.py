"""Show a lead what is owed, what hurts customers most, and the tickets behind every figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from plugin.domain.card import N_, Item, Text, list_items
from plugin.domain.digest import LEAD, Digest
from plugin.domain.digest_words import tell_audience, tell_change, tell_headline, tell_sections
from plugin.domain.findings import Adherence, Commitment, Findings, State
from plugin.domain.impact import CauseCount, Impact
from plugin.domain.taxonomy import UNROUTED, Taxonomy
from plugin.ports import Account, KeptDigest, Rejected, Unit
from plugin.storage.documents import from_json
from plugin.web.access import Reception, guard, the_account, visible
from plugin.web.frame import locale, show

SPANS = (7, 28, 90)
"""Days that the page can look back."""

MOST_ROWS = 20
MOST_BREACHES = 6
MOST_LISTED = 200

LONG_AGO = timedelta(days=30)
"""What has been overdue for longer stands on the page of all promises: it would hide what happened lately."""

Link = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list, and the ticket it is about."""

    item: Item
    ticket: Text
    url: str


@dataclass(frozen=True, slots=True)
class CauseRow:
    """One root cause of the span. `change` is "" where there is nothing to compare with."""

    key: str
    name: Text
    owner: Text
    customers: int
    tickets: int
    change: str


def dashboard(house: Reception) -> Blueprint:
    """/ and /accounts/<id>, with what stands behind their figures."""
    pages = Blueprint("dashboard", __name__)
    guard(pages, house, "lead")
    digest = "/accounts/<account_id>/digests/<audience>/<period>"
    for path, name, view in (
        ("/", "overview", show_overview),
        ("/accounts/<account_id>", "one", show_account),
        ("/accounts/<account_id>/promises", "promises", show_promises),
        ("/accounts/<account_id>/causes/<key>", "cause", show_cause),
        (digest, "digest", show_digest),
        (f"{digest}/chart.png", "chart", show_chart),
    ):
        pages.add_url_rule(path, name, partial(view, house))
    return pages


# --- the pages -------------------------------------------------------------------------------------------------------


def show_overview(house: Reception) -> AnyResponse:
    """All accounts of this person; with one account its page at once."""
    now = house.clock.now()
    with house.storage.unit(reading=True) as u:
        rows = [(a, u.figures.owing(a.id, now), u.overview.pulse(a.id)) for a in visible(u)]
    if len(rows) == 1:
        return redirect(url_for("dashboard.one", account_id=rows[0][0].id))
    return show("dashboard/overview.html", rows=rows)


def show_account(house: Reception, account_id: str) -> Response:
    """What is owed, why customers wrote, what went against their wishes, and the newest digests."""
    now, days = house.clock.now(), _days()
    span = timedelta(days=days)
    with house.storage.unit(reading=True) as u:
        account = the_account(u, account_id)
        link = _link(house, account)
        impact = u.figures.impact(account.id, now - span, now)
        before = u.figures.impact(account.id, now - 2 * span, now - span)
        wrong = u.overview.breaches(account.id, now - span, MOST_BREACHES)
        values: dict[str, Any] = {
            "owing": u.figures.owing(account.id, now), "pulse": u.overview.pulse(account.id),
            "overdue": _overdue(u, account, now, link), "soon": _soon(u, account, now, link),
            "digests": [(kept, told) for kept in _latest(u, account) if (told := _digest(kept))],
        }  # fmt: skip
    taxonomy = house.taxonomy(account).spoken(locale())
    values |= {"breaches": [_breach(ticket, contact, link) for ticket, contact in wrong], "impact": impact}
    values |= {"causes": [_cause(cause, before, taxonomy) for cause in impact.causes], "days": days, "spans": SPANS}
    return show("dashboard/account.html", zone=account.zone, account=account, long_ago=LONG_AGO.days,
                audience=tell_audience, headline=tell_headline, **values)  # fmt: skip


def show_promises(house: Reception, account_id: str) -> Response:
    """Every promise that is still owed, the soonest due first."""
    with house.storage.unit(reading=True) as u:
        account = the_account(u, account_id)
        rows = _promises(u, account, (State.BROKEN, State.AT_RISK, State.OPEN), _link(house, account))
    return show("dashboard/promises.html", zone=account.zone, account=account, rows=rows, most=MOST_LISTED)


def show_cause(house: Reception, account_id: str, key: str) -> Response:
    """The tickets behind one cause, each with the words that show it: of the last days, or of a digest's period."""
    with house.storage.unit(reading=True) as u:
        account = the_account(u, account_id)
        period = _asked_period(u, account)
        now, days = house.clock.now(), 0 if period else _days()
        since, until = period or (now - timedelta(days=days), now)
        seen = u.overview.tickets_of(account.id, key, since, until, MOST_LISTED)
    taxonomy, link = house.taxonomy(account).spoken(locale()), _link(house, account)
    if key not in taxonomy.names and not seen:
        abort(404)
    owner = taxonomy.owner_of(key)
    tickets = [(ticket, _ticket(ticket.ticket_id), link(ticket.ticket_id)) for ticket in seen]
    return show("dashboard/cause.html", zone=account.zone, account=account, tickets=tickets, days=days, spans=SPANS,
                key=key, name=Text(taxonomy.names.get(key, key)), most=MOST_LISTED, since=since, until=until,
                owner=Text(taxonomy.owners.get(owner, owner)))  # fmt: skip


def _asked_period(u: Unit, account: Account) -> tuple[datetime, datetime] | None:
    """What the digest covers that is named in the address; None where it names none."""
    kept = u.digests.get(account.id, request.args.get("audience", LEAD)[:200], request.args.get("period", "")[:200])
    told = _digest(kept) if kept else None
    return (told.start, told.end) if told else None


def show_digest(house: Reception, account_id: str, audience: str, period: str) -> Response:
    """One digest as it was made, and the way to the earlier ones."""
    account, kept = _kept(house, account_id, audience, period)
    told = _digest(kept)
    if told is None:
        abort(404)
    with house.storage.unit(reading=True) as u:
        others = [other for other in u.digests.newest(account.id, audience) if other.state != "empty"]
    return show("dashboard/digest.html", zone=account.zone, account=account, kept=kept, digest=told, others=others,
                audience=tell_audience(told), headline=tell_headline(told), sections=tell_sections(told),
                ticket=_ticket)  # fmt: skip


def show_chart(house: Reception, account_id: str, audience: str, period: str) -> Response:
    """The picture of one digest."""
    _, kept = _kept(house, account_id, audience, period)
    if not kept.picture:
        abort(404)
    return Response(kept.picture, mimetype="image/png")


def _kept(house: Reception, account_id: str, audience: str, period: str) -> tuple[Account, KeptDigest]:
    with house.storage.unit(reading=True) as u:
        account = the_account(u, account_id)
        kept = u.digests.get(account.id, audience, period)
    if kept is None:
        abort(404)
    return account, kept


def _days() -> int:
    asked = request.args.get("days", "")
    return int(asked) if asked in map(str, SPANS) else SPANS[0]


def _link(house: Reception, account: Account) -> Link:
    """Where an agent opens a ticket; "" where the helpdesk's connector cannot be had."""
    try:
        return house.connector(account).ticket_url
    except Rejected:
        return lambda ticket_id: ""


def _ticket(ticket_id: str) -> Text:
    return Text(N_("Ticket %(id)s"), {"id": ticket_id})


# --- promises and contacts -------------------------------------------------------------------------------------------


def _overdue(u: Unit, account: Account, now: datetime, link: Link) -> list[Row]:
    """Overdue promises of the last weeks, the oldest first."""
    rows = _promises(u, account, (State.BROKEN,), link)
    return [row for row in rows if row.item.due and row.item.due >= now - LONG_AGO][:MOST_ROWS]


def _soon(u: Unit, account: Account, now: datetime, link: Link) -> list[Row]:
    """What falls due within a week."""
    rows = _promises(u, account, (State.AT_RISK, State.OPEN), link)
    return [row for row in rows if row.item.due and row.item.due <= now + timedelta(days=7)][:MOST_ROWS]


def _promises(u: Unit, account: Account, states: tuple[State, ...], link: Link) -> list[Row]:
    """The soonest due first; small ones too, which the card leaves out."""
    found = u.ledger.commitments(account.id, states, MOST_LISTED)
    return [row for _, ticket_id, promise in found for row in _promise(ticket_id, promise, link)]


def _promise(ticket_id: str, promise: Commitment, link: Link) -> list[Row]:
    bare = Findings(ticket_id, promise.said_at, commitments=(replace(promise, small=False),))
    return [Row(item, _ticket(ticket_id), link(ticket_id)) for item in list_items(bare, {}, {})]


def _breach(ticket_id: str, contact: Adherence, link: Link) -> Row:
    (item, *_) = list_items(Findings(ticket_id, contact.at, adherence=(contact,)), {}, {})
    return Row(item, _ticket(ticket_id), link(ticket_id))


# --- causes and digests ----------------------------------------------------------------------------------------------


def _cause(cause: CauseCount, before: Impact, taxonomy: Taxonomy) -> CauseRow:
    change = tell_change(cause.customers, before.customers_of(cause.key)) if before.tickets else ""
    owner = taxonomy.owners.get(cause.owner, cause.owner) or UNROUTED
    name = taxonomy.names.get(cause.key, cause.key)
    return CauseRow(cause.key, Text(name), Text(owner), cause.customers, cause.tickets, change)


def _latest(u: Unit, account: Account) -> list[KeptDigest]:
    """The newest digest of each audience that had something to say, the lead's first."""
    newest: dict[str, KeptDigest] = {}
    for kept in u.digests.newest(account.id, limit=60):
        if kept.state != "empty":
            newest.setdefault(kept.audience, kept)
    return sorted(newest.values(), key=lambda kept: (kept.audience != "lead", kept.audience))


def _digest(kept: KeptDigest) -> Digest | None:
    """What it says; None where it was kept by another version and cannot be read."""
    try:
        return from_json(Digest, kept.body)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
