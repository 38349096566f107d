"""The errors that people see: each carries one plain sentence that says what to do."""

from __future__ import annotations


class HRBotError(Exception):
    """Base of all errors whose text is meant for a person."""


class SettingsError(HRBotError):
    """A setting is missing or wrong; the text names the variable."""


class DatabaseUnreachableError(HRBotError):
    """The database does not answer."""


class DataFileError(HRBotError):
    """A file under data/ is wrong; the text names the file and, where known, the line."""
