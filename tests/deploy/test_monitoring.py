"""What alerts and dashboard ask for is what the gateway shows."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from prometheus_client import Counter, Histogram
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from bot.gateway import metrics
from bot.gateway.gauges import exposition
from bot.settings import ROOT

from ..gateway.reports import whole_report

DASHBOARD = ROOT / "deploy" / "grafana" / "hr-assistant.json"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
# What Prometheus adds to every target.
OF_PROMETHEUS = {"up": {"job", "instance"}}
SUFFIXES = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"], "gauge": [""]}


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    """Give the labels of every sample that /metrics can show, by its name."""
    shown = exposition(whole_report(datetime.fromisoformat("2026-11-23T03:00:00+00:00"))).decode()
    found = dict(OF_PROMETHEUS)
    for family in text_string_to_metric_families(shown):
        for suffix in SUFFIXES.get(family.type, []):
            found.setdefault(f"{family.name}{suffix}", set())
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    for metric in vars(metrics).values():
        if isinstance(metric, Counter | Histogram):
            described = metric.describe()[0]
            for suffix in SUFFIXES[described.type]:
                names = set(metric._labelnames) | ({"le"} if suffix == "_bucket" else set())
                found[f"{described.name}{suffix}"] = names
    return found


def rules() -> list[dict[str, Any]]:
    read = YAML(typ="safe", pure=True).load(ALERTS.read_text(encoding="utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return [
        p for p in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"] if "targets" in p
    ]


def expressions() -> Iterator[tuple[str, str]]:
    yield from ((rule["alert"], rule["expr"]) for rule in rules())
    yield from ((panel["title"], t["expr"]) for panel in panels() for t in panel["targets"])


@pytest.mark.parametrize(("name", "expression"), expressions())
def test_each_expression_asks_for_what_there_is(
    known: dict[str, set[str]], name: str, expression: str
) -> None:
    asked = set(re.findall(r"\b(?:hrbot_\w+|process_\w+|up\b)", expression))
    assert asked, name
    assert asked <= known.keys(), name
    labels = {"job", "instance"}.union(*(known[metric] for metric in asked))
    grouped = re.findall(r"\bby \(([^)]*)\)", expression)
    used = {label.strip() for group in grouped for label in group.split(",")}
    used |= set(re.findall(r"[{,]\s*(\w+)\s*(?:=~|!=|=)", expression))
    assert used <= labels, name


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_each_alert_says_what_is_wrong_and_shows_labels_that_it_has(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert rule["annotations"].keys() == {"summary", "description"}
    shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["description"]))
    grouped = re.findall(r"\bby \(([^)]*)\)", rule["expr"])
    kept = {label.strip() for group in grouped[:1] for label in group.split(",")}
    aggregates = re.match(r"(?:sum|max|min|count|histogram_quantile)\b", rule["expr"])
    assert shown <= (kept if aggregates else {"instance", "job"})


def test_the_legends_show_labels_that_are_left() -> None:
    for panel in panels():
        for target in panel["targets"]:
            shown = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            assert all(re.search(rf"\b{label}\b", target["expr"]) for label in shown - {"instance"})


def test_what_the_gateway_counts_is_on_the_dashboard(known: dict[str, set[str]]) -> None:
    text = DASHBOARD.read_text(encoding="utf-8")
    ours = {re.sub(r"_(bucket|count|sum|total)$", "", n) for n in known if n.startswith("hrbot_")}
    assert {name for name in ours if name not in text} == set()


def test_no_two_panels_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool isn't installed here")
def test_promtool_takes_the_rules() -> None:
    done = subprocess.run(["promtool", "check", "rules", ALERTS], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
