"""Turns our light Markdown into plain text and the links in it: browsers get no markup."""

from __future__ import annotations

import re
from typing import Any

_LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^\s)]+|mailto:[^\s)]+)\)")
_BARE = re.compile(r"\bhttps?://[^\s<>\"”“]+[^\s<>\"”“.,;:!?)\]'’]")
_BOLD = re.compile(r"\*\*(.+?)\*\*")

Links = list[dict[str, str]]


def plain(markdown: str) -> tuple[str, Links]:
    """Return a text of ours as plain text, and its links."""
    links: Links = []

    def label(match: re.Match[str]) -> str:
        links.append({"text": match[1], "url": match[2]})
        return match[1]

    text = _BOLD.sub(r"\1", _LINK.sub(label, markdown))
    return text, _unique([*links, *links_in(text)])


def links_in(text: str) -> Links:
    """Return the addresses that stand in a text of a person."""
    return _unique([{"text": match[0], "url": match[0]} for match in _BARE.finditer(text)])


def message(said_by: str, text: str, links: Links, **more: Any) -> dict[str, Any]:
    """Return the payload of a message; what is empty is left out."""
    given = {"links": links, **more}
    return {"from": said_by, "text": text, **{k: v for k, v in given.items() if v}}


def _unique(links: Links) -> Links:
    return list({link["url"]: link for link in reversed(links)}.values())[::-1]
