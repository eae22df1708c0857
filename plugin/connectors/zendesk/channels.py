"""Which medium a Zendesk update came or went by, and who rang whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugin.connectors.texts import read_number
from plugin.connectors.zendesk.payloads import Comment, Via
from plugin.domain.ticket import Call, Channel

CHANNELS = {
    "email": Channel.EMAIL,
    "mail": Channel.EMAIL,
    "4": Channel.EMAIL,
    "web": Channel.FORM,
    "web_form": Channel.FORM,
    "0": Channel.FORM,
    "web_widget": Channel.FORM,
    "dropbox": Channel.FORM,
    "17": Channel.FORM,
    "help_center": Channel.FORM,
    "sms": Channel.SMS,
    "text_message": Channel.SMS,
    "37": Channel.SMS,
    "chat": Channel.CHAT,
    "29": Channel.CHAT,
    "native_messaging": Channel.CHAT,
    "messaging": Channel.CHAT,
    "whatsapp": Channel.DM,
    "facebook_messenger": Channel.DM,
    "messenger": Channel.DM,
    "instagram_dm": Channel.DM,
    "twitter_dm": Channel.DM,
    "26": Channel.DM,
    "line": Channel.DM,
    "wechat": Channel.DM,
    "telegram": Channel.DM,
    "viber": Channel.DM,
    "apple_business_chat": Channel.DM,
    "twitter": Channel.SOCIAL,
    "30": Channel.SOCIAL,
    "facebook": Channel.SOCIAL,
    "any_channel": Channel.SOCIAL,
    "voice": Channel.CALL,
    "voicemail": Channel.CALL,
    "phone_call_inbound": Channel.CALL,
    "phone_call_outbound": Channel.CALL,
    "33": Channel.CALL,
    "34": Channel.CALL,
    "35": Channel.CALL,
    "44": Channel.CALL,
    "45": Channel.CALL,
    "46": Channel.CALL,
}
"""`via.channel`, as a word or a number. https://developer.zendesk.com/documentation/ticketing/reference-guides/via-types/
The messaging names are not in that list as far as it could be read; an unknown one is Channel.OTHER."""

DIRECT_RELATIONS = frozenset({"direct_message", "message", "private_message"})
"""`via.source.rel` of a private message on an otherwise public network."""

WRITTEN_BY_HAND = frozenset(
    {"web", "web_form", "0", "api", "web_service", "5", "mobile", "iphone", "mobile_sdk", "batch"}
)
"""Where agents write; the customer gets it another way."""

BOTS = frozenset({"answer_bot", "answer_bot_for_web_widget", "answer_bot_for_agents", "automatic_solution_suggestions"})

RULES = frozenset({"rule", "8"})
RULE_RELATIONS = frozenset({"trigger", "automation"})

VOICE_TYPES = frozenset({"VoiceComment", "TpeVoiceComment"})

OUTBOUND = frozenset({"phone_call_outbound", "outbound", "35", "46"})
INBOUND = frozenset({"phone_call_inbound", "inbound", "34", "45"})
VOICEMAIL = frozenset({"voicemail", "33", "44"})
"""Words and numbers for the direction of a call: `via.channel`, `via.source.rel`, `data.via_id`, `data.direction`.
44-46 are the numbers that a partner's voice comments carry; 33-35 those of Zendesk Talk."""

ANSWERED = {
    "completed": True,
    "answered": True,
    "missed": False,
    "no_answer": False,
    "not_answered": False,
    "abandoned": False,
}
"""A partner's `completion_status`. The field is recorded, its words are inferred; any other word says nothing."""


def channel_of(via: Via) -> Channel:
    """The medium by which the customer wrote, or a ticket began."""
    channel = CHANNELS.get(via.channel, Channel.OTHER)
    if channel is Channel.SOCIAL and via.source.rel in DIRECT_RELATIONS:
        return Channel.DM
    return channel


def channel_of_reply(via: Via, ticket: Channel) -> Channel:
    """The medium by which an agent's public reply reached the customer.

    What agents type in Zendesk goes out by the ticket's own channel; a ticket from a form, a call or the API is
    answered by mail (inferred from the standard triggers, which mail every public comment to the requester).
    """
    if via.channel not in WRITTEN_BY_HAND:
        return channel_of(via)
    return Channel.EMAIL if ticket in (Channel.FORM, Channel.CALL, Channel.OTHER) else ticket


def is_automatic(via: Via) -> bool:
    """Was it sent by a rule or a bot?"""
    return via.channel in RULES or via.channel in BOTS or via.source.rel in RULE_RELATIONS


def is_voice(comment: Comment) -> bool:
    return comment.type in VOICE_TYPES


def is_hidden(comment: Comment) -> bool:
    """A partner's call without its numbers: they stand in the call's own record."""
    return comment.type == "TpeVoiceComment" and not (_number(comment, "from", "") and _number(comment, "to", ""))


def call_of(comment: Comment, record: Mapping[str, Any], region: str, customer: frozenset[str]) -> Call:
    """The call behind a voice comment. `record`: the partner's record of it, or empty; `customer`: their numbers."""
    from_number = _number(comment, "from", region) or read_number(_text(record, "from_line"), region)
    to_number = _number(comment, "to", region) or read_number(_text(record, "to_line"), region)
    said = _direction(comment, record)
    return Call(
        # Where nothing tells the direction, the numbers may; if they do not either, it is not counted as ours.
        outbound=said == "outbound" or (not said and to_number in customer),
        from_number=from_number,
        to_number=to_number,
        answered=_answered(comment, record, said),
        seconds=_seconds(comment.data.get("call_duration")),
    )


def _seconds(duration: object) -> int | None:
    """Written as a number, read back as digits: both occur."""
    digits = str(duration) if isinstance(duration, int | str) else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _direction(comment: Comment, record: Mapping[str, Any]) -> str:
    """ "outbound", "inbound", "voicemail", or "" where nothing says."""
    said, via = comment.data, comment.via
    signs = {via.channel, via.source.rel, _text(said, "direction"), _text(said, "via_id"), _text(record, "direction")}
    for words, name in ((VOICEMAIL, "voicemail"), (OUTBOUND, "outbound"), (INBOUND, "inbound")):
        if signs & words:
            return name
    return ""


def _answered(comment: Comment, record: Mapping[str, Any], said: str) -> bool | None:
    if said == "voicemail":
        return False
    if comment.data.get("answered_by_id"):
        return True
    return ANSWERED.get(_text(record, "completion_status").lower().replace("-", "_").replace(" ", "_"))


def _number(comment: Comment, side: str, region: str) -> str:
    formatted = comment.formatted_from if side == "from" else comment.formatted_to
    return read_number(_text(comment.data, side), region) or read_number(formatted, region)


def _text(facts: Mapping[str, Any], name: str) -> str:
    value = facts.get(name)
    return str(value)[:320] if isinstance(value, str | int) and not isinstance(value, bool) else ""
