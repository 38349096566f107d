"""What is asked of both systems, by what answering it takes."""

from __future__ import annotations

FAQ, PROGRAM, PERSON = "FAQ", "program look-up", "asking for a person"
QUESTIONS: dict[str, dict[str, str]] = {
    FAQ: {
        "how do I apply": "careers/how_to_apply",
        "what happens in the interview": "careers/interview",
        "how long does hiring take": "careers/hiring_timeline",
        "can I volunteer": "careers/volunteer",
    },
    PROGRAM: {"which programs help me pay for my RN?": "find_program"},
    PERSON: {"I want to talk to a person": "talk_to_person"},
}
LABELS = {text: label for group in QUESTIONS.values() for text, label in group.items()}
