from __future__ import annotations

import os
import subprocess
import sys
import zlib
from pathlib import Path

import httpx
import pytest

from bot.settings import ROOT


def test_health_needs_no_token(server):
    assert httpx.get(f"{server.settings.actions_url}/health").json() == {"status": "ok"}


def test_it_says_whether_its_database_answers(server):
    found = httpx.get(f"{server.settings.actions_url}/ready")

    assert (found.status_code, found.json()) == (200, {"ready": True, "missing": []})


@pytest.mark.parametrize("path", ["/webhook", "/actions", "/nothing-here"])
@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer", "the-first-token-of-two"])
def test_everything_else_does(server, path: str, header: str | None):
    headers = {"Authorization": header} if header else {}
    response = httpx.post(f"{server.settings.actions_url}{path}", json={}, headers=headers)

    assert response.status_code == 401
    assert response.json() == {"error": "unauthorized"}


@pytest.mark.parametrize("token", ["the-first-token-of-two", "the-second-token-of-two"])
def test_both_tokens_of_a_rotation_are_good(server, token: str):
    headers = {"Authorization": f"Bearer {token}"}
    response = httpx.get(f"{server.settings.actions_url}/actions", headers=headers)

    assert {"name": "action_affirm"} in response.json()


def test_other_sites_get_no_permission_to_call(server):
    response = server.client.get("/actions", headers={"Origin": "https://evil.example"})

    assert "access-control-allow-origin" not in response.headers


def test_it_listens_on_loopback_only(server):
    port = server.settings.actions_url.rpartition(":")[2]
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{int(port):04X}")]

    assert listening == [f"0100007F:{int(port):04X}"]


def test_a_request_that_is_too_large_is_refused(server):
    response = server.client.post("/webhook", content=b"x" * 17_000_000)

    assert response.status_code == 413


@pytest.mark.parametrize("encoding", ["deflate", "gzip", "br"])
def test_a_packed_request_is_refused_unread(server, encoding: str):
    packed = zlib.compress(b"x" * 10_000_000)
    response = server.client.post(
        "/webhook", content=packed, headers={"Content-Encoding": encoding}
    )

    assert response.status_code == 415


def test_a_failing_action_repeats_nothing_that_was_said(server, talk):
    talk.say("my secret illness", "affirm")
    talk.slots = {"offered_turn": "t", "pending_turn": None}
    talk.events[-1]["parse_data"]["entities"] = "broken"

    with pytest.raises(httpx.HTTPStatusError) as failed:
        talk.call("action_affirm")

    assert failed.value.response.status_code == 500
    assert "illness" not in failed.value.response.text


def test_an_unknown_action_is_named(server, talk):
    talk.say("hi", "greet")

    with pytest.raises(httpx.HTTPStatusError) as failed:
        talk.call("action_nobody_knows")

    assert failed.value.response.status_code == 404


def test_an_unreachable_database_is_one_sentence(tmp_path):
    environment = {
        **os.environ,
        "HRBOT_VAR_DIR": str(tmp_path),
        "DATABASE_URL": "postgresql://nobody:pw@127.0.0.1:1/none",
    }
    done = subprocess.run(
        [sys.executable, "-m", "actions"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert "pw" not in done.stderr
    assert "Traceback" not in done.stderr


def test_every_action_of_the_domain_exists_and_no_other(server):
    from ruamel.yaml import YAML

    domain = YAML(typ="safe").load(ROOT / "domain.yml")
    running = {action["name"] for action in server.client.get("/actions").json()}

    assert running == set(domain["actions"])
