"""What has to run for the whole product on one machine: which processes, where each listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from bot.errors import SettingsError
from bot.settings import Settings


@dataclass(frozen=True)
class Process:
    """One of ours: its name, what `hrbot` starts it with, where it listens.

    `variable` is the setting that moves it elsewhere; `environment` is its own beside what all
    processes share.
    """

    name: str
    arguments: tuple[str, ...]
    host: str
    port: int
    variable: str
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{self.host}:{self.port}"


def with_assistants(settings: Settings, count: int) -> Settings:
    """Return settings with as many assistants: those of ASSISTANT_URL, then the next ports.

    Raises:
        SettingsError: if several are wanted without REDIS_URL, through which they share locks.
    """
    urls = settings.assistant_urls[:count]
    parts = urlsplit(urls[-1])
    more = range(1, count - len(urls) + 1)
    urls += tuple(f"{parts.scheme}://{parts.hostname}:{(parts.port or 0) + n}" for n in more)
    if count > 1 and not settings.redis_url:
        raise SettingsError("REDIS_URL is not set: several assistants need it.")
    return replace(settings, assistant_urls=urls)


def processes(settings: Settings, model: Path, gateways: int = 1) -> list[Process]:
    """Return what has to run, in the order in which it is started; gateways come last."""
    found = []
    if settings.sandbox:
        host, port = host_and_port(settings.sandbox_url)
        arguments = ("sandbox", "--gateways", str(gateways))
        found.append(Process("sandbox", arguments, host, port, "SANDBOX_URL"))
    host, port = host_and_port(settings.actions_url)
    found.append(Process("actions", ("actions",), host, port, "ACTIONS_URL"))
    for number, url in enumerate(settings.assistant_urls, 1):
        host, port = host_and_port(url)
        serve = ("assistant", "--model", str(model), "--host", host, "--port", str(port))
        found.append(Process(_numbered("assistant", number), serve, host, port, "ASSISTANT_URL"))
    for number, port in enumerate(gateway_ports(settings, gateways), 1):
        name, host = _numbered("gateway", number), settings.gateway_host
        own = MappingProxyType({"GATEWAY_PORT": str(port)})
        found.append(Process(name, ("gateway",), host, port, "GATEWAY_PORT", own))
    return found


def gateway_ports(settings: Settings, gateways: int) -> range:
    """Return the ports of several gateways on this machine: GATEWAY_PORT and those after it."""
    return range(settings.gateway_port, settings.gateway_port + gateways)


def host_and_port(url: str) -> tuple[str, int]:
    """Return where a server of this URL listens."""
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 80)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"
