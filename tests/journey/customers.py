"""Customers, agents and other integrations at work in a sandbox: tickets of several kinds, and foreign tags."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Set

from plugin.sandbox.server import AnyAccount
from tests.journey.helpdesks import Line

STORIES = (
    ("Where is my parcel? Order 5512 should have been here on Monday.",
     "agent: I am sorry about that. I will call you next week on Thursday at 10:00.",
     "I am still waiting. Nobody has called me.",
     "transfer: Shipping",
     "agent: We'll send you a new parcel within twenty business days."),
    ("I was charged twice for the same order. Please do not call me, write to me by email instead.",
     "agent: I have passed this on to our finance team. They will refund you by the end of next month.",
     "call: out",
     "note: Customer was charged twice, see the bank statement."),
    ("The app crashes whenever I open my invoices. Please call me on +44 20 7946 0100 after 18:00.",
     "bot: Thanks for writing to us. We usually answer within a day.",
     "transfer: Technical",
     "agent: We are looking into this. I'll get back to you within fifteen business days with an update.",
     "transfer: Billing",
     "solve", "It has happened again. This is unacceptable."),
    ("I would like to cancel my subscription.",
     "agent: Could you tell me your order number?",
     "It is 4711.",
     "agent: Thank you. Could you tell me your order number once more?",
     "I told you already: 4711. I want to speak to a manager.",
     "agent: I will ask my manager to call you in two weeks."),
    ("Hello, just to say thank you for the quick help.", "solve"),
    ("My telephone line is dead since yesterday. You cannot reach me on 020 7946 0199.",
     "agent: We will send a technician in three weeks, between 10 and 12.",
     "note: line test failed", "transfer: Field service"),
)  # fmt: skip
"""What happens to a ticket, step by step; a line without a name before its colon is the customer's. All promises are
weeks away, so that no moment falls due while a test runs."""


class Customers:
    """Does deeds until enough webhooks have been made; everything drawn from one seed."""

    def __init__(self, desk: AnyAccount, seed: int, tickets: int) -> None:
        self.desk = desk
        self.chance = random.Random(seed)
        self.most = tickets
        self.open: dict[int, list[str]] = {}
        self.tickets: list[int] = []

    def work(self, made: Callable[[], int], until: int, pause: float) -> None:
        """One deed after the other until the helpdesk has made `until` deliveries."""
        while made() < until:
            self.step()
            time.sleep(pause)

    def step(self) -> None:
        """A new ticket, or the next step of one, or one more word on one whose story is over."""
        if len(self.tickets) < self.most and (not self.tickets or self.chance.random() < 0.3):
            number = len(self.tickets)
            customer = self.desk.do.customer(f"Customer {number}", f"customer{number}@example.org", "+442079460123")
            first, *rest = STORIES[number % len(STORIES)]
            ticket = self.desk.do.customer_writes(customer, first, subject=f"Question {number}")
            self.tickets.append(ticket)
            self.open[ticket] = rest
            return
        ticket = self.chance.choice(self.tickets)
        rest = self.open[ticket]
        self._do(ticket, rest.pop(0) if rest else f"One more thing: reference {self.chance.randrange(10_000)}.")

    def _do(self, ticket: int, line: str) -> None:
        who, _, words = line.partition(": ")
        do = self.desk.do
        if who == "agent":
            do.agent_replies(ticket, words, agent=self.chance.choice(("Ida Brandt", "Tom Reed")))
        elif who == "note":
            do.agent_notes(ticket, words)
        elif who == "bot":
            do.bot_replies(ticket, words)
        elif who == "transfer":
            do.transfer(ticket, group=words)
        elif who == "call":
            do.call(ticket, "+442079460123")
        elif line == "solve":
            do.solve(ticket)
        else:
            do.customer_writes(self.desk.desk.state.tickets[ticket].requester_id, line, ticket=ticket)


class Taggers:
    """Two other writers of tags: an agent in the browser on even tickets, an integration over REST on odd ones. Each
    remembers what must stand on its tickets in the end."""

    def __init__(self, customers: Customers, line: Line, seed: int) -> None:
        self.customers, self.line = customers, line
        self.chance = random.Random(seed)
        self.wanted: dict[int, set[str]] = defaultdict(set)
        self.unwanted: dict[int, set[str]] = defaultdict(set)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(odd,), daemon=True) for odd in (0, 1)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(10)

    def missing(self, raced: Set[tuple[int, str]]) -> list[str]:
        """Foreign tags that are gone, or that came back, beside those `raced` away."""
        found = []
        for ticket in self.wanted:
            tags = set(self.customers.desk.tags(ticket))
            found += [
                f"ticket {ticket} lost the foreign tag {tag}"
                for tag in sorted(self.wanted[ticket] - tags)
                if (ticket, tag) not in raced
            ]
            found += [
                f"ticket {ticket} got back {tag}"
                for tag in sorted(self.unwanted[ticket] & tags)
                if (ticket, tag) not in raced
            ]
        return found

    def _run(self, odd: int) -> None:
        number = 0
        while not self._stop.wait(0.15):
            mine = [ticket for ticket in self.customers.tickets if ticket % 2 == odd]
            if mine:
                number += 1
                (self._by_rest if odd else self._by_hand)(self.chance.choice(mine), f"foreign_{odd}_{number}")

    def _by_hand(self, ticket: int, tag: str) -> None:
        here = sorted(self.wanted[ticket])
        if here and self.chance.random() < 0.3:
            old = self.chance.choice(here)
            self.customers.desk.do.tag(ticket, [old], remove=True)
            self.wanted[ticket].discard(old)
            self.unwanted[ticket].add(old)
            return
        self.customers.desk.do.tag(ticket, [tag])
        self.wanted[ticket].add(tag)

    def _by_rest(self, ticket: int, tag: str) -> None:
        if self.line.tag(ticket, tag):
            self.wanted[ticket].add(tag)
