"""One account as tests, stories and the demo hold it: its deeds, webhooks, faults and what was written to it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from plugin.ports import Clock
from plugin.sandbox.changes import comments_of
from plugin.sandbox.deeds import Deeds, rails_zone
from plugin.sandbox.deliveries import Dispatcher, new_ulid
from plugin.sandbox.desk import Desk
from plugin.sandbox.events import TRIGGER, Happening, trigger_template
from plugin.sandbox.faults import Fault, Faults
from plugin.sandbox.limits import Limits
from plugin.sandbox.recording import Recorder
from plugin.sandbox.sending import Sender
from plugin.sandbox.state import Audit, Json, OAuthClient, Schedule, Settings, State, TicketRow, User, Webhook

TICKET_EVENTS = tuple(
    f"zen:event-type:ticket.{name}"
    for name in (
        "created", "comment_added", "comment_made_private", "comment_redacted", "status_changed", "priority_changed",
        "type_changed", "agent_assignment_changed", "group_assignment_changed", "requester_changed", "subject_changed",
        "custom_field_changed", "tags_changed", "external_id_changed", "marked_as_spam", "merged", "soft_deleted",
        "undeleted",
    )
)  # fmt: skip
"""The event types this sandbox can send."""

_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


@dataclass(frozen=True, slots=True)
class Setup:
    """How an account is set up. `hours` as everywhere: "Mon-Fri 09:00-17:00"; `holidays` are ISO dates."""

    key: str
    subdomain: str = "acme"
    helpdesk: str = "zendesk"
    """Or "freshdesk"."""
    zone: str = "Europe/London"
    hours: str = "Mon-Fri 09:00-17:00"
    locale: str = "en"
    languages: tuple[str, ...] = ("en",)
    region: str = ""
    holidays: tuple[str, ...] = ()
    settings: Json = field(default_factory=dict)
    """Further fields of state.Settings, or of FreshSettings."""


class Controls:
    """What tests, stories and the demo do to an account of any helpdesk."""

    faults: Faults
    recorder: Recorder
    webhooks: Sender

    def turn(self, webhook: str = "", **knobs: Any) -> None:
        """Turn knobs of one webhook, or of all; ValueError for a knob that does not exist."""
        for hook in self.webhooks.targets().values():
            for name, value in knobs.items():
                if not hasattr(hook.knobs, name):
                    raise ValueError(f"there is no knob {name}")
                if not webhook or hook.id == webhook:
                    setattr(hook.knobs, name, value)

    def fail_next(self, count: int, kind: str, *, methods: Sequence[str] = (), path: str = "", **more: Any) -> None:
        """The next `count` API requests that fit fail as faults.KINDS says."""
        self.faults.order(Fault(kind, count, tuple(methods), path, **more))

    def record(self, path: Path | None) -> None:
        """Write every exchange to this file from now on; None stops it."""
        if path:
            self.recorder.start(path)
        else:
            self.recorder.stop()

    def close(self) -> None:
        """Send nothing more."""
        self.webhooks.close()


class Account(Controls):
    """A Zendesk account of the sandbox. `do` holds the deeds; `url` is set once it is served."""

    helpdesk = "zendesk"
    call_records = True

    def __init__(self, state: State, clock: Clock) -> None:
        self.key = state.settings.key
        self.url = ""
        self.desk = Desk(state, clock, self.key)  # no two accounts share a secret: a mix-up has to show
        self.do = Deeds(self.desk)
        self.limits = Limits(self.desk)
        self.faults = Faults()
        self.recorder = Recorder()
        self.webhooks: Dispatcher = Dispatcher(self.desk)
        self.desk.listeners.append(self._count_saves)

    @property
    def integration(self) -> User:
        """The admin user our plugin works as."""
        return self.desk.state.users[self.desk.state.integration_id]

    def _count_saves(self, _ticket: TicketRow, audit: Audit | None, _news: list[Happening], _actor: int) -> None:
        if audit is not None and audit.via["channel"] == "web" and self._is_staff(audit.author_id):
            self.limits.count_save()

    def _is_staff(self, user: int) -> bool:
        return user in self.desk.state.users and self.desk.state.users[user].role != "end-user"

    def credentials(self) -> dict[str, str]:
        """OAuth client id and secret, as an admin would paste them."""
        client = self.desk.state.clients[0]
        return {"client_id": client.identifier, "client_secret": client.secret}

    def legacy_credentials(self) -> dict[str, str]:
        """E-mail and API token."""
        return {"email": self.integration.email, "token": self.desk.state.settings.api_token}

    def subscribe(
        self, endpoint: str, *, kind: str = "events", secret: str = "", events: Sequence[str] = TICKET_EVENTS
    ) -> Webhook:
        """A webhook to `endpoint`. `kind`: "events", or "trigger" with the ids-only template and its condition that
        the integration user's own updates do not fire it."""
        with self.desk.lock:
            secret = secret or base64.b64encode(self.desk.random.randbytes(48)).decode()
            made = Webhook(new_ulid(self.desk.clock.now(), self.desk.random), f"To {endpoint}"[:80], endpoint, secret,
                           [TRIGGER] if kind == "trigger" else list(events), self.desk.stamp(), -1)  # fmt: skip
            if kind == "trigger":
                made.template = trigger_template(self.desk.state.settings.account_id)
                made.not_user = self.integration.id
            self.desk.state.webhooks[made.id] = made
            return made

    def notes(self, ticket: int) -> list[Json]:
        """Notes of the integration user on a ticket, oldest first: id, html_body, created_at, custom metadata."""
        with self.desk.lock:
            row = self.desk.state.tickets[ticket]
            return [
                {"id": event["id"], "html_body": event["html_body"], "public": event["public"],
                 "created_at": audit.created_at, "custom": audit.custom}
                for audit, event in comments_of(self.desk, row)
                if event["author_id"] == self.integration.id
            ]  # fmt: skip

    def tags(self, ticket: int) -> list[str]:
        """The tags of a ticket."""
        with self.desk.lock:
            return list(self.desk.state.tickets[ticket].tags)

    def newest_message(self, ticket: int) -> str:
        """The id of a ticket's newest message."""
        return str(self.do.newest_comment(ticket))

    def page_of(self, ticket: int) -> str:
        """Where a person looks at a ticket."""
        return f"{self.url}/agent/tickets/{ticket}"


def make_account(clock: Clock, setup: Setup) -> Account:
    """A new account: an integration user (admin), a bot, an OAuth client, a legacy token and a schedule."""
    settings = Settings(setup.key, subdomain=setup.subdomain, zone=setup.zone, **setup.settings)
    account = Account(State(settings), clock)
    desk, state = account.desk, account.desk.state
    settings.api_token = "sandbox" + f"{desk.random.getrandbits(128):032x}"
    domain = f"{setup.subdomain}.example"
    ours = desk.add_user("Followthrough", "admin", f"followthrough@{domain}", rails_zone=rails_zone(setup.zone))
    bot = desk.add_user("Answer Bot", "agent", f"bot@{domain}")
    state.integration_id, state.bot_id = ours.id, bot.id
    state.clients.append(OAuthClient("followthrough", f"{desk.random.getrandbits(256):064x}", ours.id))
    holidays = [
        {"id": desk.new_id(), "name": "Closed", "start_date": date.fromisoformat(day).isoformat(), "end_date": day}
        for day in setup.holidays
    ]
    hours = intervals_of(setup.hours)
    state.schedules.append(Schedule(desk.new_id(), "Business hours", rails_zone(setup.zone), hours, holidays))
    return account


def intervals_of(hours: str) -> list[Json]:
    """ "Mon-Fri 09:00-17:00, Sat 10:00-14:00" as minutes since Sunday 00:00; ValueError where it cannot be read."""
    found: list[Json] = []
    for part in hours.split(","):
        days, *spans = part.split()
        first, _, last = days.partition("-")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        for day in [(start + n) % 7 for n in range((end - start) % 7 + 1)]:
            for span in spans:
                opens, closes = (day * 1440 + _minutes(text) for text in span.split("-"))
                found.append({"start_time": opens, "end_time": closes})
    return sorted(found, key=lambda interval: int(interval["start_time"]))


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
