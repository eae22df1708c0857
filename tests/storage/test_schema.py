"""Every column says why it is there; migrations make exactly these tables, wholly or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Float, Index, UniqueConstraint, inspect, text

from plugin.ports import Rejected
from plugin.storage import migrations, open_storage, schema
from plugin.storage.engine import make_engine
from plugin.storage.entries import ENTRY, KINDS
from plugin.storage.tables import OF_THE_INSTALLATION, metadata
from plugin.storage.unit import Database

from .conftest import Open
from .examples import KEY, StoppedClock

COLUMNS = [column for table in metadata.sorted_tables for column in table.c]


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_every_column_has_its_ledger_entry(column: Column[Any]) -> None:
    assert set(column.info) == set(ENTRY)
    assert all(isinstance(value, str) and value for value in column.info.values())
    assert column.info["kind"] in KINDS
    assert not isinstance(column.type, Float), "nothing we keep is a scale"


@pytest.mark.parametrize("name", sorted(set(metadata.tables) - OF_THE_INSTALLATION - {"accounts"}))
def test_every_table_has_the_account_in_a_key_and_goes_with_it(name: str) -> None:
    table = metadata.tables[name]
    keys = [list(table.primary_key)]
    keys += [list(rule.columns) for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    keys += [list(index.columns) for index in table.indexes if isinstance(index, Index) and index.unique]
    assert any(table.c.account_id in key for key in keys)
    (foreign,) = table.c.account_id.foreign_keys
    assert (foreign.target_fullname, foreign.ondelete) == ("accounts.id", "CASCADE")


def test_the_migrations_make_the_tables_that_the_code_knows(storage: Database) -> None:
    with storage.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_partial_indexes_are_partial_in_the_database(storage: Database) -> None:
    source = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE name = :name",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE indexname = :name AND schemaname = current_schema()",
    }[storage.engine.dialect.name]
    with storage.engine.connect() as connection:
        for state in ("waiting", "leased"):
            made = connection.execute(text(source), {"name": f"ux_jobs_{state}"}).scalar_one()
            assert "UNIQUE" in made
            assert f"'{state}'" in made.split("WHERE")[1]


def test_the_newest_migration_is_the_one_the_fast_path_knows() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_an_interrupted_migration_leaves_the_old_state(
    url: str, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = schema._run_alembic

    def half(connection: Any) -> None:
        original(connection)
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(schema, "_run_alembic", half)
        with pytest.raises(KeyboardInterrupt):
            open_storage(url, [KEY], clock=clock)
    engine = make_engine(url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    open_storage(url, [KEY], clock=clock).close()


def test_a_database_that_is_not_up_to_date_is_refused_where_migrating_is_not_allowed(
    url: str, clock: StoppedClock
) -> None:
    with pytest.raises(Rejected, match="not up to date"):
        open_storage(url, [KEY], clock=clock, migrate=False)


def test_a_database_of_a_newer_version_is_refused(open_it: Open) -> None:
    with open_it().engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Rejected, match="newer"):
        open_it()
