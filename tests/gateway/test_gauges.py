from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.gateway.gauges import exposition
from bot.gateway.health import Report

from .reports import whole_report


@pytest.fixture
def report(now: datetime) -> Report:
    """Give a report in which everything is to be seen."""
    return whole_report(now)


def samples(report: Report) -> dict[tuple[str, ...], float]:
    """Return the samples by name and the labels' values, in the order of the labels' names."""
    families = text_string_to_metric_families(exposition(report).decode())
    return {
        (sample.name, *(v for _, v in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_a_report_is_shown_as_gauges(report: Report) -> None:
    found = samples(report)
    expected = {
        ("hrbot_ready",): 0,
        ("hrbot_database_up",): 1,
        ("hrbot_actions_up",): 1,
        ("hrbot_slack_up",): 0,
        ("hrbot_worker_up", "inbox"): 1,
        ("hrbot_worker_up", "outbox"): 0,
        ("hrbot_assistant_up", "1"): 1,
        ("hrbot_assistant_up", "2"): 0,
        ("hrbot_model_info", "1", "hrbot-1.tar.gz"): 1,
        ("hrbot_queue_pending", "message", "inbox"): 2,
        ("hrbot_queue_pending", "reply", "outbox"): 1,
        ("hrbot_queue_oldest_seconds", "message", "inbox"): 90,
        ("hrbot_queue_oldest_seconds", "reply", "outbox"): 0,
        ("hrbot_dead_letters", "case_card"): 3,
        ("hrbot_cases", "benefits", "open"): 7,
        ("hrbot_cases_overdue", "benefits", "open"): 2,
        ("hrbot_case_oldest_seconds", "benefits", "open"): 90,
    }
    assert {key: found.get(key) for key in expected} == expected
    assert ("hrbot_model_info", "2") not in {key[:2] for key in found}


def test_without_a_database_its_gauges_are_missing_not_zero(report: Report) -> None:
    names = {key[0] for key in samples(replace(report, stock=None))}
    assert "hrbot_database_up" in names
    assert not names & {"hrbot_queue_pending", "hrbot_cases", "hrbot_dead_letters"}


def test_counters_and_gauges_are_shown_together_whoever_asks(report: Report) -> None:
    for _ in range(2):
        names = {key[0] for key in samples(report)}
        assert {"hrbot_holding_notices_total", "hrbot_ready", "process_cpu_seconds_total"} <= names


def test_where_the_assistants_are_is_not_shown(report: Report) -> None:
    hosts = [line for line in exposition(report).decode().splitlines() if "internal" in line]
    # Slack has an error of that name.
    assert [line for line in hosts if "internal_error" not in line] == []
