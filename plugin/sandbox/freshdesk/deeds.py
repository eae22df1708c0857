"""What people do in a story on Freshdesk: the same deeds as on Zendesk, with what Freshdesk makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plugin.sandbox.deeds import CommonDeeds, actions_of, rails_zone
from plugin.sandbox.freshdesk import endings
from plugin.sandbox.freshdesk.changes import create_ticket, html_of, say, update_ticket
from plugin.sandbox.freshdesk.desk import FreshDesk
from plugin.sandbox.freshdesk.state import (
    CLOSED,
    NOTE,
    OPEN,
    PENDING,
    RESOLVED,
    SURVEY,
    FreshTicket,
    Rating,
    TimeEntry,
)  # fmt: skip
from plugin.sandbox.state import Json

SOURCES = {"email": 1, "web": 2, "phone": 3, "chat": 7, "feedback": 9, "whatsapp": 13}
"""Ticket sources by the stories' words for how a message came."""

STATUSES = {"new": OPEN, "open": OPEN, "pending": PENDING, "hold": 7, "solved": RESOLVED, "closed": CLOSED}
"""Statuses by the stories' words; "hold" is Waiting on Third Party."""


@dataclass(frozen=True, slots=True)
class FreshDeeds(CommonDeeds):
    """The people of one account. Every deed takes and gives ids (int), so that it travels over HTTP as well."""

    desk: FreshDesk

    def customer(
        self, name: str, email: str = "", phone: str = "", *, mobile: str = "", locale: str = "en", zone: str = "",
        numbers: list[str] | None = None, shared_phone: bool = False,
    ) -> int:  # fmt: skip
        """A contact, the same one for the same address. Freshdesk has two places for numbers: of `numbers` the first
        becomes `mobile`, further ones are lost; `shared_phone` says nothing here."""
        del shared_phone
        with self.desk.lock:
            for person in self.desk.state.people.values():
                if email and person.email == email:
                    return person.id
            spare = mobile or next(iter(numbers or []), "")
            made = self.desk.add_person(
                name, email=email, phone=phone or None, mobile=spare or None, language=locale.partition("-")[0],
                rails_zone=rails_zone(zone or self.desk.state.settings.zone),
            )  # fmt: skip
            return made.id

    def customer_writes(
        self, customer: int, text: str, *, ticket: int = 0, subject: str = "", via: str = "email", html: bool = False
    ) -> int:
        """A first message (ticket 0: a new ticket) or a further one; returns the ticket's id."""
        with self.desk.lock:
            person = self.desk.state.people[customer]
            body = text if html else html_of(text)
            if not ticket:
                fields = {"subject": subject or text[:80], "description": body, "requester_id": customer,
                          "source": SOURCES.get(via, 1)}  # fmt: skip
                return create_ticket(self.desk, fields, person).id
            to = [self.desk.support_email]
            say(self.desk, self._ticket(ticket), person, body, incoming=True, from_email=person.email or None,
                to_emails=to)  # fmt: skip
            return ticket

    def agent_replies(
        self, ticket: int, text: str, *, agent: str = "Ida Brandt", public: bool = True, status: str | None = None,
        tags: list[str] | None = None, via: str = "web",
    ) -> int:  # fmt: skip
        """A public reply or a private note, then the status and tags in a save of their own; the conversation's id."""
        del via
        with self.desk.lock:
            row, by = self._ticket(ticket), self.desk.agent(agent)
            source = 0 if public else NOTE
            turn = say(self.desk, row, by, html_of(text), source=source, private=not public, **self._mail(row, public))
            fields: Json = {}
            if row.responder_id is None and public:
                fields["responder_id"] = by.id
            if status:
                fields["status"] = STATUSES[status]
            if tags:
                fields["tags"] = row.tags + tags
            update_ticket(self.desk, row, fields, by.id)
            return turn.id

    def bot_replies(self, ticket: int, text: str) -> int:
        """What an automation answers: public, marked as automatic."""
        with self.desk.lock:
            row, bot = self._ticket(ticket), self.desk.state.people[self.desk.state.bot_id]
            turn = say(self.desk, row, bot, html_of(text), auto_response=True, automation_id=self.desk.new_id(),
                       **self._mail(row, True))  # fmt: skip
            return turn.id

    def reply_bounces(self, ticket: int, text: str, *, agent: str = "Ida Brandt") -> int:
        """A public reply whose e-mail did not leave."""
        with self.desk.lock:
            row, by = self._ticket(ticket), self.desk.agent(agent)
            return say(self.desk, row, by, html_of(text), email_failure_count=1, **self._mail(row, True)).id

    def call(
        self, ticket: int, number: str, *, outbound: bool = True, seconds: int = 120, answered: bool = True,
        agent: str = "Ida Brandt", partner: bool = False, own: str = "", text: str = "",
    ) -> int:  # fmt: skip
        """A call: Freshdesk keeps no record of it, only the time somebody logged, without the number. Returns 0, for
        there is no message."""
        del number, outbound, partner, own
        with self.desk.lock:
            by = self.desk.agent(agent)
            entry = TimeEntry(self.desk.new_id(), ticket, by.id, text if answered else "", seconds if answered else 60,
                              self.desk.stamp())  # fmt: skip
            self.desk.state.time_entries.append(entry)
            self.desk.changed.set()
            return 0

    def rate(self, ticket: int, score: int = 103, text: str = "") -> int:
        """The customer answers a satisfaction survey: a conversation of its own kind, and a rating."""
        with self.desk.lock:
            row = self._ticket(ticket)
            person = self.desk.state.people[row.requester_id]
            now = self.desk.stamp()
            self.desk.state.ratings.append(
                Rating(self.desk.new_id(), ticket, person.id, row.responder_id, score, text, now)
            )
            return say(self.desk, row, person, html_of(text or "-"), source=SURVEY, incoming=True).id

    def transfer(self, ticket: int, *, group: str = "", agent: str = "", by: str = "Ida Brandt") -> int:
        """Give the ticket to a group, an agent, or both."""
        with self.desk.lock:
            fields: Json = {}
            if group:
                fields["group_id"] = self.desk.group(group).id
            if agent:
                fields["responder_id"] = self.desk.agent(agent).id
            return self._save(ticket, fields, by)

    def set_status(self, ticket: int, status: str, *, agent: str = "Ida Brandt") -> int:
        """new, open, pending, hold, solved or closed."""
        return self._save(ticket, {"status": STATUSES[status]}, agent)

    def close(self, ticket: int) -> int:
        """Close it; an answer of the customer opens it again, unlike on Zendesk."""
        with self.desk.lock:
            update_ticket(self.desk, self._ticket(ticket), {"status": CLOSED}, 0)
            return ticket

    def archive(self, ticket: int) -> int:
        """As 120 days after closing: another path, and not a word to anybody."""
        with self.desk.lock:
            endings.archive_ticket(self.desk, self._ticket(ticket))
            return ticket

    def merge(self, ticket: int, into: int, *, agent: str = "Ida Brandt") -> int:
        """Merge `ticket` into another one; returns the other one's id."""
        with self.desk.lock:
            by = self.desk.agent(agent)
            endings.merge_tickets(self.desk, self._ticket(into), [self._ticket(ticket)], by, notes={})
            return into

    def delete(self, ticket: int, *, agent: str = "Ida Brandt") -> int:
        """Delete it."""
        with self.desk.lock:
            endings.delete_ticket(self.desk, self._ticket(ticket), self.desk.agent(agent).id)
            return ticket

    def restore(self, ticket: int, *, agent: str = "Ida Brandt") -> int:
        """Bring it back from deleted or spam."""
        with self.desk.lock:
            endings.restore_ticket(self.desk, self._ticket(ticket), self.desk.agent(agent).id)
            return ticket

    def mark_spam(self, ticket: int, *, agent: str = "Ida Brandt") -> int:
        """Mark it as spam."""
        with self.desk.lock:
            endings.mark_spam(self.desk, self._ticket(ticket), self.desk.agent(agent).id)
            return ticket

    def follow_up(self, ticket: int, customer: int, text: str, *, subject: str = "", via: str = "email") -> int:
        """The customer writes about a closed ticket anew; nothing joins the two."""
        with self.desk.lock:
            title = subject or f"Re: {self._ticket(ticket).subject}"
            return self.customer_writes(customer, text, subject=title, via=via)

    def tag(self, ticket: int, tags: list[str], *, agent: str = "Ida Brandt", remove: bool = False) -> int:
        """An agent adds tags, or takes them off: in the browser that happens on the ticket as it is now."""
        with self.desk.lock:
            row = self._ticket(ticket)
            wanted = [tag for tag in row.tags if tag not in tags] if remove else row.tags + tags
            return self._save(ticket, {"tags": wanted}, agent)

    def newest_comment(self, ticket: int) -> int:
        """The id of a ticket's newest conversation; 0 while there is only the description."""
        turns = self.desk.state.conversations[ticket]
        return turns[-1].id if turns else 0

    # --- inside ---

    def _mail(self, row: FreshTicket, public: bool) -> dict[str, Any]:
        """Where a public reply goes."""
        to = self.desk.state.people[row.requester_id].email
        return {"from_email": self.desk.support_email, "to_emails": [to] if to else []} if public else {}

    def _save(self, ticket: int, fields: Json, agent: str) -> int:
        with self.desk.lock:
            update_ticket(self.desk, self._ticket(ticket), fields, self.desk.agent(agent).id)
            return ticket

    def _ticket(self, ticket: int) -> FreshTicket:
        return self.desk.state.tickets[ticket]


FRESH_ACTIONS = actions_of(FreshDeeds)
