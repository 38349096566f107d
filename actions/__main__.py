"""Starts the action server: `python -m actions`."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

from actions.resources import from_settings, give
from actions.server import create_server
from bot.errors import HRBotError
from bot.logs import configure_logging
from bot.programs.search import warm_up
from bot.settings import load_settings


def main() -> int:
    """Serve until stopped; return the exit code."""
    try:
        settings = load_settings()
        configure_logging(settings.log_level, "actions")
        resources = from_settings(settings)
        resources.database.check()
        with resources.database.read() as session:
            warm_up(session)
    except HRBotError as error:
        print(error, file=sys.stderr)
        return 1
    give(resources)
    address = urlsplit(settings.actions_url)
    server = create_server(settings.internal_tokens)
    server.run(host=address.hostname, port=address.port, workers=1, access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
