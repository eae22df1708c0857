"""What people taught: corrections, models, the taxonomy, emerging causes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from plugin.domain.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said about one finding. `topic` and `key` name it as the card does; `act` is "confirm", "correct"
    or "dismiss"; `value` is the right answer of a "correct" (a cause's key, a state). `words` are the quoted words it
    is about."""

    ticket_id: str
    topic: str
    key: str
    act: str
    value: str = ""
    words: str = ""
    surface: str = "sidebar"
    made_at: datetime | None = None
    id: int = 0


class Corrections(Protocol):
    """What people said about findings. The last word on a finding counts; undoing brings back the one before."""

    def add(self, account_id: str, correction: Correction, now: datetime) -> int:
        """Store it; returns its id."""
        ...

    def undo(self, account_id: str, correction_id: int, now: datetime) -> bool:
        """Take it back; False when this account has no such correction, or it was taken back already."""
        ...

    def of_ticket(self, account_id: str, ticket_id: str) -> list[Correction]:
        """Those that stand, oldest first."""
        ...

    def about(self, account_id: str, topic: str, words: str) -> list[Correction]:
        """Those that stand about the same words (folded) on any ticket, oldest first."""
        ...

    def all(self, account_id: str, topic: str = "", limit: int = 100_000) -> list[Correction]:
        """Those that stand, oldest first: what the learning job reads."""
        ...


@dataclass(frozen=True, slots=True)
class KeptModel:
    """One version of what an account taught us about a topic. `state`: "used" (at most one a topic), "spare" (may be
    gone back to), "dropped" (was gone back from; goes with the next version)."""

    topic: str
    version: int
    made_at: datetime
    state: str
    figures: str
    """How it did on corrections it had not seen: JSON of numbers, no words."""
    body: bytes = field(default=b"", repr=False)


class Models(Protocol):
    """Learned models, sealed, of one account each."""

    def add(self, account_id: str, topic: str, body: bytes, figures: str, now: datetime, keep: int) -> int:
        """Use this one from now on; returns its version. Of those before it the newest `keep` - 1 stay as spares."""
        ...

    def version(self, account_id: str, topic: str) -> int:
        """The version in use; 0 for none."""
        ...

    def get(self, account_id: str, topic: str, version: int) -> KeptModel | None: ...

    def list(self, account_id: str = "", topic: str = "") -> list[tuple[str, KeptModel]]:
        """(account id, model without its body), newest first."""
        ...

    def revert(self, account_id: str, topic: str) -> int | None:
        """Go back to the version before the one in use, which is dropped; returns the version in use then, 0 for none.
        None when none was in use."""
        ...


@dataclass(frozen=True, slots=True)
class KeptTaxonomy:
    """One version of an account's list of causes. `by` made it; `what` says how, in words; `body` is its TOML."""

    version: int
    made_at: datetime
    by: str
    what: str
    body: str = field(default="", repr=False)


class Taxonomies(Protocol):
    """The lists of causes of accounts, every version of them. An account without one uses the one of the program."""

    def version(self, account_id: str) -> int:
        """The newest version; 0 for none."""
        ...

    def get(self, account_id: str, version: int) -> KeptTaxonomy | None: ...

    def list(self, account_id: str) -> list[KeptTaxonomy]:
        """Newest first, without bodies."""
        ...

    def add(
        self, account_id: str, body: str, by: str, what: str, names: Mapping[str, tuple[str, str]], now: datetime
    ) -> int:
        """Use this one from now on; returns its version. `names` says for each key that was ever found the (key, owner)
        that it counts for from now on."""
        ...


@dataclass(frozen=True, slots=True)
class Unexplained:
    """What a customer wrote on a ticket whose cause we do not know, or that fits none well. `customer` is a keyed
    hash."""

    ticket_id: str
    customer: str
    created_at: datetime
    lang: str
    text: str


@dataclass(frozen=True, slots=True)
class KeptProposal:
    """A cause that may be new. `state`: "open", "accepted", "merged", "dismissed". `cause` is what it became or went
    into; `body` is the proposal as JSON; `quotes` are (ticket id, customer's words) of tickets that still are there."""

    number: int
    state: str
    found_at: datetime
    body: str = field(repr=False)
    quotes: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    cause: str = ""
    by: str = ""
    decided_at: datetime | None = None


class Emerging(Protocol):
    """What no cause explains, and the causes that were proposed for it."""

    def note(self, account_id: str, ticket: Ticket, lang: str, text: str) -> None:
        """Keep what the customer wrote on a ticket that no cause surely explains, in place of what was kept before."""
        ...

    def drop(self, account_id: str, ticket_id: str) -> None:
        """The ticket is explained now."""
        ...

    def unexplained(self, account_id: str, since: datetime, until: datetime, limit: int) -> list[Unexplained]:
        """Of tickets made from `since` up to `until` the newest `limit`, oldest first."""
        ...

    def read(self, account_id: str, since: datetime, until: datetime) -> int:
        """How many tickets of the span were read in all."""
        ...

    def prune(self, account_id: str, before: datetime) -> int:
        """Forget what was written before; returns how many."""
        ...

    def propose(self, account_id: str, body: str, quotes: Sequence[tuple[str, str]], now: datetime) -> int:
        """Keep a proposal; returns its number, counted from 1 in each account."""
        ...

    def proposals(self, account_id: str, states: Iterable[str] = ()) -> list[KeptProposal]:
        """Newest first."""
        ...

    def decide(self, account_id: str, number: int, state: str, cause: str, by: str, now: datetime) -> bool:
        """What became of it ("open" to take a decision back); False when there is no such proposal."""
        ...

    def renew(self, account_id: str, number: int, body: str, quotes: Sequence[tuple[str, str]], now: datetime) -> None:
        """An open proposal as it looks now."""
        ...
