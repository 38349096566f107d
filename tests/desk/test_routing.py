from __future__ import annotations

from pathlib import Path

import pytest

from bot.desk.routing import load_routing
from bot.errors import DataFileError
from bot.settings import ROOT

GOOD = """
queues:
  benefits:
    title: Benefits
    channel: C0BENEFITS
    members: [U1, S1, lead@cedar.example]
    admins: [U9]
    categories: [benefits, pay]
    audiences: [employee]
  hiring:
    channel: C0HIRING
    categories: [careers, pay]
    audiences: [candidate]
  default:
    channel: default
    members: channel
"""


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "routing.yml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("topic", "audience", "queue"),
    [
        ("benefits/dental", "employee", "benefits"),
        ("benefits/dental", "candidate", "default"),
        ("pay/payday", "employee", "benefits"),
        ("pay/payday", "candidate", "hiring"),
        ("careers/visa", "candidate", "hiring"),
        ("careers/visa", "employee", "default"),
        ("leave/pto", "employee", "default"),
        (None, "employee", "default"),
    ],
)
def test_the_first_queue_that_fits_gets_the_question(
    tmp_path: Path, topic: str | None, audience: str, queue: str
) -> None:
    assert load_routing(write(tmp_path, GOOD), "C0HR").queue_for(topic, audience).name == queue


def test_what_a_queue_says_is_read(tmp_path: Path) -> None:
    routing = load_routing(write(tmp_path, GOOD), "C0HR")
    benefits, hiring, default = (routing.queues[n] for n in ("benefits", "hiring", "default"))
    assert benefits.members == ("U1", "S1", "lead@cedar.example")
    assert (benefits.title, benefits.channel, benefits.admins) == (
        "Benefits",
        "C0BENEFITS",
        ("U9",),
    )
    assert (hiring.title, hiring.members) == ("hiring", None)
    assert (default.channel, default.members) == ("C0HR", None)
    assert default.audiences == ("employee", "candidate")


def test_the_cases_of_a_queue_that_was_removed_go_to_the_default_one(tmp_path: Path) -> None:
    routing = load_routing(write(tmp_path, GOOD), "C0HR")
    assert routing.queue_named("closed last year").name == "default"
    assert routing.queue_named("hiring").name == "hiring"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("queues:", "queues: [", "can't be read"),
        ("queues:", "lists:", "needs “queues:”"),
        ("  default:", "  standard:", "queue named “default”"),
        ("    title: Benefits", "    titel: Benefits", "queue “benefits”: it may hold"),
        ("    channel: C0BENEFITS\n", "", "queue “benefits”: “channel”"),
        ("channel: C0BENEFITS", "channel: ''", "queue “benefits”: “channel”"),
        ("channel: C0BENEFITS", "channel: [C1]", "queue “benefits”: “channel”"),
        ("[U1, S1, lead@cedar.example]", "U1", "queue “benefits”: “members” must be a list"),
        ("[U9]", "[9]", "queue “benefits”: “admins” must be a list"),
        ("[benefits, pay]", "benefits", "queue “benefits”: “categories” must be a list"),
        ("[candidate]", "[candidate, public]", "queue “hiring”: “audiences” may hold"),
        ("    channel: default\n    members: channel\n", "    5\n", "queue “default”: it may hold"),
    ],
)
def test_each_kind_of_mistake_is_named_with_file_and_queue(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert GOOD.count(before) == 1
    with pytest.raises(DataFileError) as caught:
        load_routing(write(tmp_path, GOOD.replace(before, after)), "C0HR")
    assert "routing.yml" in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"routing\.yml can't be read"):
        load_routing(tmp_path / "routing.yml", "C0HR")


def test_our_own_routing_is_in_order() -> None:
    routing = load_routing(ROOT / "data" / "routing.yml", "C0HR")
    assert routing.queue_for("benefits/dental", "employee").channel
