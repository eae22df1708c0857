"""Open connections that keep what they acknowledge: SQLite with a full sync at every commit, or PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from plugin.ports import Rejected

BUSY_SECONDS = 5
"""How long we wait for a lock that another process holds."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # NORMAL loses acknowledged rows when the power fails: bench/ack.py shows it
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    "PRAGMA journal_size_limit=67108864",  # the log shrinks back to 64 MiB after a burst
    "PRAGMA temp_store=MEMORY",  # nothing decrypted is ever sorted into a temporary file
)


def make_engine(url: str) -> Engine:
    """An engine for "sqlite:////path/to.db" or "postgresql://…"; nothing is connected yet. Rejected for others."""
    try:
        parsed = make_url(url)
        return _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgres(parsed)
    except (ArgumentError, NoSuchModuleError):
        raise Rejected(
            "FOLLOWTHROUGH_DATABASE cannot be used: write it as postgresql://user:password@host/database or "
            "sqlite:////folder/followthrough.sqlite3"
        ) from None
    except ModuleNotFoundError as error:
        raise Rejected(f"the database needs the Python package {error.name}: install followthrough[postgres]") from None


def sqlite_path(engine: Engine) -> Path | None:
    """Where the database file is, or None on PostgreSQL."""
    return Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None


def insert_into(connection: Connection, table: Table) -> postgresql.Insert:
    """An INSERT that knows ON CONFLICT; both engines spell it alike, SQLAlchemy keeps it in two classes."""
    if connection.dialect.name == "sqlite":
        return cast(postgresql.Insert, sqlite.insert(table))  # the same methods with the same arguments
    return postgresql.insert(table)


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:" or url.query.get("mode") == "memory":
        raise Rejected("SQLite needs a file: sqlite:////path/to/followthrough.db")
    _make_private_file(Path(url.database))
    engine = create_engine(
        url, hide_parameters=True, pool_size=8, max_overflow=24, pool_timeout=10, connect_args={"timeout": BUSY_SECONDS}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_private_file(path: Path) -> None:
    """Only we may read it; SQLite gives its log files the rights of the database file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise Rejected(f"the database file {path} cannot be opened: {error.strerror}") from None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours: the driver's would be a deferred one
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a transaction that reads first and upgrades later fails with "locked" at once,
    whatever the timeout (https://www.sqlite.org/lang_transaction.html)."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _postgres(url: URL) -> Engine:
    if url.get_backend_name() != "postgresql":
        raise Rejected("the database must be SQLite or PostgreSQL")
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    given = url.query.get("options", "")
    options = f"{given if isinstance(given, str) else ' '.join(given)} -c lock_timeout=10s".strip()
    return create_engine(
        url.update_query_dict({"options": options}),
        hide_parameters=True,
        pool_size=8,
        max_overflow=24,
        pool_timeout=10,
        connect_args={"connect_timeout": 5},
    )
