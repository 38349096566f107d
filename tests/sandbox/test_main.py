from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from bot.errors import SettingsError
from bot.sandbox.__main__ import refuse_unsafe, required, run


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.com"])
def test_another_host_than_loopback_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match=r"127\.0\.0\.1 only"):
        refuse_unsafe(host, "development")


def test_production_is_refused() -> None:
    with pytest.raises(SettingsError, match="production"):
        run(bot_token="x", signing_secret="y", environment="production")


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="SLACK_BOT_TOKEN is not set"):
        required({}, "SLACK_BOT_TOKEN")


def test_a_taken_port_is_one_plain_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = {**os.environ, "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}
        environment.pop("HRBOT_ENV", None)
        done = subprocess.run(
            [sys.executable, "-m", "bot.sandbox", "--port", str(port)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 1
    assert done.stderr.strip() == f"Port {port} is taken; choose another for the sandbox."
