"""Alembic's entry: runs migrations over the URL that `bot.db.migrate` passes in."""

from alembic import context
from sqlalchemy import create_engine

from bot.db.models import Base

config = context.config


def own_table(name: str | None, kind: str, _parents: object) -> bool:
    """Leave Rasa's tables alone when comparing schema and models."""
    return kind != "table" or name in Base.metadata.tables


url = config.attributes["url"]
engine = create_engine(url, future=True)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=own_table,
        render_as_batch=url.startswith("sqlite"),
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
