from __future__ import annotations

import pytest

from bot.gateway.widget.plain import links_in, message, plain


def test_markup_goes_and_links_stand_apart() -> None:
    text, links = plain(
        "**Bring** your [badge](https://x.example/a?b=1), or [mail](mailto:a@b.cd)."
    )
    assert text == "Bring your badge, or mail."
    assert links == [
        {"text": "badge", "url": "https://x.example/a?b=1"},
        {"text": "mail", "url": "mailto:a@b.cd"},
    ]


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("See https://x.example.", ["https://x.example"]),
        ("(https://x.example/a) and “https://y.example/b?c=d&e”!", [
            "https://x.example/a", "https://y.example/b?c=d&e",
        ]),
        ("javascript:alert(1) data:text/html,x ftp://x.example", []),
        ("https://x.example https://x.example", ["https://x.example"]),
        ('<a href="https://x.example">', ["https://x.example"]),
    ],
)  # fmt: skip
def test_addresses_in_a_text_are_found(text: str, urls: list[str]) -> None:
    assert [link["url"] for link in links_in(text)] == urls


def test_a_script_stays_the_text_that_it_is() -> None:
    text = "<script>alert('x')</script> [x](javascript:alert(1))"
    assert plain(text) == (text, [])


def test_what_is_empty_is_left_out() -> None:
    assert message("hr", "Hi", [], feedback=False, choices=None) == {"from": "hr", "text": "Hi"}
