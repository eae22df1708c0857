"""What Freshdesk's numbers for sources and statuses mean."""

from __future__ import annotations

from collections.abc import Mapping

from plugin.connectors.freshdesk.payloads import Field
from plugin.domain.ticket import Channel, Status

SOURCES = {
    1: Channel.EMAIL,
    2: Channel.FORM,
    3: Channel.CALL,
    4: Channel.SOCIAL,
    5: Channel.SOCIAL,
    6: Channel.SOCIAL,
    7: Channel.CHAT,
    8: Channel.CHAT,
    9: Channel.FORM,
    10: Channel.EMAIL,
    12: Channel.CHAT,
    13: Channel.DM,
}
"""A ticket's `source`, where the account's own field does not say: e-mail, portal, phone, forum, Twitter, Facebook,
chat, MobiHelp, feedback widget, outbound e-mail, bot, WhatsApp (11 is e-commerce).
Recorded from an account's field list."""

NAMED_SOURCES = {
    "email": Channel.EMAIL,
    "outbound email": Channel.EMAIL,
    "portal": Channel.FORM,
    "feedback widget": Channel.FORM,
    "phone": Channel.CALL,
    "forum": Channel.SOCIAL,
    "twitter": Channel.SOCIAL,
    "facebook": Channel.SOCIAL,
    "chat": Channel.CHAT,
    "mobihelp": Channel.CHAT,
    "bot": Channel.CHAT,
    "whatsapp": Channel.DM,
    "sms": Channel.SMS,
    "ecommerce": Channel.OTHER,
}
"""Sources by their label; accounts may add their own, from 101 on (recalled, not documented)."""

OUTBOUND_EMAIL = 10
"""Ticket source: an agent wrote first."""

REPLY, NOTE, TWEET, SURVEY, FACEBOOK, FORWARD, PHONE = 0, 2, 5, 6, 7, 8, 9
"""A conversation's `source`, another list than a ticket's. https://developers.freshdesk.com/api/#conversations"""

SURVEY_CATEGORY = 7
META_CATEGORY = 5
"""`category` of a conversation: an answered survey was recorded as 7; 5 for what Freshdesk itself notes is hearsay."""

CONVERSATION_SOURCES = {TWEET: Channel.SOCIAL, FACEBOOK: Channel.SOCIAL, FORWARD: Channel.EMAIL, PHONE: Channel.CALL}

STATUSES = {2: Status.OPEN, 3: Status.PENDING, 4: Status.SOLVED, 5: Status.CLOSED}
"""The statuses every account has."""

CUSTOM_STATUSES = {6: "waiting on customer", 7: "waiting on third party"}
"""Labels of custom statuses that new accounts begin with."""

NAMED_STATUSES = (("customer", Status.PENDING), ("third party", Status.HOLD), ("hold", Status.HOLD))
"""What an English label of a custom status tells; any other is one that somebody still works on."""


def channel_of_source(source: int, labels: Mapping[int, str]) -> Channel:
    """The medium by which a ticket began: by the account's own label, else by the usual number."""
    named = NAMED_SOURCES.get(labels.get(source, "").strip().lower())
    return named or SOURCES.get(source, Channel.OTHER)


def channel_of_reply(source: int, ticket: Channel) -> Channel:
    """The medium of one public turn. What agents type goes out by the ticket's own channel; a ticket from a form, a
    call or elsewhere is answered by mail (inferred from the standard notifications)."""
    if source in CONVERSATION_SOURCES:
        return CONVERSATION_SOURCES[source]
    return ticket if ticket in (Channel.CHAT, Channel.DM, Channel.SMS, Channel.SOCIAL) else Channel.EMAIL


def status_of(status: int, labels: Mapping[int, str]) -> Status:
    """Where the ticket stands; a status of the account's own by its label."""
    if status in STATUSES:
        return STATUSES[status]
    label = labels.get(status, CUSTOM_STATUSES.get(status, "")).lower()
    return next((meant for word, meant in NAMED_STATUSES if word in label), Status.OPEN)


def read_labels(field: Field) -> dict[int, str]:
    """Number → label, from either form: {"2": ["Open", "Being processed"]} (statuses) or {"Email": 1} (sources)."""
    labels: dict[int, str] = {}
    for key, value in field.choices.items() if isinstance(field.choices, dict) else ():
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, int) and not isinstance(first, bool):
            labels[first] = str(key)[:80]
        elif str(key).isascii() and str(key).isdigit() and len(str(key)) < 10 and isinstance(first, str):
            labels[int(key)] = first[:80]
    return labels
