"""Check the business rules a Zendesk app brings: a trigger that cannot ring itself and sends ids, a view that opens.

Fields and operators: https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from plugin.marketplace.problems import Problem, joined, shown

FILE = "requirements.json"

Rule = Mapping[str, Any]

_MOVES = frozenset(
    {"is", "is_not", "changed", "not_changed", "value", "value_previous", "not_value", "not_value_previous"}
)
_ORDER = _MOVES | {"less_than", "greater_than"}

OPERATORS: dict[str, frozenset[str]] = {
    "update_type": frozenset({"is"}),
    "comment_is_public": frozenset({"is", "is_not"}),
    "role": frozenset({"is", "is_not"}),
    "current_tags": frozenset({"includes", "not_includes"}),
    "current_via_id": frozenset({"is", "is_not"}),
    "status": _ORDER,
    "priority": _ORDER,
    "type": frozenset({"is", "is_not"}),
    "group_id": _MOVES,
    "assignee_id": _MOVES,
    "requester_id": _MOVES,
    "organization_id": _MOVES,
}
"""Fields that our rules may ask about, with the operators Zendesk takes for each."""

VALUES: dict[str, frozenset[str]] = {
    "update_type": frozenset({"Create", "Change"}),
    "comment_is_public": frozenset({"true", "false", "not_relevant", "requester_can_see_comment"}),
}

IDS = frozenset(
    {"ticket.id", "ticket.status", "ticket.updated_at_with_timestamp", "current_user.id", "ticket.requester.id"}
)
"""Placeholders a message may hold. All else is words, names or addresses, which also break the JSON around them."""

BASIC = ("status", "type", "group_id", "assignee_id", "requester_id")
"""A view must ask about one of these in `all`. https://developer.zendesk.com/api-reference/ticketing/business-rules/views/"""

_PLACEHOLDER = re.compile(r"\{[{%]-?\s*(.*?)\s*-?[%}]\}", re.DOTALL)


def check_triggers(triggers: Mapping[str, Rule], webhooks: Mapping[str, Rule]) -> Iterator[Problem]:
    """Each trigger: known conditions, deaf to our own writing, one message of ids to a webhook of the package."""
    for name, trigger in triggers.items():
        key = f"triggers.{shown(name)}"
        yield from _check_conditions(key, trigger)
        yield from _check_echo(key, trigger)
        actions = trigger.get("actions")
        if not isinstance(actions, list) or not actions:
            yield Problem(FILE, f"{key}.actions", "is missing", "add the notification_webhook action")
            continue
        for action in actions:
            yield from _check_action(key, action, webhooks)


def check_views(views: Mapping[str, Rule]) -> Iterator[Problem]:
    """Each view: known conditions, and one that Zendesk asks for in every view."""
    for name, view in views.items():
        key = f"views.{shown(name)}"
        yield from _check_conditions(key, view)
        if not any(condition.get("field") in BASIC for condition in _conditions(view, "all")):
            yield Problem(FILE, f"{key}.all", f"asks about none of {', '.join(BASIC)}", "add a condition on status")


def _check_conditions(key: str, rule: Rule) -> Iterator[Problem]:
    if not _conditions(rule, "all") and not _conditions(rule, "any"):
        yield Problem(FILE, key, "has no conditions", 'add "all" or "any"')
    for group in ("all", "any"):
        if not isinstance(rule.get(group, []), list):
            yield Problem(FILE, f"{key}.{group}", "must be a list", "write [] or a list of conditions")
        for condition in _conditions(rule, group):
            yield from _check_condition(f"{key}.{group}", condition)


def _check_condition(key: str, condition: Rule) -> Iterator[Problem]:
    field, operator, value = (_text(condition.get(part)) for part in ("field", "operator", "value"))
    if field not in OPERATORS:
        yield Problem(FILE, key, f"{shown(field)} is no field our rules ask about", f"one of {joined(OPERATORS)}")
        return
    if operator not in OPERATORS[field]:
        what = f"{field} knows no operator {shown(operator)}"
        yield Problem(FILE, key, what, f"one of {joined(OPERATORS[field])}")
    if field in VALUES and value not in VALUES[field]:
        yield Problem(FILE, key, f"{field} is never {shown(value)}", f"one of {joined(VALUES[field])}")
    if not isinstance(condition.get("value"), str):
        yield Problem(FILE, key, f"{field} has no text as its value", 'write it between quotation marks, "" for none')


def _check_echo(key: str, trigger: Rule) -> Iterator[Problem]:
    """Our private notes and tags must not meet the conditions: either our user is left out, or only what we never do
    rings."""
    always = _conditions(trigger, "all")
    if any(c.get("field") == "role" and c.get("operator") == "is_not" and _is_id(c.get("value")) for c in always):
        return
    rings = _conditions(trigger, "any") or always
    if all(_is_never_ours(condition) for condition in rings):
        return
    what = "is rung by our own notes: one note would ring for the next"
    yield Problem(FILE, key, what, "build with --own-user ID, or let only public comments and changes of state ring")


def _is_never_ours(condition: Rule) -> bool:
    field, operator, value = (condition.get(part) for part in ("field", "operator", "value"))
    if field == "comment_is_public":
        return operator == "is" and value in ("true", "requester_can_see_comment")
    if field == "update_type":
        return value == "Create"
    return operator == "changed" and field in ("status", "group_id", "assignee_id", "requester_id", "priority")


def _text(value: object) -> str:
    """Text as it stands; anything else as it would be shown, so that it can be compared and named."""
    return value if isinstance(value, str) else shown(value)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[1-9][0-9]*", value))


def _check_action(key: str, action: Any, webhooks: Mapping[str, Rule]) -> Iterator[Problem]:
    key = f"{key}.actions"
    field = action.get("field") if isinstance(action, dict) else None
    if field != "notification_webhook":
        what = f"{shown(field)} would change the ticket or write to somebody"
        yield Problem(FILE, key, what, "keep only notification_webhook")
        return
    value = action.get("value")
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(part, str) for part in value):
        yield Problem(FILE, key, "must hold the webhook's key and the message", 'write ["our_webhook", "{…}"]')
        return
    if value[0] not in webhooks:
        what = f"there is no webhook {shown(value[0])} in this package"
        yield Problem(FILE, key, what, f"one of {joined(webhooks) or 'none: add one'}")
    yield from _check_message(key, value[1])


def _check_message(key: str, message: str) -> Iterator[Problem]:
    for placeholder in _PLACEHOLDER.findall(message):
        if placeholder not in IDS:
            what = f"sends {{{{{shown(placeholder)}}}}}"
            yield Problem(FILE, key, what, f"send ids only: {joined(IDS)}")
    try:
        said = json.loads(message)
    except json.JSONDecodeError:
        said = None
    if not isinstance(said, dict):
        yield Problem(FILE, key, "the message is no JSON object", "put every placeholder between quotation marks")
    elif said.get("ticket_id") != "{{ticket.id}}":
        yield Problem(FILE, key, "the message does not say which ticket", 'add "ticket_id": "{{ticket.id}}"')


def _conditions(rule: Rule, group: str) -> list[Rule]:
    found = rule.get(group)
    return [c for c in found if isinstance(c, dict)] if isinstance(found, list) else []
