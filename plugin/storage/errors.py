"""What can go wrong with the database, in the two words the rest of the house knows: Rejected and Temporary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from plugin.ports import Rejected, Temporary


class WrongKey(Rejected):
    """The keys given do not open this database; the message says what to do."""


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn the driver's errors that may pass (locked, full disk, server gone, race lost) into Temporary.

    The driver's own message is left out: PostgreSQL puts the values of the failing row into it.
    """
    from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, TimeoutError

    try:
        yield
    except TimeoutError:
        raise Temporary("the database is busy: no free connection") from None
    except (IntegrityError, InterfaceError, OperationalError) as error:
        raise Temporary(describe(error)) from None
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Temporary(describe(error)) from None
        raise


def describe(error: Exception) -> str:
    """One line about a driver's error without any value of a row: its class, its SQLSTATE, the statement's start."""
    original = getattr(error, "orig", None) or error
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None) or ""
    statement = " ".join(str(getattr(error, "statement", None) or "").split())[:80]
    return " ".join(word for word in ("database:", type(original).__name__, code, statement) if word)
