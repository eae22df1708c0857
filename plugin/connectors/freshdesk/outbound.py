"""One Freshdesk account as the rest of the house sees it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime

from plugin.connectors.checks import check
from plugin.connectors.freshdesk import digest, inbound, pages
from plugin.connectors.freshdesk.asking import ask_everything
from plugin.connectors.freshdesk.card import Card
from plugin.connectors.freshdesk.conversation import read_ticket
from plugin.connectors.freshdesk.directory import Directory
from plugin.connectors.freshdesk.listing import list_changes
from plugin.connectors.freshdesk.payloads import Agent, Schedules, read, read_list
from plugin.connectors.freshdesk.schedule import write_hours
from plugin.connectors.freshdesk.tagging import LONGEST_TAG, set_tags
from plugin.connectors.zones import to_iana
from plugin.domain.card import N_
from plugin.domain.ticket import Person, Status, Ticket
from plugin.http import Auth, Basic, Forbidden, Http, NotFound, Refusal
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
    Rejected,
    Viewer,
)

MOST_NOTE = 60_000
"""Letters of a note. Freshdesk's own limit is not documented; a card has a few hundred."""

EVERY_TICKET = 1
"""`ticket_scope` of an agent who sees all tickets; 2 those of their groups, 3 their own.
https://developers.freshdesk.com/api/#agents"""

LOCKS = 64
"""Tickets that may be written to at the same time within this process."""


class FreshdeskConnector:
    """`ports.Connector` for one account; safe for threads."""

    def __init__(self, account: Account, http: Http, clock: Clock) -> None:
        self._account, self._clock = account, clock
        self._http = http.signed(sign_in(account))
        self._directory = Directory(self._http, clock)
        self._card = Card(self._http, account.own_user_id)
        self._locks = tuple(threading.Lock() for _ in range(LOCKS))

    def __repr__(self) -> str:
        return f"FreshdeskConnector({self._account.id!r})"

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(note_update=True, summary_slot=self._card.has_slot is True, longest_tag=LONGEST_TAG)

    # --- webhooks: pure ----------------------------------------------------------------------------------------------

    def verify(self, delivery: Delivery, secrets: Sequence[str], now: datetime) -> None:
        own = self._account.credentials
        inbound.verify(delivery, secrets, own.get("app_secret", "").split(), own.get("hook_path", ""), now)

    def point(self, delivery: Delivery) -> Doorbell:
        return inbound.point(delivery)

    # --- pages inside Freshdesk: pure --------------------------------------------------------------------------------

    def ticket_url(self, ticket_id: str, message_id: str = "") -> str:
        return pages.ticket_url(self._http.base_url, ticket_id, message_id)

    def open_page(self, request: PageRequest, account: Account) -> Viewer:
        return pages.open_page(request, account)

    # --- reading -----------------------------------------------------------------------------------------------------

    def fetch_ticket(self, ticket_id: str) -> Ticket:
        """Three calls for an ordinary ticket. One that is not there any more, or not for us, comes back as deleted and
        empty: Freshdesk answers 404 or 403 for both."""
        url = self.ticket_url(ticket_id)
        try:
            answers = ask_everything(self._http, ticket_id, self._directory)
        except NotFound:
            return self._gone(ticket_id, url)
        except Forbidden:
            self._ask_me()  # Disconnected, when it is not this ticket but we who are refused
            return self._gone(ticket_id, url)
        bots = frozenset(self._account.settings.get("bots", "").replace(",", " ").split())
        return read_ticket(answers, self._account.own_user_id, self._account.region, url, bots)

    def changed_since(self, cursor: str) -> Page:
        """One page of the ticket list by last change; every quarter of an hour those deleted and called spam as well.
        A ticket may come twice, with the same time of change."""
        return list_changes(self._http, cursor, self._clock.now())

    def find_marker(self, ticket_id: str, marker: str, since: datetime) -> bool:
        return self._card.find(ticket_id, marker, since)

    def whoami(self) -> Identity:
        """Whose key it is: the one question about agents that every agent may ask."""
        reply = self._http.get("/api/v2/agents/me")
        me = read(Agent, reply.json())
        if not me.id:
            raise Disconnected("Freshdesk does not say whose API key this is")
        admin = self._http.look_for("/api/v2/business_hours") is not None
        window, told = read_windows(reply.headers).get("account"), read_date(reply.headers.get("date"))
        return Identity(
            user_id=me.id,
            name=me.contact.name,
            role="admin" if admin else "agent",
            zone=to_iana(me.contact.time_zone),
            limit=window.total if window else None,
            skew=(told - self._clock.now()).total_seconds() if told else None,
            gaps=_gaps(me, admin),
        )

    def calendar(self) -> Hours | None:
        """The account's default schedule, or the one named in its setting "schedule"; None where we are no admin. The
        API does not tell holidays."""
        reply = self._http.look_for("/api/v2/business_hours")
        schedules = read_list(Schedules, reply.json()).rows if reply else []
        wanted = self._account.settings.get("schedule", "")
        best = sorted(schedules, key=lambda s: (s.id != wanted, not s.is_default))
        zone, hours = (to_iana(best[0].time_zone), write_hours(best[0].business_hours)) if best else ("", "")
        return Hours(zone, hours) if zone and hours else None

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, ticket: Ticket, changes: Changes) -> None:
        """Tags first, because they can be set again without harm; then the card. An account that refuses updates for
        want of some field still gets the card, and then the words about the field."""
        check(ticket, changes, most_note=MOST_NOTE, longest_tag=LONGEST_TAG)
        if changes.field_id:
            raise Rejected("Freshdesk has no field for the card: its place is the ticket's summary or a note")
        refused: Refusal | None = None
        with self._locks[hash(ticket.id) % LOCKS]:
            try:
                set_tags(self._http, ticket.id, changes)
            except Refusal as refusal:
                refused = refusal
            if changes.note_html:
                self._card.place(ticket.id, changes.note_html, changes.marker)
            elif changes.clear_note:
                self._card.clear(ticket.id)
        if refused is not None:
            raise refused

    def find_digest_ticket(self, audience: str) -> str:
        return digest.find_ticket(self._http, self._me(), audience)

    def open_digest_ticket(self, audience: str, subject: str) -> str:
        return digest.open_ticket(self._http, self._me(), audience, subject)

    def post_digest(self, ticket_id: str, note: DigestNote) -> None:
        digest.post_note(self._http, ticket_id, note)

    def _me(self) -> str:
        """Our user's id; asked for where the account was added without asking."""
        return self._account.own_user_id or self.whoami().user_id

    def _gone(self, ticket_id: str, url: str) -> Ticket:
        now = self._clock.now()
        return Ticket(ticket_id, Status.DELETED, Person(""), created_at=now, updated_at=now, url=url)

    def _ask_me(self) -> None:
        self._http.get("/api/v2/agents/me")


class NoWayIn:
    """An account without an API key: its webhooks are let in and kept all the same, every call is refused."""

    def header(self) -> str:
        raise Disconnected("Freshdesk needs api_key, the API key of an agent")

    def refused(self, header: str) -> bool:
        return False


def sign_in(account: Account) -> Auth:
    """HTTP Basic with the key as the user's name. https://developers.freshdesk.com/api/#authentication"""
    key = account.credentials.get("api_key", "")
    return Basic(key, "X") if key else NoWayIn()


def _gaps(me: Agent, admin: bool) -> tuple[tuple[str, str], ...]:
    scope = (
        N_("Only tickets of its own groups, or its own, are visible to our agent."),
        N_("In Freshdesk: Admin → Team → Agents → our agent → Scope: Global access"),
    )
    rights = (
        N_("Agents and business hours are hidden from our agent: who speaks is told by a reply's direction only."),
        N_("Give our agent the role Administrator."),
    )
    return (*((scope,) if me.ticket_scope != EVERY_TICKET else ()), *(() if admin else (rights,)))
