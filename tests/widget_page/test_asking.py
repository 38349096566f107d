"""Asking in a real browser: answers, choices, feedback, reload, two tabs."""

from __future__ import annotations

from playwright.sync_api import expect

from ..gateway.servers import reply
from .conftest import Enter
from .product import Product

APPLY = reply(
    "You apply online at our [careers site](https://careers.example).\n\n"
    "- Open a job and choose **Apply**.\n- Add your resume.",
    audience="candidate",
    topic="careers/applying",
)
APPLY["messages"][0]["metadata"]["source"] = "Careers guide"
WHICH = reply("Which do you mean?", audience="candidate", decision="clarify")
WHICH["messages"][0]["buttons"] = [
    {"title": "How to apply", "meaning": {"intent": "careers/applying"}},
    {"title": "What to send", "meaning": {"intent": "careers/documents"}},
]


def test_a_question_is_clarified_and_answered(product: Product, enter: Enter) -> None:
    product.answer_with(apply=WHICH, other=APPLY)
    candidate = enter().open()
    candidate.ask("how apply", answer="Which do you mean?")
    candidate.button("How to apply").click()
    answer = candidate.hears("You apply online")
    assert candidate.messages()[:3] == [
        "You: how apply",
        "Assistant: Which do you mean?",
        "You: How to apply",
    ]
    expect(answer.get_by_role("link", name="careers site")).to_have_attribute(
        "href", "https://careers.example"
    )
    expect(answer.locator("li")).to_have_text(["Open a job and choose Apply.", "Add your resume."])
    expect(candidate.button("What to send")).to_have_count(0)
