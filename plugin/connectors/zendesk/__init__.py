"""Zendesk: webhooks in, tickets read, notes and tags written back."""

from __future__ import annotations

from plugin.connectors.zendesk.inbound import signature_matches
from plugin.connectors.zendesk.outbound import ZendeskConnector
from plugin.http import Http
from plugin.ports import Account, Clock

__all__ = ["ZendeskConnector", "connect", "signature_matches"]


def connect(account: Account, http: Http, clock: Clock) -> ZendeskConnector:
    """The connector of one Zendesk account; Rejected when its credentials are of no known kind."""
    return ZendeskConnector(account, http, clock)
