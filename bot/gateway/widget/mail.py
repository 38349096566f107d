"""Sends the e-mails that announce an answer: short, without what was asked or answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog
from aiosmtplib.errors import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from bot.db.models import Case, OutboxRow, WidgetLink
from bot.db.session import Database
from bot.gateway.outbox import TryLaterError
from bot.gateway.widget.links import Links
from bot.gateway.wording import Wording
from bot.privacy.sealing import Seal
from bot.programs.terms import day_text

log = structlog.get_logger(__name__)

SECONDS = 30.0
PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """Where e-mails are handed over; without a user, nobody logs in."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls_from_the_start: bool

    @classmethod
    def at(cls, url: str) -> MailServer:
        """Return the server of a URL such as smtp://user:password@mail.example.com:587."""
        parts = urlsplit(url)
        return cls(
            host=parts.hostname or "",
            port=parts.port or PORTS[parts.scheme],
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls_from_the_start=parts.scheme == "smtps",
        )

    async def send(self, message: EmailMessage) -> None:
        """Hand a message over. A password is never sent without TLS.

        Raises:
            SMTPException, OSError: if the server doesn't take it.
        """
        must_start_tls = self.user is not None and not self.tls_from_the_start
        await aiosmtplib.send(
            message,
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.tls_from_the_start,
            start_tls=True if must_start_tls else None,
            timeout=SECONDS,
        )


@dataclass(frozen=True)
class MailDelivery:
    """The deliverer of e-mails. What a server refuses for good, HR is asked to pass on."""

    database: Database
    seal: Seal
    server: MailServer
    links: Links
    wording: Wording
    on_outbox: Callable[[], None]

    async def email(self, row: OutboxRow) -> None:
        """Send one e-mail; if an earlier attempt may have arrived, it has the same Message-ID.

        Raises:
            TryLaterError: if the server doesn't take it now.
        """
        message = await asyncio.to_thread(self._message, row)
        if message is None:
            return
        try:
            await self.server.send(message)
        except (SMTPException, OSError) as error:
            if not is_final(error):
                is_unknown = not isinstance(error, (SMTPResponseException, SMTPRecipientsRefused))
                raise TryLaterError(type(error).__name__, uncertain=is_unknown) from error
            log.warning("widget.email_refused", delivery_key=row.delivery_key)
            await asyncio.to_thread(self._through_hr, row)
            self.on_outbox()

    def _message(self, row: OutboxRow) -> EmailMessage | None:
        """Return the e-mail, or None if the conversation is deleted."""
        with self.database.read() as session:
            link = session.get(WidgetLink, row.payload["link"])
            contact = self.links.addresses.contact_of(session, row.conversation_id)
            if link is None or contact is None:
                return None
            say = self.wording.say
            greeting = say("widget_email_hello")
            if contact.name:
                greeting = say("widget_email_hello_name", name=contact.name)
            text = say(
                "widget_email",
                link=self.links.url(link.id),
                until=day_text(link.expires_at.date()),
            )
            return letter(
                row,
                self.seal,
                sender=say("widget_email_from"),
                to=contact.email,
                subject=say("widget_email_subject"),
                text=f"{greeting}\n\n{text}",
            )

    def _through_hr(self, row: OutboxRow) -> None:
        with self.database.write() as session:
            case = session.get(Case, row.case_id)
            self.links.through_hr(session, case, row.delivery_key, failed=True)


def letter(
    row: OutboxRow, seal: Seal, *, sender: str, to: str, subject: str, text: str
) -> EmailMessage:
    """Return the e-mail of an outbox row; sent again, it has the same Message-ID."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(row.created_at)
    domain = message["From"].addresses[0].domain
    message["Message-ID"] = f"<{seal.fingerprint('message-id', row.delivery_key)[:32]}@{domain}>"
    # So that nobody's absence notice answers it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{text}\n")
    return message


def is_final(error: Exception) -> bool:
    """Say whether a server will never take this message: it isn't the server's own trouble."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(refused.code >= 500 for refused in error.recipients)
    return isinstance(error, SMTPDataError) and error.code >= 500
