"""One Zendesk account as the rest of the house sees it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from plugin.connectors.texts import read_id
from plugin.connectors.zendesk import digest, inbound, pages
from plugin.connectors.zendesk.asking import COMMENT_PAGES, ask_everything, ticket_path, turn_pages
from plugin.connectors.zendesk.auth import sign_in
from plugin.connectors.zendesk.conversation import read_ticket
from plugin.connectors.zendesk.payloads import (
    ChangedReply,
    Comment,
    CommentsReply,
    HolidaysReply,
    SchedulesReply,
    UserReply,
    read,
)
from plugin.connectors.zendesk.people import read_zone
from plugin.connectors.zendesk.schedule import list_closed, write_hours
from plugin.connectors.zendesk.writing import check_changes, put_note, set_tags
from plugin.connectors.zones import to_iana
from plugin.domain.card import N_
from plugin.domain.ticket import Person, Status, Ticket
from plugin.http import Http, Limit, NotFound
from plugin.http.headers import read_date, read_windows
from plugin.ports import (
    Account,
    Capabilities,
    Changes,
    Clock,
    Delivery,
    DigestNote,
    Disconnected,
    Doorbell,
    Hours,
    Identity,
    Page,
    PageRequest,
    Viewer,
)

EXPORTS = Limit("incremental-exports", 10, 60.0)
"""Calls of the incremental export, 10 a minute for the account."""

NOT_YET = timedelta(seconds=120)
"""`start_time` must be more than a minute old; the last minute is never in the export anyway."""

LOOK_BACK = timedelta(days=1)

OVERLAP = timedelta(minutes=5)
"""How far each look reaches back over the last one, once that came to its end: late rows are seen twice, not missed."""

NO_EXPORT = (
    N_("Missed changes are found only by an admin (incremental export)."),
    N_("Give our user the role Administrator (SETUP.md, step 1)."),
)
"""What an agent's rights keep from us, and the remedy."""

SLACK = timedelta(minutes=5)
"""How far Zendesk's clock may be from ours when we look for notes "since" a moment of ours."""


class ZendeskConnector:
    """`ports.Connector` for one account; safe for threads."""

    def __init__(self, account: Account, http: Http, clock: Clock) -> None:
        self._account, self._clock = account, clock
        self._http = http.signed(sign_in(account.credentials, http, clock))

    def __repr__(self) -> str:
        return f"ZendeskConnector({self._account.id!r})"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(signed_webhooks=True, atomic_tags=True, optimistic_lock=True, call_records=True)

    # --- webhooks: pure ----------------------------------------------------------------------------------------------

    def verify(self, delivery: Delivery, secrets: Sequence[str], now: datetime) -> None:
        inbound.verify(delivery, secrets, now, self._window())

    def point(self, delivery: Delivery) -> Doorbell:
        return inbound.point(delivery)

    # --- pages inside Zendesk: pure ----------------------------------------------------------------------------------

    def ticket_url(self, ticket_id: str, message_id: str = "") -> str:
        return pages.ticket_url(self._http.base_url, ticket_id, message_id)

    def open_page(self, request: PageRequest, account: Account) -> Viewer:
        return pages.open_page(request, account)

    # --- reading -----------------------------------------------------------------------------------------------------

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        """Four calls for an ordinary ticket. One that is not there any more comes back as deleted and empty."""
        url = self.ticket_url(ticket_id)
        try:
            answers = ask_everything(self._http, ticket_id)
        except NotFound:
            now = self._clock.now()
            return Ticket(ticket_id, Status.DELETED, Person(""), created_at=now, updated_at=now, url=url)
        bots = frozenset(self._account.settings.get("bots", "").replace(",", " ").split())
        return read_ticket(answers, self._account.own_user_id, self._account.region, url, bots)

    def changed_since(self, cursor: str) -> Page:
        """One page of the cursor-based export. Our cursor is "t:<unix seconds>" until theirs ("c:…") is known: a first
        answer without rows has none. A ticket may come twice.
        https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/"""
        kind, _, value = cursor.partition(":")
        if kind not in ("t", "c") or not value or (kind == "t" and not value.isdecimal()):
            kind, value = "t", str(int((self._clock.now() - LOOK_BACK).timestamp()))
        if kind == "t":
            newest = int((self._clock.now() - NOT_YET).timestamp())
            asked = {"start_time": str(min(int(value[:12]), newest))}
        else:
            asked = {"cursor": value}
        reply = self._http.get("/api/v2/incremental/tickets/cursor.json", asked, limits=(EXPORTS,))
        page = read(ChangedReply, reply.json())
        after = f"c:{page.after_cursor}" if page.after_cursor else f"{kind}:{value}"
        if page.end_of_stream and page.after_cursor:
            after = f"t:{int((self._clock.now() - NOT_YET - OVERLAP).timestamp())}"
        stuck = after == f"{kind}:{value}"
        return Page(
            tickets=tuple((changed.id, changed.updated_at.astimezone(UTC)) for changed in page.tickets),
            cursor=after,
            more=not page.end_of_stream and not stuck,
        )

    def find_marker(self, ticket_id: str, marker: str, since: datetime) -> bool:
        """Newest first, so usually one call; stops at comments older than `since`."""
        oldest = since - SLACK
        newest_first = {"sort": "-created_at"}
        try:
            for page in turn_pages(
                self._http, ticket_path(ticket_id, "comments"), CommentsReply, newest_first, COMMENT_PAGES
            ):
                if any(c.metadata.card == marker and c.created_at >= oldest for c in page.comments):
                    return True
                if _ends_before(page.comments, oldest):
                    return False
        except NotFound:
            pass
        return False

    def whoami(self) -> Identity:
        """Who our credentials make us; Disconnected when that is nobody (Zendesk answers "Anonymous user", not 401)."""
        reply = self._http.get("/api/v2/users/me")
        user = read(UserReply, reply.json()).user
        if not read_id(user.id):
            raise Disconnected("Zendesk does not know us: the credentials lead to an anonymous user")
        window, told = read_windows(reply.headers).get("account"), read_date(reply.headers.get("date"))
        return Identity(
            user_id=user.id,
            name=user.name,
            role=user.role,
            zone=read_zone(user),
            limit=window.total if window else None,
            skew=(told - self._clock.now()).total_seconds() if told else None,
            gaps=() if user.role == "admin" else (NO_EXPORT,),
        )

    def calendar(self) -> Hours | None:
        """The account's first schedule, or the one named in its setting "schedule"."""
        reply = self._http.look_for("/api/v2/business_hours/schedules.json")
        schedules = read(SchedulesReply, reply.json()).schedules if reply else []
        wanted = self._account.settings.get("schedule", "")
        chosen = next((s for s in schedules if s.id == wanted), schedules[0] if schedules else None)
        zone, hours = (to_iana(chosen.time_zone), write_hours(chosen.intervals)) if chosen else ("", "")
        if not chosen or not zone or not hours or not read_id(chosen.id):
            return None
        closed = self._http.look_for(f"/api/v2/business_hours/schedules/{chosen.id}/holidays.json")
        return Hours(zone, hours, list_closed(read(HolidaysReply, closed.json()).holidays) if closed else ())

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, ticket: Ticket, changes: Changes) -> None:
        """Tags first, because they can be repeated without harm; then note and field in one update."""
        check_changes(ticket, changes)
        set_tags(self._http, ticket, changes, self._clock)
        put_note(self._http, ticket.id, changes)

    def find_digest_ticket(self, audience: str) -> str:
        return digest.find_ticket(self._http, audience)

    def open_digest_ticket(self, audience: str, subject: str) -> str:
        return digest.open_ticket(self._http, audience, subject)

    def post_digest(self, ticket_id: str, note: DigestNote) -> None:
        digest.post_note(self._http, ticket_id, note)

    def _window(self) -> int:
        """Seconds a signature is believed, from the account's setting "signature_window", within reason."""
        said = self._account.settings.get("signature_window", "")
        return min(max(int(said), 30), 3600) if said.isdecimal() else inbound.WINDOW_SECONDS


def _ends_before(comments: Sequence[Comment], oldest: datetime) -> bool:
    """Does this page, newest first as asked for, reach back beyond `oldest`? A page in the other order never does."""
    if not comments or comments[0].created_at < comments[-1].created_at:
        return False
    return comments[-1].created_at < oldest
