"""One account at work: its state, its clock, its lock, and who listens to its events."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from plugin.ports import Clock
from plugin.sandbox.events import Happening
from plugin.sandbox.state import Audit, Group, Identity, State, TicketField, TicketRow, User, stamp_of

SYSTEM = -1
"""The author of what Zendesk itself does (zendesk.md 8.11)."""


class Numbered(Protocol):
    """A state that counts its ids."""

    next_id: int


S = TypeVar("S", bound=Numbered)


class AnyDesk(Generic[S]):
    """An account of any helpdesk at work: its state, clock, lock and ids, and who hears of its changes."""

    def __init__(self, state: S, clock: Clock, seed: int | str = 7) -> None:
        self.state = state
        self.clock = clock
        self.lock = threading.RLock()
        self.random = random.Random(seed)
        self.listeners: list[Callable[..., Any]] = []
        self.changed = threading.Event()

    def stamp(self) -> str:
        """Now, as REST shows it."""
        return stamp_of(self.clock.now())

    def new_id(self) -> int:
        """The next id: big and rising in uneven steps, as real ones do."""
        self.state.next_id += self.random.randrange(1, 200)
        return self.state.next_id


class Desk(AnyDesk[State]):
    """A Zendesk account with the few things every room needs: look-ups and announcements."""

    def add_user(self, name: str, role: str, email: str = "", **more: object) -> User:
        """A new user with an e-mail identity and, where `phone` is given, that too as typed."""
        defaults: dict[str, object] = {"zone": self.state.settings.zone, "locale": self.state.settings.locale}
        user = User(self.new_id(), name, role, self.stamp(), email=email, **{**defaults, **more})  # type: ignore[arg-type]  # keyword names come from our own callers
        self.state.users[user.id] = user
        if email:
            self.add_identity(user.id, "email", email, primary=True)
        if user.phone and not user.shared_phone:
            self.add_identity(user.id, "phone_number", user.phone)
        return user

    def add_identity(self, user_id: int, kind: str, value: str, *, primary: bool = False) -> Identity:
        """One more address or number of a user."""
        identity = Identity(self.new_id(), user_id, kind, value, self.stamp(), primary=primary)
        self.state.identities.append(identity)
        return identity

    def group(self, name: str) -> Group:
        """The group of that name, made when it is new."""
        for group in self.state.groups.values():
            if group.name == name:
                return group
        group = Group(self.new_id(), name, self.stamp())
        self.state.groups[group.id] = group
        return group

    def agent(self, name: str, *, light: bool = False) -> User:
        """The agent of that name, made when it is new."""
        for user in self.state.users.values():
            if user.name == name and user.role != "end-user":
                return user
        address = name.lower().replace(" ", ".") + "@" + self.state.settings.subdomain + ".example"
        return self.add_user(name, "agent", address, light=light)

    def add_field(self, title: str, kind: str = "tagger", options: list[str] | None = None) -> TicketField:
        """A custom ticket field."""
        made = TicketField(self.new_id(), title, kind, options or [])
        self.state.fields[made.id] = made
        return made

    def announce(self, ticket: TicketRow, audit: Audit | None, happenings: list[Happening], actor: int) -> None:
        """Tell every listener the ticket, the audit, its happenings and the actor's user id; the caller holds the
        lock."""
        self.changed.set()
        for listener in self.listeners:
            listener(ticket, audit, happenings, actor)
