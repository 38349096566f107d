"""The same product over Socket Mode: no public address is needed."""

from __future__ import annotations

from pathlib import Path

import httpx

from bot.sandbox.seed import HR_CHANNEL, SAM
from tests.e2e.stack import running_stack


def test_questions_and_buttons_come_through_the_socket(model: Path, tmp_path: Path) -> None:
    with running_stack(tmp_path / "var", model, SLACK_APP_TOKEN="xapp-sandbox") as stack:
        stack.slack.wait_for(lambda _workspace: stack.slack.sandbox.hub.is_connected, 20)
        found = httpx.get(f"{stack.gateway_url}/readyz").json()["checks"]["slack"]
        assert found == {"ok": True, "mode": "socket"}
        assert "Friday" in stack.ask("when is payday?").text
        stack.ask("Which violin strings sound best?")
        stack.slack.click("Send to HR")
        card = stack.slack.wait_for_message("violin", channel=HR_CHANNEL, user=SAM)
        stack.slack.click("Answer", user=SAM, channel=HR_CHANNEL, ts=card.ts)
        stack.slack.submit({"text": "Not yet."}, user=SAM)
        stack.slack.wait_for_message("Not yet.")
