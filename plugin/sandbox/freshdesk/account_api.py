"""People, groups, fields, business hours, ratings, time and files over REST."""

from __future__ import annotations

from plugin.sandbox.freshdesk import checks, shapes
from plugin.sandbox.freshdesk.errors import invalid, wrong_method
from plugin.sandbox.freshdesk.login import demand_admin
from plugin.sandbox.freshdesk.paging import page_of
from plugin.sandbox.freshdesk.state import Person
from plugin.sandbox.freshdesk.tickets_api import find
from plugin.sandbox.freshdesk.web import FreshCall, Reply, must
from plugin.sandbox.web import Routes


def add_routes(routes: Routes) -> None:
    """Everything beside tickets."""
    routes.add("GET", "/api/v2/agents", agents)
    routes.add("GET", "/api/v2/agents/me", me)
    routes.add("GET", "/api/v2/agents/<id>", agent)
    routes.add("GET", "/api/v2/contacts", contacts)
    routes.add("POST", "/api/v2/contacts", create_contact)
    routes.add("GET", "/api/v2/contacts/<id>", contact)
    routes.add("PUT", "/api/v2/contacts/<id>", change_contact)
    routes.add("GET", "/api/v2/groups", groups)
    routes.add("GET", "/api/v2/groups/<id>", group)
    routes.add("GET", "/api/v2/ticket_fields", fields)
    routes.add("GET", "/api/v2/business_hours", hours)
    routes.add("GET", "/api/v2/business_hours/<id>", one_schedule)
    routes.add("GET", "/api/v2/surveys/satisfaction_ratings", ratings)
    routes.add("GET", "/api/v2/tickets/<id>/satisfaction_ratings", ticket_ratings)
    routes.add("GET", "/api/v2/time_entries", time_entries)
    routes.add("GET", "/api/v2/tickets/<id>/time_entries", ticket_time_entries)


def me(call: FreshCall) -> Reply:
    """The only agent endpoint without admin rights: whose key this is."""
    return 200, shapes.show_agent(call.user)


def agents(call: FreshCall) -> Reply:
    demand_admin(call.user)
    rows = [p for p in call.desk.state.people.values() if p.agent and _named(call, p)]
    return 200, [shapes.show_agent(p) for p in page_of(call, rows)]


def agent(call: FreshCall, person_id: int) -> Reply:
    demand_admin(call.user)
    found = call.desk.state.people.get(person_id)
    return 200, shapes.show_agent(must(found if found and found.agent else None))


def contacts(call: FreshCall) -> Reply:
    """Deleted contacts only with state=deleted. `updated_since` and `_updated_since` both work here."""
    state = call.one_of("state", ("blocked", "deleted", "unverified", "verified"))
    since = call.query.get("_updated_since") or call.query.get("updated_since") or ""
    rows = [
        p for p in call.desk.state.people.values()
        if not p.agent and _named(call, p) and p.deleted == (state == "deleted") and p.updated_at >= since
    ]  # fmt: skip
    return 200, [shapes.show_contact(p) for p in page_of(call, rows)]


def _named(call: FreshCall, person: Person) -> bool:
    asked = {name: call.query[name] for name in ("email", "phone", "mobile") if name in call.query}
    return all(getattr(person, name) == value for name, value in asked.items())


def _contact(call: FreshCall, person_id: int) -> Person:
    """An agent's id is nobody here, although it comes from the same space."""
    found = call.desk.state.people.get(person_id)
    contact: Person = must(found if found and not found.agent else None)
    return contact


def contact(call: FreshCall, person_id: int) -> Reply:
    return 200, shapes.show_contact(_contact(call, person_id))


def create_contact(call: FreshCall) -> Reply:
    given = call.fields()
    checks.check_keys(given, checks.CONTACT_FIELDS)
    checks.demand(given, "name")
    if not any(given.get(name) for name in ("email", "phone", "mobile", "twitter_id", "unique_external_id")):
        raise invalid(("email", "Please fill at least 1 of email, mobile, phone, twitter_id", "missing_field"))
    if any(p.email and p.email == given.get("email") for p in call.desk.state.people.values()):
        raise invalid(("email", "It should be a unique value", "duplicate_value"))
    known = {name: given[name] for name in ("phone", "mobile", "language", "tags", "custom_fields") if given.get(name)}
    made = call.desk.add_person(given["name"], email=given.get("email") or "", **known)
    return 201, shapes.show_contact(made)


def change_contact(call: FreshCall, person_id: int) -> Reply:
    person, given = _contact(call, person_id), call.fields()
    if person.deleted:
        raise wrong_method(["GET"])
    checks.check_keys(given, checks.CONTACT_FIELDS)
    for name in ("name", "email", "phone", "mobile", "language", "tags"):
        setattr(person, name, given.get(name, getattr(person, name)))
    person.custom_fields |= given.get("custom_fields") or {}
    person.updated_at = call.desk.stamp()
    return 200, shapes.show_contact(person)


def groups(call: FreshCall) -> Reply:
    return 200, [shapes.show_group(g) for g in page_of(call, list(call.desk.state.groups.values()))]


def group(call: FreshCall, group_id: int) -> Reply:
    return 200, shapes.show_group(must(call.desk.state.groups.get(group_id)))


def fields(call: FreshCall) -> Reply:
    kind = call.query.get("type")
    return 200, [row for row in shapes.show_fields(call.desk) if kind in (None, row["type"])]


def hours(call: FreshCall) -> Reply:
    demand_admin(call.user)
    return 200, [shapes.show_hours(h) for h in page_of(call, call.desk.state.hours)]


def one_schedule(call: FreshCall, hours_id: int) -> Reply:
    demand_admin(call.user)
    return 200, shapes.show_hours(must(next((h for h in call.desk.state.hours if h.id == hours_id), None)))


def ratings(call: FreshCall) -> Reply:
    since = call.query.get("created_since", "")
    rows = [r for r in call.desk.state.ratings if r.created_at >= since]
    return 200, [shapes.show_rating(r) for r in page_of(call, rows)]


def ticket_ratings(call: FreshCall, ticket_id: int) -> Reply:
    ticket = find(call, ticket_id, reading=True)
    rows = [r for r in call.desk.state.ratings if r.ticket_id == ticket.id]
    return 200, [shapes.show_rating(r) for r in page_of(call, rows)]


def time_entries(call: FreshCall) -> Reply:
    return 200, [shapes.show_time_entry(e) for e in page_of(call, call.desk.state.time_entries)]


def ticket_time_entries(call: FreshCall, ticket_id: int) -> Reply:
    ticket = find(call, ticket_id, reading=True)
    rows = [e for e in call.desk.state.time_entries if e.ticket_id == ticket.id]
    return 200, [shapes.show_time_entry(e) for e in page_of(call, rows)]
