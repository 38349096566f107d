"""Starts the action server: `python -m actions`."""

from __future__ import annotations

import sys

from actions.resources import from_settings, give
from actions.server import create_server
from bot.errors import HRBotError
from bot.logs import configure_logging
from bot.processes import host_and_port
from bot.programs.search import warm_up
from bot.settings import Settings, load_settings


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped.

    Args:
        host: where to listen; loopback or a private network.

    Raises:
        HRBotError: with one plain sentence, if something keeps it from starting.
    """
    configure_logging(settings.log_level, "actions")
    resources = from_settings(settings)
    resources.database.check()
    with resources.database.read() as session:
        warm_up(session)
    give(resources)
    server = create_server(settings.internal_tokens)
    server.run(host=host, port=port, workers=1, access_log=False)


def main() -> int:
    """Serve where ACTIONS_URL says; return the exit code."""
    try:
        settings = load_settings()
        serve(settings, *host_and_port(settings.actions_url))
    except HRBotError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
