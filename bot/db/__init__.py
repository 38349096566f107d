"""The ground: tables, sessions and migrations."""

# Whoever imports one table gets a metadata that knows them all.
from bot.db import answers, audit, reminders, telling  # noqa: F401
