"""How the widget reaches browsers: one small module, for pages of any origin, cached well."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import httpx
import pytest

from bot.gateway.widget.bundle import bundle
from bot.gateway.widget.pages import SCRIPT, STATIC

from .product import Product

MOST_BYTES = 15_000
DECLARED = re.compile(r"^(?:async )?(?:class|const|let|function) (\w+)", re.MULTILINE)


@pytest.fixture(scope="module")
def text() -> str:
    return bundle(STATIC, SCRIPT)


def test_it_is_small_with_styles_and_texts(text: str) -> None:
    assert len(gzip.compress(text.encode())) < MOST_BYTES


def test_nothing_is_left_out_or_named_twice(text: str) -> None:
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)
    modules = [path.read_text(encoding="utf-8") for path in STATIC.glob("*.js")]
    names = [name for module in modules for name in DECLARED.findall(_without_exports(module))]
    assert len(names) > 20
    assert sorted(DECLARED.findall(text)) == sorted(names)
    assert len(names) == len(set(names))


def _without_exports(module: str) -> str:
    return re.sub(r"^export ", "", module, flags=re.MULTILINE)


def test_modules_come_before_those_that_need_them(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text('import { b } from "./b.js";\n// Why.\nconsole.log(b);\n')
    (tmp_path / "b.js").write_text('import { c } from "./c.js";\nexport const b = c;\n')
    (tmp_path / "c.js").write_text("export const c = 1;\n")
    assert bundle(tmp_path, "a.js") == "const c = 1;\nconst b = c;\nconsole.log(b);\n"


def test_nothing_in_it_parses_html(text: str) -> None:
    risky = r"innerHTML|outerHTML|insertAdjacent|document\.write|DOMParser|\beval\b|new Function"
    assert not re.search(risky, text)


def test_browsers_get_it_compressed_once(product: Product) -> None:
    url = f"{product.url}/widget/{SCRIPT}"
    first = httpx.get(url, headers={"Origin": "https://anybody.example"})
    assert first.headers["content-type"].startswith("text/javascript")
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["content-encoding"] == "gzip"
    assert int(first.headers["content-length"]) < MOST_BYTES
    again = httpx.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = httpx.get(url, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == first.text
