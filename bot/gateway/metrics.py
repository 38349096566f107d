"""What the gateway counts as it goes, served at /metrics in Prometheus' format.

Labels hold kinds, decisions, error codes and names of queues: never a person, a conversation or
a word that somebody wrote. What stands in the database is counted when it is asked for, in
`bot.gateway.gauges`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Histogram, disable_created_metrics

# When each series began is of no use here, and doubles their number.
disable_created_metrics()

SLACK_WAITS_SECONDS = 3.0
_ACKNOWLEDGEMENT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, SLACK_WAITS_SECONDS)
_REPLY_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 90, 180, 600)

ACCEPTED = Counter("hrbot_inbox_accepted_total", "Messages and choices taken in", ["kind"])
ACKNOWLEDGED = Histogram(
    "hrbot_acknowledgement_seconds",
    "From a request of Slack to its acknowledgement",
    ["way"],
    buckets=_ACKNOWLEDGEMENT_BUCKETS,
)
TURNS = Counter("hrbot_turns_total", "Turns answered", ["kind", "decision", "audience"])
MOVED_TURNS = Counter("hrbot_turns_moved_total", "Turns that went on in direct messages")
HOLDING_NOTICES = Counter("hrbot_holding_notices_total", "Notices to people who wait too long")
APOLOGIES = Counter("hrbot_apologies_total", "Turns that ended in an apology", ["reason"])
FINAL_REPLY = Histogram(
    "hrbot_final_reply_seconds",
    "From a message taken in to its final reply delivered",
    ["audience"],
    buckets=_REPLY_BUCKETS,
)
DELIVERIES = Counter("hrbot_outbox_deliveries_total", "Delivery attempts", ["kind", "outcome"])
QUEUE_FAILURES = Counter(
    "hrbot_queue_failures_total",
    "Rows whose handling broke, and looks into a queue that the database refused",
    ["queue"],
)
SLACK_ERRORS = Counter("hrbot_slack_errors_total", "Refused or failed calls", ["method", "error"])
REDACTIONS = Counter("hrbot_redactions_total", "Identifiers taken out of texts", ["kind"])


@contextmanager
def acknowledging(way: str) -> Iterator[None]:
    """Measure how long the sender of a request waits for us; `way` is http or socket."""
    began = time.perf_counter()
    try:
        yield
    finally:
        ACKNOWLEDGED.labels(way=way).observe(time.perf_counter() - began)
