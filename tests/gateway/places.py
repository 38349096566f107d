"""Where Robin talks with the bot, and a small answer book."""

from __future__ import annotations

from bot.faq.book import AnswerBook, Variant
from bot.gateway.addresses import SlackAddress

TEAM = "T0CEDAR0001"
BOOK = AnswerBook(
    {
        f"utter_benefits/{name}": (
            Variant(
                f"About {name}.",
                audience,
                {"title": name.capitalize(), "source": "Guide", "related": related},
            ),
        )
        for name, audience, related in (
            ("dental", "employee", ["benefits/vision", "benefits/hsa", "benefits/secret"]),
            ("vision", "both", []),
            ("hsa", "employee", []),
            ("fsa", "employee", []),
        )
    }
)
DIRECT = SlackAddress(TEAM, "U0EMPLOYEE1", "D0EMPLOYEE1", "", direct=True)
