"""The gateway as it runs, with an assistant that answers as told, and pages of other origins."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import uvicorn
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.gateway.server import server
from bot.prepare import prepare_database
from bot.sandbox.app import SandboxServer
from bot.sandbox.model import Message
from bot.sandbox.seed import HR_CHANNEL, SAM
from bot.settings import Settings, load_settings

from ..gateway.servers import TOKEN, AssistantDouble, reply, running_assistant

SECRET = "a-signing-secret-of-the-test"
BOT_TOKEN = "xoxb-sandbox-of-the-test"
SECONDS = 20

Json = dict[str, Any]

# A careers page of somebody else. Its policy is the one that docs/widget.md tells its makers.
OTHER_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Jobs elsewhere</title><link rel="icon" href="data:,"></head>
<body>
<main><h1>Jobs elsewhere</h1>
<button type="button" data-hr-assistant="Do you pay overtime?">Ask about overtime</button></main>
{tag}
</body>
</html>"""
TAG = '<script type="module" src="{gateway}/widget/hr-assistant.js" data-text-title="Ask Elsewhere"></script>'  # noqa: E501
ELEMENT = '<script type="module" src="{gateway}/widget/hr-assistant.js"></script><hr-assistant side="left"></hr-assistant>'  # noqa: E501
OTHER_POLICY = (
    "default-src 'none'; img-src data:; script-src {gateway}; connect-src {gateway}; "
    "base-uri 'none'; form-action 'none'"
)


class MailBox:
    """A mail server that keeps the texts of what it takes."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.texts.append(message.get_body(("plain",)).get_content())
        return "250 OK"


@dataclass
class Product:
    """A gateway that can be stopped and started, and who is around it."""

    settings: Settings
    slack: SandboxServer
    assistant: AssistantDouble
    mail: MailBox
    other_port: int
    url: str = ""
    _stop: Callable[[], None] | None = None

    def start(self) -> None:
        """Start the gateway where it was before."""
        self._stop = _in_a_thread(server(self.settings), self.settings.gateway_port)

    def stop(self) -> None:
        """Stop the gateway, if it runs."""
        if self._stop is not None:
            self._stop()
            self._stop = None

    def answer_with(self, **answers: Json) -> None:
        """Let the assistant answer by words in the question; `other` is for all others."""

        def answer(body: Json) -> Json:
            asked = body.get("text", "").lower()
            found = next((told for word, told in answers.items() if word in asked), None)
            return found or answers.get("other") or reply(audience="candidate")

        self.assistant.answer = answer

    def offer_a_person(self, question: str) -> None:
        """Let the assistant have no answer to what is asked next, and offer to send it to HR."""

        def answer(body: Json) -> Json:
            told = reply("I'd rather not guess.", audience="candidate", decision="handover")
            meaning = {
                "gateway": "open_case",
                "question": question,
                "turn_id": body["turn_id"],
                "topic": None,
            }
            told["messages"][0]["buttons"] = [
                {"title": "Send to HR", "meaning": meaning},
                {"title": "No, thanks", "meaning": {"intent": "deny"}},
            ]
            return told

        self.assistant.answer = answer

    def card(self, question: str) -> Message:
        """Wait for HR's card of a question."""
        return self.slack.wait_for_message(question, channel=HR_CHANNEL, user=SAM, timeout=SECONDS)

    def hr_answers(self, question: str, text: str) -> None:
        """Let somebody in HR answer, as they do in Slack."""
        card = self.card(question)
        self.slack.workspace.clear_modals(SAM)
        self.slack.click("Answer", user=SAM, channel=card.channel, ts=card.ts)
        self.slack.submit({"text": text}, user=SAM)

    def mail_to(self, name: str) -> str:
        """Wait for the e-mail to somebody of this name and return its text."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            found = [text for text in self.mail.texts if f"Hello {name}," in text]
            if found:
                return found[-1]
            time.sleep(0.02)
        raise TimeoutError(f"no e-mail to {name}: {self.mail.texts}")


def _in_a_thread(serving: uvicorn.Server, port: int) -> Callable[[], None]:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    thread = threading.Thread(target=lambda: serving.run(sockets=[listener]), daemon=True)
    thread.start()
    deadline = time.monotonic() + SECONDS
    while not serving.started and time.monotonic() < deadline:
        time.sleep(0.01)

    def stop() -> None:
        serving.should_exit = True
        thread.join(SECONDS)
        listener.close()

    return stop


@contextmanager
def other_pages(gateway: Callable[[], str]) -> Iterator[int]:
    """Serve pages that embed the widget, on a port of their own; give the port."""

    async def page(request: Request) -> Response:
        await asyncio.sleep(0)
        tag = ELEMENT if request.path_params["kind"] == "element" else TAG
        html = OTHER_PAGE.format(tag=tag.format(gateway=gateway()))
        policy = OTHER_POLICY.format(gateway=gateway())
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    port = _free_port()
    app = Starlette(routes=[Route("/{kind}", page)])
    config = uvicorn.Config(app, ws="none", log_config=None, lifespan="off")
    stop = _in_a_thread(uvicorn.Server(config), port)
    try:
        yield port
    finally:
        stop()


@contextmanager
def running_product(folder: Path, **variables: str) -> Iterator[Product]:
    """Run everything around a gateway, and the gateway."""
    product: Product | None = None
    mail = MailBox()
    smtp = Controller(mail, hostname="127.0.0.1", port=_free_port())
    smtp.start()
    with (
        running_assistant() as assistant,
        SandboxServer(signing_secret=SECRET, bot_token=BOT_TOKEN) as slack,
        other_pages(lambda: product.url if product else "") as other_port,
    ):
        port = _free_port()
        settings = load_settings(
            {
                "HRBOT_VAR_DIR": str(folder),
                "SLACK_BOT_TOKEN": BOT_TOKEN,
                "SLACK_SIGNING_SECRET": SECRET,
                "SLACK_API_URL": slack.api_url,
                "SLACK_HR_CHANNEL": HR_CHANNEL,
                "SLACK_HR_SENSITIVE_CHANNEL": "C0HRRELATE1",
                "SANDBOX_URL": slack.base_url,
                "ASSISTANT_URL": assistant.url,
                "INTERNAL_TOKEN": TOKEN,
                "GATEWAY_PORT": str(port),
                "WIDGET_ORIGINS": f"http://127.0.0.1:{other_port}",
                "SMTP_URL": f"smtp://127.0.0.1:{smtp.port}",
                "WIDGET_SESSION_RATE": "2000/minute",
                "WIDGET_ADDRESS_RATE": "20000/minute",
                "WIDGET_ADDRESS_CASE_RATE": "20000/minute",
                **variables,
            },
            folder / "none.env",
        )
        prepare_database(settings)
        product = Product(settings, slack, assistant, mail, other_port, f"http://127.0.0.1:{port}")
        slack.request_url = f"{product.url}/slack/events"
        product.start()
        try:
            yield product
        finally:
            product.stop()
            smtp.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
