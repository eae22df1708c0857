"""Everything Followthrough remembers, in SQLite by default and in PostgreSQL by URL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plugin.ports import Clock
from plugin.storage.errors import WrongKey

if TYPE_CHECKING:
    from plugin.storage.unit import Database

__all__ = ["WrongKey", "open_storage", "sqlite_file"]


def open_storage(
    url: str,
    keys: Sequence[str] | None = None,
    key_file: Path | None = None,
    *,
    clock: Clock,
    migrate: bool = True,
) -> Database:
    """Open (and first make, or bring up to date) the database at an SQLAlchemy URL.

    `keys` are 32 random bytes each in URL-safe base64, newest first. Without them the key is read from `key_file`
    (default: beside an SQLite database, its name plus ".key"), which is made with mode 0600 when the database is new.
    Raises WrongKey when these keys do not open this database, Rejected when the URL, the key file or the schema cannot
    be used, Temporary when the server does not answer.
    """
    from plugin.storage.unit import open_database  # here, so that importing this package stays cheap

    return open_database(url, keys, key_file, clock=clock, migrate=migrate)


def sqlite_file(url: str) -> Path | None:
    """The file behind an SQLAlchemy URL; None for a server, or for what `open_storage` will refuse."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except ArgumentError:
        return None
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None
