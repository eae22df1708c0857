"""What people do in a story: customers write, agents answer, bots promise, telephones ring."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass

from plugin.sandbox import endings
from plugin.sandbox.changes import comments_of, create_ticket, plain_via, save_ticket, set_tags, split_tags
from plugin.sandbox.changes import record as store
from plugin.sandbox.desk import Desk
from plugin.sandbox.state import CallRecord, Json, TicketRow, User

_VIA_CALL = {"inbound": "phone_call_inbound", "outbound": "phone_call_outbound"}


class CommonDeeds(ABC):
    """Deeds that are other deeds on any helpdesk."""

    __slots__ = ()

    @abstractmethod
    def agent_replies(self, ticket: int, text: str, *, agent: str = "", public: bool = True) -> int: ...

    @abstractmethod
    def set_status(self, ticket: int, status: str, *, agent: str = "") -> int: ...

    def agent_notes(self, ticket: int, text: str, *, agent: str = "Ida Brandt") -> int:
        """A private note."""
        return self.agent_replies(ticket, text, agent=agent, public=False)

    def solve(self, ticket: int, *, agent: str = "Ida Brandt") -> int:
        """Set it to solved, or Resolved."""
        return self.set_status(ticket, "solved", agent=agent)

    def reopen(self, ticket: int, *, agent: str = "Ida Brandt") -> int:
        """Set it to open."""
        return self.set_status(ticket, "open", agent=agent)


def actions_of(deeds: type[CommonDeeds]) -> tuple[str, ...]:
    """Deeds that may be asked for over HTTP."""
    return tuple(name for name in dir(deeds) if re.fullmatch(r"[a-z]\w+", name) and name != "desk")


@dataclass(frozen=True, slots=True)
class Deeds(CommonDeeds):
    """The people of one account. Every deed takes and gives ids (int), so that it travels over HTTP as well; a
    customer is an id from `customer`, an agent a name."""

    desk: Desk

    def customer(
        self, name: str, email: str = "", phone: str = "", *, locale: str = "en-US", zone: str = "",
        numbers: list[str] | None = None, shared_phone: bool = False,
    ) -> int:  # fmt: skip
        """A customer, the same one for the same address; `numbers` become further telephone identities as typed."""
        with self.desk.lock:
            for user in self.desk.state.users.values():
                if email and user.email == email:
                    return user.id
            zone = zone or self.desk.state.settings.zone
            user = self.desk.add_user(name, "end-user", email, phone=phone, locale=locale, zone=zone,
                                      rails_zone=rails_zone(zone), shared_phone=shared_phone)  # fmt: skip
            for number in numbers or []:
                self.desk.add_identity(user.id, "phone_number", number)
            return user.id

    def customer_writes(
        self, customer: int, text: str, *, ticket: int = 0, subject: str = "", via: str = "email", html: bool = False
    ) -> int:
        """A first message (ticket 0: a new ticket) or a further one; returns the ticket's id."""
        with self.desk.lock:
            user = self.desk.state.users[customer]
            comment = {"html_body" if html else "body": text, "public": True}
            channel = plain_via(via, sender={"address": user.email, "name": user.name})
            if not ticket:
                made, _audit = create_ticket(self.desk, {"subject": subject, "comment": comment}, user, channel)
                return made.id
            save_ticket(self.desk, self._ticket(ticket), {"comment": comment}, user, channel)
            return ticket

    def agent_replies(
        self, ticket: int, text: str, *, agent: str = "Ida Brandt", public: bool = True, status: str | None = None,
        tags: list[str] | None = None, via: str = "web",
    ) -> int:  # fmt: skip
        """A public reply or a private note, with an own status and added tags in the same submit; the comment's id."""
        with self.desk.lock:
            row, user = self._ticket(ticket), self.desk.agent(agent)
            fields: Json = {"comment": {"body": text, "public": public}}
            if row.assignee_id is None and public:
                fields["assignee_id"] = user.id
            if status:
                fields["status"] = status
            if tags:
                fields["tags"] = row.tags + tags
            save_ticket(self.desk, row, fields, user, plain_via(via))
            return self.newest_comment(ticket)

    def bot_replies(self, ticket: int, text: str) -> int:
        """A public answer of the account's bot user, through the API."""
        with self.desk.lock:
            row, bot = self._ticket(ticket), self.desk.state.users[self.desk.state.bot_id]
            save_ticket(self.desk, row, {"comment": {"body": text, "public": True}}, bot, plain_via("api"))
            return self.newest_comment(ticket)

    def call(
        self, ticket: int, number: str, *, outbound: bool = True, seconds: int = 120, answered: bool = True,
        agent: str = "Ida Brandt", partner: bool = False, own: str = "+442079460100", text: str = "",
    ) -> int:  # fmt: skip
        """A call in or out. `number` is the customer's. `partner`: reported by a telephony partner, whose numbers
        stand in GET /calls/{id} only."""
        with self.desk.lock:
            row, user = self._ticket(ticket), self.desk.agent(agent)
            direction = "outbound" if outbound else "inbound"
            lines = (own, number) if outbound else (number, own)
            make = self._partner_voice if partner else self._native_voice
            voice = make(row, user, direction, lines, seconds if answered else 0, answered)
            shown = "" if partner else f" {'to' if outbound else 'from'} {number}"
            told = text or f"{direction.title()} call{shown}"
            comment = {"body": told, "public": False, "voice": voice}
            via = plain_via("api" if partner else _VIA_CALL[direction])
            save_ticket(self.desk, row, {"comment": comment}, user, via)
            return self.newest_comment(ticket)

    def transfer(self, ticket: int, *, group: str = "", agent: str = "", by: str = "Ida Brandt") -> int:
        """Give the ticket to a group, an agent, or both."""
        fields: Json = {}
        with self.desk.lock:
            if group:
                fields["group_id"] = self.desk.group(group).id
            if agent:
                fields["assignee_id"] = self.desk.agent(agent).id
            return self._save(ticket, fields, by)

    def set_status(self, ticket: int, status: str, *, agent: str = "Ida Brandt") -> int:
        """new, open, pending, hold or solved."""
        return self._save(ticket, {"status": status}, agent)

    def close(self, ticket: int) -> int:
        """The account's automation closes it for good."""
        with self.desk.lock:
            endings.close_ticket(self.desk, self._ticket(ticket))
            return ticket

    def merge(self, ticket: int, into: int, *, agent: str = "Ida Brandt") -> int:
        """Merge `ticket` into another one; returns the other one's id."""
        with self.desk.lock:
            endings.merge_tickets(self.desk, self._ticket(ticket), self._ticket(into), self.desk.agent(agent))
            return into

    def delete(self, ticket: int, *, agent: str = "Ida Brandt") -> int:
        """Delete it: 404 from now on."""
        with self.desk.lock:
            by = self.desk.agent(agent)
            endings.remove_ticket(self.desk, self._ticket(ticket), by, "ticket.soft_deleted")
            return ticket

    def mark_spam(self, ticket: int, *, agent: str = "Ida Brandt") -> int:
        """Spam: the ticket goes, its requester is suspended."""
        with self.desk.lock:
            row = self._ticket(ticket)
            self.desk.state.users[row.requester_id].suspended = True
            endings.remove_ticket(self.desk, row, self.desk.agent(agent), "ticket.marked_as_spam")
            return ticket

    def follow_up(self, ticket: int, customer: int, text: str, *, subject: str = "", via: str = "email") -> int:
        """The customer answers a closed ticket: a new one that knows its source."""
        with self.desk.lock:
            source, user = self._ticket(ticket), self.desk.state.users[customer]
            channel = plain_via(via, rel="follow_up", sender={"ticket_id": source.id, "subject": source.subject})
            fields: Json = {"subject": subject or f"Re: {source.subject}", "via_followup_source_id": source.id,
                            "comment": {"body": text}, "tags": list(source.tags)}  # fmt: skip
            made, _audit = create_ticket(self.desk, fields, user, channel)
            source.followup_ids.append(made.id)
            return made.id

    def tag(self, ticket: int, tags: list[str], *, agent: str = "Ida Brandt", remove: bool = False) -> int:
        """An agent adds tags, or takes them off."""
        with self.desk.lock:
            row, given = self._ticket(ticket), split_tags(tags)
            wanted = [t for t in row.tags if t not in given] if remove else row.tags + given
            events = set_tags(self.desk, row, list(dict.fromkeys(wanted)))
            store(self.desk, row, events, self.desk.agent(agent).id, plain_via("web"))
            return ticket

    def redact(self, ticket: int, comment: int, words: str, *, agent: str = "Ida Brandt") -> int:
        """Black out words of a comment."""
        with self.desk.lock:
            endings.redact_words(self.desk, self._ticket(ticket), comment, words, self.desk.agent(agent))
            return ticket

    def make_private(self, ticket: int, comment: int, *, agent: str = "Ida Brandt") -> int:
        """Turn a public comment into a note."""
        with self.desk.lock:
            endings.make_private(self.desk, self._ticket(ticket), comment, self.desk.agent(agent))
            return ticket

    def newest_comment(self, ticket: int) -> int:
        """The id of a ticket's newest comment."""
        found: int = comments_of(self.desk, self._ticket(ticket))[-1][1]["id"]
        return found

    # --- inside ---

    def _save(self, ticket: int, fields: Json, agent: str) -> int:
        with self.desk.lock:
            save_ticket(self.desk, self._ticket(ticket), fields, self.desk.agent(agent), plain_via("web"))
            return ticket

    def _ticket(self, ticket: int) -> TicketRow:
        return self.desk.state.tickets[ticket]

    def _native_voice(
        self, row: TicketRow, agent: User, direction: str, lines: tuple[str, str], seconds: int, answered: bool
    ) -> Json:
        data = {"from": lines[0], "to": lines[1], "recording_url": "", "started_at": self.desk.stamp(),
                "call_duration": str(seconds), "answered_by_id": agent.id if answered else None,
                "answered_by_name": agent.name if answered else None, "transcription_text": None,
                "transcription_status": "completed", "location": "", "call_id": self.desk.new_id()}  # fmt: skip
        return {"type": "VoiceComment", "data": data, "formatted_from": lines[0], "formatted_to": lines[1],
                "transcription_visible": False, "trusted": True}  # fmt: skip

    def _partner_voice(
        self, row: TicketRow, agent: User, direction: str, lines: tuple[str, str], seconds: int, answered: bool
    ) -> Json:
        made = CallRecord(self.desk.new_id(), row.id, direction, lines[0], lines[1], self.desk.stamp(), agent.id,
                          row.requester_id, "completed" if answered else "not_answered")  # fmt: skip
        self.desk.state.calls[made.id] = made
        data = {"app_id": 1003048, "app_name": "Ring desk", "author_id": None, "call_id": made.id,
                "direction": direction, "external_id": None, "title": f"{direction.title()} call",
                "via_id": 46 if direction == "outbound" else 45, "recording_url": ""}  # fmt: skip
        return {"type": "TpeVoiceComment", "data": data, "formatted_from": "Unknown", "formatted_to": "Unknown",
                "transcription_visible": False, "trusted": True}  # fmt: skip


ACTIONS = actions_of(Deeds)

_RAILS = {"Europe/Paris": "Paris", "Europe/Istanbul": "Istanbul", "Europe/Riga": "Riga", "Asia/Riyadh": "Riyadh",
          "America/Chicago": "Central Time (US & Canada)", "America/New_York": "Eastern Time (US & Canada)",
          "Europe/London": "London", "UTC": "UTC"}  # fmt: skip


def rails_zone(zone: str) -> str:
    """Zendesk names zones as Rails does (zendesk.md 8.10)."""
    return _RAILS.get(zone, zone.rpartition("/")[2].replace("_", " "))
