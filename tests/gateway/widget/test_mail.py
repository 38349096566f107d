from __future__ import annotations

import asyncio
from email.message import EmailMessage

import pytest
from aiosmtplib.errors import (
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
)

from bot.gateway.widget.mail import MailServer, is_final

from .conftest import MailBox


def a_message() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "hr@cedar.example", "robin@home.example"
    message.set_content("Hello")
    return message


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 25, None, None, False)),
        ("smtp://hr:p%40ss@mail.example:587", MailServer("mail.example", 587, "hr", "p@ss", False)),
        ("smtps://hr:x@mail.example", MailServer("mail.example", 465, "hr", "x", True)),
    ],
)
def test_a_server_by_its_url(url: str, server: MailServer) -> None:
    assert MailServer.at(url) == server


def test_a_password_is_not_sent_in_the_clear(mail: MailBox) -> None:
    with_password = MailServer.at(mail.url.replace("smtp://", "smtp://hr:secret@"))
    with pytest.raises(SMTPException, match="STARTTLS"):
        asyncio.run(with_password.send(a_message()))
    assert mail.attempts == 0
    asyncio.run(MailServer.at(mail.url).send(a_message()))
    assert mail.messages[0]["To"] == "robin@home.example"


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (SMTPDataError(554, "No"), True),
        (SMTPDataError(451, "Later"), False),
        (SMTPRecipientsRefused([SMTPRecipientRefused(550, "Who?", "x@y.example")]), True),
        (SMTPRecipientsRefused([SMTPRecipientRefused(450, "Later", "x@y.example")]), False),
        (SMTPConnectError("down"), False),
        (OSError("down"), False),
    ],
)
def test_only_a_refusal_of_the_message_itself_is_final(error: Exception, final: bool) -> None:
    assert is_final(error) is final
