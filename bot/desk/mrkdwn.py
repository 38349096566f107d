"""Turns our light Markdown into Slack's mrkdwn or plain text, and Slack's text into plain."""

from __future__ import annotations

import html
import re

_LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^\s)]+|mailto:[^\s)]+)\)")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_BULLET = re.compile(r"^(\s*)[-*] ", re.MULTILINE)
_ENTITY = re.compile(r"<([^<>]*)>")


def escape(text: str) -> str:
    """Return text that Slack shows as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def to_mrkdwn(markdown: str) -> str:
    """Return our light Markdown as Slack's mrkdwn; quotes (`> `) stay quotes."""
    text = re.sub(r"^&gt; ?", "> ", escape(markdown), flags=re.MULTILINE)
    text = _LINK.sub(lambda m: f"<{m.group(2)}|{m.group(1)}>", text)
    text = _BOLD.sub(r"*\1*", text)
    return to_bullets(text)


def to_bullets(text: str) -> str:
    """Return text whose lists have bullets instead of hyphens or asterisks."""
    return _BULLET.sub(r"\1• ", text)


def to_plain(markdown: str) -> str:
    """Return our light Markdown as text for notifications, screen readers and terminals."""
    text = _LINK.sub(r"\1 (\2)", markdown)
    return _BOLD.sub(r"\1", text)


def from_slack(text: str, bot_user: str | None = None) -> str:
    """Return what a person typed in Slack as plain text.

    Mentions of the bot vanish, other people become `@someone`, links show their label or
    address, and Slack's escapes are undone.
    """

    def entity(match: re.Match[str]) -> str:
        target, _, label = match.group(1).partition("|")
        if target.startswith("@"):
            return "" if bot_user and target == f"@{bot_user}" else "@someone"
        if target.startswith("#"):
            return f"#{label}" if label else "#channel"
        if target.startswith("!"):
            return label or target[1:].partition("^")[0]
        return label or target.removeprefix("mailto:").removeprefix("tel:")

    return html.unescape(_ENTITY.sub(entity, text)).strip()
