from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.db.models import Case
from bot.desk.routing import ALWAYS_SENSITIVE, Routing, routing_problems
from bot.desk.routing_file import load_routing
from bot.errors import DataFileError
from bot.faq.book import load_book
from bot.nlu.decision import SENSITIVE_CATEGORIES
from bot.programs.catalogue_file import SITES
from bot.settings import ROOT, Settings
from bot.validate import validate_all

CHANNELS = {"default": "C0HR", "sensitive": "C0RELATIONS"}
GOOD = """
defaults:
  time_zone: America/Chicago
  hours: {mon: 08:00-17:00, tue: [08:00-12:00, 13:00-17:00], fri: 08:00-24:00}
  holidays: [2026-12-25]
  sla: {first_reply: 4h, resolution: 3d}
  digest: 08:30
  on_call: [U5]

sensitive: [benefits/eap_mental_health]

queues:
  garnishments:
    channel: C0PAYLAW
    topics: [pay/garnishments]
  lakeview:
    channel: C0LAKE
    categories: [pay]
    sites: [lakeview]
  relations:
    channel: sensitive
    restricted: true
    categories: [relations]
    audiences: [employee]
  benefits:
    title: Benefits
    channel: C0BENEFITS
    members: [U1, S1, lead@cedar.example]
    admins: [U9]
    categories: [benefits, pay]
    audiences: [employee]
    escalation: [S2]
    hours: always
    time_zone: Europe/Berlin
    sla: {first_reply: 1d 90m}
  hiring:
    channel: C0HIRING
    categories: all
    audiences: [candidate]
  default:
    channel: default
    members: channel
    on_call: []
"""


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "routing.yml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def routing(tmp_path: Path) -> Routing:
    return load_routing(write(tmp_path, GOOD), CHANNELS)


@pytest.mark.parametrize(
    ("topic", "audience", "site", "queue"),
    [
        ("benefits/dental", "employee", None, "benefits"),
        ("benefits/dental", "candidate", None, "hiring"),
        ("pay/payday", "employee", None, "benefits"),
        ("pay/payday", "employee", "riverside", "benefits"),
        ("pay/payday", "employee", "lakeview", "lakeview"),
        ("pay/garnishments", "employee", "lakeview", "garnishments"),
        ("pay/garnishments", "candidate", None, "garnishments"),
        ("careers/visa", "candidate", None, "hiring"),
        ("careers/visa", "employee", None, "default"),
        ("leave/pto", "employee", None, "default"),
        (None, "employee", None, "default"),
        (None, "candidate", None, "hiring"),
        ("relations/harassment", "employee", "lakeview", "relations"),
        ("relations/harassment", "candidate", None, "relations"),
        ("benefits/eap_mental_health", "employee", None, "relations"),
    ],
)
def test_the_first_queue_that_fits_gets_the_question(
    routing: Routing, topic: str | None, audience: str, site: str | None, queue: str
) -> None:
    assert routing.queue_for(topic, audience, site=site).name == queue


@pytest.mark.parametrize("topic", [None, "benefits/dental", "pay/payday", "relations/union"])
@pytest.mark.parametrize("audience", ["employee", "candidate"])
def test_what_is_sensitive_goes_to_a_restricted_queue_only(
    routing: Routing, topic: str | None, audience: str
) -> None:
    assert routing.queue_for(topic, audience, sensitive=True).restricted
    assert [queue.name for queue in routing.queues_open_to(True)] == ["relations"]
    assert len(routing.queues_open_to(False)) == len(routing.queues)


def test_of_several_restricted_queues_the_one_that_fits_is_chosen(tmp_path: Path) -> None:
    outsiders = "  hiring:\n    restricted: true\n"
    routing = load_routing(write(tmp_path, GOOD.replace("  hiring:\n", outsiders)), CHANNELS)
    assert routing.queue_for("careers/visa", "candidate", sensitive=True).name == "hiring"
    assert routing.queue_for("pay/payday", "employee", sensitive=True).name == "relations"


def test_what_a_queue_says_is_read(routing: Routing) -> None:
    benefits, hiring, default = (routing.queues[n] for n in ("benefits", "hiring", "default"))
    assert benefits.members == ("U1", "S1", "lead@cedar.example")
    assert (benefits.title, benefits.channel, benefits.admins) == (
        "Benefits",
        "C0BENEFITS",
        ("U9",),
    )
    assert (benefits.on_call, benefits.escalation, default.on_call) == (("U5",), ("S2",), ())
    assert (hiring.title, hiring.members, hiring.categories) == ("hiring", None, None)
    assert (default.channel, default.members) == ("C0HR", None)
    assert (default.audiences, default.restricted) == (("employee", "candidate"), False)
    assert routing.queues["relations"].channel == "C0RELATIONS"


def test_service_hours_and_limits_are_read(routing: Routing) -> None:
    hiring, benefits = routing.queues["hiring"], routing.queues["benefits"]
    assert hiring.hours.zone == ZoneInfo("America/Chicago")
    assert hiring.hours.week[0] == ((480, 1020),)
    assert hiring.hours.week[1] == ((480, 720), (780, 1020))
    assert hiring.hours.week[2] == ()
    assert hiring.hours.week[4] == ((480, 1440),)
    assert hiring.hours.holidays == {date(2026, 12, 25)}
    assert hiring.digest == 8 * 60 + 30
    assert hiring.sla.first_reply == timedelta(hours=4)
    # A day is the longest of the week: Friday's 16 hours.
    assert hiring.sla.resolution == timedelta(hours=48)
    assert benefits.hours.zone == ZoneInfo("Europe/Berlin")
    assert benefits.hours.week == (((0, 1440),),) * 7
    assert benefits.sla.first_reply == timedelta(hours=25, minutes=30)
    assert benefits.sla.resolution is None


def test_without_hours_a_queue_is_always_at_work(tmp_path: Path) -> None:
    file = write(tmp_path, "queues: {default: {channel: default}}")
    queue = load_routing(file, CHANNELS).default
    assert queue.hours.longest_day == timedelta(hours=24)
    assert (queue.sla.first_reply, queue.sla.resolution, queue.digest) == (None, None, None)


@pytest.mark.parametrize(
    ("name", "sensitive", "queue"),
    [
        ("closed last year", False, "default"),
        ("hiring", False, "hiring"),
        ("closed last year", True, "relations"),
        ("relations", True, "relations"),
        ("hiring", True, "relations"),
    ],
)
def test_a_case_whose_queue_is_gone_stays_in_its_circle(
    routing: Routing, name: str, sensitive: bool, queue: str
) -> None:
    assert routing.queue_of(Case(queue=name, sensitive=sensitive)).name == queue


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("queues:", "queues: [", "can't be read"),
        ("queues:", "owners: [U5]\nqueues:", "“owners” must give each owner a list"),
        ("queues:", "owners: {Pay team: U5}\nqueues:", "“Pay team” must be a list"),
        (
            "queues:",
            "owners: {Pay team: [Sam]}\nqueues:",
            "“Sam” of “pay team” must",
        ),
        ("queues:", "lists:", "needs “queues:”"),
        ("  hiring:", "  new hires:", "“new hires” can't be a queue's name"),
        ("sensitive: [", "private: [", "routing.yml: it may hold"),
        ("sensitive: [benefits/eap_mental_health]", "sensitive: 5", "“sensitive” must be a list"),
        ("  default:", "  standard:", "queue named “default”"),
        ("  time_zone: America/Chicago", "  timezone: America/Chicago", "defaults: it may hold"),
        ("America/Chicago", "Chicago", "defaults: “time_zone” is “Chicago”"),
        ("Europe/Berlin", "../berlin", "queue “benefits”: “time_zone”"),
        ("  time_zone: America/Chicago\n", "", "defaults: “hours” need a “time_zone”"),
        ("mon: 08:00-17:00", "monday: 08:00-17:00", "defaults: “hours” must be"),
        ("mon: 08:00-17:00", "mon: 8 to 5", "“hours, mon”: “8 to 5” must look like"),
        ("mon: 08:00-17:00", "mon: 17:00-08:00", "“hours, mon”: “17:00-08:00” ends before"),
        ("mon: 08:00-17:00", "mon: 08:00-25:00", "“25:00” must be a time"),
        ("13:00-17:00]", "11:00-17:00]", "“11:00-17:00” begins before"),
        ("hours: always", "hours: never", "queue “benefits”: “hours” must be"),
        ("hours: always", "hours: {sun: []}", "queue “benefits”: “hours” name no opening"),
        ("[2026-12-25]", "[25.12.]", "defaults: “holidays” must be a list of dates"),
        ("[2026-12-25]", "2026-12-25", "defaults: “holidays” must be a list of dates"),
        ("first_reply: 4h", "first: 4h", "defaults: “sla” may hold"),
        ("first_reply: 4h", "first_reply: soon", "“sla”, first_reply: “soon” must look like"),
        ("first_reply: 4h", "first_reply: 0h", "“sla”, first_reply: “0h” must look like"),
        ("digest: 08:30", "digest: early", "defaults: “digest”: “early” must be a time"),
        ("restricted: true", "restricted: very", "queue “relations”: “restricted” must be"),
        ("    title: Benefits", "    titel: Benefits", "queue “benefits”: it may hold"),
        ("    channel: C0BENEFITS\n", "", "queue “benefits”: “channel”"),
        ("channel: C0BENEFITS", "channel: ''", "queue “benefits”: “channel”"),
        ("channel: C0BENEFITS", "channel: '#benefits'", "queue “benefits”: “channel”"),
        ("channel: C0BENEFITS", "channel: [C1]", "queue “benefits”: “channel”"),
        ("[U1, S1, lead@cedar.example]", "U1", "queue “benefits”: “members” must be a list"),
        ("[U9]", "[9]", "queue “benefits”: “admins” must be a list"),
        ("[S2]", "S2", "queue “benefits”: “escalation” must be a list"),
        ("[U5]", "U5", "defaults: “on_call” must be a list"),
        ("[benefits, pay]", "benefits", "queue “benefits”: “categories” must be a list"),
        ("[pay/garnishments]", "pay", "queue “garnishments”: “topics” must be a list"),
        ("[candidate]", "[candidate, public]", "queue “hiring”: “audiences” may hold"),
        ("    channel: default\n    members: channel\n    on_call: []\n", "    5\n", "“default”"),
    ],
)
def test_each_kind_of_mistake_is_named_with_file_and_queue(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert GOOD.count(before) == 1
    with pytest.raises(DataFileError) as caught:
        load_routing(write(tmp_path, GOOD.replace(before, after)), CHANNELS)
    assert "routing.yml" in str(caught.value)
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"routing\.yml can't be read"):
        load_routing(tmp_path / "routing.yml", CHANNELS)


TOPICS = ["benefits/dental", "benefits/eap_mental_health", "pay/garnishments", "relations/union"]


def test_a_good_routing_has_no_problems(routing: Routing) -> None:
    assert routing_problems(routing, TOPICS, SITES) == []


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("    restricted: true\n", "", "sensitive topics need a restricted queue"),
        ("[benefits, pay]", "[benefits, payroll]", "queue “benefits” takes “payroll”"),
        ("[pay/garnishments]", "[pay/levies]", "queue “garnishments” takes “pay/levies”"),
        ("[benefits/eap_mental_health]", "[rumours]", "“sensitive” names “rumours”"),
        ("sites: [lakeview]", "sites: [seaview]", "queue “lakeview” names the site “seaview”"),
    ],
)
def test_what_can_be_read_and_is_wrong_all_the_same_is_said(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert GOOD.count(before) == 1
    routing = load_routing(write(tmp_path, GOOD.replace(before, after)), CHANNELS)
    (problem,) = routing_problems(routing, TOPICS, SITES)
    assert message in problem


def test_without_a_restricted_queue_the_default_one_gets_what_is_sensitive(tmp_path: Path) -> None:
    text = GOOD.replace("    restricted: true\n", "")
    routing = load_routing(write(tmp_path, text), CHANNELS)
    assert routing.queue_for("relations/harassment", "employee").name == "default"


def test_sensitive_is_what_the_understanding_calls_so() -> None:
    assert set(ALWAYS_SENSITIVE) == SENSITIVE_CATEGORIES


def test_our_own_routing_is_in_order(settings: Settings) -> None:
    routing = load_routing(ROOT / "data" / "routing.yml", settings.hr_channels)
    topics = load_book(ROOT / "data", ROOT / "domain.yml").topics()
    assert routing_problems(routing, topics, SITES) == []
    assert routing.queue_for("relations/harassment", "candidate").name == "relations"
    assert routing.queue_for(None, "candidate").name == "recruiting"
    assert routing.queue_for("leave/fmla", "employee").name == "benefits"
    for queue in routing.queues.values():
        assert queue.sla.first_reply
        assert queue.sla.resolution
        assert queue.digest is not None
        restricted = queue.channel == settings.slack_hr_sensitive_channel
        assert restricted == queue.restricted


def test_validate_tells_of_routing(settings: Settings, tmp_path: Path) -> None:
    for name in ("faq", "company.yml", "programs.yml", "languages.yml", "wording.yml"):
        (tmp_path / name).symlink_to(ROOT / "data" / name)
    write(tmp_path, "queues: {default: {channel: default, categories: [payroll]}}")
    object.__setattr__(settings, "data_dir", tmp_path)
    problems = [p for p in validate_all(settings).problems if "routing.yml" in p]
    assert len(problems) == 2
    assert "restricted queue" in problems[0]
    assert "payroll" in problems[1]


def test_owners_are_people_or_queues_whatever_their_case(tmp_path: Path) -> None:
    owners = "owners:\n  Pay team: [U5, jo@cedar.example, hiring]\nqueues:"
    routing = load_routing(write(tmp_path, GOOD.replace("queues:", owners)), CHANNELS)
    assert routing.named_for("PAY TEAM") == ("U5", "jo@cedar.example", "hiring")
    assert routing.named_for("Somebody") == ()
