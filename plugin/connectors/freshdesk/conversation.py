"""Turn Freshdesk's answers about one ticket into a Ticket: pure, no network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import getaddresses

from plugin.connectors.freshdesk.channels import (
    META_CATEGORY,
    OUTBOUND_EMAIL,
    PHONE,
    SURVEY,
    SURVEY_CATEGORY,
    channel_of_reply,
    channel_of_source,
    status_of,
)
from plugin.connectors.freshdesk.payloads import Agent, Contact, Conversation, TicketFacts
from plugin.connectors.shapes import told_fields
from plugin.connectors.texts import clean_text, read_number, text_of_html
from plugin.connectors.zones import to_iana
from plugin.domain.ticket import Call, Channel, Message, Person, Point, Role, Status, Ticket

TAG_PREFIX = "ft_"
"""Of tags that are ours, however the account first spelled them."""

DIGEST_TAG = "ft_digest"
"""On tickets that we made."""

OUR_MARK = re.compile(r"\b(?:card|digest) [0-9a-f]{16}\b")
"""The visible short code that every note of ours ends with: attributes and comments may not survive. Versions are 16
hex digits: "card declined", by a person whose API key we were given, is that person's note, not ours to take away."""

_MERGED_INTO = re.compile(r"\bmerged into (?:the )?(?:ticket|request)?\s{0,3}#?\s{0,3}([0-9]{1,20})\b", re.IGNORECASE)
"""What the closing note of a merge says in an English account; nothing else tells of a merge."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that was asked about one ticket."""

    ticket: TicketFacts
    conversations: tuple[Conversation, ...] = ()
    requester: Contact = Contact(id="")  # noqa: RUF009 - frozen
    agents: Mapping[str, Agent] = field(default_factory=dict)
    """By user id; empty where our rights do not show them."""
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    statuses: Mapping[int, str] = field(default_factory=dict)
    sources: Mapping[int, str] = field(default_factory=dict)
    group_name: str = ""
    archived: bool = False
    cut: bool = False
    """True when there was more than we were willing to read."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """What one has to know to read a single turn of it."""

    answers: Answers
    began: Channel
    own_user_id: str
    bots: frozenset[str]

    def name_of(self, user_id: str) -> tuple[str, str]:
        """Name and language of somebody, as far as known."""
        answers = self.answers
        if user_id == answers.ticket.requester_id:
            known: Contact | None = answers.requester
        elif user_id in answers.agents:
            known = answers.agents[user_id].contact
        else:
            known = answers.contacts.get(user_id)
        return (clean_text(known.name), known.language) if known else ("", "")


def read_ticket(
    answers: Answers, own_user_id: str, region: str, url: str, bots: frozenset[str] = frozenset()
) -> Ticket:
    """The whole conversation, oldest first; the ticket's description is its first message. `bots`: ids of users that
    are programs."""
    facts = answers.ticket
    scene = _Scene(answers, channel_of_source(facts.source, answers.sources), own_user_id, bots)
    turns = sorted(answers.conversations, key=lambda c: (c.created_at, int(c.id) if c.id.isdigit() else 0))
    messages = [_read_description(scene), *(_read_turn(turn, scene) for turn in turns)]
    status, merged_into = _read_status(answers)
    return Ticket(
        id=facts.id,
        status=status,
        requester=_read_requester(answers.requester, region),
        created_at=facts.created_at.astimezone(UTC),
        updated_at=facts.updated_at.astimezone(UTC),
        subject=clean_text(facts.subject),
        messages=tuple(sorted(messages, key=lambda m: m.at)),
        tags=frozenset(tag.lower() if tag.lower().startswith(TAG_PREFIX) else tag for tag in facts.tags),
        channel=scene.began,
        assignee_id=facts.responder_id,
        group_id=facts.group_id,
        group_name=answers.group_name,
        people=_others(answers),
        url=url,
        stamp=facts.updated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        merged_into=merged_into,
        ours=any(tag.lower() == DIGEST_TAG for tag in facts.tags),
        extra=_read_extra(answers),
    )


def _read_extra(answers: Answers) -> dict[str, str]:
    """Fields of the ticket by their name, those of the contact by "profile." and theirs; and whether the conversation
    was cut."""
    fields = told_fields(answers.ticket.custom_fields.items())
    fields |= told_fields(answers.requester.custom_fields.items(), "profile.")
    return fields | ({"cut": "yes"} if answers.cut else {})


def is_ours(turn: Conversation, own_user_id: str) -> bool:
    """A private note of our own user that bears our mark. What our user wrote without it was typed by a person: an API
    key belongs to one. While we do not know who we are, the mark alone tells."""
    if not turn.private or turn.incoming or (own_user_id and turn.user_id != own_user_id):
        return False
    return bool(OUR_MARK.search(read_text(turn.body_text, turn.body)))


def read_text(plain: str, html: str) -> str:
    """What was written, as plain text: Freshdesk's own plain form, else its HTML as text."""
    return clean_text(plain) or clean_text(text_of_html(html)) or clean_text(html)


def _read_description(scene: _Scene) -> Message:
    """The first message. In an outbound mail an agent wrote it."""
    facts = scene.answers.ticket
    outbound = facts.source == OUTBOUND_EMAIL
    author = facts.responder_id if outbound else facts.requester_id
    name, locale = scene.name_of(author)
    address = scene.answers.requester.email
    return Message(
        id=f"{facts.id}-description",
        role=Role.AGENT if outbound else Role.CUSTOMER,
        at=facts.created_at.astimezone(UTC),
        text=read_text(facts.description_text, facts.description),
        channel=scene.began,
        author_id=author,
        author_name=name,
        to=(address,) if outbound and address else (),
        locale=locale,
    )


def _read_turn(turn: Conversation, scene: _Scene) -> Message:
    role = _role(turn, scene)
    name, locale = scene.name_of(turn.user_id)
    phone = turn.source == PHONE and role in (Role.AGENT, Role.CUSTOMER)
    return Message(
        id=turn.id,
        role=role,
        at=turn.created_at.astimezone(UTC),
        text=read_text(turn.body_text, turn.body),
        public=not turn.private and not _bounced(turn),
        channel=_channel(turn, scene.began),
        author_id=turn.user_id,
        author_name=name,
        to=_addresses(turn.to_emails),
        automatic=role is Role.BOT or _is_survey(turn) or turn.auto_response,
        locale=locale,
        # No record of calls in the API: that there was one is all that such a turn tells (direction inferred).
        call=Call(outbound=not turn.incoming) if phone else None,
    )


def _role(turn: Conversation, scene: _Scene) -> Role:
    """Who speaks. Agents and contacts share one space of ids, so the agents are looked at first; an agent may be the
    requester. Of an unknown author the direction of the turn tells."""
    facts, author = scene.answers.ticket, turn.user_id
    if is_ours(turn, scene.own_user_id):
        return Role.SELF
    if _is_survey(turn) or turn.category == META_CATEGORY:
        return Role.SYSTEM
    if turn.auto_response or turn.automation_id or author in scene.bots:
        return Role.BOT
    if author and author == facts.requester_id and (turn.incoming or author not in scene.answers.agents):
        return Role.CUSTOMER
    if author in scene.answers.agents:
        return Role.AGENT
    if author in scene.answers.contacts:
        return Role.SYSTEM if turn.private else Role.CUSTOMER  # in private: a third party that was asked
    if not author:
        return Role.CUSTOMER if turn.incoming else Role.SYSTEM
    return Role.CUSTOMER if turn.incoming and not turn.private else Role.AGENT


def _is_survey(turn: Conversation) -> bool:
    """A customer's answer to a survey comes as an incoming turn, and asks for nothing."""
    return turn.source == SURVEY or turn.category == SURVEY_CATEGORY


def _bounced(turn: Conversation) -> bool:
    """Did the mail reach none of its receivers? Then the customer did not see it."""
    receivers = len(turn.to_emails) + len(turn.cc_emails) + len(turn.bcc_emails)
    return not turn.incoming and turn.email_failure_count > 0 and turn.email_failure_count >= receivers


def _channel(turn: Conversation, began: Channel) -> Channel:
    if turn.source == PHONE:
        return Channel.CALL
    return Channel.NOTE if turn.private else channel_of_reply(turn.source, began)


def _addresses(written: list[str]) -> tuple[str, ...]:
    """ "Ana <ana@example.org>" and plain ones, as plain ones."""
    found = (address.strip() for _, address in getaddresses([one[:1000] for one in written[:50]]))
    return tuple(dict.fromkeys(address[:320] for address in found if address))


def _read_status(answers: Answers) -> tuple[Status, str]:
    """Where the ticket stands, and which ticket it was merged into ("" when not, or not told)."""
    facts = answers.ticket
    if facts.deleted:
        return Status.DELETED, ""
    if facts.spam:
        return Status.SPAM, ""
    status = status_of(facts.status, answers.statuses)
    if status is Status.CLOSED and (target := _merged_into(answers)):
        return Status.MERGED, target
    return (Status.ARCHIVED if answers.archived or facts.archived else status), ""


def _merged_into(answers: Answers) -> str:
    """From the note that a merge leaves on the ticket it closes: low confidence, and no customer can write it."""
    for turn in reversed(answers.conversations):
        found = _MERGED_INTO.search(read_text(turn.body_text, turn.body)) if _by_staff(turn, answers) else None
        if found and found[1] != answers.ticket.id:
            return found[1]
    return ""


def _by_staff(turn: Conversation, answers: Answers) -> bool:
    return not turn.incoming and turn.user_id != answers.ticket.requester_id and turn.user_id not in answers.contacts


def _read_requester(contact: Contact, region: str) -> Person:
    """The customer with every way to reach them. Which number is a landline is not known: only `mobile` says so."""
    points = list(_points(contact, region))
    unique = {(p.channel, p.value.lower()): p for p in reversed(points)}
    kept = tuple(p for p in points if unique[p.channel, p.value.lower()] is p)
    return Person(contact.id, clean_text(contact.name), contact.language, to_iana(contact.time_zone), kept)


def _points(contact: Contact, region: str) -> Iterator[Point]:
    for typed, label in ((contact.mobile, "mobile"), (contact.phone, "")):
        if number := read_number(typed, region):
            yield Point(Channel.CALL, number[:320], label)
    for address in (contact.email, *contact.other_emails):
        if address.strip():
            yield Point(Channel.EMAIL, address.strip()[:320])
    if contact.twitter_id.strip():
        yield Point(Channel.DM, contact.twitter_id.strip()[:320])


def _others(answers: Answers) -> tuple[Person, ...]:
    """Everybody else who spoke: enough to name them, no addresses."""
    spoke = {turn.user_id for turn in answers.conversations} - {answers.ticket.requester_id}
    known = {**answers.contacts, **{user_id: agent.contact for user_id, agent in answers.agents.items()}}
    return tuple(
        Person(user_id, clean_text(known[user_id].name), known[user_id].language, to_iana(known[user_id].time_zone))
        for user_id in sorted(spoke)
        if user_id in known
    )
