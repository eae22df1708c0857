"""The people at the desk, and the preferences of the customers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from plugin.domain.statements import Statement


@dataclass(frozen=True, slots=True)
class Human:
    """Somebody who signs in to our own pages. `accounts` is empty for all of them."""

    name: str
    role: str
    """"admin" or "lead"."""
    password: str = field(repr=False, default="")
    """A salted scrypt hash."""
    accounts: tuple[str, ...] = ()
    epoch: int = 0
    failures: int = 0
    locked_until: datetime | None = None
    created_at: datetime | None = None
    seen_at: datetime | None = None


class People(Protocol):
    """Those who may sign in; names are compared without regard to case."""

    def add(self, human: Human, now: datetime) -> None:
        """Rejected when the name is taken."""
        ...

    def get(self, name: str) -> Human | None: ...

    def all(self) -> list[Human]: ...

    def update(self, name: str, **changes: Any) -> Human:
        """Change fields of Human by name; Rejected when there is no such person."""
        ...

    def remove(self, name: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Override:
    """An agent went on although the guard had said `verdict` ("warn" or "block") for `reason` (its key). `words` say
    why, in the agent's own words."""

    ticket_id: str
    channel: str
    point: str
    verdict: str
    reason: str
    words: str
    user_id: str = ""
    made_at: datetime | None = None


class Preferences(Protocol):
    """What people said about being contacted. A person is a keyed hash, another one in each account; "" is nobody and
    has said nothing."""

    def person(self, account_id: str, person_id: str) -> str:
        """The person behind the helpdesk's id; "" for ""."""
        ...

    def person_of(self, account_id: str, ticket_id: str) -> str:
        """The person who asked on this ticket; "" where it was not looked at yet."""
        ...

    def tickets_of(self, account_id: str, person: str) -> list[str]:
        """The tickets of this person that we have looked at, oldest first."""
        ...

    def note(self, account_id: str, person: str, ticket_id: str, said: Iterable[Statement], now: datetime) -> None:
        """Replace what this ticket says by this; what the customer has withdrawn stays withdrawn."""
        ...

    def add(self, account_id: str, person: str, said: Statement, now: datetime) -> int:
        """Keep one statement; returns its id."""
        ...

    def of(self, account_id: str, person: str) -> list[Statement]:
        """All statements, withdrawn and expired ones too, oldest first."""
        ...

    def withdraw(self, account_id: str, person: str, statement_id: int, now: datetime) -> bool:
        """End one; False when this person has no such statement, or it has ended already."""
        ...

    def merge(self, account_id: str, person: str, into: str) -> int:
        """The helpdesk found that two contacts are one: what the one said, the other has said. Returns how many."""
        ...

    def erase(self, account_id: str, person: str, now: datetime) -> int:
        """Remove every statement; what stays is that this was done, so that older words are not read again. Returns how
        many are gone."""
        ...

    def erased_at(self, account_id: str, person: str) -> datetime | None: ...

    def overrule(self, account_id: str, override: Override, now: datetime) -> int:
        """Keep that somebody went on in spite of the guard; returns its id."""
        ...

    def overruled(self, account_id: str, ticket_id: str = "", limit: int = 100) -> list[Override]:
        """Newest first."""
        ...
