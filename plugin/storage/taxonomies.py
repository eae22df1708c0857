"""An account's list of causes as versions, sealed; and by which name each key counts now, so that figures can ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from plugin.ports import KeptTaxonomy
from plugin.storage.crypto import Vault
from plugin.storage.engine import insert_into
from plugin.storage.tables import cause_names, taxonomies


class TaxonomyShelf:
    """`ports.Taxonomies` inside one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def version(self, account_id: str) -> int:
        """As the port says."""
        newest = select(func.max(taxonomies.c.version)).where(taxonomies.c.account_id == account_id)
        return int(self._connection.execute(newest).scalar() or 0)

    def get(self, account_id: str, version: int) -> KeptTaxonomy | None:
        """As the port says."""
        one = select(taxonomies).where(taxonomies.c.account_id == account_id, taxonomies.c.version == version)
        row = self._connection.execute(one).one_or_none()
        return None if row is None else self._kept(row, whole=True)

    def list(self, account_id: str) -> list[KeptTaxonomy]:
        """As the port says."""
        mine = select(taxonomies).where(taxonomies.c.account_id == account_id)
        rows = self._connection.execute(mine.order_by(taxonomies.c.version.desc()))
        return [self._kept(row, whole=False) for row in rows]

    def add(
        self, account_id: str, body: str, by: str, what: str, names: Mapping[str, tuple[str, str]], now: datetime
    ) -> int:
        """As the port says."""
        version = self.version(account_id) + 1
        row = {
            "account_id": account_id, "version": version, "made_at": now, "by": by,
            "body": self._vault.seal_text(json.dumps([what, body])),
        }  # fmt: skip
        self._connection.execute(insert_into(self._connection, taxonomies).values(row))
        self._connection.execute(delete(cause_names).where(cause_names.c.account_id == account_id))
        rows = [{"account_id": account_id, "key": key, "now": n, "owner": owner} for key, (n, owner) in names.items()]
        if rows:
            self._connection.execute(insert_into(self._connection, cause_names), rows)
        return version

    def _kept(self, row: Row[Any], *, whole: bool) -> KeptTaxonomy:
        what, body = json.loads(self._vault.open_text(row.body))
        return KeptTaxonomy(row.version, row.made_at, row.by, what, body if whole else "")
