"""Installed helpdesks: kept whole, their secrets sealed, and gone without a trace when they are removed."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from plugin.ports import Account, Mode, Rejected
from plugin.storage.clocktime import bounded
from plugin.storage.crypto import Vault
from plugin.storage.engine import insert_into
from plugin.storage.tables import accounts, metadata

_LISTS = ("holidays", "languages")
_SEALED = ("settings", "signing", "credentials")


class AccountBook:
    """`ports.Accounts` inside one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(self, account: Account) -> None:
        """Rejected when the id exists, is empty, or is longer than a key may be."""
        if not account.id or bounded(account.id) != account.id:
            raise Rejected("this account id cannot be used: 1 to 200 plain characters")
        statement = insert_into(self._connection, accounts).values(self._row(account))
        if self._connection.execute(statement.on_conflict_do_nothing().returning(accounts.c.id)).scalar() is None:
            raise Rejected(f"there is an account {account.id} already")

    def get(self, account_id: str) -> Account | None:
        row = self._connection.execute(select(accounts).where(accounts.c.id == account_id)).one_or_none()
        return None if row is None else self._account(row)

    def all(self) -> list[Account]:
        """By id."""
        return [self._account(row) for row in self._connection.execute(select(accounts).order_by(accounts.c.id))]

    def update(self, account_id: str, **changes: Any) -> Account:
        """As the port says; TypeError for a name that is no field, Rejected for a new id."""
        if "id" in changes:
            raise Rejected("an account keeps its id")
        before = self.get(account_id)
        if before is None:
            raise Rejected(f"there is no account {account_id[:100]}")
        after = replace(before, **changes)
        row = {name: value for name, value in self._row(after).items() if name in changes}
        if row:  # only what changes: another process may change something else at the same moment
            self._connection.execute(update(accounts).where(accounts.c.id == account_id).values(row))
        return after

    def remove(self, account_id: str) -> None:
        """As the port says; no error when there is none."""
        for table in reversed(metadata.sorted_tables):
            if "account_id" in table.c:
                self._connection.execute(delete(table).where(table.c.account_id == account_id))
        self._connection.execute(delete(accounts).where(accounts.c.id == account_id))

    def _row(self, account: Account) -> dict[str, Any]:
        row = {field.name: getattr(account, field.name) for field in fields(account)}
        row["mode"] = Mode(account.mode).value
        for name in _LISTS:
            row[name] = json.dumps(list(row[name]))
        for name in _SEALED:
            content = row[name]
            row[name] = self._vault.seal_text(json.dumps(list(content) if name == "signing" else dict(content)))
        return row

    def _account(self, row: Row[Any]) -> Account:
        return Account(
            **{name: value for name, value in row._mapping.items() if name not in ("mode", *_LISTS, *_SEALED)},
            mode=Mode(row.mode),
            holidays=tuple(json.loads(row.holidays)),
            languages=tuple(json.loads(row.languages)),
            settings=self._unseal(row.settings),
            signing=tuple(self._unseal(row.signing)),
            credentials=self._unseal(row.credentials),
        )

    def _unseal(self, sealed: bytes) -> Any:
        return json.loads(self._vault.open_text(sealed))
