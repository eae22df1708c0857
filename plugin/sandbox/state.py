"""What a Zendesk account remembers: people, groups, tickets with their audits, webhooks, schedules.

Moments are kept as the API shows them (UTC, "2026-03-02T09:10:00Z"), so that the whole state is plain JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


def stamp_of(moment: datetime) -> str:
    """A moment as REST shows it: UTC, whole seconds, "Z"."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(stamp: str) -> datetime:
    """The moment behind a stamp of ours; aware, UTC."""
    return datetime.fromisoformat(stamp)


@dataclass
class User:
    """A person or a machine. `role`: "end-user", "agent" or "admin"; a light agent may only write private notes."""

    id: int
    name: str
    role: str
    created_at: str
    email: str = ""
    phone: str = ""
    shared_phone: bool = False
    locale: str = "en-US"
    zone: str = "Europe/London"
    rails_zone: str = "London"
    light: bool = False
    suspended: bool = False
    active: bool = True
    tags: list[str] = field(default_factory=list)
    notes: str = ""
    fields: Json = field(default_factory=dict)


@dataclass
class Identity:
    """One address or number of a user; numbers stay as they were typed."""

    id: int
    user_id: int
    type: str
    value: str
    created_at: str
    verified: bool = True
    primary: bool = False


@dataclass
class Group:
    """A team that tickets can be given to."""

    id: int
    name: str
    created_at: str
    deleted: bool = False


@dataclass
class Audit:
    """One save of a ticket: who, when, by which way, and every event of it. A comment is one of these events."""

    id: int
    ticket_id: int
    created_at: str
    author_id: int
    via: Json
    events: list[Json]
    custom: Json = field(default_factory=dict)
    client: str = "Followthrough sandbox"


@dataclass
class TicketRow:
    """A ticket's own fields. `public_default`: what a comment is when nobody says (the first comment's value).
    `gone`: "" or "deleted", after which the API answers 404."""

    id: int
    subject: str
    description: str
    requester_id: int
    submitter_id: int
    created_at: str
    updated_at: str
    generated: int
    via: Json
    status: str = "new"
    priority: str | None = None
    type: str | None = None
    assignee_id: int | None = None
    group_id: int | None = None
    external_id: str | None = None
    tags: list[str] = field(default_factory=list)
    custom_fields: dict[str, Any] = field(default_factory=dict)
    public_default: bool = True
    is_public: bool = True
    followup_ids: list[int] = field(default_factory=list)
    followup_of: int | None = None
    merged_into: int | None = None
    gone: str = ""


@dataclass
class TicketField:
    """A custom field; the options of a tagger are tags as well (zendesk.md 2.3)."""

    id: int
    title: str
    type: str
    options: list[str] = field(default_factory=list)


@dataclass
class CallRecord:
    """A call as a telephony partner reported it (GET /calls/{id})."""

    id: int
    ticket_id: int
    direction: str
    from_line: str
    to_line: str
    started_at: str
    agent_id: int | None
    end_user_id: int | None
    completion_status: str = "completed"


@dataclass
class Schedule:
    """Business hours: minutes since Sunday 00:00 in a Rails zone name, and holidays with inclusive ISO dates."""

    id: int
    name: str
    time_zone: str
    intervals: list[Json]
    holidays: list[Json] = field(default_factory=list)


@dataclass
class Knobs:
    """How badly one webhook's deliveries travel. Shares are 0..1 of deliveries; `delay`, `retry_wait`
    and `timeout` are seconds."""

    duplicates: float = 0.0
    disorder: float = 0.0
    delay: float = 0.0
    drop: float = 0.0
    wrong_signature: float = 0.0
    stop: bool = False
    retry_wait: float = 0.05
    timeout: float = 10.0
    breaker: bool = True
    breaker_after: int = 100


@dataclass
class Webhook:
    """Where events go. `subscriptions` holds event types, or "conditional_ticket_events" for the trigger kind, whose
    `template` is rendered once for a ticket update, unless `not_user` made it (the nullifying condition)."""

    id: str
    name: str
    endpoint: str
    secret: str
    subscriptions: list[str]
    created_at: str
    created_by: int
    status: str = "active"
    http_method: str = "POST"
    request_format: str = "json"
    description: str = ""
    template: str = ""
    not_user: int | None = None
    knobs: Knobs = field(default_factory=Knobs)


@dataclass
class OAuthClient:
    """A confidential client of the account; acts as `user_id` with `scopes` (space separated)."""

    identifier: str
    secret: str
    user_id: int
    scopes: str = "read write"


@dataclass
class Token:
    """An access token; useless from `expires` (epoch seconds) on."""

    value: str
    user_id: int
    scopes: str
    expires: float


@dataclass
class Settings:
    """What differs from account to account, and how the sandbox should behave. `spelling`: "2024", "2023" or "old"
    rate headers; `too_many`: how a 429 looks ("json", "text", "html"); `race`: seconds between reading and writing
    tags without protection, in which another writer's tags are lost; `latency`: seconds before each answer."""

    key: str = "main"
    account_id: int = 22129848
    subdomain: str = "acme"
    zone: str = "Europe/London"
    locale: str = "en-US"
    limit: int = 700
    update_limit: int = 100
    per_ticket_limit: int = 30
    export_limit: int = 10
    spelling: str = "2024"
    too_many: str = "json"
    token_life: int = 1800
    tokens_allowed: bool = True
    api_token: str = ""
    schedules: bool = True
    race: float = 0.005
    latency: float = 0.0


@dataclass
class State:
    """Everything one account knows."""

    settings: Settings
    next_id: int = 33144692244371
    next_ticket: int = 4001
    integration_id: int = 0
    bot_id: int = 0
    users: dict[int, User] = field(default_factory=dict)
    identities: list[Identity] = field(default_factory=list)
    groups: dict[int, Group] = field(default_factory=dict)
    tickets: dict[int, TicketRow] = field(default_factory=dict)
    audits: dict[int, list[Audit]] = field(default_factory=dict)
    fields: dict[int, TicketField] = field(default_factory=dict)
    calls: dict[int, CallRecord] = field(default_factory=dict)
    schedules: list[Schedule] = field(default_factory=list)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    clients: list[OAuthClient] = field(default_factory=list)
    tokens: dict[str, Token] = field(default_factory=dict)
    uploads: dict[str, Json] = field(default_factory=dict)
    """Files by token, with their bytes in base64 and whether a comment carries them."""
