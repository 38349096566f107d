from __future__ import annotations

import pytest

from bot.privacy.redaction import redact


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("call 515-555-0123 after 7", "call [phone] after 7"),
        ("(515) 555-0123", "[phone]"),
        ("515.555.0123", "[phone]"),
        ("5155550123", "[phone]"),
        ("+1 515 555 0123", "[phone]"),
        ("1-515-555-0123", "[phone]"),
        ("+44 20 7946 0958", "[phone]"),
        ("555-123-4567", "[phone]"),
        ("(555) 123-4567 ext. 12", "[phone]"),
        ("ext 555-0123", "ext [phone]"),
        ("555-0100", "[phone]"),
        ("reach me on 555.0123", "reach me on [phone]"),
        ("text my cell 700-1930", "text my cell [phone]"),
        ("cell: 515/555/0190", "cell: [phone]"),
        ("<tel:5155550123|515-555-0123>", "<tel:[phone]|[phone]>"),
        ("<tel:+15155550123>", "<tel:[phone]>"),
    ],
)
def test_phone_numbers(text: str, redacted: str) -> None:
    found = redact(text)
    assert found.text == redacted
    assert set(found.kinds) == {"phone"}


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("write to jo.smith+hr@mail.cedar.example.", "write to [email]."),
        ("jo @ cedar.example", "[email]"),
        ("o'neil@cedar.example,mary@cedar.example", "[email],[email 2]"),
        ("<mailto:jo@cedar.example|jo@cedar.example>", "<mailto:[email]|[email]>"),
        ("jörg@bücher.example", "[email]"),
        ("it's jo at mail dot example", "it's [email]"),
        ("jo(at)mail(dot)example", "[email]"),
        ("jo dot lee at gmail", "[email]"),
    ],
)
def test_email_addresses(text: str, redacted: str) -> None:
    found = redact(text)
    assert found.text == redacted
    assert set(found.kinds) == {"email"}


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("see https://jo.example/me?id=1.", "see [url]."),
        ("linkedin.com/in/jo-lee", "[url]"),
        ("www.jo-nurse.example", "[url]"),
        ("from 192.0.2.44", "from [ip]"),
        ("from 2001:db8::8a2e:370:7334!", "from [ip]!"),
    ],
)
def test_links_and_network_addresses(text: str, redacted: str) -> None:
    assert redact(text).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        "https://www.irs.gov/forms/w4",
        "the form on workday.com and/or mycedar.cedarvalley.example/pay",
        "look at me, 1.2.3 and 12:30",
        "i was at home at 7",
    ],
)
def test_what_everybody_uses_survives(text: str) -> None:
    assert redact(text).text == text
