"""The compose file: what it runs, what is open, and that our settings take its environment."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from bot.cli_processes import processes_app
from bot.safe_settings import fresh_secrets
from bot.settings import ROOT, VARIABLES, load_settings

DEPLOY = ROOT / "deploy"
READ: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text())
SERVICES: dict[str, Any] = READ["services"]
OURS = ("prepare", "actions", "assistant-1", "assistant-2", "gateway-1", "gateway-2")


def template() -> dict[str, str]:
    text = (DEPLOY / "env.template").read_text(encoding="utf-8")
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))


def test_the_topology_is_two_of_each_in_front_of_one_database() -> None:
    assert set(SERVICES) == {*OURS, "proxy", "postgres", "redis"}


def test_the_proxy_alone_is_open() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert READ["networks"]["inside"]["internal"] is True
    inside = {name for name, service in SERVICES.items() if service["networks"] == ["inside"]}
    assert inside == {*SERVICES} - {"proxy", "gateway-1", "gateway-2"}
    assert SERVICES["proxy"]["networks"] == ["edge"]


@pytest.mark.parametrize("name", OURS)
def test_each_of_ours_can_do_no_more_than_it_has_to(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    # Drains of turns and of deliveries, and what the server itself needs.
    assert int(service["stop_grace_period"].removesuffix("s")) >= 25
    writable = [v for v in service["volumes"] if not v.endswith(":ro")]
    assert writable == (["model:/app/var"] if name == "prepare" else [])


@pytest.mark.parametrize("name", OURS)
def test_each_is_built_from_a_stage_and_runs_a_command_that_there_is(name: str) -> None:
    service = SERVICES[name]
    target = service["build"]["target"]
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert f" AS {target}\n" in dockerfile
    assert (DEPLOY / service["build"]["context"]).resolve() == ROOT
    assert (ROOT / service["build"]["dockerfile"]).is_file()
    commands = {c.callback.__name__ for c in processes_app.registered_commands}
    assert service.get("command", [target])[0] in commands


@pytest.mark.parametrize("name", OURS)
def test_our_settings_take_what_a_service_is_given(name: str) -> None:
    given = SERVICES[name]["environment"]
    assert given.keys() <= {variable.name for variable in VARIABLES}
    values = {"POSTGRES_PASSWORD": "pw1", "REDIS_PASSWORD": "pw2", "HRBOT_SITE": "hr.example.com"}
    filled = {
        name: re.sub(r"\$\{(\w+)[^}]*\}", lambda found: values[found.group(1)], value)
        for name, value in given.items()
    }
    slack = {
        "SLACK_BOT_TOKEN": "xoxb-real",
        "SLACK_SIGNING_SECRET": "a-signing-secret",
        "SLACK_HR_CHANNEL": "C0HR",
        "SLACK_HR_SENSITIVE_CHANNEL": "C0FEW",
        "METRICS_TOKEN": "a-token-for-metrics",
    }
    environ = {**template(), **slack, **fresh_secrets(), **filled}
    settings = load_settings(environ, DEPLOY / "none.env")
    assert settings.production
    assert [url.split("/")[2] for url in settings.assistant_urls] == [
        f"{host}:5005" for host in SERVICES if host.startswith("assistant")
    ]
    assert settings.database_url == "postgresql://hrbot:pw1@postgres:5432/hrbot"
    assert settings.redis_url == "redis://:pw2@redis:6379/0"


def test_what_is_asked_for_is_in_the_template() -> None:
    text = (DEPLOY / "compose.yml").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{(\w+)", text))
    ours = {variable.name for variable in VARIABLES}
    assert asked == template().keys() - ours
    assert {"SLACK_BOT_TOKEN", "INTERNAL_TOKEN", "ENCRYPTION_KEY"} <= template().keys()
    assert not any(secret in text for secret in ("xoxb-", "xapp-"))


def test_no_secret_has_a_value_in_the_template() -> None:
    filled = {name: value for name, value in template().items() if value}
    assert filled == {"HRBOT_ENV": "production", "TRUSTED_PROXIES": "127.0.0.1"}


def test_the_network_of_the_proxy_is_the_one_whose_word_counts() -> None:
    subnets = [pool["subnet"] for pool in READ["networks"]["edge"]["ipam"]["config"]]
    assert subnets == [SERVICES["gateway-1"]["environment"]["TRUSTED_PROXIES"]]


def test_what_waits_for_something_waits_for_what_can_say_that_it_is_there() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    for service in SERVICES.values():
        for other, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                stage = SERVICES[other].get("build", {}).get("target", "none")
                after = dockerfile.partition(f" AS {stage}\n")[2].partition("\nFROM ")[0]
                assert "healthcheck" in SERVICES[other] or "HEALTHCHECK" in after, other
            else:
                assert other == "prepare"


def test_images_of_others_are_named_with_a_version() -> None:
    for name in ("proxy", "postgres", "redis"):
        assert re.fullmatch(r"\w+:\d[\w.-]*", SERVICES[name]["image"]), name


def test_volumes_are_declared_and_files_are_here() -> None:
    for service in SERVICES.values():
        for source in (volume.split(":")[0] for volume in service.get("volumes", ())):
            assert source in READ["volumes"] or (DEPLOY / source).exists(), source
