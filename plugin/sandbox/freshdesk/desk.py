"""One Freshdesk account at work: who is who, how tags are spelled, what the search index has seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from plugin.ports import Clock
from plugin.sandbox.desk import AnyDesk
from plugin.sandbox.freshdesk.state import Conversation, FreshGroup, FreshState, FreshTicket, Person
from plugin.sandbox.state import Json

SYSTEM = 0
"""The actor of what Freshdesk itself does."""


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened. `kind`: "created", "updated", "deleted" for tickets; "said", "edited", "unsaid" for
    conversations. `changes`: field → [old, new]."""

    kind: str
    ticket: FreshTicket
    actor: int
    changes: dict[str, list[Any]] = field(default_factory=dict)
    conversation: Conversation | None = None


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A tag that a call to the API took off a ticket, or brought back. `seen`: the caller had read the list as it stood
    before the call, so it was the caller's will or mistake; otherwise it is the race that a list which is only replaced
    leaves open (freshdesk.md 7.3)."""

    ticket: int
    tag: str
    actor: int
    seen: bool
    back: bool = False


class FreshDesk(AnyDesk[FreshState]):
    """The state of an account with the few things every room needs."""

    def __init__(self, state: FreshState, clock: Clock, seed: int | str = 7) -> None:
        super().__init__(state, clock, seed)
        self.read_tags: dict[tuple[int, int], list[str]] = {}
        """(person, ticket) → the tags that person's last call was shown."""
        self.overwritten: list[Overwritten] = []

    def note_tags(self, actor: int, ticket: FreshTicket, before: list[str]) -> None:
        """Remember what a call of `actor` did to tags that stood as `before`, and what it is shown now."""
        seen = set(self.read_tags.get((actor, ticket.id), ()))
        gone, new = set(before) - set(ticket.tags), set(ticket.tags) - set(before)
        self.overwritten += [Overwritten(ticket.id, tag, actor, tag in seen) for tag in sorted(gone)]
        back = sorted(new & seen)  # the caller saw it, somebody took it off since, and now it is there again
        self.overwritten += [Overwritten(ticket.id, tag, actor, seen=False, back=True) for tag in back]
        self.read_tags[actor, ticket.id] = list(ticket.tags)

    def add_person(self, name: str, *, agent: bool = False, admin: bool = False, **more: Any) -> Person:
        """A new contact or agent."""
        now = self.stamp()
        person = Person(self.new_id(), name, now, now, agent=agent, admin=admin, **more)
        if agent:
            person.key = f"{self.random.getrandbits(80):020x}"
        self.state.people[person.id] = person
        return person

    def agent(self, name: str) -> Person:
        """The agent of that name, made when it is new."""
        for person in self.state.people.values():
            if person.agent and person.name == name:
                return person
        address = name.lower().replace(" ", ".") + f"@{self.state.settings.subdomain}.example"
        return self.add_person(name, agent=True, email=address)

    def group(self, name: str) -> FreshGroup:
        """The group of that name, made when it is new."""
        for group in self.state.groups.values():
            if group.name == name:
                return group
        group = FreshGroup(self.new_id(), name, self.stamp())
        self.state.groups[group.id] = group
        return group

    def tags_as_known(self, given: list[str]) -> list[str]:
        """Tags as the account spells them, each once: one in other capitals is the same tag."""
        known = {name.casefold(): name for name in self.state.tag_names}
        found: list[str] = []
        for tag in (tag.strip() for tag in given):
            if tag.casefold() not in known:
                known[tag.casefold()] = tag
                self.state.tag_names.append(tag)
            found.append(known[tag.casefold()])
        return list(dict.fromkeys(found))

    @property
    def support_email(self) -> str:
        """Where customers write to."""
        return f"support@{self.state.settings.subdomain}.example"

    def announce(self, news: News) -> None:
        """Tell every listener, and the search index in time; the caller holds the lock."""
        self.changed.set()
        ready = self.clock.now().timestamp() + self.state.settings.search_lag
        self.state.index.append([ready, news.ticket.id, searchable(news.ticket)])
        if len(self.state.index) > 1000:
            self.searched()
        for listener in self.listeners:
            listener(news)

    def searched(self) -> dict[int, Json]:
        """Tickets as the search index has them now."""
        now = self.clock.now().timestamp()
        self.state.indexed.update({entry[1]: entry[2] for entry in self.state.index if entry[0] <= now})
        self.state.index = [entry for entry in self.state.index if entry[0] > now]
        return self.state.indexed


def searchable(ticket: FreshTicket) -> Json:
    """What the index keeps of a ticket (freshdesk.md 1.3)."""
    return {
        "id": ticket.id, "agent_id": ticket.responder_id, "group_id": ticket.group_id, "priority": ticket.priority,
        "status": ticket.status, "type": ticket.type, "tag": list(ticket.tags), "due_by": ticket.due_by[:10],
        "fr_due_by": ticket.fr_due_by[:10], "created_at": ticket.created_at[:10],
        "updated_at": ticket.updated_at[:10], **ticket.custom_fields,
    }  # fmt: skip
