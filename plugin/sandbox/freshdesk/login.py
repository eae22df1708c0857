"""Who is asking: HTTP Basic with an agent's key as the name and anything as the password (freshdesk.md 1.1)."""

from __future__ import annotations

import base64
import binascii
import hmac

from plugin.sandbox.freshdesk.desk import FreshDesk
from plugin.sandbox.freshdesk.errors import denied, plain, unauthenticated
from plugin.sandbox.freshdesk.state import FreshTicket, Person

_TROUBLES = {
    "password_expired": "Your password has expired",
    "password_lockout": "You have exceeded the number of failed login attempts",
    "account_suspended": "Your account has been suspended",
}


def recognise(desk: FreshDesk, authorization: str | None) -> Person:
    """The agent behind a key; 401 for none or an unknown one, 403 for one in trouble."""
    scheme, _, rest = (authorization or "").partition(" ")
    try:
        key = base64.b64decode(rest.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        raise unauthenticated() from None
    if scheme.lower() != "basic" or not key:
        raise unauthenticated()
    for person in desk.state.people.values():
        if person.key and person.active and hmac.compare_digest(person.key.encode(), key.encode()):
            if trouble := desk.state.settings.key_trouble:
                raise plain(403, trouble, _TROUBLES.get(trouble, "Access is not possible"))
            return person
    raise unauthenticated()


def demand_admin(user: Person) -> None:
    """403 for anybody but an admin."""
    if not user.admin:
        raise denied()


def may_see(user: Person, ticket: FreshTicket) -> bool:
    """An agent of a smaller scope sees fewer tickets, and is not told so."""
    if user.scope == 1:
        return True
    mine = ticket.responder_id == user.id
    return mine or (user.scope == 2 and ticket.group_id in user.group_ids)
