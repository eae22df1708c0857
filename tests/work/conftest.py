"""A small open house: real storage and verbs, a toy helpdesk, a clock that stands still, findings given by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from plugin.domain.card import Card, make_card
from plugin.domain.findings import Cause, Evidence, Findings
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.ports import Account, Mode, Storage
from plugin.rendering import render_note
from plugin.storage import open_storage
from plugin.work.drain import drain
from plugin.work.receive import receive
from plugin.work.tools import Limits, Tools
from tests.toydesk import OWN_USER, SECRET, ToyClock, ToyDesk

CAUSES = ("billing_error", "outage", "delivery_late")


@dataclass
class SmallHouse:
    """What the tests hold."""

    storage: Storage
    clock: ToyClock
    desk: ToyDesk
    tools: Tools
    account: Account
    analysed: list[str] = field(default_factory=list)

    def ring(self, ticket_id: str, **more: str) -> bool:
        """One webhook in; True when it was new."""
        with self.storage.unit() as u:
            account = u.accounts.get("toy")
        assert account is not None
        delivery = self.desk.ring(ticket_id, **more)
        return receive(delivery, account, self.desk, self.storage.keep, self.tools.limits.quiet)

    def work(self, seconds: float = 5.0) -> int:
        """Let time pass and do what is due."""
        self.clock.move(seconds=seconds)
        return drain(self.tools)

    def set(self, **changes: object) -> None:
        with self.storage.unit() as u:
            u.accounts.update("toy", **changes)

    def customer_says(self, text: str, ticket_id: str = "1") -> None:
        """The toy findings take the cause from the last word of the last message."""
        now = self.clock.now()
        message = Message(f"m{now.timestamp()}", Role.CUSTOMER, now, text, channel=Channel.EMAIL)
        if ticket_id in self.desk.tickets:
            self.desk.say(ticket_id, message)
        else:
            self.desk.add(Ticket(ticket_id, Status.OPEN, Person("c"), now, now, messages=(message,)))


def find_by_hand(ticket: Ticket, _policy: object, now: object) -> Findings:
    """The last word of the last message that is not our own note is the cause, where it is one."""
    last = [m for m in ticket.messages if m.role is not Role.SELF][-1]
    word = last.text.split()[-1]
    if word == "poison":
        raise ZeroDivisionError
    cause = Cause(word, "finance", "sure", (Evidence(last.id, word, last.text.rindex(word)),))
    return Findings(ticket.id, now, cause) if word in CAUSES else Findings(ticket.id, now)  # type: ignore[arg-type]


def card_by_hand(findings: Findings, _taxonomy: object) -> Card | None:
    return make_card(findings, {"finance": "Finance"}, {})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallHouse]:
    clock = ToyClock()
    storage = open_storage(f"sqlite:///{tmp_path / 'house.sqlite3'}", clock=clock)
    desk = ToyDesk(clock)
    account = Account("toy", "toy", "https://toy.example", mode=Mode.WRITE, own_user_id=OWN_USER, signing=(SECRET,))
    with storage.unit() as u:
        u.accounts.add(account)
    limits = Limits(lease=timedelta(minutes=5), max_attempts=3)
    tools = Tools(
        storage, clock, lambda _: desk, lambda _: None, find_by_hand, card_by_hand, render_note, limits  # type: ignore[arg-type, return-value]
    )  # fmt: skip
    yield SmallHouse(storage, clock, desk, tools, account)
    storage.close()
