"""The commands of `hrbot` that run the product, or speak with what runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.settings import load_settings

processes_app = typer.Typer()
out = Console(highlight=False)
Host = Annotated[str | None, typer.Option(help="Where to listen, if elsewhere.")]
Port = Annotated[int | None, typer.Option(help="Where to listen, if elsewhere.")]

# A question is one small product of matrices. On more threads than one they mostly wait for each
# other, busily: that costs as much CPU again.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@processes_app.command()
def run(
    assistants: Annotated[
        int, typer.Option(help="How many (needs REDIS_URL); 0: those of ASSISTANT_URL.", min=0)
    ] = 0,
    gateways: Annotated[int, typer.Option(help="How many, from GATEWAY_PORT on.", min=1)] = 1,
) -> None:
    """Prepare everything and run it: gateway, assistant, actions (and a local Slack)."""
    from bot.run import run as run_all

    console = Console(highlight=False)
    run_all(load_settings(), console, assistants=assistants, gateways=gateways)


@processes_app.command()
def prepare() -> None:
    """Bring database, programs and model to their current state, before the processes start."""
    from bot.prepare import prepare_database, prepare_model

    settings = load_settings()
    prepare_database(settings)
    model = prepare_model(settings, Console(stderr=True))
    out.print(f"The database is up to date; the model is {model.name}", soft_wrap=True)


@processes_app.command()
def gateway() -> None:
    """Run the gateway alone: Slack in and out, HR's desk."""
    from bot.gateway.server import serve

    serve(load_settings())


@processes_app.command()
def assistant(
    model: Annotated[Path | None, typer.Option(help="A trained model; by default ours.")] = None,
    host: Host = None,
    port: Port = None,
) -> None:
    """Run the assistant alone: understanding and dialogue. It listens at ASSISTANT_URL's first."""
    calculate_on_one_thread()
    from bot.assistant import serve
    from bot.prepare import prepare_model
    from bot.processes import host_and_port

    settings = load_settings()
    named = host_and_port(settings.assistant_url)
    trained = model or prepare_model(settings, Console(stderr=True))
    serve(settings, trained, host or named[0], port or named[1])


@processes_app.command()
def actions(host: Host = None, port: Port = None) -> None:
    """Run the action server alone: programs and cases. It listens at ACTIONS_URL."""
    calculate_on_one_thread()
    from actions.__main__ import serve
    from bot.processes import host_and_port

    settings = load_settings()
    named = host_and_port(settings.actions_url)
    serve(settings, host or named[0], port or named[1])


@processes_app.command()
def sandbox(
    gateways: Annotated[int, typer.Option(help="How many, from GATEWAY_PORT on.", min=1)] = 1,
) -> None:
    """Run the local Slack alone (development only)."""
    from bot.processes import gateway_ports, host_and_port
    from bot.sandbox.__main__ import run as serve

    settings = load_settings()
    host, port = host_and_port(settings.sandbox_url)
    options = {"app_token": settings.slack_app_token} if settings.slack_app_token else {}
    serve(
        bot_token=settings.slack_bot_token,
        signing_secret=settings.slack_signing_secret,
        gateways=[
            f"http://{settings.gateway_host}:{gateway_port}"
            for gateway_port in gateway_ports(settings, gateways)
        ],
        host=host,
        port=port,
        environment="production" if settings.production else "development",
        **options,
    )


@processes_app.command()
def chat() -> None:
    """Talk to the running assistant in the terminal, as an employee of the local Slack."""
    from bot.sandbox.chat import chat as talk

    talk(load_settings().sandbox_url)


@processes_app.command()
def reload() -> None:
    """Train if need be, and let the running assistants take the model without a gap."""
    from bot.prepare import prepare_model
    from bot.reload import reload_assistants

    settings = load_settings()
    prepare_model(settings, Console(stderr=True), newest=True)
    for url, model in reload_assistants(settings):
        out.print(f"{url} runs {model}", soft_wrap=True)


def calculate_on_one_thread() -> None:
    """Tell NumPy, before anything imports it."""
    os.environ.update(ONE_THREAD)
