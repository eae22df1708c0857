"""Open the house for a command, and close it whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from plugin.app import House, build
from plugin.ports import Account
from plugin.settings import Settings


@contextmanager
def open_house() -> Iterator[House]:
    """The house as the environment describes it."""
    house = build(Settings())
    try:
        yield house
    finally:
        house.close()


def need_account(house: House, account_id: str) -> Account:
    """The account, or a usage error that names those there are."""
    with house.storage.unit() as u:
        account = u.accounts.get(account_id)
        known = [a.id for a in u.accounts.all()]
    if account is None:
        names = ", ".join(known) or "none yet: followthrough accounts add --help"
        raise click.UsageError(f"no account {account_id!r}; there is: {names}")
    return account
