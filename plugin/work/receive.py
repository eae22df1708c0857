"""Let a webhook in: prove who sent it, see which ticket it points at, and have it on disk before we say yes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from plugin.ports import Account, Connector, Delivery, Doorbell, Refused

Keep = Callable[[Delivery, Doorbell, datetime | None], bool]
"""`ports.Storage.keep`."""


def receive(delivery: Delivery, account: Account, connector: Connector, keep: Keep, quiet: timedelta) -> bool:
    """True for a new delivery, False for a repeat. Raises Refused, or Temporary when it could not be kept."""
    connector.verify(delivery, account.signing, delivery.received_at)
    doorbell = connector.point(delivery)
    if doorbell.account_ref and account.external_id and doorbell.account_ref != account.external_id:
        raise Refused(401, "the payload names another account")
    due_at = delivery.received_at + quiet if _wakes(doorbell, account) else None
    kept = delivery if doorbell.keep is None else replace(delivery, body=doorbell.keep)
    return keep(kept, doorbell, due_at)


def _wakes(doorbell: Doorbell, account: Account) -> bool:
    """Our own writes wake nobody, or one note would become thirty."""
    ours = bool(account.own_user_id) and doorbell.actor_id == account.own_user_id
    return doorbell.kind in ("ticket", "gone") and bool(doorbell.ticket_id) and not ours
