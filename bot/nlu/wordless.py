"""Reads messages without a word: emoji, "???", "." and nothing at all. No model and no Rasa.

Slack writes emoji as names between colons, other channels send the characters.
"""

from __future__ import annotations

import re
import unicodedata

DANGER, YES, NO, THANKS, HELLO, PUZZLED, OTHER = (
    "crisis_danger",
    "affirm",
    "deny",
    "thanks",
    "greet",
    "rephrase",
    "reaction",
)
_MEANINGS = {
    DANGER: "🆘 sos rotating_light 🚨",
    YES: "👍 +1 thumbsup 👌 ok_hand ✅ white_check_mark ✔ heavy_check_mark 💯 100 🆗 ok",
    NO: "👎 -1 thumbsdown ❌ x ✖ heavy_multiplication_x 🚫 no_entry_sign 🙅 no_good",
    THANKS: "🙏 pray ❤ heart 💕 two_hearts 💙 blue_heart 💜 purple_heart 💖 🥰 😍 heart_eyes",
    HELLO: "👋 wave",
    PUZZLED: "🤔 thinking_face 😕 confused 🤷 shrug ❓ question ❔ grey_question 🤨",
}
_INTENT_OF = {sign: intent for intent, signs in _MEANINGS.items() for sign in signs.split()}
_NAMED = re.compile(r":([a-z0-9_+'-]+):")
_SKIN_TONES = re.compile(r":skin-tone-\d:|[\U0001F3FB-\U0001F3FF\uFE0F\u200D♀♂]")


def wordless_intent(text: str) -> str | None:
    """Return the intent of a message that has no letters or digits, else None.

    The first sign with a meaning decides, but one that calls for help goes before all others.
    """
    bare = _SKIN_TONES.sub("", text)
    names = _NAMED.findall(bare)
    rest = _NAMED.sub(" ", bare)
    if any(character.isalnum() for character in rest):
        return None
    meanings = [_INTENT_OF[sign] for sign in (*names, *rest) if sign in _INTENT_OF]
    if DANGER in meanings:
        return DANGER
    if meanings:
        return meanings[0]
    return PUZZLED if "?" in unicodedata.normalize("NFKC", rest) else OTHER
