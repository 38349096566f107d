"""What a report says, as Prometheus gauges.

They are read from the one database, so each gateway shows the same: take the maximum of several
gateways, never the sum.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from bot.gateway.health import Report


def exposition(report: Report) -> bytes:
    """Return all that /metrics says: what was counted, and what the report shows."""
    registry = CollectorRegistry()
    registry.register(ReportCollector(report))
    return generate_latest(REGISTRY) + generate_latest(registry)


class ReportCollector(Collector):
    """Gives the gauges of one report."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges; those of the database are missing while it doesn't answer."""
        report = self._report
        yield _gauge("hrbot_ready", "1 if nothing is missing", float(not report.missing))
        yield _gauge("hrbot_database_up", "1 if the database answers", float(bool(report.stock)))
        yield _gauge("hrbot_actions_up", "1 if actions can be reached", float(report.actions))
        yield _gauge(
            "hrbot_slack_up",
            "1 if Slack accepts us and Socket Mode, where it is used, is connected",
            float(report.slack and report.socket is not False),
        )
        yield self._workers()
        yield from self._assistants()
        if report.stock is not None:
            yield from self._queues()
            yield from self._cases()

    def _workers(self) -> GaugeMetricFamily:
        workers = GaugeMetricFamily(
            "hrbot_worker_up", "1 if a queue is worked off", labels=["queue"]
        )
        for name, is_running in self._report.workers.items():
            workers.add_metric([name], float(is_running))
        return workers

    def _assistants(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily(
            "hrbot_assistant_up", "1 if an assistant is ready", labels=["assistant"]
        )
        model = GaugeMetricFamily(
            "hrbot_model_info", "The model that an assistant runs", labels=["assistant", "model"]
        )
        # By number: where they are is nobody's business who reads metrics.
        for number, assistant in enumerate(self._report.assistants, 1):
            up.add_metric([str(number)], float(assistant.is_ready))
            if assistant.model:
                model.add_metric([str(number), assistant.model], 1.0)
        yield from (up, model)

    def _queues(self) -> Iterator[GaugeMetricFamily]:
        labels = ["queue", "kind"]
        pending = GaugeMetricFamily("hrbot_queue_pending", "Rows that wait", labels=labels)
        oldest = GaugeMetricFamily(
            "hrbot_queue_oldest_seconds", "Age of the oldest row that waits", labels=labels
        )
        for queue, rows in self._report.stock.waiting.items():
            for row in rows:
                pending.add_metric([queue, row.kind], row.count)
                oldest.add_metric([queue, row.kind], self._report.age(row.oldest))
        dead = GaugeMetricFamily("hrbot_dead_letters", "Rows given up", labels=["kind"])
        for kind, count in self._report.stock.dead.items():
            dead.add_metric([kind], count)
        yield from (pending, oldest, dead)

    def _cases(self) -> Iterator[GaugeMetricFamily]:
        labels = ["queue", "status"]
        count = GaugeMetricFamily("hrbot_cases", "Cases not resolved", labels=labels)
        overdue = GaugeMetricFamily("hrbot_cases_overdue", "Cases past their time", labels=labels)
        oldest = GaugeMetricFamily(
            "hrbot_case_oldest_seconds", "Age of the oldest case not resolved", labels=labels
        )
        for load in self._report.stock.cases:
            names = [load.queue, load.status]
            count.add_metric(names, load.count)
            overdue.add_metric(names, load.overdue)
            oldest.add_metric(names, self._report.age(load.oldest))
        yield from (count, overdue, oldest)


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)
