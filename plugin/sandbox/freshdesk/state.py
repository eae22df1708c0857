"""What a Freshdesk account remembers: people, groups, tickets with their conversations, rules, hours, answers.

Moments are kept as the API shows them (UTC, "2026-03-02T09:10:00Z"), so that the whole state is plain JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from plugin.sandbox.state import Json, Knobs

OPEN, PENDING, RESOLVED, CLOSED = 2, 3, 4, 5
"""Ticket statuses (freshdesk.md 1.2); further ones are the account's own, from 6 on."""

REPLY, NOTE, SURVEY, FORWARD, PHONE = 0, 2, 6, 8, 9
"""Conversation sources (freshdesk.md 1.4): another enumeration than that of tickets."""


@dataclass
class Person:
    """A contact or an agent: they share one space of ids (freshdesk.md 1.4). `scope`: 1 all tickets, 2 those of the
    agent's groups, 3 those assigned. `key`: an agent's API key."""

    id: int
    name: str
    created_at: str
    updated_at: str
    agent: bool = False
    admin: bool = False
    email: str = ""
    phone: str | None = None
    mobile: str | None = None
    language: str = "en"
    rails_zone: str = "London"
    scope: int = 1
    key: str = ""
    active: bool = True
    deleted: bool = False
    preferred_source: str | None = None
    group_ids: list[int] = field(default_factory=list)
    custom_fields: Json = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)


@dataclass
class FreshGroup:
    """A team."""

    id: int
    name: str
    created_at: str
    agent_ids: list[int] = field(default_factory=list)
    business_hour_id: int | None = None


@dataclass
class Attachment:
    """A file as it was sent; `content` is base64, so that the state stays JSON."""

    id: int
    name: str
    content_type: str
    size: int
    content: str
    created_at: str


@dataclass
class Conversation:
    """One turn after the first: reply, note, survey answer. Times are stamps, `body` is HTML as it is stored."""

    id: int
    ticket_id: int
    body: str
    body_text: str
    incoming: bool
    private: bool
    user_id: int
    source: int
    category: int
    created_at: str
    updated_at: str
    to_emails: list[str] = field(default_factory=list)
    cc_emails: list[str] = field(default_factory=list)
    from_email: str | None = None
    attachments: list[Attachment] = field(default_factory=list)
    auto_response: bool = False
    automation_id: int | None = None
    email_failure_count: int | None = None
    last_edited_at: str | None = None
    last_edited_user_id: int | None = None


@dataclass
class Summary:
    """The one slot below a ticket's description that agents see."""

    body: str
    body_text: str
    user_id: int
    created_at: str
    updated_at: str
    last_edited_at: str | None = None
    last_edited_user_id: int | None = None


@dataclass
class FreshTicket:
    """A ticket. `id` is the display id of URLs and the API, `model_id` the one events use inside. `place`: "" for the
    ordinary list, or "deleted", "archived". `stats` holds the stamps of `include=stats`."""

    id: int
    model_id: int
    subject: str
    description: str
    description_text: str
    requester_id: int
    created_at: str
    updated_at: str
    due_by: str
    fr_due_by: str
    source: int = 2
    status: int = OPEN
    priority: int = 1
    type: str | None = None
    responder_id: int | None = None
    group_id: int | None = None
    company_id: int | None = None
    product_id: int | None = None
    email_config_id: int | None = None
    to_emails: list[str] | None = None
    cc_emails: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    custom_fields: Json = field(default_factory=dict)
    attachments: list[Attachment] = field(default_factory=list)
    association_type: int | None = None
    spam: bool = False
    place: str = ""
    stats: dict[str, str | None] = field(default_factory=dict)
    summary: Summary | None = None


@dataclass
class Hours:
    """Business hours: weekday names with start and end as the account spells them, in a Rails zone."""

    id: int
    name: str
    rails_zone: str
    days: dict[str, dict[str, str]]
    created_at: str
    default: bool = True


@dataclass
class TimeEntry:
    """Time somebody logged: all that a telephone call leaves behind (freshdesk.md 1.5)."""

    id: int
    ticket_id: int
    agent_id: int
    note: str
    seconds: int
    executed_at: str


@dataclass
class Rating:
    """A satisfaction survey's answer; `score` 103 … -103."""

    id: int
    ticket_id: int
    user_id: int
    agent_id: int | None
    score: int
    feedback: str
    created_at: str


@dataclass
class Hook:
    """Where news go. `kind`: "automation" (unsigned, `secret` in a header, body from `template`) or "app" (events of
    the app platform, passed on by our own serverless part, signed with `secret`). `own_too`: the rule also fires for
    what the integration's own user does, which is what the performer "any agent" means. `envelope`: "ours", what our
    packaged app passes on, or "samples" or "docs", the two shapes that the platform's own texts show."""

    id: str
    endpoint: str
    secret: str
    kind: str = "automation"
    template: str = ""
    own_too: bool = True
    envelope: str = "ours"
    http_method: str = "POST"
    knobs: Knobs = field(default_factory=Knobs)


@dataclass
class FreshSettings:
    """What differs from account to account, and how the sandbox should behave.

    `plan`: a key of limits.PLANS. `generation`: "new" (empty lists are []) or "old" (null). `summaries`: has the plan
    the summary slot? `header_case`: the spelling before the hyphen of the rate headers. `search_lag` and `latency` are
    seconds. `deleted_answer`: what GET says of a deleted ticket, "shown" (with `deleted`: true), "404" or "403".
    `required`: ticket fields without which no update is taken. `key_trouble`: "" or a code of the API key's owner
    ("password_expired", "password_lockout", "account_suspended"). `hours_spelling`: "long" ("08:00:00 am") or "short"
    ("8:00 am"). `tag_events`: does a change of tags alone ring? (not known; yes is the harder case)."""

    key: str = "main"
    account_id: int = 2512345
    subdomain: str = "acme"
    zone: str = "Europe/London"
    locale: str = "en"
    plan: str = "pro"
    limit: int | None = None
    sub_limits: bool = True
    generation: str = "new"
    summaries: bool = True
    header_case: str = "X-RateLimit"
    search_lag: float = 120.0
    latency: float = 0.0
    deleted_answer: str = "404"
    required: list[str] = field(default_factory=list)
    key_trouble: str = ""
    hours_spelling: str = "short"
    statuses: dict[str, list[str]] = field(
        default_factory=lambda: {
            "2": ["Open", "Being Processed"],
            "3": ["Pending", "Awaiting your Reply"],
            "4": ["Resolved", "This ticket has been Resolved"],
            "5": ["Closed", "This ticket has been Closed"],
            "6": ["Waiting on Customer", "Awaiting your Reply"],
            "7": ["Waiting on Third Party", "Being Processed"],
        }
    )
    types: list[str] = field(default_factory=lambda: ["Question", "Incident", "Problem", "Feature Request", "Refund"])
    tag_events: bool = True
    max_tags: int = 30
    max_pages: int = 300


@dataclass
class FreshState:
    """Everything one account knows."""

    settings: FreshSettings
    next_id: int = 67013469000
    next_ticket: int = 1
    integration_id: int = 0
    bot_id: int = 0
    people: dict[int, Person] = field(default_factory=dict)
    groups: dict[int, FreshGroup] = field(default_factory=dict)
    tickets: dict[int, FreshTicket] = field(default_factory=dict)
    conversations: dict[int, list[Conversation]] = field(default_factory=dict)
    hours: list[Hours] = field(default_factory=list)
    time_entries: list[TimeEntry] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    hooks: dict[str, Hook] = field(default_factory=dict)
    custom_fields: list[str] = field(default_factory=list)
    """Names of custom ticket fields, "cf_…"; all are free text."""
    tag_names: list[str] = field(default_factory=list)
    """Tags of the account as first spelled: a later spelling in other capitals becomes this one."""
    index: list[Any] = field(default_factory=list)
    """Changes the search index has not seen yet: [epoch seconds from which it has, ticket id, fields]."""
    indexed: dict[int, Json] = field(default_factory=dict)
