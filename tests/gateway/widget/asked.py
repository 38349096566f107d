"""A question that nobody has an answer to: how the assistant offers it, and how it is sent."""

from __future__ import annotations

import re
from typing import Any

from ..servers import Json, reply
from .browser import Browser, Event, Stream

EMAIL = "robin@home.example"
QUESTION = "Can I bring my parrot?"


def offer(body: Json) -> Json:
    """Answer as the assistant does when it can't: what HR would get, and two buttons."""
    if body.get("text") != QUESTION:
        return reply(f"About: {body.get('text')}", audience="both")
    about = {"turn": body["turn_id"]}
    buttons = [
        {"title": "Send to HR", "meaning": {"intent": "affirm", "entities": about}},
        {"title": "No, thanks", "meaning": {"intent": "deny", "entities": about}},
    ]
    message = {"text": "Shall I send it?", "buttons": buttons, "metadata": {"audience": "both"}}
    candidates = [{"topic": "careers/first_day", "label": "careers/first_day", "confidence": 0.4}]
    return reply(messages=[message], decision="handover", topic=None, candidates=candidates)


def form_of(browser: Browser, stream: Stream) -> Json:
    """Ask what nobody has an answer to; return the form that is shown."""
    browser.say(QUESTION)
    return stream.event("form").data


def sent(browser: Browser, stream: Stream, name: str = "") -> Event:
    """Send the question to HR."""
    response = browser.fill_in(form_of(browser, stream)["form"], EMAIL, name)
    assert response.status_code == 202, response.text
    return stream.event("form_done")


def link_in(message: Any) -> str:
    return re.search(r"#hr=(\S+)", message.get_content())[1]
