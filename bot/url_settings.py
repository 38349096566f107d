"""Checks the values of settings that are addresses, of settings about who asks from where too.

Each function returns the checked value, or raises a `SettingsError` that names the variable.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.errors import SettingsError

DATABASE_DRIVERS = ("sqlite", "postgresql", "postgresql+psycopg2")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")
_RATE = re.compile(r"[1-9]\d{0,5}/(second|minute|hour|day)(;(?!$)|$)")


def database_url(value: str, var_dir: Path) -> str:
    """Check where the database is; empty: a file in `var_dir`."""
    value = value or f"sqlite:///{var_dir / 'hrbot.db'}"
    try:
        driver = make_url(value).drivername
    except (ArgumentError, ValueError):
        driver = ""
    if driver not in DATABASE_DRIVERS:
        raise SettingsError(
            "DATABASE_URL is not a database we know: use sqlite:///path/to/file.db or "
            "postgresql://user:password@host:5432/name."
        )
    return value


def redis_url(value: str) -> str:
    """Check where Redis is; empty: there is none."""
    if value and _scheme(value) not in ("redis", "rediss"):
        raise SettingsError("REDIS_URL must look like redis://host:6379/0.")
    return value


def slack_api_url(value: str) -> str:
    """Check the base URL of Slack's Web API."""
    if _scheme(value) not in ("http", "https") or not value.endswith("/api/"):
        raise SettingsError(
            f"SLACK_API_URL is “{value}”: it must be a URL ending in /api/, like "
            "https://slack.com/api/."
        )
    return value


def origins(name: str, value: str) -> tuple[str, ...]:
    """Check a list of origins as browsers name them."""
    found = _listed(value)
    for origin in found:
        if not _ORIGIN.fullmatch(origin):
            raise SettingsError(
                f"{name} holds “{origin}”: an origin looks like https://www.example.com, in "
                "small letters, without a path, a slash at the end or a *."
            )
    return found


def page_url(value: str) -> str:
    """Check the address of the page with the widget."""
    parts = _split(value)
    if parts is None or parts.scheme not in ("http", "https") or "#" in value:
        raise SettingsError(
            f"WIDGET_PAGE_URL is “{value}”: it must be the address of a page with the widget, "
            "such as https://www.example.com/careers, without a #."
        )
    return value


def smtp_url(value: str) -> str:
    """Check the address of the mail server; empty: there is none."""
    parts = _split(value)
    if value and (parts is None or parts.scheme not in ("smtp", "smtps") or parts.port == 0):
        raise SettingsError(
            "SMTP_URL must look like smtp://user:password@mail.example.com:587 or smtps://…, "
            "with special characters of the password written as %40 and so on."
        )
    return value


def rate(name: str, value: str) -> str:
    """Check how often something may be done, such as `20/minute;200/hour`."""
    if not value or _RATE.sub("", value):
        raise SettingsError(
            f"{name} is “{value}”: it must be a number per second, minute, hour or day, or "
            "several of them, such as 20/minute;200/hour."
        )
    return value


def networks(name: str, value: str) -> tuple[str, ...]:
    """Check a list of addresses and networks."""
    found = _listed(value)
    for network in found:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise SettingsError(
                f"{name} holds “{network}”: it must be addresses or networks such as 10.0.0.0/8."
            ) from None
    return found


def _listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _split(url: str) -> SplitResult | None:
    """Return the parts of a URL with a host and, if it names one, a port that is a number."""
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and (parts.port is None or parts.port >= 0) else None
    except ValueError:
        return None


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""
