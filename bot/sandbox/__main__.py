"""Starts the sandbox by itself: `python -m bot.sandbox`; loopback only, never in production."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from bot.errors import HRBotError, SettingsError
from bot.sandbox.app import WebServer
from bot.sandbox.core import DEFAULT_APP_TOKEN, Sandbox
from bot.sandbox.delivery import SLACK_RETRY_DELAYS_S
from bot.sandbox.seed import make_workspace

LOOPBACK_HOSTS = {"127.0.0.1", "localhost"}
DEFAULT_PORT = 8090
DEFAULT_GATEWAY = "http://127.0.0.1:8080"


def run(
    *,
    bot_token: str,
    signing_secret: str,
    gateways: Sequence[str] = (DEFAULT_GATEWAY,),
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    app_token: str = DEFAULT_APP_TOKEN,
    environment: str = "development",
    retry_delays: Sequence[float] = SLACK_RETRY_DELAYS_S,
) -> None:
    """Serve the sandbox until it is interrupted.

    Args:
        bot_token: the token that the gateway uses.
        signing_secret: the secret that the gateway checks signatures with.
        gateways: where the gateways are; `/slack/events` is added, and they take turns.
        host: a loopback name or address.
        port: where to listen.
        app_token: the token for Socket Mode.
        environment: the value of HRBOT_ENV.
        retry_delays: seconds before each redelivery of an event.

    Raises:
        SettingsError: not loopback, production, or the port is taken.
    """
    refuse_unsafe(host, environment)
    sandbox = Sandbox(
        make_workspace(),
        request_url=",".join(f"{gateway.rstrip('/')}/slack/events" for gateway in gateways),
        signing_secret=signing_secret,
        bot_token=bot_token,
        app_token=app_token,
        retry_delays=retry_delays,
    )
    listener = _bind(host, port)
    sandbox.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    WebServer(sandbox).run(sockets=[listener])


def refuse_unsafe(host: str, environment: str) -> None:
    """Refuse to run anywhere but on this machine and in development.

    Raises:
        SettingsError: another host than loopback, or HRBOT_ENV is `production`.
    """
    if environment == "production":
        raise SettingsError("The sandbox does not run with HRBOT_ENV=production.")
    if host not in LOOPBACK_HOSTS:
        raise SettingsError(f"The sandbox listens on 127.0.0.1 only, not on {host}.")


def required(environment: Mapping[str, str], name: str) -> str:
    """A variable that must be set.

    Raises:
        SettingsError: it is missing or empty.
    """
    value = environment.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set; the sandbox needs the same one as the gateway.")
    return value


def _bind(host: str, port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SettingsError(f"Port {port} is taken; choose another for the sandbox.") from error
    return listener


def main(
    port: Annotated[int, typer.Option(help="Where to listen.")] = DEFAULT_PORT,
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
    gateway: Annotated[str, typer.Option(help="Where the gateway is.")] = DEFAULT_GATEWAY,
    signing_secret_env: Annotated[
        str, typer.Option(help="The variable that holds the signing secret.")
    ] = "SLACK_SIGNING_SECRET",
    bot_token_env: Annotated[
        str, typer.Option(help="The variable that holds the bot token.")
    ] = "SLACK_BOT_TOKEN",
) -> None:
    """A local stand-in for Slack with made-up people, and a page to try everything."""
    try:
        run(
            bot_token=required(os.environ, bot_token_env),
            signing_secret=required(os.environ, signing_secret_env),
            gateways=[gateway],
            host=host,
            port=port,
            app_token=os.environ.get("SLACK_APP_TOKEN") or DEFAULT_APP_TOKEN,
            environment=os.environ.get("HRBOT_ENV", "development"),
        )
    except HRBotError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    typer.run(main)
