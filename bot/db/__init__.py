"""The ground: tables, sessions and migrations."""
