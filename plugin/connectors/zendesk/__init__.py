"""Zendesk: webhooks in, tickets read, notes and tags written back."""

from __future__ import annotations

from plugin.connectors.zendesk.inbound import signature_matches
from plugin.connectors.zendesk.outbound import ZendeskConnector
from plugin.http import Http
from plugin.ports import Account, Clock

__all__ = ["SECRETS", "ZendeskConnector", "connect", "signature_matches"]

SECRETS = {
    "client_id": "OAuth client identifier",
    "client_secret": "OAuth client secret",
    "email": "e-mail of the API token's owner (legacy)",
    "token": "API token (legacy)",
}
"""What `Account.credentials` holds, and what each is."""


def connect(account: Account, http: Http, clock: Clock) -> ZendeskConnector:
    """The connector of one Zendesk account; Rejected when its credentials are of no known kind."""
    return ZendeskConnector(account, http, clock)
