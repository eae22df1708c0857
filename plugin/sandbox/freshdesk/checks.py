"""Refuse bodies as Freshdesk does: unknown keys, wrong types, values nobody knows, fields the account demands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugin.sandbox.freshdesk.desk import FreshDesk
from plugin.sandbox.freshdesk.errors import invalid, unknown_field
from plugin.sandbox.freshdesk.state import Attachment, FreshTicket
from plugin.sandbox.state import Json

UPDATE: dict[str, type] = {
    "name": str, "requester_id": int, "email": str, "facebook_id": str, "phone": str, "twitter_id": str,
    "unique_external_id": str, "subject": str, "type": str, "status": int, "priority": int, "description": str,
    "responder_id": int, "attachments": list, "custom_fields": dict, "due_by": str, "email_config_id": int,
    "fr_due_by": str, "group_id": int, "parent_id": int, "product_id": int, "source": int, "tags": list,
    "company_id": int, "internal_agent_id": int, "internal_group_id": int,
}  # fmt: skip
"""What PUT /tickets/{id} takes (freshdesk.md 1.2)."""

CREATE: dict[str, type] = {**UPDATE, "cc_emails": list, "related_ticket_ids": list}
NOTE_FIELDS: dict[str, type] = {"body": str, "private": bool, "incoming": bool, "notify_emails": list, "user_id": int,
                                "attachments": list, "structured_body": dict}  # fmt: skip
REPLY_FIELDS: dict[str, type] = {"body": str, "from_email": str, "user_id": int, "cc_emails": list,
                                 "bcc_emails": list, "attachments": list, "structured_body": dict}  # fmt: skip
EDIT_FIELDS: dict[str, type] = {"body": str, "attachments": list}
SUMMARY_FIELDS: dict[str, type] = {"body": str, "attachments": list}
CONTACT_FIELDS: dict[str, type] = {
    "name": str, "email": str, "phone": str, "mobile": str, "twitter_id": str, "unique_external_id": str,
    "other_emails": list, "company_id": int, "address": str, "description": str, "job_title": str, "language": str,
    "tags": list, "time_zone": str, "custom_fields": dict, "view_all_tickets": bool,
}  # fmt: skip

SOURCES = (1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13)

MAX_TAG = 32
"""Letters of a tag (freshdesk.md 1.2)."""

_NAMES = {str: "String", int: "Positive Integer", bool: "Boolean", list: "Array", dict: "key/value pair"}


def check_keys(given: Json, known: Mapping[str, type]) -> None:
    """400 for any key that is not known, and for values of another type; null is allowed."""
    if strange := [name for name in given if name not in known]:
        raise unknown_field(*strange)
    faults = []
    for name, value in given.items():
        kind = known[name]
        wrong_bool = isinstance(value, bool) and kind is not bool
        if value is not None and (wrong_bool or not isinstance(value, kind)):
            seen = _NAMES.get(type(value), type(value).__name__)
            text = f"Value set is of type {seen}.It should be a/an {_NAMES[kind]}"
            faults.append((name, text, "datatype_mismatch"))
    if any(not isinstance(file, Attachment) for file in given.get("attachments") or []):
        faults.append(("attachments", "It should be a list of valid file formats", "datatype_mismatch"))
    if faults:
        raise invalid(*faults)


def demand(given: Json, *names: str) -> None:
    """400 for fields that are missing or blank."""
    if missing := [name for name in names if given.get(name) in (None, "", [])]:
        raise invalid(*((name, "It should be a/an String", "missing_field") for name in missing))


def check_values(desk: FreshDesk, given: Json) -> None:
    """400 for values of a ticket that the account does not know."""
    settings, faults = desk.state.settings, []
    choices: dict[str, tuple[Any, ...]] = {
        "status": tuple(int(key) for key in settings.statuses), "priority": (1, 2, 3, 4), "source": SOURCES,
        "type": (None, *settings.types),
    }  # fmt: skip
    for name, allowed in choices.items():
        if name in given and given[name] not in allowed:
            listed = ",".join(str(value) for value in allowed if value is not None)
            faults.append((name, f"It should be one of these values: '{listed}'", "invalid_value"))
    faults += [(name, f"There is no person matching the given {name}", "invalid_value")
               for name in ("responder_id", "requester_id")
               if given.get(name) is not None and given[name] not in desk.state.people]  # fmt: skip
    if given.get("group_id") is not None and given["group_id"] not in desk.state.groups:
        faults.append(("group_id", "There is no group matching the given group_id", "invalid_value"))
    faults += [(f"custom_fields.{name}", "Unexpected/invalid field in request", "invalid_field")
               for name in given.get("custom_fields") or {} if name not in desk.state.custom_fields]  # fmt: skip
    faults += _tag_faults(given.get("tags") or [], settings.max_tags)
    if faults:
        raise invalid(*faults)


def check_required(desk: FreshDesk, ticket: FreshTicket, given: Json) -> None:
    """400 for an update that leaves a field blank which the account's admin made required, sent or not."""
    settings = desk.state.settings
    faults = []
    for name in settings.required:
        custom = name.startswith("cf_")
        now = ticket.custom_fields.get(name) if custom else getattr(ticket, name)
        asked = (given.get("custom_fields") or {}).get(name, now) if custom else given.get(name, now)
        if asked in (None, ""):
            listed = ",".join(settings.types) if name == "type" else ""
            text = f"It should be one of these values: '{listed}'" if listed else "It should be a/an String"
            faults.append((f"custom_fields.{name}" if custom else name, text, "missing_field"))
    if faults:
        raise invalid(*faults)


def _tag_faults(tags: list[Any], most: int) -> list[tuple[str, str, str]]:
    if any(not isinstance(tag, str) for tag in tags):
        return [("tags", "It should contain elements of type String only", "datatype_mismatch")]
    if any("," in tag for tag in tags):
        return [("tags", "special_chars_present: ,", "invalid_value")]
    if any(len(tag.strip()) > MAX_TAG or not tag.strip() for tag in tags):
        return [("tags", f"It should only contain elements that have maximum of {MAX_TAG} characters", "invalid_value")]
    if len(tags) > most:
        return [("tags", f"Has {len(tags)} elements, it can have maximum of {most} elements", "invalid_value")]
    return []
