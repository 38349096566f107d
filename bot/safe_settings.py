"""Secrets: read from files, made while trying out, and refused where they aren't safe.

Settings are read in `bot.settings`; this looks at the values found there.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from dotenv import dotenv_values
from sqlalchemy.engine import make_url

from bot.errors import SettingsError

FILE = "_FILE"
SECRETS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SMTP_URL",
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_APP_TOKEN",
    "SLACK_CLIENT_SECRET",
    "INTERNAL_TOKEN",
    "ENCRYPTION_KEY",
    "METRICS_TOKEN",
)
"""What may stand in a file instead, named by the variable with _FILE, as containers have it."""
LONGEST_SECRET_BYTES = 65_536
LEAST_LENGTH = 32
LEAST_SIGNING_SECRET = 16
LEAST_DIFFERENT = 10
_GENERATED: dict[str, Callable[[], str]] = {
    "INTERNAL_TOKEN": lambda: secrets.token_urlsafe(32),
    "ENCRYPTION_KEY": lambda: Fernet.generate_key().decode(),
}
_SANDBOX_SECRETS: dict[str, Callable[[], str]] = {
    "SLACK_BOT_TOKEN": lambda: "xoxb-sandbox-" + secrets.token_hex(12),
    "SLACK_SIGNING_SECRET": lambda: secrets.token_hex(16),
}
_WELL_KNOWN = ("changeme", "change-me", "password", "default", "example", "sandbox", "hr-assistant")
_DATABASE_PASSWORDS = {"postgres", "password", "admin", "root", "hrbot", "changeme", "secret"}
_PRIVATE_NAMES = (".internal", ".local", ".localhost", ".svc")


def with_files(values: Mapping[str, str]) -> dict[str, str]:
    """Return settings with each secret read from the file that its _FILE variable names.

    Raises:
        SettingsError: if the file can't be read, or the secret is given both ways.
    """
    found = dict(values)
    for name in SECRETS:
        path = found.pop(name + FILE, "")
        if not path:
            continue
        if found.get(name):
            raise SettingsError(f"{name} and {name}{FILE} are both set: give one of them.")
        found[name] = _read(name + FILE, Path(path))
    return found


def fresh_secrets() -> dict[str, str]:
    """Return new random values for the secrets that production must be given."""
    return {name: make() for name, make in _GENERATED.items()}


def fill_in_made_secrets(values: dict[str, str], var_dir: Path, *, sandbox: bool) -> None:
    """Add the secrets that nobody set, made once and kept in `development.env`.

    Args:
        sandbox: whether the local Slack's own are wanted, too.
    """
    makers = {**_GENERATED, **(_SANDBOX_SECRETS if sandbox else {})}
    missing = [name for name in makers if not values.get(name)]
    if not missing:
        return
    kept_in = var_dir / "development.env"
    kept = {k: v for k, v in dotenv_values(kept_in).items() if v}
    fresh = {name: makers[name]() for name in missing if name not in kept}
    if fresh:
        var_dir.mkdir(parents=True, exist_ok=True)
        kept.update(fresh)
        _write_private(kept_in, "".join(f"{k}={v}\n" for k, v in kept.items()))
    values.update({name: kept[name] for name in missing})


def _write_private(path: Path, text: str) -> None:
    part = path.with_suffix(".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    part.replace(path)


def refuse_weak_secrets(values: Mapping[str, str]) -> None:
    """Refuse secrets that somebody could guess.

    Raises:
        SettingsError: naming the variable, never its value.
    """
    tokens = [t.strip() for t in values["INTERNAL_TOKEN"].split(",") if t.strip()]
    if any(_is_guessable(token) or len(token) < LEAST_LENGTH for token in tokens):
        raise SettingsError(
            f"INTERNAL_TOKEN is too weak: it must hold random secrets of {LEAST_LENGTH} characters "
            "or more (hrbot secrets makes one)."
        )
    if values["ENCRYPTION_KEY"] in tokens:
        raise SettingsError("ENCRYPTION_KEY is the same as INTERNAL_TOKEN: each needs its own.")
    if _has_few_bytes(values["ENCRYPTION_KEY"]):
        raise SettingsError("ENCRYPTION_KEY is too weak: make one with “hrbot secrets”.")
    signing = values["SLACK_SIGNING_SECRET"]
    if len(signing) < LEAST_SIGNING_SECRET or _is_guessable(signing):
        raise SettingsError(
            "SLACK_SIGNING_SECRET is not one that Slack made: copy it from the app's Basic "
            "Information page."
        )


def refuse_in_production(values: Mapping[str, str]) -> None:
    """Refuse what is for development only, and what would go over the net unencrypted.

    Raises:
        SettingsError: naming the variable.
    """
    if values.get("LOG_LEVEL") == "DEBUG":
        raise SettingsError("LOG_LEVEL is DEBUG: production logs INFO or less.")
    if "sandbox" in values.get("SLACK_APP_TOKEN", ""):
        raise SettingsError("SLACK_APP_TOKEN is the sandbox's: production needs your Slack app's.")
    for name in ("ASSISTANT_URL", "ACTIONS_URL", "SLACK_API_URL"):
        for url in filter(None, (part.strip() for part in values.get(name, "").split(","))):
            parts = urlsplit(url)
            if parts.scheme == "http" and not _is_private(parts.hostname or ""):
                raise SettingsError(
                    f"{name} is http to another host: use https, or a name or address of a "
                    "private network."
                )
    # Read as SQLAlchemy reads it, which has taken it by now.
    database = make_url(values.get("DATABASE_URL") or "sqlite://")
    password = (database.password or "").lower()
    if password and (password in _DATABASE_PASSWORDS or password == database.username):
        raise SettingsError(
            "DATABASE_URL has a password that anybody would try first: choose a random one."
        )


def _read(name: str, path: Path) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(LONGEST_SECRET_BYTES).strip()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{name}: the file {path} can't be read.") from error
    if not text:
        raise SettingsError(f"{name}: the file {path} is empty.")
    return text


def _is_guessable(secret: str) -> bool:
    """Say whether a secret is a word that stands in many manuals, or hardly random."""
    text = secret.lower()
    return len(set(secret)) < LEAST_DIFFERENT or any(word in text for word in _WELL_KNOWN)


def _has_few_bytes(key: str) -> bool:
    try:
        return len(set(base64.urlsafe_b64decode(key))) < LEAST_DIFFERENT
    except ValueError:
        # That it is no key at all is told elsewhere.
        return False


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        # A name without a dot is one that only this network knows, such as a container's.
        return "." not in host or host.endswith(_PRIVATE_NAMES)
