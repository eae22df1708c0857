"""What every verb is handed: the database, the clock, the helpdesks, and the limits an operator set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from plugin.domain.analysis import Policy
from plugin.domain.card import Card
from plugin.domain.digest import Chart
from plugin.domain.findings import Findings
from plugin.domain.learned import Learner
from plugin.domain.taxonomy import Taxonomy
from plugin.domain.ticket import Ticket
from plugin.ports import Account, Clock, Connector, Storage


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient, how careful and how quiet we are."""

    quiet: timedelta = timedelta(seconds=3)
    lease: timedelta = timedelta(minutes=5)
    max_attempts: int = 10
    notes_per_day: int = 2
    notes_per_ticket: int = 5


@dataclass(frozen=True, slots=True)
class Tools:
    """The open house, as the verbs see it; made by `app.build` and by tests alike."""

    storage: Storage
    clock: Clock
    connect: Callable[[Account], Connector]
    policy: Callable[[Account], Policy]
    analyse: Callable[[Ticket, Policy, datetime], Findings]
    make_card: Callable[[Findings, Taxonomy], Card | None]
    render_note: Callable[[Card, Ticket, Account], str]
    limits: Limits
    taxonomy: Callable[[Account], Taxonomy] = lambda _: Taxonomy({})
    draw: Callable[[Chart], bytes] = lambda _: b""
    learner: Learner | None = None
    """What makes models of an account from words; None: the phrases alone tag."""
    semantic: Callable[[Account, str], Learner | None] = lambda *_: None
    """The same from what sentences mean as well, for an account and a topic; None where that is off."""
    stories: Callable[[Account], Sequence[tuple[str, str]]] = lambda _: ()
    """(cause, text) of what an account's customers may say, where nobody has corrected anything yet."""

    def learner_of(self, account: Account, topic: str) -> Learner | None:
        """What makes an account's models of a topic."""
        return self.semantic(account, topic) or self.learner


def lane_of(ticket_id: str) -> str:
    """The lane of a ticket: what is done to it is done one after the other."""
    return f"ticket:{ticket_id}"


def ticket_of(lane: str) -> str:
    """The ticket of a lane."""
    return lane.partition(":")[2]
