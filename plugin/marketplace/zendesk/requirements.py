"""What Zendesk sets up when the app is installed: a webhook, a trigger that rings it, and a view of promises in danger.

No field is among it: Zendesk deletes all of this when the app is uninstalled, and with a field go its values on every
ticket. https://developer.zendesk.com/documentation/apps/app-developer-guide/apps_requirements
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from plugin.marketplace.archive import Files
from plugin.marketplace.place import Place
from plugin.marketplace.problems import Problem, Unreadable, joined, read_object, shown
from plugin.marketplace.zendesk.rules import check_triggers, check_views
from plugin.marketplace.zendesk.webhooks import check_webhooks

FILE = "requirements.json"

TYPES = ("automations", "channel_integrations", "custom_objects", "custom_objects_v2", "macros", "organization_fields",
         "targets", "ticket_fields", "triggers", "user_fields", "views", "webhooks")  # fmt: skip

HOLD_DATA = ("ticket_fields", "user_fields", "organization_fields", "custom_objects", "custom_objects_v2")
"""Types that hold what people entered: uninstalling the app deletes it."""

MOST = 5000
"""Requirements in one app (zendesk/zendesk_apps_support, validations/requirements.rb)."""

BANNED_TARGETS = ("http_target", "url_target_v2")

OVERDUE, AT_RISK, DIGEST = "ft_promise_overdue", "ft_promise_at_risk", "ft_digest"
"""Tags that Followthrough sets: on tickets whose promise is late or soon will be, and on tickets it opened itself."""

WEBHOOK = "followthrough_bell"


def make_requirements(place: Place) -> dict[str, Any]:
    """The content of requirements.json."""
    return {
        "webhooks": {WEBHOOK: _webhook(place)},
        "triggers": {"followthrough_ring": _trigger(place)},
        "views": {"followthrough_promises": _view()},
    }


def _webhook(place: Place) -> dict[str, Any]:
    return {
        "name": "Followthrough",
        "description": "Rings Followthrough when a ticket changes. Zendesk signs each request.",
        "status": "active",
        "endpoint": f"{place.url}/hooks/zendesk/{place.account}",
        "http_method": "POST",
        "request_format": "json",
        "subscriptions": ["conditional_ticket_events"],
    }


def _trigger(place: Place) -> dict[str, Any]:
    """Nothing Followthrough does itself may meet these conditions, or one note would ring for the next. It writes
    private notes and tags: where its user is known, that user is left out; where not, only public comments ring."""
    conditions = [_condition("current_tags", "not_includes", DIGEST)]
    if place.own_user:
        conditions.append(_condition("role", "is_not", place.own_user))
    return {
        "title": "Followthrough: a ticket changed",
        "description": "Tells Followthrough which ticket to look at. Sends ids only.",
        "all": conditions,
        "any": [
            _condition("update_type", "is", "Create"),
            _condition("comment_is_public", "is", "not_relevant" if place.own_user else "true"),
            *(_condition(field, "changed", "") for field in ("status", "group_id", "assignee_id")),
        ],
        "actions": [{"field": "notification_webhook", "value": [WEBHOOK, _body(place)]}],
    }


def _body(place: Place) -> str:
    """The trigger's message: ids between quotation marks and no words of anybody, as the connector's SETUP.md says."""
    account = {"account_id": place.number} if place.number else {}
    return json.dumps(
        {"source": "zendesk_trigger", "v": 1}
        | account
        | {
            "ticket_id": "{{ticket.id}}",
            "status": "{{ticket.status}}",
            "updated_at": "{{ticket.updated_at_with_timestamp}}",
            "actor_id": "{{current_user.id}}",
            "requester_id": "{{ticket.requester.id}}",
        }
    )


def _view() -> dict[str, Any]:
    return {
        "title": "Followthrough: promises overdue or at risk",
        "description": "Tickets on which something was promised that is late, or soon will be.",
        "all": [
            _condition("status", "less_than", "closed"),
            _condition("current_tags", "includes", f"{OVERDUE} {AT_RISK}"),
        ],
        "any": [],
        "output": {
            "columns": ["status", "subject", "requester", "assignee", "updated"],
            "group_by": "assignee",
            "group_order": "asc",
            "sort_by": "updated",
            "sort_order": "desc",
        },
    }


def _condition(field: str, operator: str, value: str) -> dict[str, str]:
    return {"field": field, "operator": operator, "value": value}


def check_requirements(files: Files) -> Iterator[Problem]:
    """Everything about requirements.json; nothing where there is none."""
    if FILE not in files:
        return
    try:
        requirements = read_object(files, FILE)
    except Unreadable as error:
        yield error.problem
        return
    for kind, entries in requirements.items():
        yield from _check_kind(kind, entries)
    count = sum(len(entries) if isinstance(entries, dict) else 1 for entries in requirements.values())
    if count > MOST:
        yield Problem(FILE, "", f"holds {count} requirements", f"keep at most {MOST}")
    whole = {k: _objects(v) for k, v in requirements.items()}
    yield from check_webhooks(whole.get("webhooks", {}), files)
    yield from check_triggers(whole.get("triggers", {}), whole.get("webhooks", {}))
    yield from check_views(whole.get("views", {}))


def _check_kind(kind: str, entries: Any) -> Iterator[Problem]:
    if kind not in TYPES:
        yield Problem(FILE, shown(kind), "is no type of requirement", f"one of {joined(TYPES)}")
    elif kind in HOLD_DATA:
        what = "holds what people entered, and uninstalling the app would delete it on every ticket"
        yield Problem(FILE, kind, what, "leave it out; an admin makes the field by hand or over the API")
    elif not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        yield Problem(FILE, kind, "must be an object of objects", 'write {"a_key_of_ours": {…}}')
    else:
        for name, entry in entries.items():
            yield from _check_entry(kind, name, entry)
        if kind == "channel_integrations" and len(entries) > 1:
            yield Problem(FILE, kind, "holds more than one", "keep one")


def _check_entry(kind: str, name: str, entry: Mapping[str, Any]) -> Iterator[Problem]:
    key = f"{kind}.{shown(name)}"
    needed = {"webhooks": (), "channel_integrations": ("manifest_url",)}.get(kind, ("title",))
    for field in needed:
        if not entry.get(field):
            yield Problem(FILE, f"{key}.{field}", "is missing", f"add {field}")
    if kind == "targets" and entry.get("type") in BANNED_TARGETS:
        yield Problem(FILE, f"{key}.type", f"{entry['type']} is no longer taken", "use a webhook")


def _objects(entries: Any) -> dict[str, dict[str, Any]]:
    return {k: v for k, v in entries.items() if isinstance(v, dict)} if isinstance(entries, dict) else {}
