"""The e-mails about a program that opens: one to confirm the address, one when it is open.

Each says how to stop it, in its text and for mail programs (RFC 8058).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

import structlog
from aiosmtplib.errors import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from sqlalchemy.orm import Session

from bot.db.models import OutboxRow, Program
from bot.db.reminders import ProgramReminder
from bot.db.session import Database
from bot.gateway.outbox import Deliver, TryLaterError
from bot.gateway.widget.mail import MailServer, is_final, letter
from bot.gateway.widget.tokens import REMINDER, Tokens
from bot.gateway.wording import Wording
from bot.privacy.sealing import Seal
from bot.programs import openings
from bot.programs.facts import next_deadline_text
from bot.programs.openings import CONFIRM, OPENING_MAIL
from bot.programs.reminders import DUE, UNCONFIRMED

log = structlog.get_logger(__name__)

WANTED = {CONFIRM: UNCONFIRMED, openings.OPEN: DUE}


@dataclass(frozen=True)
class OpeningMail:
    """The deliverer of these e-mails; `url` is where browsers reach the gateway."""

    database: Database
    seal: Seal
    server: MailServer
    wording: Wording
    tokens: Tokens
    clock: Callable[[], datetime]
    url: str

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        return {OPENING_MAIL: self.email}

    async def email(self, row: OutboxRow) -> None:
        """Send one e-mail, unless it isn't wanted any more; what is refused for good is forgotten.

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
            log.warning("reminders.email_refused", delivery_key=row.delivery_key)
            await asyncio.to_thread(self._forget, row)
            return
        await asyncio.to_thread(self._sent, row)

    def _message(self, row: OutboxRow) -> EmailMessage | None:
        says = row.payload["says"]
        with self.database.read() as session:
            wanted = self._wanted(session, row)
            program = session.get(Program, wanted.program_id) if wanted else None
            if wanted is None or program is None:
                return None
            link = f"{self.url}/reminders/{self.tokens.of(REMINDER, wanted.token)}"
            stop = f"{link}/stop"
            given = {"program": program.name, "stop": stop}
            if says == CONFIRM:
                given["link"] = link
            else:
                until = next_deadline_text(program, self.clock().date())
                given.update(link=program.link or "", until=until, apply=program.how_to_apply)
            say = self.wording.say
            message = letter(
                row,
                self.seal,
                sender=say("widget_email_from"),
                to=self.seal.open(wanted.email_sealed)["email"],
                subject=say(f"tell_me_{says}_subject", program=program.name),
                text=say(f"tell_me_{says}_mail", **given),
            )
        message["List-Unsubscribe"] = f"<{stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return message

    def _wanted(self, session: Session, row: OutboxRow) -> ProgramReminder | None:
        wanted = session.get(ProgramReminder, row.payload["reminder"])
        is_due = wanted is not None and wanted.status == WANTED[row.payload["says"]]
        return wanted if is_due and wanted.email_sealed else None

    def _sent(self, row: OutboxRow) -> None:
        with self.database.write() as session:
            wanted = self._wanted(session, row)
            if wanted is not None and row.payload["says"] != CONFIRM:
                openings.told(wanted, self.clock())

    def _forget(self, row: OutboxRow) -> None:
        with self.database.write() as session:
            openings.stop(session, self._wanted(session, row))
