"""Turn Zendesk's answers about one ticket into a Ticket: pure, no network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from plugin.connectors.shapes import told_fields
from plugin.connectors.texts import clean_text, text_of_html
from plugin.connectors.zendesk.channels import (
    call_of,
    channel_of,
    channel_of_reply,
    is_automatic,
    is_voice,
)
from plugin.connectors.zendesk.payloads import (
    Audit,
    AuditEvent,
    Comment,
    Group,
    TicketFacts,
    User,
    UserIdentity,
    Via,
)
from plugin.connectors.zendesk.people import is_bot, read_person, read_requester, role_of
from plugin.domain.ticket import Change, Channel, Message, Person, Role, Status, Ticket

MOST_VALUE = 500
"""Letters of one changed value."""

MERGED_TAG = "closed_by_merge"
"""What Zendesk puts on a ticket that was merged into another."""

_MERGED_INTO = re.compile(r"merged into request #([0-9]{1,20})", re.ASCII)
"""The end of the comment that a merge leaves behind, in an English account."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that was asked about one ticket."""

    ticket: TicketFacts
    users: Mapping[str, User]
    comments: tuple[Comment, ...] = ()
    audits: tuple[Audit, ...] = ()
    identities: tuple[UserIdentity, ...] = ()
    groups: tuple[Group, ...] = ()
    calls: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """A partner's call records by comment id."""
    cut: bool = False
    """True when there was more than we were willing to read."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """What one has to know to read a single message of it."""

    answers: Answers
    began: Channel
    requester: Person
    own_user_id: str
    region: str
    bots: frozenset[str]

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(p.value for p in self.requester.points if p.channel is Channel.CALL)


def read_ticket(
    answers: Answers, own_user_id: str, region: str, url: str, bots: frozenset[str] = frozenset()
) -> Ticket:
    """The whole conversation, oldest first. `bots`: ids of users that are programs."""
    facts, users = answers.ticket, answers.users
    requester = read_requester(_requester(answers), answers.identities, region)
    scene = _Scene(answers, _ticket_channel(answers), requester, own_user_id, region, bots)
    messages = [_read_message(comment, scene) for comment in answers.comments]
    status, merged_into = _read_status(answers)
    return Ticket(
        id=facts.id,
        status=status,
        requester=requester,
        created_at=facts.created_at,
        updated_at=facts.updated_at,
        subject=clean_text(facts.subject),
        messages=tuple(sorted(messages, key=lambda m: m.at)),
        changes=tuple(sorted(_read_changes(answers, own_user_id), key=lambda c: c.at)),
        tags=frozenset(facts.tags),
        channel=scene.began,
        assignee_id=facts.assignee_id,
        group_id=facts.group_id,
        group_name=next((g.name for g in answers.groups if g.id == facts.group_id), ""),
        people=_others(users.values(), facts.requester_id),
        url=url,
        stamp=facts.stamp,
        merged_into=merged_into,
        follow_up_of=_read_follow_up(facts),
        ours=facts.external_id.startswith("followthrough:"),
        extra=_read_extra(answers),
    )


def _read_extra(answers: Answers) -> dict[str, str]:
    """Fields of the ticket by their id, those of the requester's profile by "profile." and their key; and whether the
    conversation was cut."""
    fields = told_fields((f.get("id"), f.get("value")) for f in answers.ticket.custom_fields)
    fields |= told_fields(_requester(answers).user_fields.items(), "profile.")
    return fields | ({"cut": "yes"} if answers.cut else {})


def read_text(comment: Comment) -> str:
    """What was written, as plain text: Zendesk's own plain form, else its HTML as text, else the raw body."""
    for text in (comment.plain_body, text_of_html(comment.html_body), comment.body):
        if cleaned := clean_text(text):
            return cleaned
    return ""


def _requester(answers: Answers) -> User:
    wanted = answers.ticket.requester_id
    return answers.users.get(wanted) or User(id=wanted)


def _read_message(comment: Comment, scene: _Scene) -> Message:
    user = scene.answers.users.get(comment.author_id)
    role = _role(comment, scene)
    record = scene.answers.calls.get(comment.id, {})
    call = call_of(comment, record, scene.region, scene.numbers) if is_voice(comment) else None
    return Message(
        id=comment.id,
        role=role,
        at=comment.created_at,
        text=read_text(comment),
        public=comment.public,
        channel=Channel.CALL if call else _message_channel(comment, role, scene.began),
        author_id=comment.author_id,
        author_name=user.name if user else "",
        to=_read_to(comment.via, call.to_number if call else ""),
        automatic=role is Role.BOT,
        locale=user.locale if user else "",
        call=call,
    )


def _role(comment: Comment, scene: _Scene) -> Role:
    """Who speaks. Ours by its marker; a private note of our own user is ours too; what our user wrote in public
    without the marker was typed by a person who shares the user with us."""
    own, author = scene.own_user_id, comment.author_id
    if comment.metadata.card or (own and author == own and not comment.public):
        return Role.SELF
    if is_automatic(comment.via) or author in scene.bots or is_bot(scene.answers.users.get(author)):
        return Role.BOT
    role = role_of(author, scene.answers.users, scene.answers.ticket.requester_id)
    if role is not None:
        return role
    # A deleted author. Only agents write private notes; of a public comment nothing can be said.
    return Role.SYSTEM if comment.public else Role.AGENT


def _message_channel(comment: Comment, role: Role, began: Channel) -> Channel:
    if not comment.public:
        return Channel.NOTE
    return channel_of(comment.via) if role is Role.CUSTOMER else channel_of_reply(comment.via, began)


def _ticket_channel(answers: Answers) -> Channel:
    first = min(answers.comments, key=lambda c: c.created_at, default=None)
    return Channel.CALL if first and is_voice(first) else channel_of(answers.ticket.via)


def _read_to(via: Via, number: str) -> tuple[str, ...]:
    told = [via.source.to.get("address"), via.source.to.get("phone")]
    names = [number, *(t[:320] for t in told if isinstance(t, str))]
    return tuple(dict.fromkeys(n for n in names if n))


def _read_status(answers: Answers) -> tuple[Status, str]:
    """Where the ticket stands, and which ticket it was merged into ("" when not, or not told)."""
    facts = answers.ticket
    if facts.status in ("deleted", "scrubbed"):
        # Marking as spam deletes the ticket and suspends its requester in one go.
        return (Status.SPAM if _requester(answers).suspended else Status.DELETED), ""
    if MERGED_TAG in facts.tags and facts.status in ("solved", "closed", "archived"):
        return Status.MERGED, _merged_into(answers)
    try:
        return Status(facts.status), ""
    except ValueError:
        # A status we do not know is one that somebody still works on.
        return Status.OPEN, ""


def _merged_into(answers: Answers) -> str:
    for comment in reversed(answers.comments):
        if found := _MERGED_INTO.search(read_text(comment)):
            return found[1]
    return ""


def _read_follow_up(facts: TicketFacts) -> str:
    if facts.via_followup_source_id:
        return facts.via_followup_source_id
    source = facts.via.source
    origin = source.origin.get("ticket_id") if source.rel == "follow_up" else None
    return str(origin) if isinstance(origin, int | str) and origin else ""


def _read_changes(answers: Answers, own_user_id: str) -> Iterable[Change]:
    for audit in answers.audits:
        for event in audit.events:
            if event.type == "Change" and event.field_name:
                yield Change(
                    id=event.id,
                    at=audit.created_at,
                    field=event.field_name.removesuffix("_id")[:80],
                    before=_value(event.previous_value),
                    after=_value(event.value),
                    by=audit.author_id,
                    role=_changer(audit, event, answers, own_user_id),
                )


def _changer(audit: Audit, event: AuditEvent, answers: Answers, own_user_id: str) -> Role:
    if is_automatic(event.via) or is_automatic(audit.via):
        return Role.SYSTEM
    if audit.metadata.card or (own_user_id and audit.author_id == own_user_id):
        return Role.SELF
    return role_of(audit.author_id, answers.users, answers.ticket.requester_id) or Role.SYSTEM


def _value(value: object) -> str:
    """A changed value as text: lists (tags) sorted with spaces between, nothing as ""."""
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(sorted(str(v) for v in value))[:MOST_VALUE]
    return "" if isinstance(value, dict) else clean_text(str(value))[:MOST_VALUE]


def _others(users: Iterable[User], requester_id: str) -> tuple[Person, ...]:
    return tuple(read_person(u) for u in sorted(users, key=lambda u: u.id) if u.id != requester_id)
