"""The socket of the database: one transaction over everything that is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from plugin.ports.accounts import Delivery, Doorbell
from plugin.ports.jobs import Queue
from plugin.ports.kept import Accounts, History, Ledger
from plugin.ports.lessons import Corrections, Emerging, Models, Taxonomies
from plugin.ports.people import People, Preferences
from plugin.ports.reports import Digests, Figures, Overview


class Unit(Protocol):
    """One transaction: all or nothing. Entered with `with storage.unit() as u`, committed on a clean exit."""

    queue: Queue
    accounts: Accounts
    ledger: Ledger
    history: History
    corrections: Corrections
    models: Models
    taxonomies: Taxonomies
    emerging: Emerging
    digests: Digests
    figures: Figures
    people: People
    overview: Overview
    preferences: Preferences


class Keeping(Protocol):
    """A delivery on its way to the disk."""

    def outcome(self) -> bool:
        """False for a repeat. Raises Temporary when it is not on disk; it will not be put there any more."""
        ...


class Storage(Protocol):
    """The database, open."""

    def unit(self, *, reading: bool = False) -> AbstractContextManager[Unit]:
        """A transaction; one that is only `reading` takes no write lock and cannot write."""
        ...

    def keep(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> bool:
        """Write one delivery, and its job when `due_at` is given, durably, together with those of concurrent callers;
        returns once it is on disk. False for a repeat. Raises Temporary when the database cannot take it now."""
        ...

    def draft(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> Keeping:
        """One delivery made ready for `keep_all`; not on disk yet. Raises Temporary when too many wait already."""
        ...

    def keep_all(self, drafts: Sequence[Keeping], done: Callable[[], None]) -> None:
        """As `keep`, many with one commit and without waiting: another thread calls `done` when each has an outcome."""
        ...

    def rotate_keys(self) -> int:
        """Seal everything anew with the newest key; how many rows there were."""
        ...

    def secret(self, purpose: str) -> str:
        """A secret of this database for signing our own short-lived tokens, another for each purpose."""
        ...

    def close(self) -> None: ...
