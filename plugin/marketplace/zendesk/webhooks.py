"""Check the webhooks a Zendesk app brings: they ring our own server, and carry no secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plugin.marketplace.archive import Files
from plugin.marketplace.place import host_fault, split_address
from plugin.marketplace.problems import Problem, Unreadable, read_object, shown

FILE = "requirements.json"

NEEDED = ("name", "status", "endpoint", "http_method", "request_format")
KEYS = (*NEEDED, "description", "subscriptions", "authentication", "custom_headers", "signing_secret")

TICKET_TRIGGERS = "conditional_ticket_events"
"""The subscription of a webhook that triggers ring; such a one takes no other beside it.
https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/"""


def check_webhooks(webhooks: Mapping[str, Mapping[str, Any]], files: Files) -> Iterator[Problem]:
    """Each webhook: complete, ours, POST and JSON, of one kind, without a secret in the package."""
    hosts = _hosts(files)
    for name, webhook in webhooks.items():
        key = f"webhooks.{shown(name)}"
        for field in NEEDED:
            if not webhook.get(field):
                yield Problem(FILE, f"{key}.{field}", "is missing", f"add {field}")
        for field in sorted(webhook.keys() - set(KEYS)):
            yield Problem(FILE, f"{key}.{shown(field)}", "is no key of a webhook", "take it out")
        yield from _check_endpoint(key, webhook.get("endpoint"), hosts)
        yield from _check_form(key, webhook)
        for field in ("authentication", "custom_headers", "signing_secret"):
            if webhook.get(field):
                what = "would put a secret into a file that is passed around"
                yield Problem(FILE, f"{key}.{field}", what, "take it out: Zendesk makes a signing secret by itself")


def _check_endpoint(key: str, endpoint: Any, hosts: set[str]) -> Iterator[Problem]:
    if not isinstance(endpoint, str) or not endpoint:
        return  # said above
    parts = split_address(endpoint)
    fault = "" if parts.scheme == "https" else "does not begin with https://"
    if fault := fault or host_fault(parts.netloc):
        yield Problem(FILE, f"{key}.endpoint", fault, "build with --url https://… of a public host")
    elif hosts and parts.netloc not in hosts:
        what = f"{shown(parts.netloc)} is another host than the app's page"
        yield Problem(FILE, f"{key}.endpoint", what, "ring the server that serves the page")


def _check_form(key: str, webhook: Mapping[str, Any]) -> Iterator[Problem]:
    wanted = {"http_method": "POST", "request_format": "json", "status": "active"}
    for field, value in wanted.items():
        if webhook.get(field) and webhook[field] != value:
            yield Problem(FILE, f"{key}.{field}", f"is {shown(webhook[field])}", f'write "{value}"')
    subscriptions = webhook.get("subscriptions")
    if not isinstance(subscriptions, list) or not subscriptions:
        yield Problem(FILE, f"{key}.subscriptions", "is missing", f'write ["{TICKET_TRIGGERS}"]')
    elif TICKET_TRIGGERS in subscriptions and len(subscriptions) > 1:
        what = "mixes triggers with events; a webhook is of one kind"
        yield Problem(FILE, f"{key}.subscriptions", what, f"keep only {TICKET_TRIGGERS}")


def _hosts(files: Files) -> set[str]:
    """Hosts of the pages that the manifest shows."""
    try:
        products: Any = read_object(files, "manifest.json").get("location")
    except Unreadable:
        return set()
    places = [p for p in products.values() if isinstance(p, dict)] if isinstance(products, dict) else []
    options = [o for place in places for o in place.values()]
    urls = [o.get("url") if isinstance(o, dict) else o for o in options]
    return {split_address(url).netloc for url in urls if isinstance(url, str)} - {""}
