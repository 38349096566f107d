"""`hrbot run`: prepares, starts the processes, restarts what dies, stops it all cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from pathlib import Path

import httpx
from rich.console import Console

from bot.errors import HRBotError
from bot.prepare import prepare_database, prepare_model
from bot.processes import Process, processes, with_assistants
from bot.settings import Settings

START_SECONDS = 120
STOP_SECONDS = 20
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 30.0


class StartError(HRBotError):
    """Something keeps the processes from starting."""


def run(settings: Settings, console: Console, *, assistants: int = 0, gateways: int = 1) -> None:
    """Run the whole product until Ctrl-C or SIGTERM.

    Args:
        assistants: how many; 0 for those of ASSISTANT_URL.
        gateways: how many, on the ports from GATEWAY_PORT on.

    Raises:
        HRBotError: with one plain sentence, if something keeps it from starting.
    """
    started = time.monotonic()
    settings = with_assistants(settings, assistants or len(settings.assistant_urls))
    with console.status("Preparing the database…"):
        prepare_database(settings)
    model = prepare_model(settings, console)
    ours = processes(settings, model, gateways)
    for process in ours:
        _require_free_port(process)
    asyncio.run(_supervise(settings, ours, console, started))


def _require_free_port(process: Process) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((process.host, process.port))
        except OSError as error:
            raise StartError(
                f"Port {process.port} on {process.host} is taken, and the {process.name} needs it. "
                f"Stop the program that uses it, or set {process.variable} to another one."
            ) from error


async def _supervise(
    settings: Settings, ours: list[Process], console: Console, started: float
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    logs = settings.var_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    keepers = [asyncio.create_task(_keep_running(p, settings, logs, stop, console)) for p in ours]
    try:
        with console.status("Starting (a few seconds)…"):
            is_up = await _wait_until_ready(settings, _gateways(ours), stop)
        if is_up:
            _say_where(settings, _gateways(ours), console, time.monotonic() - started)
        await stop.wait()
    finally:
        stop.set()
        with console.status("Stopping…"):
            await asyncio.gather(*keepers)
        console.print("Stopped.")


async def _keep_running(
    process: Process,
    settings: Settings,
    logs: Path,
    stop: asyncio.Event,
    console: Console,
) -> None:
    environment = {**os.environ, **settings.environment()}
    seconds = settings.drain_seconds + STOP_SECONDS
    pause = FIRST_PAUSE_SECONDS
    while not stop.is_set():
        began = time.monotonic()
        with open(logs / f"{process.name}.log", "ab") as log:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                *process.arguments,
                env={**environment, **process.environment},
                stdout=log,
                stderr=log,
                # Ctrl-C reaches the whole terminal group; children are stopped by us, in order.
                start_new_session=True,
            )
        ended, stopping = asyncio.create_task(child.wait()), asyncio.create_task(stop.wait())
        await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if stop.is_set():
            await _end(child, seconds)
            return
        if time.monotonic() - began > STEADY_SECONDS:
            pause = FIRST_PAUSE_SECONDS
        console.print(
            f"The {process.name} stopped (exit {child.returncode}); starting it again. "
            f"Its log: {logs / process.name}.log"
        )
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _end(child: asyncio.subprocess.Process, seconds: float) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), seconds)
    except asyncio.TimeoutError:
        child.kill()
        await child.wait()


async def _wait_until_ready(
    settings: Settings, gateways: list[Process], stop: asyncio.Event
) -> bool:
    deadline = time.monotonic() + START_SECONDS
    waiting = {gateway.url: ["the gateway does not answer"] for gateway in gateways}
    async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
        while time.monotonic() < deadline and not stop.is_set():
            for url in waiting:
                with contextlib.suppress(httpx.HTTPError, ValueError):
                    waiting[url] = (await http.get(f"{url}/readyz")).json()["missing"]
            if not any(waiting.values()):
                return True
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), 0.2)
    if stop.is_set():
        return False
    missing = dict.fromkeys(what for missing in waiting.values() for what in missing)
    raise StartError(
        f"After {START_SECONDS} seconds, {' and '.join(missing)}. "
        f"The logs are in {settings.var_dir / 'logs'}."
    )


def _say_where(
    settings: Settings, gateways: list[Process], console: Console, seconds: float
) -> None:
    lines = [f"Ready after {seconds:.0f} seconds. Press Ctrl-C to stop."]
    if settings.sandbox:
        lines.append(f"  Try it     {settings.sandbox_url}   (employee, HR and candidate)")
        lines.append("  Terminal   make chat   (in a second terminal)")
    lines.append(f"  Careers    {gateways[0].url}/careers   (what candidates see)")
    mode = "Socket Mode" if settings.slack_app_token else "/slack/events"
    for gateway in gateways:
        lines.append(f"  Gateway    {gateway.url}   (Slack by {mode}; /readyz, /metrics)")
    lines.append(f"  Logs       {settings.var_dir / 'logs'}")
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)


def _gateways(ours: list[Process]) -> list[Process]:
    return [process for process in ours if process.arguments[0] == "gateway"]
