"""Starts a gateway whose clock is wrong by the seconds that a file names, from call to call."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

from bot.gateway.server import serve
from bot.settings import load_settings

CLOCK_FILE = "FAULTS_CLOCK_FILE"


def main() -> None:
    """Serve until stopped."""
    file = Path(os.environ[CLOCK_FILE])

    def clock() -> datetime:
        return datetime.now(timezone.utc) + timedelta(seconds=float(file.read_text()))

    serve(load_settings(), clock)


if __name__ == "__main__":
    main()
