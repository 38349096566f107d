"""Structured logs: one line of JSON an event, never a person's words."""

from __future__ import annotations

import logging
import sys
import warnings

import structlog

OURS = r"(bot|actions|tests|__main__)(\.|$)"
# What Rasa says of every start, or of a component of ours that does a built-in one's work.
EXPECTED_WARNINGS = (
    "Slot auto-fill has been removed",
    "The following duplicated intents have been found across multiple domain files",
    "You have defined training data with examples for training a response selector",
)


def quiet_libraries() -> None:
    """Keep libraries' notes to their own developers off stderr; our own warnings stay.

    Call it before Rasa is imported. `python -W …` and PYTHONWARNINGS win.
    """
    if sys.warnoptions:
        return
    # Sanic turns deprecation warnings on when it is imported, so it has to come first.
    import sanic  # noqa: F401

    for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
        warnings.filterwarnings("ignore", category=category, module=f"(?!{OURS})")
    for message in EXPECTED_WARNINGS:
        warnings.filterwarnings("ignore", message=message, category=UserWarning)


def configure_logging(level: str, process: str) -> None:
    """Send every log line of this process to stderr as JSON.

    Args:
        level: DEBUG, INFO, WARNING or ERROR, for our own events.
        process: the name of this process, part of each line.
    """
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.add_logger_name,
    ]
    structlog.contextvars.bind_contextvars(process=process)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Never with local variables: those hold what people said.
                structlog.processors.ExceptionRenderer(
                    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
                ),
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("bot", "actions"):
        logging.getLogger(ours).setLevel(level)
    # Libraries print message texts at DEBUG and INFO; they may warn, no more.
    for library in ("rasa", "rasa_sdk", "slack_bolt", "slack_sdk", "sanic", "uvicorn", "httpx"):
        logging.getLogger(library).setLevel(logging.WARNING)
        logging.getLogger(library).handlers = []
        logging.getLogger(library).propagate = True
