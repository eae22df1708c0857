"""Short-lived passes of our own for pages inside a helpdesk: they name an account, a ticket and a person."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer

from plugin.ports import Refused

GOOD_FOR = 15 * 60
"""Seconds a pass lasts; each answer brings a fresh one."""

LONGEST = 12 * 3600
"""Seconds after which no pass is renewed any more: the page has to be opened anew, by somebody the helpdesk proves."""

MOST_REMEMBERED = 50_000
"""Proofs and openings that one process remembers; the oldest are forgotten first."""

LONGEST_PASS = 1024


@dataclass(frozen=True, slots=True)
class Pass:
    """What its bearer may see: one ticket of one account. `ticket_id` is "" until the page has said where it is;
    `opening` names the page. Times are unix seconds."""

    account_id: str
    ticket_id: str
    user_id: str
    opening: str
    opened: int
    until: int


class Passes:
    """Makes and reads passes. Nothing about them is stored but, in memory, what may happen only once."""

    def __init__(self, secret: str) -> None:
        self._seal = URLSafeSerializer(secret, salt="sidebar pass")
        self._seen: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, account_id: str, ticket_id: str, user_id: str, now: datetime) -> Pass:
        """The pass of a page that has just been opened."""
        second = int(now.timestamp())
        return Pass(account_id, ticket_id, user_id, secrets.token_hex(8), second, second + GOOD_FOR)

    def write(self, held: Pass, now: datetime) -> str:
        """A pass as the page carries it, good from now on, but never longer than LONGEST after the opening."""
        until = min(int(now.timestamp()) + GOOD_FOR, held.opened + LONGEST)
        fresh = replace(held, until=until)
        return str(self._seal.dumps([
            fresh.account_id, fresh.ticket_id, fresh.user_id, fresh.opening, fresh.opened, fresh.until
        ]))  # fmt: skip

    def read(self, authorization: str, now: datetime) -> Pass:
        """The pass in an Authorization header; Refused(401) unless we made it and it is still good."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not 0 < len(token) <= LONGEST_PASS:
            raise Refused(401, "no pass")
        try:
            held = Pass(*self._seal.loads(token.strip()))
        except (BadData, TypeError, ValueError):
            raise Refused(401, "this is no pass of ours") from None
        if held.until < now.timestamp():
            raise Refused(401, "the pass is over")
        return held

    def bind(self, held: Pass, ticket_id: str) -> Pass:
        """The same pass for one ticket, the first that the page names. Refused(403) for any other, and for none."""
        if held.ticket_id:
            if held.ticket_id != ticket_id:
                raise Refused(403, "this page belongs to another ticket")
            return held
        if not ticket_id or not self.first("opening:" + held.opening, ticket_id):
            raise Refused(403, "this page belongs to another ticket")
        return replace(held, ticket_id=ticket_id)

    def first(self, name: str, value: str) -> bool:
        """Is this the first value given for a name, or the same again? (In this process, as long as remembered.)"""
        with self._lock:
            known = self._seen.setdefault(name, value)
            while len(self._seen) > MOST_REMEMBERED:
                self._seen.popitem(last=False)
        return known == value
