"""Run migrations on the connection, or the URL, that the caller hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from plugin.storage.engine import make_engine
from plugin.storage.tables import metadata


def migrate(connection: Connection) -> None:
    """The caller's transaction is ours: DDL is transactional on both engines, so a crash leaves old or new."""
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:  # `alembic -x url=… revision --autogenerate`, while writing a migration
    with make_engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as opened:
        migrate(opened)
