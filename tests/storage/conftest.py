"""Every storage test runs on SQLite, and on PostgreSQL where a server answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from plugin.storage import open_storage
from plugin.storage.unit import Database

from .examples import KEY, StoppedClock, account

Open = Callable[..., Database]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A schema of this run's own on the test server; gone afterwards."""
    url = make_url(os.environ.get("FOLLOWTHROUGH_TEST_POSTGRES", "postgresql+psycopg:///test"))
    engine = create_engine(url, connect_args={"connect_timeout": 3})
    schema = f"storage_{uuid4().hex[:12]}"
    try:
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
    except Exception as error:
        pytest.skip(f"no PostgreSQL at {url.render_as_string()}: {type(error).__name__}")
    yield url.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'memory.db'}"
        return
    address = request.getfixturevalue("postgres_url")
    yield address
    engine = create_engine(address)
    with engine.begin() as connection:
        schema = connection.execute(text("SELECT current_schema()")).scalar()
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    engine.dispose()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def open_it(url: str, clock: StoppedClock) -> Iterator[Open]:
    """Opens the test's database, as often as the test wants; all are closed afterwards."""
    opened: list[Database] = []

    def open_one(keys: list[str] | None = None) -> Database:
        opened.append(open_storage(url, [KEY] if keys is None else keys, clock=clock))
        return opened[-1]

    yield open_one
    for database in opened:
        database.close()


@pytest.fixture
def storage(open_it: Open) -> Database:
    """An open database with one account, "acme"."""
    database = open_it()
    with database.unit() as unit:
        unit.accounts.add(account("acme"))
    return database
