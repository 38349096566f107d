from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.mrkdwn import escape, from_slack, to_mrkdwn, to_plain


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("**Dental** pays *half*", "*Dental* pays *half*"),
        ("- one\n- two", "• one\n• two"),
        ("* one", "• one"),
        ("  - deeper", "  • deeper"),
        ("see [it](https://a.example/x?a=1&b=2)", "see <https://a.example/x?a=1&amp;b=2|it>"),
        ("[HR](mailto:hr@cedar.example)", "<mailto:hr@cedar.example|HR>"),
        ("[no](javascript:alert)", "[no](javascript:alert)"),
        ("> quoted\n> twice", "> quoted\n> twice"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("<!channel> and <@U1>", "&lt;!channel&gt; and &lt;@U1&gt;"),
    ],
)
def test_our_markdown_as_slack_shows_it(markdown: str, mrkdwn: str) -> None:
    assert to_mrkdwn(markdown) == mrkdwn


def test_plain_text_has_no_marks_and_full_links() -> None:
    assert to_plain("**Dental**: [guide](https://a.example)") == "Dental: guide (https://a.example)"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("<@UBOT> hello", "hello"),
        ("hello <@UBOT|hr>", "hello"),
        ("ask <@U2> about it", "ask @someone about it"),
        ("see <#C1|general> and <#C2>", "see #general and #channel"),
        ("<!here> <!subteam^S1|@hr> <!date^1^{date}|Friday>", "here @hr Friday"),
        ("<https://a.example|the guide> <https://b.example>", "the guide https://b.example"),
        ("<mailto:jo@a.example|jo@a.example> <mailto:jo@a.example>", "jo@a.example jo@a.example"),
        ("<tel:5155550123|515-555-0123> <tel:5155550123>", "515-555-0123 5155550123"),
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;", "&lt;"),
        ("  spaces  ", "spaces"),
    ],
)
def test_what_people_type_is_read_as_plain_text(typed: str, read: str) -> None:
    assert from_slack(typed, "UBOT") == read


def test_without_knowing_ourselves_a_mention_is_somebody() -> None:
    assert from_slack("<@UBOT> hello") == "@someone hello"


@given(st.text())
def test_escaped_text_is_read_back_as_it_was(text: str) -> None:
    assert from_slack(escape(text)) == text.strip()


@given(st.text())
def test_nothing_that_somebody_wrote_can_ring_a_channel(text: str) -> None:
    assert "<!" not in to_mrkdwn(f"{text}<!channel>")
    assert "<@" not in to_mrkdwn(f"<@U1>{text}")
