"""Who gets to the report: HR, by Slack's word, for an hour; everybody else is told why not."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta, timezone
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from bot.db.audit import AuditEntry
from bot.sandbox.seed import ROBIN, SAM

from ..gateway.slack.desk_loop import DeskLoop
from .conftest import SignIn

PATHS = ("/report", "/report/charts/outcomes.svg", "/report/tables/outcomes.csv")


def audited(loop: DeskLoop) -> list[tuple[str, dict]]:
    with loop.database.read() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == "report"))
        return [(entry.action, entry.detail) for entry in entries.all()]


@pytest.mark.parametrize("path", PATHS)
def test_nobody_sees_anything_without_signing_in(url: str, path: str) -> None:
    assert httpx.get(f"{url}{path}").status_code == 303
    shown = httpx.get(f"{url}{path}", follow_redirects=True)
    assert (shown.status_code, shown.url.path) == (200, "/report/start")
    assert "Sign in with Slack" in shown.text
    assert "<table" not in shown.text


@pytest.mark.parametrize("path", PATHS)
def test_who_isn_t_of_hr_is_told_so(sign_in: SignIn, path: str) -> None:
    shown = sign_in(ROBIN).get(path)
    assert shown.status_code == 403
    assert "This report is for HR" in shown.text


def test_hr_reads_it_and_that_is_written_down(loop: DeskLoop, sign_in: SignIn) -> None:
    before = len(audited(loop))
    hr = sign_in(SAM)
    shown = hr.get("/report")
    assert (shown.status_code, shown.text.count("<section")) == (200, 9)
    assert "can i bring my dog" in shown.text or "dogs allowed" in shown.text
    assert [action for action, _ in audited(loop)[before:]] == ["viewed", "viewed"]


def test_a_table_is_downloaded_as_it_is_shown(loop: DeskLoop, sign_in: SignIn) -> None:
    hr = sign_in(SAM)
    given = hr.get("/report/tables/outcomes.csv?weeks=4")
    assert given.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in given.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(given.text.removeprefix("\ufeff"))))
    assert rows[0] == ["Outcome", "Questions", "Share (95 % interval)", "Weeks before"]
    page = hr.get("/report?weeks=4").text
    assert all(f"<td>{cell}</td>" in page for row in rows[1:] for cell in row[1:])
    assert audited(loop)[-2][0] == "exported"
    assert audited(loop)[-2][1]["table"] == "outcomes"
    assert hr.get("/report/tables/other.csv").status_code == 404


def test_charts_are_drawn_and_can_run_nothing(sign_in: SignIn) -> None:
    hr = sign_in(SAM)
    for name in ("outcomes", "weeks", "queues"):
        drawn = hr.get(f"/report/charts/{name}.svg")
        assert drawn.headers["content-type"] == "image/svg+xml"
        assert drawn.headers["content-security-policy"].startswith("default-src 'none'")
        assert "<script" not in drawn.text
        assert "</svg>" in drawn.text
    assert hr.get("/report/charts/other.svg").status_code == 404


def test_headers_keep_out_what_is_from_elsewhere(sign_in: SignIn) -> None:
    headers = sign_in(SAM).get("/report").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert (headers["cache-control"], headers["x-frame-options"]) == ("no-store", "DENY")


def test_slack_is_asked_with_state_nonce_and_pkce_and_the_cookie_is_kept_from_scripts(
    url: str,
) -> None:
    led = httpx.get(f"{url}/report/sign-in")
    asked = parse_qs(urlsplit(led.headers["location"]).query)
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert asked["code_challenge_method"] == ["S256"]
    cookie = SimpleCookie(led.headers["set-cookie"])["hrbot_report"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/report")
    assert int(cookie["max-age"]) == 3600


def test_a_code_without_its_state_or_cookie_opens_nothing(url: str, sign_in: SignIn) -> None:
    assert httpx.get(f"{url}/report/signed-in?code=x&state=y").status_code == 403
    assert httpx.get(f"{url}/report/signed-in?error=access_denied").status_code == 403
    with httpx.Client(base_url=url) as http:
        led = http.get("/report/sign-in").headers["location"]
        back = httpx.get(f"{led}&as={SAM}").headers["location"]
        other = httpx.get(back)
        assert other.status_code == 403
        assert http.get(f"{back}x").status_code == 403


def test_a_cookie_that_was_changed_is_none(url: str, sign_in: SignIn) -> None:
    value = sign_in(SAM).cookies["hrbot_report"]
    forged = f"{'A' if value[0] != 'A' else 'B'}{value[1:]}"
    assert httpx.get(f"{url}/report", cookies={"hrbot_report": forged}).status_code == 303


def test_signing_out_forgets(sign_in: SignIn) -> None:
    hr = sign_in(SAM)
    assert hr.post("/report/sign-out").status_code == 303
    assert hr.get("/report").headers["location"] == "/report/start"


def test_who_leaves_hr_is_out_at_once(loop: DeskLoop, sign_in: SignIn) -> None:
    hr = sign_in(SAM)
    channel = loop.slack.workspace.channels["C0HRQUEST01"]
    channel.members.remove(SAM)
    try:
        assert hr.get("/report").status_code == 403
    finally:
        channel.members.append(SAM)


def test_somebody_of_another_workspace_is_not_let_in(
    loop: DeskLoop, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with httpx.Client(base_url=url) as http:
        led = http.get("/report/sign-in").headers["location"]
        back = httpx.get(f"{led}&as={SAM}").headers["location"]
        monkeypatch.setattr(loop.slack.workspace, "team_id", "T0ELSEWHERE")
        assert http.get(back).status_code == 403


def test_while_the_assistant_is_away_the_rest_is_shown(loop: DeskLoop, sign_in: SignIn) -> None:
    hr, before = sign_in(SAM), loop.assistant.tells["group"]
    loop.assistant.tells["group"] = {"groups": []}
    try:
        assert "No theme without an answer" in hr.get("/report").text
    finally:
        loop.assistant.tells["group"] = before


def test_only_whole_weeks_can_be_chosen(sign_in: SignIn) -> None:
    today = datetime.now(timezone.utc)
    shown = sign_in(SAM).get("/report?weeks=3").text
    assert 'aria-current="page">\n        4 weeks' in shown
    assert f"{today + timedelta(days=1):%Y-%m-%d}" not in shown
