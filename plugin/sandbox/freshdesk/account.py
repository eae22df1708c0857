"""One Freshdesk account as tests, stories and the demo hold it: its deeds, hooks, faults and what was written to it."""

from __future__ import annotations

from typing import Any

from plugin.ports import Clock
from plugin.sandbox.account import Controls, Setup, intervals_of
from plugin.sandbox.deeds import rails_zone
from plugin.sandbox.faults import Faults
from plugin.sandbox.freshdesk.deeds import FreshDeeds
from plugin.sandbox.freshdesk.deliveries import FreshDispatcher
from plugin.sandbox.freshdesk.desk import FreshDesk
from plugin.sandbox.freshdesk.events import TEMPLATE
from plugin.sandbox.freshdesk.limits import FreshLimits
from plugin.sandbox.freshdesk.state import NOTE, FreshSettings, FreshState, Hook, Hours, Person
from plugin.sandbox.recording import Recorder
from plugin.sandbox.state import Json

FAULTS = ("429-json", "500", "503", "html", "hang", "reset", "drop", "required")
"""What can be ordered. "reset": the connection breaks before anything is done; "drop": after it was done; "required":
400 for a field that was not sent."""

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


class FreshAccount(Controls):
    """A Freshdesk account of the sandbox. `do` holds the deeds; `url` is set once it is served."""

    helpdesk = "freshdesk"
    call_records = False

    def __init__(self, state: FreshState, clock: Clock) -> None:
        self.key = state.settings.key
        self.url = ""
        self.desk = FreshDesk(state, clock, self.key)  # no two accounts share a secret: a mix-up has to show
        self.do = FreshDeeds(self.desk)
        self.limits = FreshLimits(self.desk)
        self.faults = Faults(FAULTS)
        self.recorder = Recorder()
        self.webhooks = FreshDispatcher(self.desk, self.limits)

    @property
    def integration(self) -> Person:
        """The agent whose key our plugin uses."""
        return self.desk.state.people[self.desk.state.integration_id]

    def credentials(self) -> dict[str, str]:
        """The API key, as an admin would paste it."""
        return {"api_key": self.integration.key}

    def legacy_credentials(self) -> dict[str, str]:
        """The same: Freshdesk has no other kind."""
        return self.credentials()

    def subscribe(self, endpoint: str, *, kind: str = "automation", secret: str = "", **more: Any) -> Hook:
        """A hook to `endpoint`. `kind`: "automation", a rule with our token in a header and a template, or "app", the
        events of our own app; `more` are fields of Hook."""
        with self.desk.lock:
            secret = secret or f"{self.desk.random.getrandbits(192):048x}"
            made = Hook(f"{kind}-{self.desk.new_id()}", endpoint, secret, kind, **{"template": TEMPLATE, **more})
            self.desk.state.hooks[made.id] = made
            return made

    def notes(self, ticket: int) -> list[Json]:
        """What the integration's user has on a ticket: the summary slot first, then its notes, oldest first."""
        with self.desk.lock:
            row, ours = self.desk.state.tickets[ticket], self.desk.state.integration_id
            slot = row.summary
            found = [{"id": "summary", "html_body": slot.body, "public": False, "created_at": slot.updated_at,
                      "custom": {}}] if slot and ours in (slot.user_id, slot.last_edited_user_id) else []  # fmt: skip
            return found + [
                {"id": turn.id, "html_body": turn.body, "public": not turn.private, "created_at": turn.created_at,
                 "custom": {}}
                for turn in self.desk.state.conversations[ticket]
                if turn.user_id == ours and turn.source == NOTE
            ]  # fmt: skip

    def tags(self, ticket: int) -> list[str]:
        """The tags of a ticket."""
        with self.desk.lock:
            return list(self.desk.state.tickets[ticket].tags)

    def newest_message(self, ticket: int) -> str:
        """The id of a ticket's newest message; the description has none of its own and is called after its ticket."""
        newest = self.do.newest_comment(ticket)
        return str(newest) if newest else f"{ticket}-description"

    def page_of(self, ticket: int) -> str:
        """Where a person looks at a ticket."""
        return f"{self.url}/a/tickets/{ticket}"


def make_fresh_account(clock: Clock, setup: Setup) -> FreshAccount:
    """A new account: our own agent (admin, all tickets), an automation, and business hours."""
    settings = FreshSettings(
        setup.key, subdomain=setup.subdomain, zone=setup.zone, locale=setup.locale, **setup.settings
    )
    account = FreshAccount(FreshState(settings), clock)
    desk, zone = account.desk, rails_zone(setup.zone)
    domain = f"{setup.subdomain}.example"
    ours = desk.add_person("Followthrough", agent=True, admin=True, email=f"followthrough@{domain}", rails_zone=zone)
    bot = desk.add_person("Auto Reply", agent=True, email=f"bot@{domain}", rails_zone=zone)
    desk.state.integration_id, desk.state.bot_id = ours.id, bot.id
    days = _days(setup.hours, settings.hours_spelling)
    desk.state.hours.append(Hours(desk.new_id(), "Default", zone, days, desk.stamp()))
    return account


def _days(hours: str, spelling: str) -> dict[str, dict[str, str]]:
    """One span a day, from the first opening to the last closing: Freshdesk knows no more."""
    found: dict[str, dict[str, str]] = {}
    for interval in intervals_of(hours):
        day = _DAYS[int(interval["start_time"]) // 1440]
        start, end = (_clock(int(interval[name]) % 1440, spelling) for name in ("start_time", "end_time"))
        found.setdefault(day, {"start_time": start})["end_time"] = end
    return found


def _clock(minutes: int, spelling: str) -> str:
    """ "8:00 am", or "08:00:00 am" in the documentation's spelling."""
    hour, minute = divmod(minutes, 60)
    half = "am" if hour < 12 else "pm"
    if spelling == "long":
        return f"{(hour - 1) % 12 + 1:02d}:{minute:02d}:00 {half}"
    return f"{(hour - 1) % 12 + 1}:{minute:02d} {half}"
