"""What the assistant answers in these tests."""

from __future__ import annotations

from ..gateway.servers import reply

APPLY = reply(
    "You apply online at our [careers site](https://careers.example); a phone is enough.\n\n"
    "- Open a job and choose **Apply**.\n- Add your resume.\n\n> It's free.\n> Really.",
    audience="candidate",
    topic="careers/applying",
)
APPLY["messages"][0]["metadata"]["source"] = "Careers guide"
WHICH = reply("Which do you mean?", audience="candidate", decision="clarify")
WHICH["messages"][0]["buttons"] = [
    {"title": "How to apply", "meaning": {"intent": "careers/applying"}},
    {"title": "What to send", "meaning": {"intent": "careers/documents"}},
]
