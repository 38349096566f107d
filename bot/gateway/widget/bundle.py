"""The widget as the one module that browsers load, joined from those in `static/` when we start.

Its sources are plain ES modules that run as they are; joined, a phone fetches one file instead
of one after another, and never a mix of two versions.
"""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:class|const|function)\b)", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^\s*//.*\n", re.MULTILINE)


def bundle(folder: Path, entry: str) -> str:
    """Return the text of `entry` behind that of all modules it needs, without comments.

    Raises:
        OSError: if one of them isn't there.
    """
    texts: dict[str, str] = {}

    def add(name: str) -> None:
        if name in texts:
            return
        text = (folder / name).read_text(encoding="utf-8")
        for needed in _IMPORT.findall(text):
            add(needed)
        texts[name] = _EXPORT.sub("", _COMMENT_LINE.sub("", _IMPORT.sub("", text)))

    add(entry)
    return "".join(texts.values())
