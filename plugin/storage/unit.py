"""One transaction at a time over the whole memory: all or nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, select, tuple_, update
from sqlalchemy.exc import OperationalError

from plugin.ports import (
    Accounts,
    Clock,
    Corrections,
    Delivery,
    Digests,
    Doorbell,
    Emerging,
    Figures,
    History,
    Keeping,
    Ledger,
    Models,
    Overview,
    People,
    Preferences,
    Queue,
    Rejected,
    Taxonomies,
    Temporary,
)
from plugin.storage.accounts import AccountBook
from plugin.storage.clocktime import Sealed
from plugin.storage.corrections import CorrectionBook
from plugin.storage.crypto import Vault, make_key_file, read_key_file
from plugin.storage.digests import DigestShelf
from plugin.storage.emerging import EmergingBook
from plugin.storage.engine import insert_into, make_engine, sqlite_path
from plugin.storage.errors import WrongKey, in_our_words
from plugin.storage.figures import PeriodFigures
from plugin.storage.history import Records
from plugin.storage.inbox import Draft, Inbox
from plugin.storage.ledger import TicketLedger
from plugin.storage.locks import WriteLock
from plugin.storage.models import ModelShelf
from plugin.storage.overview import AccountView
from plugin.storage.people import PeopleBook
from plugin.storage.preferences import PreferenceBook
from plugin.storage.queue import JobQueue
from plugin.storage.schema import HEAD, stored_version, upgrade
from plugin.storage.tables import meta, metadata
from plugin.storage.taxonomies import TaxonomyShelf

_ROOT = "lookup"
"""Row of `meta` with the sealed look-up secret; that it opens proves the keys."""

_ROTATE_AT_ONCE = 200
"""Rows that are sealed anew in one transaction."""


class OneUnit:
    """`ports.Unit`: views of one transaction."""

    queue: Queue
    accounts: Accounts
    ledger: Ledger
    history: History
    corrections: Corrections
    models: Models
    taxonomies: Taxonomies
    emerging: Emerging
    digests: Digests
    figures: Figures
    people: People
    overview: Overview
    preferences: Preferences

    def __init__(self, connection: Connection, vault: Vault, clock: Clock) -> None:
        self.queue = JobQueue(connection, vault, clock)
        self.accounts = AccountBook(connection, vault)
        self.ledger = TicketLedger(connection, vault)
        self.history = Records(connection, vault)
        self.corrections = CorrectionBook(connection, vault)
        self.models = ModelShelf(connection, vault)
        self.taxonomies = TaxonomyShelf(connection, vault)
        self.emerging = EmergingBook(connection, vault)
        self.digests = DigestShelf(connection, vault)
        self.figures = PeriodFigures(connection, vault)
        self.people = PeopleBook(connection)
        self.overview = AccountView(connection, vault)
        self.preferences = PreferenceBook(connection, vault)


class Database:
    """`ports.Storage`, open. `engine` and `vault` are for the tests and for this package."""

    def __init__(self, engine: Engine, vault: Vault, clock: Clock) -> None:
        self.engine = engine
        self.vault = vault
        self._clock = clock
        self._lock = WriteLock() if engine.dialect.name == "sqlite" else None
        self._inbox = Inbox(engine, vault, self._lock)

    @contextmanager
    def unit(self, *, reading: bool = False) -> Iterator[OneUnit]:
        """As the port says. With `reading` it sees one moment, waits for no writer, and cannot write.

        Temporary when the database is busy or fails; RuntimeError for a writing unit inside another.
        """
        with in_our_words(), self._connection(reading) as connection:
            yield OneUnit(connection, self.vault, self._clock)

    def keep(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> bool:
        """As the port says. The job is an "analyse" in lane "ticket:<id>"; its payload is {"doorbell": "gone"} where
        the doorbell says so, else empty."""
        return self._inbox.keep(delivery, doorbell, due_at)

    def draft(self, delivery: Delivery, doorbell: Doorbell, due_at: datetime | None) -> Draft:
        """As the port says."""
        return self._inbox.draft(delivery, doorbell, due_at)

    def keep_all(self, drafts: Sequence[Keeping], done: Callable[[], None]) -> None:
        """As the port says; they are drafts of this database."""
        self._inbox.keep_all([draft for draft in drafts if isinstance(draft, Draft)], done)

    def secret(self, purpose: str) -> str:
        """As the port says: 64 hex digits; survives a rotation of the sealing keys."""
        return self.vault.lookup(f"secret:{purpose}")

    def close(self) -> None:
        """Commit what waits, then let go of the database."""
        self._inbox.close()
        self.engine.dispose()

    def rotate_keys(self) -> int:
        """Seal everything anew with the newest key; returns the number of rows. Afterwards the older keys may go.
        Safe to run again after an interruption, and beside a running server that knows the newest key."""
        number = sum(self._rotate_table(table.name) for table in metadata.sorted_tables if table is not meta)
        return number + self._rotate_table(meta.name)  # last: it says which keys open this database

    @contextmanager
    def _connection(self, reading: bool) -> Iterator[Connection]:
        turn: AbstractContextManager[None] = self._lock.held() if self._lock and not reading else nullcontext()
        options = {"reading": True, "postgresql_readonly": True} if reading else {}
        with turn, self.engine.connect().execution_options(**options) as connection:
            try:
                with connection.begin(), _no_writing(connection) if reading else nullcontext():
                    yield connection
            except OperationalError:
                connection.invalidate()  # after a failed commit or sync nothing it believes can be trusted
                raise

    def _rotate_table(self, name: str) -> int:
        table = metadata.tables[name]
        sealed = [column for column in table.c if isinstance(column.type, Sealed)]
        key = list(table.primary_key)
        number, last = 0, None
        while sealed:
            page = select(*key, *sealed).order_by(*key).limit(_ROTATE_AT_ONCE).with_for_update()
            if last is not None:
                page = page.where(tuple_(*key) > tuple_(*last))
            with in_our_words(), self._connection(reading=False) as connection:
                rows = connection.execute(page).all()
                for row in rows:
                    fresh = {c.name: self.vault.rotate(getattr(row, c.name)) for c in sealed if getattr(row, c.name)}
                    here = [column == value for column, value in zip(key, row, strict=False)]
                    connection.execute(update(table).where(*here).values(fresh))
            if not rows:
                break
            last = rows[-1][: len(key)]
            number += len(rows)
        return number


@contextmanager
def _no_writing(connection: Connection) -> Iterator[None]:
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA query_only=ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA query_only=OFF")


def open_database(
    url: str, keys: Sequence[str] | None, key_file: Path | None, *, clock: Clock, migrate: bool
) -> Database:
    """See `plugin.storage.open_storage`."""
    engine = make_engine(url)
    try:
        with _reached(engine):
            version = stored_version(engine)
        with in_our_words():
            vault = Vault(keys or _stored_keys(key_file or _key_file_beside(engine), new=version is None))
            if version != HEAD:
                if not migrate:
                    raise Rejected("the database is not up to date: start it once with migrations allowed")
                upgrade(engine)
            vault.know(_lookup_secret(engine, vault))
    except BaseException:
        engine.dispose()
        raise
    return Database(engine, vault, clock)


@contextmanager
def _reached(engine: Engine) -> Iterator[None]:
    """The first words with a database: when it does not answer, say where it was looked for and what to do."""
    try:
        with in_our_words():
            yield
    except Temporary as error:
        url = engine.url.render_as_string(hide_password=True)
        raise Temporary(
            f"the database {url} does not answer ({error}): see that it runs and that FOLLOWTHROUGH_DATABASE is right"
        ) from None


def _key_file_beside(engine: Engine) -> Path | None:
    path = sqlite_path(engine)
    return None if path is None else path.with_name(path.name + ".key")


def _stored_keys(path: Path | None, new: bool) -> list[str]:
    if path is None:
        return []
    return [make_key_file(path) if new and not path.exists() else read_key_file(path)]


def _lookup_secret(engine: Engine, vault: Vault) -> bytes:
    """The database's own secret, made at first opening; that it can be opened proves that the keys are right."""
    stored = select(meta.c.value).where(meta.c.name == _ROOT)
    with engine.connect().execution_options(reading=True) as connection:
        sealed = connection.execute(stored).scalar()
    if sealed is None:
        with engine.begin() as connection:
            statement = insert_into(connection, meta).values(name=_ROOT, value=vault.seal(os.urandom(32)))
            connection.execute(statement.on_conflict_do_nothing())  # another process may have been first
            sealed = connection.execute(stored).scalar_one()
    try:
        return vault.open(sealed)
    except WrongKey:
        raise WrongKey(
            "these keys do not open this database: give the key it was made with (FOLLOWTHROUGH_KEYS, newest first, or "
            "the key file from its back-up); without it what is stored cannot be read"
        ) from None
