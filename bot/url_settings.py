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

WEB = ("http", "https")
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


def url(name: str, value: str, schemes: tuple[str, ...], like: str) -> str:
    """Check where one of our processes is; the port must be named.

    Args:
        like: an example, for the error.
    """
    parts = _split(value)
    if parts is None or parts.scheme not in schemes or not parts.port:
        raise SettingsError(f"{name} is “{value}”: it must look like {like}.")
    return value


def assistant_urls(name: str, value: str, like: str, *, shared: bool) -> tuple[str, ...]:
    """Check where the assistants are, comma-separated.

    Args:
        shared: they share a lock store, which several of them need.
    """
    urls = tuple(url(name, part.strip(), WEB, like).rstrip("/") for part in value.split(","))
    if len(urls) > 1 and not shared:
        raise SettingsError(f"REDIS_URL is not set: several assistants ({name}) need it.")
    return urls


def slack_api_url(value: str) -> str:
    """Check the base URL of Slack's Web API."""
    if _scheme(value) not in WEB or not value.endswith("/api/"):
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


def page_url(value: str, gateway: str, *, must_be_set: bool) -> str:
    """Check the address of the page with the widget; empty: the one of the gateway at `gateway`.

    Args:
        must_be_set: e-mails lead there, and the gateway's own address isn't public.
    """
    if not value and must_be_set:
        raise SettingsError(
            "WIDGET_PAGE_URL is not set, but SMTP_URL is: give the address of the page with the "
            "widget, to which e-mails lead."
        )
    if not value:
        return f"{gateway}/careers"
    parts = _split(value)
    if parts is None or parts.scheme not in WEB or "#" in value:
        raise SettingsError(
            f"WIDGET_PAGE_URL is “{value}”: it must be the address of a page with the widget, "
            "such as https://www.example.com/careers, without a #."
        )
    return value


def public_url(value: str, gateway: str, *, production: bool) -> str:
    """Check where browsers reach the gateway.

    Empty: nowhere in production, and at its own address while trying out.
    """
    if not value:
        return "" if production else gateway
    parts = _split(value)
    schemes = ("https",) if production else WEB
    if parts is None or parts.scheme not in schemes or parts.query or "#" in value:
        raise SettingsError(
            f"PUBLIC_URL is “{value}”: it must be the address at which browsers reach the gateway, "
            "such as https://hr.example.com."
        )
    return value.rstrip("/")


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
