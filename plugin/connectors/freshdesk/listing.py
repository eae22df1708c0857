"""Walk through the tickets that changed, a window after the other, and now and then those deleted or called spam.

Pages of Freshdesk's list shift while tickets change, and end after the three-hundredth. So after each full page the
next look asks from that page's last change on, from page 1 again: nothing is skipped, a ticket may come twice. Pages
are only counted where more than one page of tickets changed within the same second.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta

from plugin.connectors.freshdesk.payloads import ChangedTickets, read_list
from plugin.http import Http, Limit, Refusal
from plugin.ports import Page

PAGE = 100

LAST_PAGE = 299
"""Freshdesk shows 300 pages. https://developers.freshdesk.com/api/#list_all_tickets"""

LOOK_BACK = timedelta(days=1)

OVERLAP = timedelta(seconds=120)
"""How far each walk reaches back over the newest change seen: times are whole seconds, and late rows are seen twice
rather than missed."""

GONE_EVERY = timedelta(minutes=15)
"""Deleted tickets and spam vanish from the list without an event; they are looked for at this slower turn."""

LISTS = Limit("tickets-list", 20, 60.0)
"""Calls of the ticket list a minute on the smallest paid plan; no header shows this limit."""

LIVE, DELETED, SPAM = "live", "deleted", "spam"
WALKS = (LIVE, DELETED, SPAM)


@dataclass(frozen=True, slots=True)
class Place:
    """How far we have come; times are ISO, "" for none. `newest` holds the newest change seen of each walk."""

    walk: str = LIVE
    since: str = ""
    """From where this walk asks; "" at its beginning."""
    page: int = 1
    gone_at: str = ""
    """When deleted tickets and spam were last looked for."""
    newest: dict[str, str] = field(default_factory=dict)


def list_changes(http: Http, cursor: str, now: datetime) -> Page:
    """One page of changes after `cursor`; see `ports.Connector.changed_since`."""
    place = read_place(cursor)
    since = _time(place.since) or _begin(place, now)
    asked: dict[str, str | int] = {
        "updated_since": _stamp(since), "order_by": "updated_at", "order_type": "asc", "per_page": PAGE,
        "page": place.page, **({} if place.walk == LIVE else {"filter": place.walk}),
    }  # fmt: skip
    try:
        rows = read_list(ChangedTickets, http.get("/api/v2/tickets", asked, limits=(LISTS,)).json()).rows
    except Refusal:
        if place.walk == LIVE:
            raise
        rows = []  # an account whose list does not take both filters: those tickets show when they are next looked at
    found = sorted({(row.id, row.updated_at.astimezone(UTC)) for row in rows}, key=lambda pair: pair[1])
    following = _after(place, since, found, full=len(rows) >= PAGE, now=now)
    return Page(tuple(found), write_place(following), more=following.walk != LIVE or bool(following.since))


def _begin(place: Place, now: datetime) -> datetime:
    newest = _time(place.newest.get(place.walk, ""))
    return newest - OVERLAP if newest else now - LOOK_BACK


def _after(place: Place, since: datetime, found: list[tuple[str, datetime]], *, full: bool, now: datetime) -> Place:
    """Where to go on: further in this walk, on to the next walk that is due, or from the beginning."""
    last = found[-1][1] if found else None
    seen = max((at for at in (last, _time(place.newest.get(place.walk, ""))) if at), default=since + OVERLAP)
    place = replace(place, newest={**place.newest, place.walk: _stamp(seen)})
    if full and last is not None:
        if last > since:
            return replace(place, since=_stamp(last), page=1)
        if place.page < LAST_PAGE:
            return replace(place, since=_stamp(since), page=place.page + 1)
        return replace(place, since=_stamp(since + timedelta(seconds=1)), page=1)
    return _next_walk(place, now)


def _next_walk(place: Place, now: datetime) -> Place:
    done = _time(place.gone_at)
    if place.walk == LIVE and done is not None and now < done + GONE_EVERY:
        return replace(place, since="", page=1)
    following = WALKS[(WALKS.index(place.walk) + 1) % len(WALKS)]
    gone_at = _stamp(now) if place.walk == LIVE else place.gone_at
    return replace(place, walk=following, since="", page=1, gone_at=gone_at)


def read_place(cursor: str) -> Place:
    """The place that a cursor names; the beginning for one that we did not write."""
    try:
        said = json.loads(cursor) if cursor else {}
        newest = {walk: said["newest"][walk] for walk in WALKS if isinstance(said["newest"].get(walk), str)}
        walk, page = said["walk"], int(said["page"])
        place = Place(walk, str(said["since"]), page, str(said["gone_at"]), newest)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Place()
    return place if walk in WALKS and 1 <= page <= LAST_PAGE else Place(newest=newest)


def write_place(place: Place) -> str:
    return json.dumps(asdict(place), separators=(",", ":"), sort_keys=True)


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
