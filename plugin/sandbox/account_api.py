"""People, groups, schedules, calls, exports and webhooks over REST."""

from __future__ import annotations

import base64
import binascii

from plugin.sandbox import shapes
from plugin.sandbox.deliveries import new_ulid
from plugin.sandbox.errors import ApiError, bad_request, forbidden, invalid, too_many_values
from plugin.sandbox.events import PREFIX, TRIGGER
from plugin.sandbox.paging import page_of
from plugin.sandbox.state import Schedule, Webhook
from plugin.sandbox.web import Call, Reply, Routes, must

EXPORT_PAGE = 1000


def add_routes(routes: Routes) -> None:
    """Everything beside tickets."""
    routes.add("GET", "/api/v2/users/me", me)
    routes.add("GET", "/api/v2/users/show_many", show_users)
    routes.add("GET", "/api/v2/users/<id>", show_user)
    routes.add("GET", "/api/v2/users/<id>/identities", identities)
    routes.add("GET", "/api/v2/groups", groups)
    routes.add("GET", "/api/v2/groups/<id>", show_group)
    routes.add("GET", "/api/v2/business_hours/schedules", schedules)
    routes.add("GET", "/api/v2/business_hours/schedules/<id>", show_schedule)
    routes.add("GET", "/api/v2/business_hours/schedules/<id>/holidays", holidays)
    routes.add("GET", "/api/v2/calls/<id>", show_call)
    routes.add("GET", "/api/v2/account/settings", settings)
    routes.add("GET", "/api/v2/ticket_fields", fields)
    routes.add("GET", "/api/v2/incremental/tickets/cursor", export)
    routes.add("GET", "/api/v2/webhooks", hooks)
    routes.add("POST", "/api/v2/webhooks", create_hook)
    routes.add("GET", "/api/v2/webhooks/<key>", show_hook)
    routes.add("PATCH", "/api/v2/webhooks/<key>", change_hook)
    routes.add("PUT", "/api/v2/webhooks/<key>", change_hook)
    routes.add("DELETE", "/api/v2/webhooks/<key>", delete_hook)
    routes.add("GET", "/api/v2/webhooks/<key>/signing_secret", secret)
    routes.add("POST", "/api/v2/webhooks/<key>/signing_secret", new_secret)


def me(call: Call) -> Reply:
    return 200, {"user": shapes.show_user(call.user, call.base)}


def show_user(call: Call, user_id: int) -> Reply:
    return 200, {"user": shapes.show_user(must(call.desk.state.users.get(user_id)), call.base)}


def show_users(call: Call) -> Reply:
    ids = call.numbers("ids")
    if len(ids) > 100:
        raise too_many_values()
    found = [call.desk.state.users[i] for i in ids if i in call.desk.state.users]
    rows = [shapes.show_user(user, call.base) for user in found]
    return 200, {"users": rows, "count": len(rows), "next_page": None, "previous_page": None}


def identities(call: Call, user_id: int) -> Reply:
    must(call.desk.state.users.get(user_id))
    rows = [shapes.show_identity(i, call.base) for i in call.desk.state.identities if i.user_id == user_id]
    return 200, page_of("identities", rows, call.query, call.url)


def groups(call: Call) -> Reply:
    rows = [shapes.show_group(g, call.base) for g in call.desk.state.groups.values() if not g.deleted]
    return 200, page_of("groups", rows, call.query, call.url)


def show_group(call: Call, group_id: int) -> Reply:
    return 200, {"group": shapes.show_group(must(call.desk.state.groups.get(group_id)), call.base)}


def schedules(call: Call) -> Reply:
    """403 where the plan has no schedules."""
    if not call.desk.state.settings.schedules:
        raise forbidden()
    return 200, {"schedules": [_schedule(s) for s in call.desk.state.schedules]}


def show_schedule(call: Call, schedule_id: int) -> Reply:
    return 200, {"schedule": _schedule(_find_schedule(call, schedule_id))}


def holidays(call: Call, schedule_id: int) -> Reply:
    return 200, {"holidays": _find_schedule(call, schedule_id).holidays}


def _find_schedule(call: Call, schedule_id: int) -> Schedule:
    if not call.desk.state.settings.schedules:
        raise forbidden()
    found: Schedule = must(next((s for s in call.desk.state.schedules if s.id == schedule_id), None))
    return found


def _schedule(schedule: Schedule) -> dict[str, object]:
    return {"id": schedule.id, "name": schedule.name, "time_zone": schedule.time_zone,
            "intervals": schedule.intervals}  # fmt: skip


def show_call(call: Call, call_id: int) -> Reply:
    return 200, {"call": shapes.show_call(must(call.desk.state.calls.get(call_id)))}


def settings(call: Call) -> Reply:
    """Only the parts somebody may need: the account's real answer has dozens of groups."""
    zone = call.desk.state.users[call.desk.state.integration_id].rails_zone
    return 200, {"settings": {"tickets": {"agent_ticket_deletion": True, "tagging": True},
                              "localization": {"locale_ids": [1]}, "user": {"tagging": True},
                              "branding": {"header_color": "03363D"}, "billing": {"backend": "zuora"},
                              "brands": {"default_brand_id": 8447346621310}, "lotus": {"time_zone": zone}}}  # fmt: skip


def fields(call: Call) -> Reply:
    rows = [
        {"id": f.id, "title": f.title, "type": f.type, "active": True,
         "custom_field_options": [{"name": o, "value": o} for o in f.options]}
        for f in call.desk.state.fields.values()
    ]  # fmt: skip
    return 200, page_of("ticket_fields", rows, call.query, call.url)


# --- incremental export ---


def export(call: Call) -> Reply:
    """Tickets by their last change, the last minute left out, deleted ones in. Admins only. An empty page at a start
    time has no cursor (zendesk.md 2.4)."""
    if call.user.role != "admin":
        raise forbidden()
    now = int(call.desk.clock.now().timestamp())
    start = _cursor_in(call.query["cursor"]) if "cursor" in call.query else _start_time(call, now)
    size = min(int(call.query.get("per_page", EXPORT_PAGE)), EXPORT_PAGE)
    due = sorted((t.generated, t.id) for t in call.desk.state.tickets.values() if t.generated <= now - 60)
    rows = [key for key in due if key > start]
    shown, end = rows[:size], len(rows) <= size
    after = _cursor_out(shown[-1]) if shown else call.query.get("cursor")
    url = f"{call.base}/api/v2/incremental/tickets/cursor.json?cursor="
    tickets = [shapes.show_ticket(call.desk, call.desk.state.tickets[i], call.base) for _at, i in shown]
    return 200, {"tickets": tickets, "after_url": url + after if after else None, "before_url": None,
                 "after_cursor": after, "before_cursor": None, "end_of_stream": end}  # fmt: skip


def _start_time(call: Call, now: int) -> tuple[int, int]:
    given = call.query.get("start_time", "")
    if not given.isdigit():
        raise bad_request("Missing or invalid start_time parameter", "InvalidValue")
    if int(given) > now - 60:
        raise ApiError(422, {"error": "InvalidValue", "description": "Too recent start_time. Use a start_time older "
                                                                     "than 1 minute"})  # fmt: skip
    return int(given), -1


def _cursor_out(key: tuple[int, int]) -> str:
    return base64.b64encode(f"{key[0]}.0||{key[1]}".encode()).decode()


def _cursor_in(cursor: str) -> tuple[int, int]:
    try:
        at, _, number = base64.b64decode(cursor, validate=True).decode().partition("||")
        return int(float(at)), int(number)
    except (binascii.Error, ValueError):
        raise bad_request("Invalid cursor", "InvalidCursor") from None


# --- webhooks ---


def hooks(call: Call) -> Reply:
    wanted = call.query.get("filter[name_contains]", "")
    rows = [shapes.show_webhook(h) for h in call.desk.state.webhooks.values() if wanted in h.name]
    return 200, page_of("webhooks", rows, {"page[size]": "100", **call.query}, call.url)


def create_hook(call: Call) -> Reply:
    asked = call.json().get("webhook") or {}
    kinds = list(asked.get("subscriptions") or [])
    for name in ("name", "endpoint", "http_method", "request_format", "status"):
        if not asked.get(name):
            raise invalid(name, f"{name}: cannot be blank", "BlankValue")
    if not kinds or (TRIGGER in kinds and len(kinds) > 1) or any(k != TRIGGER and PREFIX not in k for k in kinds):
        raise invalid("subscriptions", "Subscriptions: are invalid")
    now = call.desk.clock.now()
    made = Webhook(
        new_ulid(now, call.desk.random), asked["name"], asked["endpoint"], fresh_secret(call), kinds,
        call.desk.stamp(), call.user.id, asked["status"], asked["http_method"], asked["request_format"],
        asked.get("description", ""),
    )  # fmt: skip
    call.desk.state.webhooks[made.id] = made
    return 201, {"webhook": shapes.show_webhook(made)}


def show_hook(call: Call, key: str) -> Reply:
    return 200, {"webhook": shapes.show_webhook(_hook(call, key))}


def change_hook(call: Call, key: str) -> Reply:
    hook, asked = _hook(call, key), call.json().get("webhook") or {}
    if (TRIGGER in asked.get("subscriptions", hook.subscriptions)) != (TRIGGER in hook.subscriptions):
        raise invalid("subscriptions", "The kind of a webhook cannot be changed")
    for name in ("name", "endpoint", "status", "subscriptions", "description"):
        setattr(hook, name, asked.get(name, getattr(hook, name)))
    return 204, None


def delete_hook(call: Call, key: str) -> Reply:
    del call.desk.state.webhooks[_hook(call, key).id]
    return 204, None


def secret(call: Call, key: str) -> Reply:
    return 200, {"signing_secret": {"secret": _hook(call, key).secret, "algorithm": "SHA256"}}


def new_secret(call: Call, key: str) -> Reply:
    hook = _hook(call, key)
    hook.secret = fresh_secret(call)
    return 201, {"signing_secret": {"secret": hook.secret, "algorithm": "SHA256"}}


def fresh_secret(call: Call) -> str:
    """Looks like base64, is used as text (zendesk.md 1.4)."""
    return base64.b64encode(call.desk.random.randbytes(48)).decode()


def _hook(call: Call, key: str) -> Webhook:
    found: Webhook = must(call.desk.state.webhooks.get(key))
    return found
