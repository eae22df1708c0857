"""Bring the tables up to date: all of a migration or nothing of it, one process at a time."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from plugin.ports import Rejected

HEAD = "0007"
"""The newest revision in migrations/versions; kept here so that a start with current tables needs no Alembic (a test
compares the two)."""

_MIGRATORS_LOCK = 0x466F6C6C6F77
"""Key of the PostgreSQL advisory lock that migrating processes queue for (any number that is ours)."""


def stored_version(engine: Engine) -> str | None:
    """The revision the database is at; None for an empty one."""
    with engine.connect().execution_options(reading=True) as connection:
        return _version(connection)


def upgrade(engine: Engine) -> None:
    """Run every missing migration in one transaction. Rejected when the tables are newer than this program."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATORS_LOCK})
        if _version(connection) != HEAD:  # another process may have done it while we waited
            _run_alembic(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _run_alembic(connection: Connection) -> None:
    from alembic import command  # half a second and 20 MB that only a migration needs
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise Rejected("the database was made by a newer Followthrough: install that version again") from None
