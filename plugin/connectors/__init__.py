"""Which helpdesks we can speak to, and how to open a line to one of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol, cast

from requests.adapters import BaseAdapter

from plugin.http import Budget, Http
from plugin.ports import Account, Clock, Connector, Rejected

BUILT_IN = ("zendesk", "freshdesk")
"""A new helpdesk is a folder beside this file and its name here."""

ENTRY_POINTS = "followthrough.connectors"
"""Where other packages announce theirs: a name, and a module with `connect`."""


class ConnectorModule(Protocol):
    """What a connector's folder offers. All but `connect` may be left out: then any credential is taken, nothing is
    made for an account, and its webhooks go to the plain address."""

    SECRETS: Mapping[str, str]
    """The names of its credentials, and what each is."""

    def connect(self, account: Account, http: Http, clock: Clock) -> Connector: ...

    def prepare(self, account: Account) -> Account:
        """The account with the secrets that are ours to make, where they are missing."""
        ...

    def instruct(self, account: Account, base: str) -> tuple[str, ...]:
        """What to put where in the helpdesk, line by line; shown once, for it may hold secrets. `base`: our address."""
        ...


def load(name: str) -> ConnectorModule:
    """The connector called `name`, ours or an installed package's; Rejected when there is none."""
    if name in BUILT_IN:
        return cast(ConnectorModule, import_module(f"plugin.connectors.{name}"))
    for entry in entry_points(group=ENTRY_POINTS, name=name):
        return cast(ConnectorModule, entry.load())
    raise Rejected(f"there is no connector called {name[:40]!r}; known: {', '.join(BUILT_IN)}")


def connect(
    account: Account,
    clock: Clock,
    *,
    transport: BaseAdapter | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Connector:
    """The connector of one account, with its own rate budget. Keep it: a second one for the same account would count
    anew. `transport` replaces the network (a recorder, a helpdesk inside the process)."""
    budget = Budget(clock, pause=pause)
    http = Http(account.host, clock=clock, budget=budget, transport=transport, pause=pause)
    return load(account.helpdesk).connect(account, http, clock)


def secrets_of(helpdesk: str) -> Mapping[str, str]:
    """The names of this helpdesk's credentials, and what each is."""
    return getattr(load(helpdesk), "SECRETS", {})


def prepare(account: Account) -> Account:
    """The account with the secrets that its connector makes itself."""
    make = getattr(load(account.helpdesk), "prepare", None)
    return cast(Account, make(account)) if make else account


def instruct(account: Account, base: str) -> tuple[str, ...]:
    """What to put where in the helpdesk, line by line. `base`: the address at which helpdesks reach us."""
    tell = getattr(load(account.helpdesk), "instruct", None)
    if tell:
        return cast(tuple[str, ...], tell(account, base))
    return (f"Webhook address: {base}/hooks/{account.helpdesk}/{account.id}",)
