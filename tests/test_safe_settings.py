"""Secrets from files; what a production start refuses."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.safe_settings import SECRETS, fresh_secrets
from bot.sandbox.core import DEFAULT_APP_TOKEN, DEFAULT_BOT_TOKEN, DEFAULT_SIGNING_SECRET
from bot.settings import VARIABLES, Settings

from .test_settings import REAL, load

TOKEN = fresh_secrets()["INTERNAL_TOKEN"]


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", encoding="utf-8")
    given = {k: v for k, v in REAL.items() if k != "INTERNAL_TOKEN"}
    assert load(tmp_path, **given, INTERNAL_TOKEN_FILE=str(file)).internal_tokens == (TOKEN,)
    # Children get what was read, not the name of a file that they may not see.
    environment = load(tmp_path, **given, INTERNAL_TOKEN_FILE=str(file)).environment()
    assert environment["INTERNAL_TOKEN"] == TOKEN
    assert not any(name.endswith("_FILE") for name in environment)


def test_every_secret_of_ours_may(tmp_path: Path) -> None:
    names = {v.name for v in VARIABLES if v.name in SECRETS}
    assert names >= {"DATABASE_URL", "REDIS_URL", "INTERNAL_TOKEN", "ENCRYPTION_KEY"}
    assert names >= {"SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"}
    shown = {v.name for v in VARIABLES if {"TOKEN", "KEY", "SECRET"} & set(v.name.split("_"))}
    assert shown <= set(SECRETS)


@pytest.mark.parametrize(
    ("content", "message"), [(None, "can't be read"), ("", "is empty"), ("\n", "is empty")]
)
def test_a_file_that_holds_nothing_is_named(
    tmp_path: Path, content: str | None, message: str
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=f"ENCRYPTION_KEY_FILE: the file .* {message}"):
        load(tmp_path, ENCRYPTION_KEY_FILE=str(file))


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="INTERNAL_TOKEN and INTERNAL_TOKEN_FILE"):
        load(tmp_path, **REAL, INTERNAL_TOKEN_FILE="/nowhere")


WEAK = [
    ("INTERNAL_TOKEN", "short-but-over-16"),
    ("INTERNAL_TOKEN", f"{TOKEN},short-but-over-16"),
    ("INTERNAL_TOKEN", "a" * 40),
    ("INTERNAL_TOKEN", "changeme-changeme-changeme-changeme-1234"),
    ("INTERNAL_TOKEN", REAL["ENCRYPTION_KEY"]),
    ("ENCRYPTION_KEY", base64.urlsafe_b64encode(b"\0" * 32).decode()),
    ("SLACK_SIGNING_SECRET", "short"),
    ("SLACK_SIGNING_SECRET", DEFAULT_SIGNING_SECRET),
    ("SLACK_BOT_TOKEN", DEFAULT_BOT_TOKEN),
    ("SLACK_APP_TOKEN", DEFAULT_APP_TOKEN),
    ("LOG_LEVEL", "DEBUG"),
    ("ASSISTANT_URL", "http://assistant.example.com:5005"),
    ("ASSISTANT_URL", "http://93.184.216.34:5005"),
    ("ACTIONS_URL", "http://actions.example.com:5055"),
    ("SLACK_API_URL", "http://slack.example.com/api/"),
    ("DATABASE_URL", "postgresql://hr:postgres@db:5432/hr"),
    ("DATABASE_URL", "postgresql://hruser:hruser@db:5432/hr"),
]


@pytest.mark.parametrize(("name", "value"), WEAK, ids=range(len(WEAK)))
def test_production_refuses_it_in_one_sentence_without_the_value(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, **{**REAL, name: value})
    sentence = str(caught.value)
    assert name in sentence
    assert "\n" not in sentence
    assert value not in sentence or name == "LOG_LEVEL"


GOOD = [
    ("ASSISTANT_URL", "http://assistant:5005"),
    ("ASSISTANT_URL", "http://10.1.2.3:5005"),
    ("ASSISTANT_URL", "https://assistant.example.com:5005"),
    ("ACTIONS_URL", "http://actions.hr.svc:5055"),
    ("DATABASE_URL", "postgresql://hr@db:5432/hr"),
    ("DATABASE_URL", "postgresql://hr:9vY2kqpLw8@db:5432/hr"),
    ("LOG_LEVEL", "INFO"),
]


@pytest.mark.parametrize(("name", "value"), GOOD, ids=range(len(GOOD)))
def test_production_takes_what_is_safe(tmp_path: Path, name: str, value: str) -> None:
    assert isinstance(load(tmp_path, **{**REAL, name: value}), Settings)


@pytest.mark.parametrize(("name", "value"), [("LOG_LEVEL", "DEBUG"), WEAK[0], WEAK[11]])
def test_while_trying_out_it_may_be_so(tmp_path: Path, name: str, value: str) -> None:
    assert isinstance(load(tmp_path, **{name: value}), Settings)


def test_what_hrbot_secrets_prints_is_good_enough(tmp_path: Path) -> None:
    for _ in range(50):
        assert load(tmp_path, **{**REAL, **fresh_secrets()}).production
