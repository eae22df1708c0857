"""Freshdesk: webhooks and app events in, tickets read, a living card and tags written back."""

from __future__ import annotations

import secrets
from dataclasses import replace
from urllib.parse import urlsplit

from plugin.connectors.freshdesk.outbound import FreshdeskConnector
from plugin.http import Http
from plugin.http.client import LOOPBACK
from plugin.ports import Account, Clock, Rejected

__all__ = ["SECRETS", "FreshdeskConnector", "connect", "instruct", "prepare"]

SECRETS = {
    "api_key": "API key of our agent",
    "app_secret": "secret of our app inside Freshdesk (made by us)",
    "hook_path": "secret end of the webhook's address (made by us)",
}
"""What `Account.credentials` holds, and what each is."""


def connect(account: Account, http: Http, clock: Clock) -> FreshdeskConnector:
    """The connector of one Freshdesk account."""
    return FreshdeskConnector(account, http, clock)


def prepare(account: Account) -> Account:
    """The account with the secrets that are ours to make, where they are missing: the end of the webhook's address, the
    token of its header, and the secret of our app. Rejected for an address where the API does not answer.
    https://developers.freshdesk.com/api/#intro"""
    host = urlsplit(account.host).hostname or ""
    if not host.endswith(".freshdesk.com") and host not in LOOPBACK:
        raise Rejected("Freshdesk's API answers at https://….freshdesk.com only, not at a portal's own name")
    made = {name: secrets.token_urlsafe(24) for name in ("hook_path", "app_secret")}
    given = {name: value for name, value in account.credentials.items() if value}
    signing = account.signing or (secrets.token_urlsafe(32),)
    return replace(account, credentials={**made, **given}, signing=signing)


def instruct(account: Account, base: str) -> tuple[str, ...]:
    """What to put where in Freshdesk, line by line; it holds secrets and is shown once."""
    own, token = account.credentials, next(iter(account.signing), "")
    return (
        f"Webhook address: {base}/hooks/freshdesk/{account.id}/{own.get('hook_path', '')}",
        f"  in Freshdesk's automation rules, with the header X-Followthrough-Token: {token}",
        f"App: address {base}, account {account.id}, app secret {own.get('app_secret', '')}",
        "  in the app's installation page inside Freshdesk, where you use the app",
        "These are shown once; SETUP.md of the connector says where each belongs.",
    )
