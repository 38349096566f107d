"""Counters of the gateway, served at /metrics in Prometheus' format."""

from __future__ import annotations

from prometheus_client import Counter

ACCEPTED = Counter("hrbot_inbox_accepted_total", "Messages and choices taken in", ["kind"])
DELIVERIES = Counter("hrbot_outbox_deliveries_total", "Delivery attempts", ["kind", "outcome"])
