from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.processes import processes, with_assistants
from bot.settings import Settings

MODEL = Path("model.tar.gz")


@pytest.fixture
def shared(settings: Settings) -> Settings:
    """Give settings with a Redis."""
    return replace(settings, redis_url="redis://127.0.0.1:6379/0")


def test_one_of_each_listens_where_the_settings_say(settings: Settings) -> None:
    found = [(p.name, p.url) for p in processes(settings, MODEL)]
    assert found == [
        ("sandbox", "http://127.0.0.1:8090"),
        ("actions", "http://127.0.0.1:5055"),
        ("assistant", "http://127.0.0.1:5005"),
        ("gateway", "http://127.0.0.1:8080"),
    ]


def test_more_of_them_take_the_next_ports(shared: Settings) -> None:
    found = processes(with_assistants(shared, 3), MODEL, gateways=2)
    where = {p.name: p.port for p in found}
    assert where == {
        "sandbox": 8090, "actions": 5055, "assistant": 5005, "assistant-2": 5006,
        "assistant-3": 5007, "gateway": 8080, "gateway-2": 8081,
    }  # fmt: skip
    assert [p.environment.get("GATEWAY_PORT") for p in found[-2:]] == ["8080", "8081"]
    assert all(p.arguments[-1] == str(p.port) for p in found if p.name.startswith("assistant"))


def test_the_gateways_are_told_of_all_assistants(shared: Settings) -> None:
    listed = replace(shared, assistant_urls=("http://127.0.0.1:7001", "http://127.0.0.1:7005"))
    environment = with_assistants(listed, 3).environment()
    ports = [url.rpartition(":")[2] for url in environment["ASSISTANT_URL"].split(",")]
    assert ports == ["7001", "7005", "7006"]
    assert with_assistants(listed, 1).assistant_urls == ("http://127.0.0.1:7001",)


def test_several_assistants_need_redis(settings: Settings) -> None:
    assert with_assistants(settings, 1) == settings
    with pytest.raises(SettingsError, match="REDIS_URL"):
        with_assistants(settings, 2)
