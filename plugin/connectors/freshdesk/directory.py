"""Remember for a while who is an agent, who a contact, and what the account calls its groups, sources and statuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from plugin.connectors.freshdesk.channels import read_labels
from plugin.connectors.freshdesk.payloads import Agent, Agents, Contact, Fields, Group, read, read_list
from plugin.connectors.texts import read_id
from plugin.http import Http
from plugin.ports import Clock

FRESH = timedelta(minutes=10)
"""How long an answer is believed: a new agent speaks as an unknown until then."""

AGENT_PAGES = 50
PAGE = 100

MOST_KEPT = 2_000
"""Contacts remembered; beyond it all are forgotten and asked for anew."""

T = TypeVar("T")


class Directory:
    """One account's people and words. What our rights or the plan do not show is simply not in it."""

    def __init__(self, http: Http, clock: Clock) -> None:
        self._http, self._clock = http, clock
        self._known: dict[str, tuple[datetime, object]] = {}

    def agents(self) -> Mapping[str, Agent]:
        """By user id, the same that conversations carry; empty where we are no admin."""
        return self._remember("agents", self._ask_agents)

    def requester(self, user_id: str) -> Contact:
        """Asked anew each time: how to reach somebody may have changed. An agent may be a requester too."""
        found = self._ask_contact(user_id)
        if found is None and user_id in self.agents():
            found = self.agents()[user_id].contact
        return found or Contact(id=user_id)

    def contact(self, user_id: str) -> Contact | None:
        """A contact by id, None where there is none: agents and contacts share one space of ids."""
        return self._remember(f"contact:{user_id}", lambda: self._ask_contact(user_id))

    def group_name(self, group_id: str) -> str:
        return self._remember(f"group:{group_id}", lambda: self._ask_group(group_id)) if read_id(group_id) else ""

    def labels(self, field_type: str) -> Mapping[int, str]:
        """Number → label of "default_status" or "default_source", as the account has it."""
        return self._remember("fields", self._ask_fields).get(field_type, {})

    def _remember(self, name: str, ask: Callable[[], T]) -> T:
        known, now = self._known.get(name), self._clock.now()
        if known is not None and now < known[0] + FRESH:
            return known[1]  # type: ignore[return-value] # what was kept under this name came from the same question
        answer = ask()
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        self._known[name] = (now, answer)
        return answer

    def _ask_agents(self) -> dict[str, Agent]:
        found: dict[str, Agent] = {}
        for number in range(1, AGENT_PAGES + 1):
            reply = self._http.look_for("/api/v2/agents", {"page": number, "per_page": PAGE})
            rows = read_list(Agents, reply.json()).rows if reply else []
            found.update({agent.id: agent for agent in rows})
            if len(rows) < PAGE:
                break
        return found

    def _ask_contact(self, user_id: str) -> Contact | None:
        reply = self._http.look_for(f"/api/v2/contacts/{user_id}") if read_id(user_id) else None
        return read(Contact, reply.json()) if reply else None

    def _ask_group(self, group_id: str) -> str:
        reply = self._http.look_for(f"/api/v2/groups/{group_id}")
        return read(Group, reply.json()).name if reply else ""

    def _ask_fields(self) -> dict[str, dict[int, str]]:
        reply = self._http.look_for("/api/v2/ticket_fields")
        rows = read_list(Fields, reply.json()).rows if reply else []
        return {field.type: read_labels(field) for field in rows if field.type.startswith("default_")}
