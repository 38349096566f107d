"""An employee in the terminal: writes to a running sandbox and shows what the bot answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx
from rich.console import Console
from rich.markup import escape
from rich.prompt import Prompt

from bot.errors import HRBotError
from bot.sandbox.blocks import elements_of
from bot.sandbox.forms import choices_of
from bot.sandbox.seed import ROBIN

Json = dict[str, Any]
WELCOME = "You are Robin Reed, night-shift nurse. Ask HR something; Ctrl-D leaves."


class SandboxUnreachableError(HRBotError):
    """The sandbox is not running at that address."""


class SandboxRefusedError(HRBotError):
    """The sandbox refused something, as Slack would."""


@dataclass
class Terminal:
    """What has been shown so far, and which numbers stand for which buttons.

    Args:
        client: speaks to the control routes.
        console: where to print.
        user: as whom.
    """

    client: httpx.Client
    console: Console
    user: str = ROBIN
    _shown: dict[str, str] = field(default_factory=dict)
    _buttons: list[tuple[str, Json]] = field(default_factory=list)
    _announced_view: str | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, line: str) -> None:
        """Send a line: a number presses that button, a leading `/` runs a command.

        Raises:
            SandboxRefusedError: Slack would refuse it.
            SandboxUnreachableError: nobody answers.
        """
        if line.isdigit() and 0 < int(line) <= len(self._buttons):
            ts, button = self._buttons[int(line) - 1]
            self._press(ts, button)
        elif line.startswith("/"):
            command, _, text = line.partition(" ")
            self._post("command", command=command, text=text)
        else:
            self._post("say", text=line)

    def _press(self, ts: str, button: Json) -> None:
        if button.get("url"):
            self.console.print(button["url"])
        done = self._post("click", ts=ts, action_id=button["action_id"], value=button.get("value"))
        if not done["acknowledged"]:
            self.console.print("[red]The app did not respond.[/red]")

    def show_new(self) -> None:
        """Print messages of the bot that are new or have changed, and say that a window opened."""
        with self._lock:
            answer = self._get("messages")
            for message in answer["messages"]:
                key = json.dumps([message["text"], message["blocks"]])
                if message["is_bot"] and self._shown.get(message["ts"]) != key:
                    self._shown[message["ts"]] = key
                    self._print(message)
            view = self._get("view")["view"]
            if view is not None and view["id"] != self._announced_view:
                self.console.print("\nA form has opened. Press Enter to fill it in.")
            self._announced_view = view["id"] if view else None

    def _print(self, message: Json) -> None:
        mark = " [dim](only visible to you)[/dim]" if message["is_ephemeral"] else ""
        self.console.print(f"\n[bold green]HR Assistant[/bold green]{mark}")
        for line in lines_of(message):
            self.console.print(escape(line))
        for block in message["blocks"]:
            for element in elements_of(block):
                for choice in choices_of(element):
                    # The button's own value makes the choice; its element names the action.
                    button = {**choice, "action_id": element["action_id"]}
                    self._buttons.append((message["ts"], button))
                    label = choice["text"]["text"]
                    self.console.print(f"  [cyan]{len(self._buttons)}[/cyan]  {escape(label)}")
                if element.get("type") == "datepicker":
                    self.console.print("  (a day: type it, such as 2024-03-15)")

    def fill_in_view(self, ask: Callable[[str], str]) -> bool:
        """Ask for the fields of an open modal and submit it; False where none is open.

        Args:
            ask: shows a label and returns what was typed; an empty title answer closes.
        """
        view = self._get("view")["view"]
        if view is None:
            return False
        self.console.print(f"\n[bold]{escape(view['title']['text'])}[/bold]")
        for block_id, error in view["errors"].items():
            self.console.print(f"[red]{escape(block_id)}: {escape(error)}[/red]")
        values: Json = {}
        for block in view["blocks"]:
            if block["type"] != "input":
                for line in lines_of({"blocks": [block], "text": ""}):
                    self.console.print(escape(line))
                continue
            element = block["element"]
            options = [choice["text"]["text"] for choice in choices_of(element)]
            label = block["label"]["text"] + (f" ({', '.join(options)})" if options else "")
            typed = ask(label)
            if typed:
                values[element["action_id"]] = typed
        submit = view.get("submit")
        if submit and ask(f"{submit['text']}? (yes or no)").lower().startswith("y"):
            self._post("submit", values=values)
        else:
            self._post("close")
        return True

    def changes(self) -> Iterator[None]:
        """One item after every change in the workspace, until the sandbox ends."""
        with self.client.stream("GET", "stream", timeout=None) as stream:
            for line in stream.iter_lines():
                if line.startswith("data:"):
                    yield

    def _get(self, path: str) -> Json:
        return self._request("GET", path, params={"user": self.user})

    def _post(self, path: str, **members: Any) -> Json:
        return self._request("POST", path, json={"user": self.user, **members})

    def _request(self, method: str, path: str, **options: Any) -> Json:
        try:
            answer = self.client.request(method, path, **options).json()
        except httpx.HTTPError as error:
            raise SandboxUnreachableError(
                f"No sandbox answers at {self.client.base_url}. Start it with `make run`."
            ) from error
        if not answer["ok"]:
            raise SandboxRefusedError(f"Slack would refuse this: {answer['error']}.")
        return answer


def lines_of(message: Json) -> list[str]:
    """The text of a message line by line, from its blocks where it has them."""
    if not message["blocks"]:
        return unescape(message["text"]).splitlines()
    found: list[str] = []
    for block in message["blocks"]:
        texts = [block.get("text"), *block.get("fields", [])]
        if block["type"] == "context":
            texts = block["elements"]
        for text in texts:
            if isinstance(text, dict) and "text" in text:
                found += unescape(text["text"]).splitlines()
    return found


def chat(base_url: str = "http://127.0.0.1:8090") -> None:
    """Talk to the bot as the employee until Ctrl-D or Ctrl-C.

    Args:
        base_url: where the sandbox is.

    Raises:
        SandboxUnreachableError: nobody answers there.
    """
    console = Console()
    with httpx.Client(base_url=f"{base_url.rstrip('/')}/sandbox/", trust_env=False) as client:
        terminal = Terminal(client, console)
        terminal.show_new()
        threading.Thread(target=_show_changes, args=(terminal,), daemon=True).start()
        console.print(WELCOME)
        while True:
            try:
                line = Prompt.ask("\n[bold]You[/bold]", console=console).strip()
                if line:
                    terminal.say(line)
                terminal.fill_in_view(lambda label: Prompt.ask(escape(label), console=console))
            except SandboxRefusedError as error:
                console.print(str(error))
            except (EOFError, KeyboardInterrupt):
                console.print("\nGoodbye.")
                return


def _show_changes(terminal: Terminal) -> None:
    try:
        for _ in terminal.changes():
            terminal.show_new()
    except (httpx.HTTPError, SandboxUnreachableError):
        terminal.console.print("\nThe sandbox has stopped.")
